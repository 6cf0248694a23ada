"""The speed of the replication: `make bench-cdc [PLAYS=100000]`, with generated plays on an otherwise empty stack.

Each figure stands next to its limit, measured in the same run:

1. latency: single rows, 100 transactions a second, from the commit in main until the row is visible in the replica;
2. throughput: one INSERT of all plays into core.fct_play, from the commit until the last row is visible, against PostgreSQL's own
   logical replication of the same INSERT into a table with the same indexes;
3. a new replica: `make resync-replica` of the same plays, against COPY of the same tables into empty ones;
4. the WAL that the slot keeps before, during and after the INSERT.

Exit codes: 0 measured, whatever the result, 2 usage error, 3 could not run.
"""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import click
import psycopg
from psycopg import sql

from bench.warehouse import APPLICATION, ENVIRONMENTS, ROOT, BenchError
from common.database import DatabaseUnreachable, connect
from common.exit_codes import exit_on_error
from common.waiting import WaitTimeout, wait_until

RATE = 100  # transactions a second
MAX_P50, MAX_P99 = 0.050, 0.150  # seconds
MIN_SHARE_OF_NATIVE = 1 / 8
MAX_RATIO_TO_COPY = 3.0
WARM_UP = 100_000  # plays
TIMEOUT = 3600.0  # seconds for one step
POLL = 0.002  # seconds between two looks at the replica
NATIVE = "bench_native"  # name of the databases, the publication and the subscription of PostgreSQL's own replication
PLAYS = """
    INSERT INTO core.fct_play
    SELECT encode(sha256(convert_to(%(batch)s || n, 'UTF8')), 'hex'), 'l' || n / 10000, timestamptz '2015-01-01' + n * interval '5 min',
           200000, 200000, false, timestamptz '2015-01-01' + n * interval '5 min' - interval '200 s', date '2015-01-01' + n / 288,
           1, 12, 'track', false, true, 'track' || n %% 5000, 'artist' || n %% 500, 'album' || n %% 1000, 'A title of ordinary length ' || n %% 5000,
           'An artist ' || n %% 500, 'An album of theirs ' || n %% 1000, false, true, false, 'android', 'ES', NULL, 'extended', 1
    FROM generate_series(1, %(plays)s::integer) AS n
"""
PLAY_EXISTS = "SELECT FROM core.fct_play WHERE play_id = encode(sha256(convert_to(%(batch)s || %(number)s::integer, 'UTF8')), 'hex')"
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
    with _connected("main") as main, _connected("replica") as replica:
        # The first rows after a start are slow, because Java has not compiled its code yet.
        _seconds_until_replicated(main, replica, "warm up ", WARM_UP)
        latencies = _latencies(main, replica, seconds)
        wal_before = _retained(main)
        streamed = _seconds_until_replicated(main, replica, "streamed ", plays)
        wait_until(lambda: _retained(main) < wal_before + WAL_SLACK, "the slot to release its WAL", 120.0)
        wal_after = _retained(main)
        with _native_replication() as (publisher, subscriber):
            native = _seconds_until_replicated(publisher, subscriber, "native ", plays)
            subscriber.execute("TRUNCATE core.fct_play")
            copied = _copy(main, subscriber)
        return Result(plays, latencies, streamed, native, _resync(), copied, wal_before, wal_after)


def _connected(server: str, database: str | None = None) -> psycopg.Connection:
    """Open a connection as the owner of a server of the test stack."""
    return connect(_url(server, database or server), APPLICATION, autocommit=True)


def _url(server: str, database: str) -> str:
    name = server.upper()
    password, port = os.environ[f"{name}_OWNER_PASSWORD"], os.environ[f"{name}_PORT"]
    return f"postgresql://postgres:{password}@127.0.0.1:{port}/{database}"


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


def _seconds_until_replicated(source: psycopg.Connection, target: psycopg.Connection, batch: str, plays: int) -> float:
    """Insert plays into the source. Return the seconds from the commit until the target has the last one; they arrive in order."""
    source.execute(PLAYS, {"batch": batch, "plays": plays})
    started = time.monotonic()
    last = {"batch": batch, "number": plays}
    # A count of all rows would take a good part of a core from the replica.
    wait_until(
        lambda: target.execute(PLAY_EXISTS, last).fetchone() is not None,
        "the plays in the replica",
        TIMEOUT,
        interval=0.05,
    )
    return time.monotonic() - started


@contextmanager
def _native_replication() -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    """Yield two databases on the same servers, with core.fct_play only, of which the second subscribes to the first."""
    for server in ("main", "replica"):
        with _connected(server) as owner:
            owner.execute(f"CREATE DATABASE {NATIVE}")
    with _connected("main", NATIVE) as publisher, _connected("replica", NATIVE) as subscriber:
        for database in (publisher, subscriber):
            database.execute("CREATE SCHEMA core")
            database.execute((ROOT / "sql/main/core/fct_play.sql").read_text())
        publisher.execute(f"CREATE PUBLICATION {NATIVE} FOR TABLE core.fct_play")
        address = sql.Literal(_url("main", NATIVE))
        subscription = "CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {}"
        name = sql.Identifier(NATIVE)
        subscriber.execute(sql.SQL(subscription).format(name, address, name))
        yield publisher, subscriber
        subscriber.execute(f"DROP SUBSCRIPTION {NATIVE}")


def _copy(main: psycopg.Connection, target: psycopg.Connection) -> float:
    """Copy the plays from main into an empty table with the same indexes. Return the seconds."""
    started = time.monotonic()
    with (
        main.cursor().copy("COPY core.fct_play TO STDOUT (FORMAT binary)") as source,
        target.cursor().copy("COPY core.fct_play FROM STDIN (FORMAT binary)") as sink,
    ):
        for block in source:
            sink.write(block)
    return time.monotonic() - started


def _resync() -> float:
    """Empty the replica and copy main to it. Return the seconds until the replica follows main."""
    with _connected("replica") as replica:
        replica.execute("TRUNCATE core.fct_play")
    started = time.monotonic()
    command = [str(ENVIRONMENTS / "cdc" / "bin" / "python"), "-m", "cdc_connectors.repair.resync"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise BenchError(f"The resync failed with exit code {done.returncode}.\n{done.stderr[-2000:]}")
    return time.monotonic() - started


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


@click.command()
@click.option("--plays", default=100_000, type=click.IntRange(min=1_000, max=20_000_000), help="Plays of the burst.")
@click.option("--seconds", default=20.0, type=click.FloatRange(min=1), help="Length of the measurement of the latency.")
def main(plays: int, seconds: float) -> None:
    """Measure the speed of the replication."""
    with exit_on_error(partial(click.echo, err=True), BenchError, DatabaseUnreachable, WaitTimeout, psycopg.Error):
        show(measure(plays, seconds))


if __name__ == "__main__":
    main()
