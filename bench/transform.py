"""How fast a load is: `make bench-transform [PLAYS=1000000]`. Ratios of things measured in one run, on made-up plays.

A rebuild (read from source, computed, gated, published into an empty main) against the same tables made by DuckDB, whose rows
must be the same; a load after 20 new plays against that rebuild; the rebuild of twice as many plays against that of half.
Exit 0: all that was to be reached is; 1: not, or the tables differ.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass

from bench.measure import Measure, differing_tables, measure
from bench.warehouse import CORES, DRIVER_HEAP, BenchError, Load, Warehouse, execute, fill, warehouse

PLAYS_A_LISTENER = 10_000
NEW_PLAYS = 20
MOST_OF_MEASURE, MOST_OF_REBUILD, MOST_WHEN_DOUBLED = 3.0, 1 / 20, 2.2  # ratios
NEWS = f"""
    INSERT INTO raw.play (play_id, listener_id, ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name,
                          album_title, is_private, origin)
    SELECT encode(sha256(convert_to('new ' || n, 'UTF8')), 'hex'), 'l000000', timestamptz '2024-10-01Z' + n * interval '4 minutes', 200000, 'track', 't' || n, 'r' || n / 20,
           'a' || n / 10, 'Track ' || n, 'Artist ' || n / 20, 'Album ' || n / 10, false, 'extended'
      FROM generate_series(1, {NEW_PLAYS}) AS n;
    UPDATE raw.listener SET version = version + 1 WHERE listener_id = 'l000000';
"""


@dataclass(frozen=True)
class Claim:
    """One line of the result: a ratio and the most it may be."""

    what: str
    seconds: float
    against: float
    most: float

    @property
    def ratio(self) -> float:
        return self.seconds / self.against

    @property
    def holds(self) -> bool:
        return self.ratio <= self.most

    def line(self) -> str:
        verdict = "reached" if self.holds else "not reached"
        return f"| {self.what} | {self.seconds:.1f} s | {self.against:.1f} s | {self.ratio:.3f} | {self.most:.2f} | {verdict} |"


def rebuilt(server: str, plays: int) -> Load:
    """The rebuild alone."""
    with warehouse(server, "half") as half:
        _fill(half, plays)
        return _told("rebuild", half.load("rebuild", "--rebuild"))


def compared(server: str, plays: int) -> tuple[Load, Measure, Load, list[str]]:
    """Rebuild, measure, and a load after new plays, in one warehouse; and which tables differ between the first two."""
    with warehouse(server, "whole") as whole:
        _fill(whole, plays)
        theirs = measure(whole)
        _say(
            f"DuckDB: copy out {theirs.copy_out:.1f} s, compute {theirs.compute:.1f} s, copy in {theirs.copy_in:.1f} s"
        )
        rebuild = _told("rebuild", whole.load("rebuild", "--rebuild"))
        differing = differing_tables(whole)
        execute(whole.source, NEWS)
        news = _told(f"{NEW_PLAYS} new plays", whole.load("news"))
        return rebuild, theirs, news, differing


def _fill(into: Warehouse, plays: int) -> None:
    began = time.monotonic()
    fill(into.source, plays)
    _say(
        f"{plays:,} plays of {max(1, plays // PLAYS_A_LISTENER):,} listeners made up in {time.monotonic() - began:.0f} s"
    )


def _told(what: str, load: Load) -> Load:
    _say(
        f"{what}: begin {load.begin:.1f} s, transform {load.transform:.1f} s (of it Spark's start {load.spark_start:.1f} s), "
        f"gate {load.gate:.1f} s, publish {load.publish:.1f} s; {load.rows_written:,} rows written"
    )
    return load


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def report(plays: int, half: Load, rebuild: Load, theirs: Measure, news: Load) -> list[Claim]:
    """Print the table; the claims."""
    claims = [
        Claim("rebuild / DuckDB with COPY out and in", rebuild.seconds, theirs.seconds, MOST_OF_MEASURE),
        Claim(f"load of {NEW_PLAYS} plays / rebuild, Spark's start aside", news.seconds - news.spark_start,
              rebuild.seconds - rebuild.spark_start, MOST_OF_REBUILD),
        Claim(f"rebuild / rebuild of {plays // 2:,} plays", rebuild.seconds, half.seconds, MOST_WHEN_DOUBLED),
    ]  # fmt: skip
    print(
        f"{plays:,} plays, {CORES} cores, heap of driver and executors {DRIVER_HEAP}, one PostgreSQL server for all databases\n"
    )
    print("| ratio | this | against | ratio | at most | |\n|---|---|---|---|---|---|")
    print("\n".join(claim.line() for claim in claims))
    return claims


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plays", type=int, default=1_000_000, help="at least 20,000")
    plays = parser.parse_args().plays
    if plays < 2 * PLAYS_A_LISTENER:
        parser.error(f"PLAYS must be at least {2 * PLAYS_A_LISTENER:,}: a listener has {PLAYS_A_LISTENER:,}.")
    server = os.environ["TEST_POSTGRES_URL"]
    try:
        half = rebuilt(server, plays // 2)
        rebuild, theirs, news, differing = compared(server, plays)
    except BenchError as error:
        _say(str(error))
        return 1
    claims = report(plays, half, rebuild, theirs, news)
    print(
        "\nDuckDB's tables are ours, row for row." if not differing else f"\nThe tables differ: {'; '.join(differing)}."
    )
    return 0 if all(claim.holds for claim in claims) and not differing else 1


if __name__ == "__main__":
    sys.exit(main())
