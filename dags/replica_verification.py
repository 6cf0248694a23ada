"""### Daily, after every rebuild, and on demand: verify that the replica equals main

| task | does | fails when |
|---|---|---|
| `verify` | waits until the replica has caught up, compares every table, and records the result in `audit.replica_check` | a table differs, or the replica still did not catch up in the last try |

A replica that did not catch up within 30 minutes is verified again after 2, 4 and 8 minutes. Loads can publish meanwhile. A difference is not: the command itself compares three
times before it reports one. The log lists every table that was compared, and up to 20 differing rows of each.

To verify now, trigger the DAG or run `make verify-replica`. After a difference, check that nobody writes to the replica, and verify
again.
"""

import json
import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowFailException
from commands import run
from notices import run_failed
from pipeline_assets import REBUILT_MAIN
from pipeline_settings import ProcessSettings, task_settings

from common.exit_codes import ExitCode

CATCH_UP_TIMEOUT = timedelta(minutes=30)  # The changes of a large rebuild take that long to reach the replica.
VERIFY_TIMEOUT = timedelta(hours=2)
RETRY_WITH_BACKOFF: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": True,
}

log = logging.getLogger(__name__)


@task(execution_timeout=VERIFY_TIMEOUT, **RETRY_WITH_BACKOFF)
def verify() -> None:
    """Compare main with the replica. Only a comparison that could not run is retried."""
    settings = task_settings(ProcessSettings)
    timeout = str(CATCH_UP_TIMEOUT.total_seconds())
    command = [settings.cdc_python, "-m", "cdc_connectors.verification.verify", "--json", "--timeout", timeout]
    done = run(command, settings)
    tables = _compared_tables(done.exit_code, done.output)
    if tables is None:
        raise RuntimeError(f"Main and the replica could not be compared (exit code {done.exit_code}): {done.output}")
    for table in tables:
        result = "equal" if table["equal"] else table["fault"] or "different"
        log.info("%s: %s rows in main, %s in the replica: %s", table["table"], *_rows(table), result)
    differing = [table["table"] for table in tables if not table["equal"]]
    if differing:
        raise AirflowFailException(
            f"The replica differs from main in {', '.join(differing)}. The log above has the keys of the rows. "
            "Check that nobody writes to the replica, then verify again."
        )
    log.info("The replica equals main.")


def _rows(table: dict[str, Any]) -> tuple[str, str]:
    """Return the number of rows of each side as text. Tables whose columns differ have none."""
    main, replica = ("unknown" if table[side] is None else f"{table[side]:,}" for side in ("main_rows", "replica_rows"))
    return main, replica


def _compared_tables(exit_code: int, last_line: str) -> list[dict[str, Any]] | None:
    """Return the result for each table, or None when the comparison did not run.

    Python exits with 1 when a module is missing. So the exit code counts only together with the JSON of the command.
    """
    try:
        results = json.loads(last_line)
        is_equal, tables = results["equal"], results["tables"]
    except (KeyError, TypeError, ValueError):
        return None
    return list(tables) if exit_code == (ExitCode.DONE if is_equal else ExitCode.NO) else None


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 5 * * *", timezone="UTC", run_immediately=timedelta()),
        assets=[REBUILT_MAIN],
    ),
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
    description="Verifies that the replica equals main.",
    on_failure_callback=run_failed,
    tags=["replica"],
)
def replica_verification() -> None:
    verify()


replica_verification()
