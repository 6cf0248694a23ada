"""The speed of the replication: `make bench-cdc [PLAYS=100000]`, with generated plays on an otherwise empty stack.

Each figure stands next to its limit, measured in the same run:

1. latency: single rows, 100 transactions a second, from the commit in main until the row is visible in the replica;
2. throughput: one INSERT of all plays into core.fct_play, from the commit until the last row is visible, against PostgreSQL's own
   logical replication of the same INSERT into a table with the same indexes;
3. a new replica: `make resync-replica` of the same plays, against COPY of the same tables into empty ones;
4. the WAL that the slot keeps before, during and after the INSERT.

With GROWTH=1,3,10 it measures how the cost grows instead: see `cdc_growth.py`.

Exit codes: 0 measured, whatever the result, 2 usage error, 3 could not run.
"""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import click
import psycopg
from psycopg import sql

from bench.cdc_growth import MILLION, measure_growth, show_growth
from bench.replication import connected, copy, resync, seconds_until_replicated, url
from bench.warehouse import ROOT, BenchError
from common.database import DatabaseUnreachable
from common.exit_codes import exit_on_error
from common.waiting import WaitTimeout, wait_until

RATE = 100  # transactions a second
MAX_P50, MAX_P99 = 0.050, 0.150  # seconds
MIN_SHARE_OF_NATIVE = 1 / 8
MAX_RATIO_TO_COPY = 3.0
WARM_UP = 100_000  # plays
POLL = 0.002  # seconds between two looks at the replica
NATIVE = "bench_native"  # name of the databases, the publication and the subscription of PostgreSQL's own replication
WAL_SLACK = 1 << 20  # bytes that the source may be behind while it confirms its position
RETAINED = "SELECT (pg_current_wal_lsn() - restart_lsn)::bigint FROM pg_replication_slots WHERE slot_name = 'cdc'"


@dataclass(frozen=True)
class Result:
    """Seconds of each measurement, and the WAL that the slot kept, in bytes."""

    plays: int
    latencies: list[float]
    streamed: float
    native: float
    resync: float
    copy: float
    wal_before: int
    wal_after: int

    def latency(self, share: float) -> float:
        """Return the latency that this share of the rows did not exceed."""
        return statistics.quantiles(self.latencies, n=1000, method="inclusive")[round(share * 1000) - 1]


def measure(plays: int, seconds: float) -> Result:
    """Run all measurements. Raises BenchError, DatabaseUnreachable or WaitTimeout."""
    with connected("main") as main, connected("replica") as replica:
        # The first rows after a start are slow, because Java has not compiled its code yet.
        seconds_until_replicated(main, replica, "warm up ", WARM_UP)
        latencies = _latencies(main, replica, seconds)
        wal_before = _retained(main)
        streamed = seconds_until_replicated(main, replica, "streamed ", plays)
        wait_until(lambda: _retained(main) < wal_before + WAL_SLACK, "the slot to release its WAL", 120.0)
        wal_after = _retained(main)
        with _native_replication() as (publisher, subscriber):
            native = seconds_until_replicated(publisher, subscriber, "native ", plays)
            subscriber.execute("TRUNCATE core.fct_play")
            copied = copy(main, subscriber)
        return Result(plays, latencies, streamed, native, resync(), copied, wal_before, wal_after)


def _retained(main: psycopg.Connection) -> int:
    [(retained,)] = main.execute(RETAINED).fetchall()
    return int(retained)


def _latencies(main: psycopg.Connection, replica: psycopg.Connection, seconds: float) -> list[float]:
    """Write markers, and return how long each took to be visible in the replica."""
    written: dict[int, float] = {}
    seen: dict[int, float] = {}
    count = int(RATE * seconds)
    done = threading.Event()

    def look() -> None:
        newest = -1
        while newest < count - 1 and not done.wait(POLL):
            # The sink writes the markers of one topic in order.
            row = replica.execute("SELECT max(marker_id) FROM cdc.marker WHERE marker_id LIKE 'bench %'").fetchone()
            now = time.monotonic()
            last = int(row[0].split()[1]) if row and row[0] else newest
            seen.update(dict.fromkeys(range(newest + 1, last + 1), now))
            newest = last

    reader = threading.Thread(target=look)
    reader.start()
    started = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, started + number / RATE - time.monotonic()))
        main.execute("INSERT INTO cdc.marker VALUES (%s, now())", (f"bench {number:06d}",))
        written[number] = time.monotonic()
    reader.join(timeout=60)
    done.set()
    reader.join()
    main.execute("DELETE FROM cdc.marker WHERE marker_id LIKE 'bench %'")
    if len(seen) < count:
        raise BenchError(f"{count - len(seen)} of {count} rows did not reach the replica within 60 s.")
    return [max(0.0, seen[number] - at) for number, at in written.items()]


