"""`make pipeline`: trigger the first DAG, follow it and the run that its asset starts."""

from collections.abc import Callable

from runtime.airflow import Airflow, RunOutcome
from runtime.databases import ask
from runtime.errors import StageError
from runtime.stack import Stack

SYNC_DAG = "flask_to_main_hourly"
ETL_DAG = "spotify_analysis_etl"


def run_pipeline(stack: Stack, watch: Callable[[str], None]) -> tuple[RunOutcome, RunOutcome]:
    """Both runs' outcomes. Raises StageError, with the failed task's last lines, when either run failed."""
    airflow = Airflow(stack.settings())
    sync = _green(airflow, airflow.run(SYNC_DAG, watch))
    etl = _green(airflow, airflow.follow(ETL_DAG, airflow.run_started_by(ETL_DAG, sync), watch))
    return sync, etl


def last_load(stack: Stack) -> tuple[int, str, str, int, int, int, int] | None:
    """(load_id, status, kind, listeners, inserted, updated, deleted) of the newest load; None before the first."""
    rows = ask(
        stack.settings(),
        "main",
        "SELECT load_id, status, kind, coalesce(listeners_touched, 0), coalesce(rows_inserted, 0), coalesce(rows_updated, 0), "
        "coalesce(rows_deleted, 0) FROM audit.load ORDER BY load_id DESC LIMIT 1",
    )
    return rows[0] if rows else None


def _green(airflow: Airflow, outcome: RunOutcome) -> RunOutcome:
    if outcome.state != "success":
        failed = [task.task for task in outcome.tasks if task.state == "failed"]
        raise StageError(
            f"The run of {outcome.dag} failed in {', '.join(failed) or 'no task of its own'}; look at it at {airflow.url}.",
            airflow.log_tail(outcome),
        )
    return outcome
