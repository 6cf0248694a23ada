"""Compare main with the replica: `python -m cdc_connectors.verification.verify [--changed] [--json] [--timeout SECONDS]`.

Wait until the replica has caught up; take the load lock, so that no load publishes meanwhile; wait for the changes since then;
compare every table. With `--changed`, compare only what loads changed since the last proof, and the ids of all listeners; all rows, if
that does not suffice (`changed.py`).
Other commands write to `audit` without that lock, so a difference is reported only after three comparisons found one.
The result is recorded in `audit.replica_check`, also when the comparison could not run, as long as main answers.
Exit codes: 0 equal, 1 different, 2 usage error, 3 the comparison could not run.
"""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click
import psycopg
from rich.console import Console
from rich.table import Table as Grid

from cdc_connectors.command import command
from cdc_connectors.connectors.rest import Connect
from cdc_connectors.errors import CdcError, NotCaughtUp
from cdc_connectors.settings import APPLICATION, Settings
from cdc_connectors.verification.catch_up import catch_up
from cdc_connectors.verification.compare import Comparison, Scope, compare, open_for_comparison
from cdc_connectors.verification.record import finding, record, record_failure
from cdc_connectors.verification.topics import Topics
from common.database import DatabaseUnreachable, connect
from common.exit_codes import ExitCode
from common.settings import load_settings
from common.waiting import Deadline

ATTEMPTS = 3
LOCKED_WAIT = 30  # seconds to wait for the replica while loads cannot publish; they wait for 60 s


def verify(settings: Settings, timeout: float, scope: Scope = "all") -> Comparison:
    """Return the result for every table, and record it. Raises CdcError when the replica does not catch up in time."""
    started = time.monotonic()
    try:
        return _compare_when_caught_up(settings, Deadline(timeout), started, scope)
    except (CdcError, DatabaseUnreachable, psycopg.Error) as error:
        record_failure(settings.require("main_database_url"), started, scope, error)
        raise


def _compare_when_caught_up(settings: Settings, deadline: Deadline, started: float, scope: Scope) -> Comparison:
    worker = Connect(settings.connect, settings.require("connect_password"))
    main_url, replica_url = settings.require("main_database_url"), settings.require("replica_database_url")
    with (
        closing(Topics(settings.bootstrap, settings.require("kafka_password"))) as topics,
        connect(main_url, APPLICATION, autocommit=True) as main,
        connect(replica_url, APPLICATION, autocommit=True) as replica,
    ):
        for attempt in range(1, ATTEMPTS + 1):
            # First without the lock, so that loads do not wait for a replica that is down or far behind.
            catch_up(main, replica, worker, topics, deadline)
            with load_lock(main, deadline):
                catch_up(main, replica, worker, topics, Deadline(LOCKED_WAIT))
                comparison = compare_databases(main_url, replica_url, scope)
                if comparison.is_equal or attempt == ATTEMPTS:
                    # Under the lock: no other verification compares meanwhile.
                    record(main, started, finding(comparison))
                    break
    return comparison


@contextmanager
def load_lock(main: psycopg.Connection, deadline: Deadline) -> Iterator[None]:
    """Hold the advisory lock that loads take to publish. Raises NotCaughtUp when a load keeps it past the deadline."""
    try:
        main.execute("SELECT set_config('lock_timeout', %s, false)", (f"{max(1, int(deadline.left * 1000))}ms",))
        main.execute("SELECT pg_advisory_lock(audit.load_lock())")
    except psycopg.errors.LockNotAvailable:
        raise NotCaughtUp(
            f"A load was still publishing after {deadline.seconds:.0f} s. Verify again when that load has finished."
        ) from None
    try:
        yield
    finally:
        main.execute("SELECT pg_advisory_unlock(audit.load_lock())")


def compare_databases(main_url: str, replica_url: str, scope: Scope = "all") -> Comparison:
    """Compare every table of the two databases, each read from one snapshot."""
    with open_for_comparison(main_url) as main, open_for_comparison(replica_url) as replica:
        return compare(main, replica, scope)


def as_json(comparison: Comparison) -> str:
    """Return the results as one JSON object."""
    tables = [
        {
            "table": result.table,
            "main_rows": result.main_rows,
            "replica_rows": result.replica_rows,
            "equal": result.is_equal,
            "fault": result.fault,
            "differences": [{"key": json.loads(key), "difference": kind} for key, kind in result.keys],
        }
        for result in comparison.results
    ]
    return json.dumps({"equal": comparison.is_equal, "scope": comparison.scope, "tables": tables})


def print_results(console: Console, comparison: Comparison) -> None:
    """Print a table of results, then one line per differing row."""
    grid = Grid("table", title=f"main and replica: {comparison.scope} rows")
    for side in ("main", "replica"):
        grid.add_column(side, justify="right")
    grid.add_column("result")
    for result in comparison.results:
        rows = ("-" if count is None else f"{count:,}" for count in (result.main_rows, result.replica_rows))
        grid.add_row(result.table, *rows, "equal" if result.is_equal else f"[red]{result.fault or 'different'}[/red]")
    console.print(grid)
    for result in comparison.results:
        for key, kind in result.keys:
            console.print(f"{result.table} {key}: {kind}", markup=False, soft_wrap=True)


@command
@click.option("--changed", "is_changed", is_flag=True, help="Compare only what loads changed since the last proof.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option(
    "--timeout",
    default=120.0,
    show_default=True,
    help="Seconds to wait for the replica to catch up, and for the load lock.",
)
def main(is_changed: bool, is_json: bool, timeout: float) -> None:
    """Compare main with the replica, table by table."""
    comparison = verify(load_settings(Settings), timeout, "changed" if is_changed else "all")
    if comparison.reason:
        click.echo(f"{comparison.reason} So all rows were compared.", err=True)
    if is_json:
        click.echo(as_json(comparison))
    else:
        print_results(Console(), comparison)
    if not comparison.is_equal:
        raise SystemExit(ExitCode.NO)


if __name__ == "__main__":
    main()