@contextmanager
def _native_replication() -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    """Yield two databases on the same servers, with core.fct_play only, of which the second subscribes to the first."""
    for server in ("main", "replica"):
        with connected(server) as owner:
            owner.execute(f"CREATE DATABASE {NATIVE}")
    with connected("main", NATIVE) as publisher, connected("replica", NATIVE) as subscriber:
        for database in (publisher, subscriber):
            database.execute("CREATE SCHEMA core")
            database.execute((ROOT / "sql/main/core/fct_play.sql").read_text())
        publisher.execute(f"CREATE PUBLICATION {NATIVE} FOR TABLE core.fct_play")
        address = sql.Literal(url("main", NATIVE))
        subscription = "CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {}"
        name = sql.Identifier(NATIVE)
        subscriber.execute(sql.SQL(subscription).format(name, address, name))
        yield publisher, subscriber
        subscriber.execute(f"DROP SUBSCRIPTION {NATIVE}")


def show(result: Result) -> None:
    """Print the figures, each next to its limit, as a Markdown table."""
    streamed, native = result.plays / result.streamed, result.plays / result.native
    p50, p99 = result.latency(0.5), result.latency(0.99)
    click.echo(f"{result.plays:,} plays; {len(result.latencies):,} single rows at {RATE} transactions a second\n")
    click.echo("| | measured | limit | ratio | goal | |\n|---|---|---|---|---|---|")
    share, ratio = streamed / native, result.resync / result.copy
    rows = (
        ("latency, p50", f"{p50 * 1e3:.0f} ms", "", "", f"< {MAX_P50 * 1e3:.0f} ms", p50 < MAX_P50),
        ("latency, p99", f"{p99 * 1e3:.0f} ms", "", "", f"< {MAX_P99 * 1e3:.0f} ms", p99 < MAX_P99),
        (
            "streaming",
            f"{streamed:,.0f} rows/s",
            f"{native:,.0f} rows/s",
            f"1/{1 / share:.1f}",
            "at least 1/8",
            share >= MIN_SHARE_OF_NATIVE,
        ),
        (
            "new replica",
            f"{result.resync:.1f} s",
            f"{result.copy:.1f} s",
            f"{ratio:.1f}",
            f"at most {MAX_RATIO_TO_COPY:.0f}",
            ratio <= MAX_RATIO_TO_COPY,
        ),
        (
            "WAL kept after the burst",
            f"{result.wal_after >> 10:,} kB",
            f"{result.wal_before >> 10:,} kB",
            "",
            "as before",
            result.wal_after < result.wal_before + WAL_SLACK,
        ),
    )
    for *cells, is_reached in rows:
        click.echo(f"| {' | '.join(cells)} | {'reached' if is_reached else 'not reached'} |")


class Sizes(click.ParamType[list[int]]):
    """A list of millions of plays, ascending, such as 1,3,10. The value is the numbers of plays."""

    name = "list"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        words = str(value).split(",")
        sizes = [int(word) * MILLION for word in words if word.isdigit()]
        if len(sizes) < len(words) or sizes != sorted(set(sizes)) or not 0 < sizes[0] <= sizes[-1] <= 100 * MILLION:
            self.fail(f"{value} is not an ascending list of millions of plays, such as 1,3,10.", param, ctx)
        return sizes


@click.command()
@click.option("--plays", default=100_000, type=click.IntRange(min=1_000, max=20_000_000), help="Plays of the burst.")
@click.option("--seconds", default=20.0, type=click.FloatRange(min=1), help="Length of the measurement of the latency.")
@click.option("--growth", type=Sizes(), help="Instead, measure with tables of so many million plays, such as 1,3,10.")
def main(plays: int, seconds: float, growth: list[int] | None) -> None:
    """Measure the speed of the replication."""
    with exit_on_error(partial(click.echo, err=True), BenchError, DatabaseUnreachable, WaitTimeout, psycopg.Error):
        if growth:
            show_growth(measure_growth(growth))
        else:
            show(measure(plays, seconds))


if __name__ == "__main__":
    main()
