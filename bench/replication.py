"""What the benchmarks of the replication share: the databases of the test stack, generated plays, and copies of them."""

import os
import subprocess
import time

import psycopg

from bench.warehouse import APPLICATION, ENVIRONMENTS, ROOT, BenchError
from common.database import connect
from common.waiting import wait_until

TIMEOUT = 3600.0  # seconds for one step
PLAYS = """
    INSERT INTO core.fct_play
    SELECT encode(sha256(convert_to(%(batch)s || n, 'UTF8')), 'hex'), 'l' || n / 10000, timestamptz '2015-01-01' + n * interval '5 min',
           200000, 200000, false, timestamptz '2015-01-01' + n * interval '5 min' - interval '200 s', date '2015-01-01' + n / 288,
           1, 12, 'track', false, true, 'track' || n %% 5000, 'artist' || n %% 500, 'album' || n %% 1000, 'A title of ordinary length ' || n %% 5000,
           'An artist ' || n %% 500, 'An album of theirs ' || n %% 1000, false, true, false, 'android', 'ES', NULL, 'extended', 1
    FROM generate_series(1, %(plays)s::integer) AS n
"""
PLAY_EXISTS = "SELECT FROM core.fct_play WHERE play_id = encode(sha256(convert_to(%(batch)s || %(number)s::integer, 'UTF8')), 'hex')"


def connected(server: str, database: str | None = None) -> psycopg.Connection:
    """Open a connection as the owner of a server of the test stack."""
    return connect(url(server, database or server), APPLICATION, autocommit=True)


def url(server: str, database: str) -> str:
    name = server.upper()
    password, port = os.environ[f"{name}_OWNER_PASSWORD"], os.environ[f"{name}_PORT"]
    return f"postgresql://postgres:{password}@127.0.0.1:{port}/{database}"


def seconds_until_replicated(source: psycopg.Connection, target: psycopg.Connection, batch: str, plays: int) -> float:
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


def copy(main: psycopg.Connection, target: psycopg.Connection) -> float:
    """Copy the plays from main into an empty table with the same indexes. Return the seconds."""
    started = time.monotonic()
    with (
        main.cursor().copy("COPY core.fct_play TO STDOUT (FORMAT binary)") as source,
        target.cursor().copy("COPY core.fct_play FROM STDIN (FORMAT binary)") as sink,
    ):
        for block in source:
            sink.write(block)
    return time.monotonic() - started


def resync() -> float:
    """Empty the replica and copy main to it. Return the seconds until the replica follows main."""
    with connected("replica") as replica:
        replica.execute("TRUNCATE core.fct_play")
    started = time.monotonic()
    run_command("repair.resync")
    return time.monotonic() - started


def run_command(module: str, *arguments: str) -> None:
    """Run a command of change data capture. Raises BenchError unless it succeeds."""
    command = [str(ENVIRONMENTS / "cdc" / "bin" / "python"), "-m", f"cdc_connectors.{module}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise BenchError(f"{module} failed with exit code {done.returncode}.\n{(done.stdout + done.stderr)[-2000:]}")
