"""The growth of the cost of the replication: `make bench-cdc GROWTH=1,3,10`, in millions of generated plays, on an empty stack.

The table grows to each size by one INSERT. For each size:

1. arrived: the seconds from the commit until the replica has the last play. The watchdog copies the tables if that is sooner;
2. new replica: `make resync-replica` of all plays, next to COPY of the same plays into an empty table with the same indexes;
3. proof: the comparison of every row of main and replica.

The last column is the cost of a play in a new replica, relative to the smallest size: 1 means that the cost is linear.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import click
import psycopg

from bench.replication import connected, copy, resync, run_command, seconds_until_replicated
from bench.warehouse import ROOT

MILLION = 1_000_000
SCRATCH = "bench_copy"  # database on the replica's server
MAX_GROWTH = 1.5  # of the cost of a play: the indexes no longer fit into memory


@dataclass(frozen=True)
class Size:
    """Seconds of each measurement with a table of so many plays, of which `inserted` are new."""

    plays: int
    inserted: int
    arrived: float
    resync: float
    copy: float
    proof: float


def measure_growth(sizes: Sequence[int]) -> Iterator[Size]:
    """Yield the measurements for each number of plays, ascending. Raises BenchError, DatabaseUnreachable or WaitTimeout."""
    before = 0
    with connected("main") as main, connected("replica") as replica:
        for plays in sizes:
            arrived = seconds_until_replicated(main, replica, f"{plays} ", plays - before)
            with _scratch() as target:
                copied = copy(main, target)
            yield Size(plays, plays - before, arrived, resync(), copied, _proof())
            before = plays


@contextmanager
def _scratch() -> Iterator[psycopg.Connection]:
    """Yield an empty database on the replica's server, with core.fct_play only. Drop it at the end."""
    with connected("replica") as owner:
        owner.execute(f"CREATE DATABASE {SCRATCH}")
        with connected("replica", SCRATCH) as target:
            target.execute("CREATE SCHEMA core")
            target.execute((ROOT / "sql/main/core/fct_play.sql").read_text())
            yield target
        owner.execute(f"DROP DATABASE {SCRATCH} WITH (FORCE)")


def _proof() -> float:
    started = time.monotonic()
    run_command("verification.verify", "--timeout", "600")
    return time.monotonic() - started


def show_growth(sizes: Iterator[Size]) -> None:
    """Print a row of a Markdown table as soon as a size has been measured."""
    click.echo("| plays | new plays arrived | new replica | COPY | ratio | proof | cost of a play | |")
    click.echo("|---|---|---|---|---|---|---|---|")
    first = 0.0
    for size in sizes:
        cost = size.resync / size.plays
        first = first or cost
        growth = cost / first
        click.echo(
            f"| {size.plays:,} | {size.inserted:,} in {size.arrived:.0f} s | {size.resync:.0f} s | {size.copy:.0f} s "
            f"| {size.resync / size.copy:.1f} | {size.proof:.0f} s | {growth:.2f} "
            f"| {'linear' if growth <= MAX_GROWTH else 'not linear'} |"
        )
