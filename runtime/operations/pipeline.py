"""`make pipeline`: trigger the first DAG, follow it and the run that its asset starts. `make rebuild`: the second DAG alone."""

from collections.abc import Callable
from typing import NamedTuple

from runtime.definition.stack import Stack
from runtime.errors import OperatorError, StageError
from runtime.operations.airflow import Airflow, RunOutcome
from runtime.operations.databases import ask

SYNC_DAG = "flask_to_main_hourly"
ETL_DAG = "spotify_analysis_etl"
LOADS = """
    SELECT load_id, status, kind, listeners_touched, rows_inserted, rows_updated, rows_deleted FROM audit.load
"""


class Load(NamedTuple):
    """A load as it is shown to operators."""

    load_id: int
    status: str
    kind: str
    listeners: int
    inserted: int
    updated: int
    deleted: int


def run_pipeline(stack: Stack, watch: Callable[[str], None]) -> tuple[RunOutcome, RunOutcome]:
    """Run these two DAGs and return their outcomes. Raises StageError with the failed task's last log lines if either fails."""
    airflow = Airflow(stack.settings())
    sync = _require_success(airflow, airflow.run(SYNC_DAG, watch))
    etl = _require_success(airflow, airflow.follow(ETL_DAG, airflow.run_started_by(ETL_DAG, sync), watch))
    return sync, etl


def run_rebuild(stack: Stack, listener: str, watch: Callable[[str], None]) -> tuple[RunOutcome, Load]:
    """Recompute one listener (default: all) and return the run and its load. The load is gated and published as usual."""
    known = [name for (name,) in ask(stack.settings(), "source", "SELECT listener_id FROM raw.listener ORDER BY 1")]
    if listener and listener not in known:
        there_are = f"there are: {', '.join(known)}" if known else "there are none"
        raise OperatorError(f"There is no listener {listener!r}; {there_are}.")
    airflow = Airflow(stack.settings())
    options = {"rebuild": True} | ({"listener": listener} if listener else {})
    run = _require_success(airflow, airflow.run(ETL_DAG, watch, options))
    return run, load_of(stack, run)


def load_of(stack: Stack, run: RunOutcome) -> Load:
    """Return the load of a run of the second DAG."""
    (load,) = ask(stack.settings(), "main", f"{LOADS} WHERE run_id = %s", (run.run_id,))
    return Load(*load)


def last_load(stack: Stack) -> Load | None:
    """Return the newest load, or None before the first."""
    rows = ask(stack.settings(), "main", f"{LOADS} ORDER BY load_id DESC LIMIT 1")
    return Load(*rows[0]) if rows else None


def _require_success(airflow: Airflow, outcome: RunOutcome) -> RunOutcome:
    """Return the outcome. Raises StageError with the failed task's last log lines if the run failed."""
    if outcome.state != "success":
        failed = [task.task for task in outcome.tasks if task.state == "failed"]
        raise StageError(
            f"The run of {outcome.dag} failed in {', '.join(failed) or 'no task'}. Look at it at {airflow.url}.",
            airflow.log_tail(outcome),
        )
    return outcome
