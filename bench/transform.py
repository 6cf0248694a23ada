"""The speed of a load: `make bench-transform [PLAYS=1000000]`. Prints ratios of times from the same run, with generated plays.

The ratios are: a rebuild (read source, compute, gate, publish into an empty main) to DuckDB computing the same tables; a load of 20
new plays to that rebuild; and the rebuild to one of half as many plays. The rows of both engines must be equal.

Exit codes: 0 every ratio is within its limit and the tables are equal, 1 not so, 2 usage error, 3 could not run.
"""

import os
import sys
import time
from dataclasses import dataclass

import click

from bench.baseline import BaselineTimes, compute_baseline, differing_tables
from bench.warehouse import (
    CORES,
    DRIVER_HEAP,
    PLAYS_PER_LISTENER,
    BenchError,
    LoadTimes,
    Warehouse,
    execute,
    fill,
    warehouse,
)
from common.database import DatabaseUnreachable
from common.exit_codes import ExitCode, exit_on_error

NEW_PLAYS = 20
# The highest accepted ratios.
MAX_REBUILD_TO_BASELINE, MAX_NEW_PLAYS_TO_REBUILD, MAX_REBUILD_TO_HALF = 3.0, 1 / 20, 2.2
INSERT_NEW_PLAYS = f"""
    INSERT INTO raw.play (play_id, listener_id, ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name,
                          album_title, is_private, origin)
    SELECT encode(sha256(convert_to('new ' || n, 'UTF8')), 'hex'), 'l000000', timestamptz '2024-10-01Z' + n * interval '4 minutes', 200000, 'track', 't' || n, 'r' || n / 20,
           'a' || n / 10, 'Track ' || n, 'Artist ' || n / 20, 'Album ' || n / 10, false, 'extended'
      FROM generate_series(1, {NEW_PLAYS}) AS n;
    UPDATE raw.listener SET version = version + 1 WHERE listener_id = 'l000000';
"""


@dataclass(frozen=True)
class Ratio:
    """One line of the result: a time divided by another one, and the highest accepted value."""

    name: str
    seconds: float
    baseline: float  # seconds
    limit: float

    @property
    def value(self) -> float:
        return self.seconds / self.baseline

    @property
    def is_within_limit(self) -> bool:
        return self.value <= self.limit

    def line(self) -> str:
        verdict = "reached" if self.is_within_limit else "not reached"
        return f"| {self.name} | {self.seconds:.1f} s | {self.baseline:.1f} s | {self.value:.3f} | {self.limit:.2f} | {verdict} |"


@dataclass(frozen=True)
class Times:
    """The times of one run, and the tables whose rows differ between the rebuild and the baseline."""

    half_rebuild: LoadTimes
    baseline: BaselineTimes
    rebuild: LoadTimes
    new_plays: LoadTimes
    differing: list[str]


def measure(server: str, plays: int) -> Times:
    """Run the baseline and all loads. Raises BenchError."""
    with warehouse(server, "half") as half:
        _fill(half, plays // 2)
        half_rebuild = _timed_load(half, "rebuild of half the plays", "rebuild", "--rebuild")
    with warehouse(server, "whole") as whole:
        _fill(whole, plays)
        baseline = compute_baseline(whole)
        _report(
            f"DuckDB: copy out {baseline.copy_out:.1f} s, compute {baseline.compute:.1f} s, copy in {baseline.copy_in:.1f} s"
        )
        rebuild = _timed_load(whole, "rebuild", "rebuild", "--rebuild")
        differing = differing_tables(whole)
        execute(whole.source, INSERT_NEW_PLAYS)
        new_plays = _timed_load(whole, f"{NEW_PLAYS} new plays", "new plays")
    return Times(half_rebuild, baseline, rebuild, new_plays, differing)


def _fill(databases: Warehouse, plays: int) -> None:
    started = time.monotonic()
    fill(databases.source, plays)
    listeners = max(1, plays // PLAYS_PER_LISTENER)
    _report(f"generated {plays:,} plays of {listeners:,} listeners in {time.monotonic() - started:.0f} s")


def _timed_load(databases: Warehouse, name: str, run_id: str, *options: str) -> LoadTimes:
    load = databases.load(run_id, *options)
    _report(
        f"{name}: begin {load.begin:.1f} s, transform {load.transform:.1f} s (starting and stopping Spark {load.spark_start:.1f} s), "
        f"gate {load.gate:.1f} s, publish {load.publish:.1f} s; {load.rows_written:,} rows written"
    )
    return load


def _report(text: str) -> None:
    click.echo(text, err=True)


def ratios(plays: int, times: Times) -> list[Ratio]:
    """Return the ratios of a run. Starting Spark takes the same time for any load, so the second one leaves it out."""
    rebuild, new_plays = times.rebuild, times.new_plays
    return [
        Ratio("rebuild / DuckDB with COPY out and in", rebuild.seconds, times.baseline.seconds, MAX_REBUILD_TO_BASELINE),
        Ratio(f"load of {NEW_PLAYS} plays / rebuild, without starting Spark", new_plays.seconds - new_plays.spark_start,
              rebuild.seconds - rebuild.spark_start, MAX_NEW_PLAYS_TO_REBUILD),
        Ratio(f"rebuild / rebuild of {plays // 2:,} plays", rebuild.seconds, times.half_rebuild.seconds, MAX_REBUILD_TO_HALF),
    ]  # fmt: skip


def show(plays: int, results: list[Ratio], differing: list[str]) -> None:
    """Print the ratios as a Markdown table, and whether the tables are equal."""
    click.echo(f"{plays:,} plays, {CORES} cores, {DRIVER_HEAP} heap for driver and executors, one PostgreSQL server\n")
    click.echo("| ratio | time | baseline | value | limit | |\n|---|---|---|---|---|---|")
    click.echo("\n".join(result.line() for result in results))
    if differing:
        click.echo(f"\nThese tables differ: {'; '.join(differing)}.")
    else:
        click.echo("\nDuckDB's tables and the load's are equal, row for row.")


@click.command()
@click.option("--plays", default=1_000_000, type=click.IntRange(min=2 * PLAYS_PER_LISTENER), help="Plays to generate.")
def main(plays: int) -> None:
    """Measure the speed of a load."""
    with exit_on_error(_report, BenchError, DatabaseUnreachable):
        times = measure(os.environ["TEST_POSTGRES_URL"], plays)
        results = ratios(plays, times)
        show(plays, results, times.differing)
        is_reached = all(result.is_within_limit for result in results) and not times.differing
        sys.exit(ExitCode.DONE if is_reached else ExitCode.NO)


if __name__ == "__main__":
    main()
