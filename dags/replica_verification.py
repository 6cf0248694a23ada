"""### Daily, after every load, and on demand: verify that the replica equals main

| task | does | fails when |
|---|---|---|
| `verify` | waits until the replica has caught up, compares every table, and records the result in `audit.replica_check` | a table differs, or the replica still did not catch up in the last try |

**Daily and on demand**, every row is compared. **After a published load**, only the rows of the listeners that loads recomputed since the
last proof, the ids of all listeners, and what loads changed in other tables: the load lock is held for seconds. The command compares
every row instead after a rebuild, after a difference, and whenever it does not know what changed; the log says why.

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
from pipeline_assets import PUBLISHED_LOAD
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
def verify(dag_run: Any = None) -> None:
    """Compare main with the replica: only what changed if a load started the run. Only a comparison that could not run is retried."""
    settings = task_settings(ProcessSettings)
    timeout = str(CATCH_UP_TIMEOUT.total_seconds())
    command = [settings.cdc_python, "-m", "cdc_connectors.verification.verify", "--json", "--timeout", timeout]
    if dag_run is not None and str(dag_run.run_type) == "asset_triggered":
        command.append("--changed")
    done = run(command, settings)
    comparison = _comparison(done.exit_code, done.output)
    if comparison is None:
        raise RuntimeError(f"Main and the replica could not be compared (exit code {done.exit_code}): {done.output}")
    for table in comparison["tables"]:
        result = "equal" if table["equal"] else table["fault"] or "different"
        log.info("%s: %s rows in main, %s in the replica: %s", table["table"], *_rows(table), result)
    differing = [table["table"] for table in comparison["tables"] if not table["equal"]]
    if differing:
        raise AirflowFailException(
            f"The replica differs from main in {', '.join(differing)}. The log above has the keys of the rows. "
            "Check that nobody writes to the replica, then verify again."
        )
    log.info("The replica equals main. Compared rows: %s.", comparison["scope"])


def _rows(table: dict[str, Any]) -> tuple[str, str]:
    """Return the number of rows of each side as text. Tables whose columns differ have none."""
    main, replica = ("unknown" if table[side] is None else f"{table[side]:,}" for side in ("main_rows", "replica_rows"))
    return main, replica


def _comparison(exit_code: int, last_line: str) -> dict[str, Any] | None:
    """Return what the command found: `tables` and `scope`; None when the comparison did not run.

    Python exits with 1 when a module is missing. So the exit code counts only together with the JSON of the command.
    """
    try:
        results = json.loads(last_line)
        is_equal, comparison = results["equal"], {name: results[name] for name in ("scope", "tables")}
    except (KeyError, TypeError, ValueError):
        return None
    return comparison if exit_code == (ExitCode.DONE if is_equal else ExitCode.NO) else None


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("30 5 * * *", timezone="UTC", run_immediately=timedelta()),
        assets=[PUBLISHED_LOAD],
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
