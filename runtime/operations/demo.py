"""`make demo`: from a bare checkout to a dashboard with numbers, through every real component.

The sample data comes from the simulated Spotify. With your own export files the listener is `me` and no data is simulated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from runtime.definition.stack import Stack
from runtime.errors import OperatorError, StageError
from runtime.operations import sample
from runtime.operations.airflow import RunOutcome
from runtime.operations.databases import gate_outcomes, mart_counts, play_counts
from runtime.operations.pipeline import Load, load_of, run_pipeline
from runtime.output.progress import Stages, note
from runtime.runtimes import Runtime, remember

OWN_LISTENER = "me"
PAGE_TIMEOUT = 60  # seconds: the first page after a build compiles nothing, but reads every mart


@dataclass(frozen=True)
class Request:
    """Options of the demo. Without `files` it uses the sample data."""

    files: tuple[Path, ...] = ()
    time_zone: str | None = None
    clock: str | None = None


def run_demo(runtime: Runtime, request: Request, stages: Stages) -> None:
    """Run every stage. Raises OperatorError or StageError at the first failure; the stack stays up."""
    stack = runtime.stack
    sample.set_clock(stack, request.clock)
    with stages.stage("Tools: packages or images, Kafka and Debezium, dashboard"):
        runtime.prepare()
    settings = stack.settings()
    if not request.files and stack.variables()["SPOTIFY_IS_SIMULATED"] != "true":
        raise OperatorError(
            "A real Spotify app is set in .env, so there is no sample data. Import your own export with FILES=my_spotify_data.zip, or use make up."
        )
    remember(runtime)
    with stages.stage("Services"):
        runtime.start()
    if request.files:
        with stages.stage("Import of your export"):
            _import(runtime, OWN_LISTENER, request.time_zone, list(request.files))
    else:
        with stages.stage("Sample listeners: connect and import"):
            _sample(runtime)
    with stages.stage("Pipeline: sync, gate, promote; transform, gate, publish"):
        runs = run_pipeline(stack, note)
    with stages.stage("Replica: caught up and equal"):
        verified = runtime.call_json(
            "register-connectors", "cdc", ["-m", "cdc_connectors.verification.verify", "--json"]
        )
    with stages.stage("Dashboard"):
        _open_dashboard(settings)
    show(stack, runs, verified, stages)


def _sample(runtime: Runtime) -> None:
    for listener in sample.write_exports(runtime.stack):
        sample.connect(runtime.stack, listener)
        note(f"{listener.display_name} ({listener.time_zone}) connected")
        _import(runtime, listener.listener_id, listener.time_zone, [listener.export])


def _import(runtime: Runtime, listener_id: str, time_zone: str | None, files: list[Path]) -> None:
    balance = sample.import_export(runtime, listener_id, time_zone, files)
    parts = ", ".join(f"{balance[f'rows_{part}']:,} {part}" for part in ("added", "matched", "repeated", "rejected"))
    note(f"{listener_id}: {balance['rows_read']:,} rows read = {parts}")


def _open_dashboard(settings: Mapping[str, str]) -> None:
    url = f"http://127.0.0.1:{settings['DASHBOARD_PORT']}/"
    try:
        answer = requests.get(url, timeout=PAGE_TIMEOUT)
    except requests.RequestException as error:
        raise StageError(f"The dashboard does not answer at {url} ({type(error).__name__}).") from error
    if not answer.ok:
        raise StageError(f"The dashboard answered {answer.status_code} at {url}.", answer.text[:500])


def show(stack: Stack, runs: tuple[RunOutcome, RunOutcome], verified: Mapping[str, Any], stages: Stages) -> None:
    """Print the results: plays by database, rows by mart, gates, seconds by stage, and the addresses to open."""
    settings = stack.settings()
    out = Console(highlight=False)
    plays = play_counts(settings)
    table = Table("", "source", "main", "replica", title="What was found", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("plays", *(f"{plays[database]:,}" for database in ("source", "main", "replica")))
    replica = mart_counts(settings, "replica")
    for mart, rows in mart_counts(settings, "main").items():
        table.add_row(f"mart.{mart}", "", f"{rows:,}", f"{replica.get(mart, 0):,}")
    out.print(table)
    _, etl = runs
    out.print(_gates(settings, load_of(stack, etl)))
    times = Table("stage", "seconds", title="Time", title_justify="left")
    times.columns[1].justify = "right"
    for stage, seconds in stages.seconds.items():
        times.add_row(stage, f"{seconds:.0f}")
    for run in runs:
        for task in run.tasks:
            times.add_row(f"  {run.dag}.{task.task} ({task.state})", f"{task.seconds:.0f}")
    out.print(times)
    out.print(f"Replica: {'equal to main, table by table' if verified['equal'] else 'differs from main'}.")
    for name, port in (
        ("Dashboard", "DASHBOARD_PORT"),
        ("Connect and import", "FLASK_PORT"),
        ("Airflow (user admin, password in .env)", "AIRFLOW_PORT"),
        ("Spark", "SPARK_UI_PORT"),
    ):
        out.print(f"{name}: http://127.0.0.1:{settings[port]}/")
    _require_equal_counts(plays)


def _gates(settings: Mapping[str, str], load: Load) -> Table:
    load_id, status, kind, listeners, inserted, updated, deleted = load
    title = f"Load {load_id}: {status}, {kind}, {listeners} listeners; {inserted:,} rows inserted, {updated:,} updated, {deleted:,} deleted"
    table = Table("gate", "pass", "warn", "fail", title=title, title_justify="left")
    for checked, passed, warned, failed in gate_outcomes(settings, load_id):
        table.add_row(checked, str(passed), str(warned), str(failed))
    return table


def _require_equal_counts(plays: Mapping[str, int]) -> None:
    """Raise StageError if the databases do not have equal numbers of plays."""
    if len(set(plays.values())) > 1:
        counted = ", ".join(f"{database} {count:,}" for database, count in plays.items())
        raise StageError(
            f"The plays differ between the databases: {counted}. Look at the load's run in Airflow and at `make verify-replica`."
        )
