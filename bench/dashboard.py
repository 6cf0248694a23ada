"""The speed of the dashboard: `make bench-dashboard [PLAYS=30000]`, with generated plays of five listeners.

Twenty viewers each open a page every 5 s for a minute: a random listener, all time or a random year. This runs three times on one
server, in the production build and with the settings of the service:

1. the reference: a static file of the size of a page, so that a ratio tells what a page costs beyond sending its bytes;
2. cold: the first minute of pages, in which each picture is drawn for the first time;
3. warm: the same pages in another random order, with the pictures in memory.

While they run, a transaction writes every 5 s, as the heartbeat of change data capture does, so the pages are checked against new
snapshots. Exit codes: 0 measured, whatever the result, 2 usage error, 3 could not run.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import click

from bench.baseline import compute_baseline
from bench.viewers import PAUSE, VIEWERS, Visits, fetch, visit
from bench.warehouse import ROOT, BenchError, as_role, execute, fill, warehouse
from common.database import DatabaseUnreachable
from common.exit_codes import exit_on_error

LISTENERS = 5
PLAYS_PER_DAY, LAST_DAY = 10, date(2024, 9, 26)  # of each generated listener
MAX_P95 = 0.150  # seconds, for warm pages
BUILD = ROOT / "dashboard" / ".next" / "standalone"
REFERENCE = "/_next/static/reference.txt"
START_TIMEOUT = 60.0  # seconds
HEARTBEAT = 5.0  # seconds
PUBLISHED_LOAD = (
    "INSERT INTO audit.load VALUES (1, 'bench', now(), now(), 'published', NULL, 'rebuild', 1, '{}', 0, 0, 0)"
)


def measure(server_url: str, plays: int, seconds: float) -> dict[str, Visits]:
    """Return the visits of the three runs, by name. Raises BenchError."""
    with warehouse(server_url, "dashboard") as databases, tempfile.TemporaryDirectory() as folder:
        fill(databases.source, LISTENERS * plays, plays)
        compute_baseline(databases)
        execute(databases.baseline, PUBLISHED_LOAD)
        execute(databases.baseline, "VACUUM ANALYZE")
        build = Path(folder) / "standalone"
        shutil.copytree(BUILD, build)
        paths = addresses(plays)
        with dashboard(build, databases.baseline) as (port, _):
            (build / ".next" / "static" / Path(REFERENCE).name).write_bytes(fetch(port, paths[0])[1])
        with dashboard(build, databases.baseline) as (port, process), heartbeats(databases.baseline):
            runs = {"static file": [REFERENCE], "cold page": paths, "warm page": paths}
            return {
                name: visit(port, shown, seconds, lambda: cpu_seconds(process.pid), seed)
                for seed, (name, shown) in enumerate(runs.items())
            }


def addresses(plays: int) -> list[str]:
    """Return the addresses of all pages: each listener, all time and each year with plays."""
    first_day = LAST_DAY - timedelta(days=plays // PLAYS_PER_DAY)
    years = range(first_day.year, LAST_DAY.year + 1)
    listeners = [f"l{number:06d}" for number in range(LISTENERS)]
    return [
        f"/?listener={listener}{year}" for listener in listeners for year in ("", *(f"&year={year}" for year in years))
    ]


@contextmanager
def dashboard(build: Path, database_url: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Run the built dashboard on a free port. Yield the port and the process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"DASHBOARD_DATABASE_URL": as_role(database_url, "dashboard"), "PORT": str(port)}
    with (build / "server.log").open("wb") as log:
        command = ["node", str(build / "server.js")]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        _wait_until_healthy(process, port)
        yield port, process
    except OSError as error:
        tail = "\n".join((build / "server.log").read_text(errors="replace").splitlines()[-15:])
        raise BenchError(f"The dashboard failed (exit code {process.poll()}): {error}\n{tail}") from error
    finally:
        process.terminate()
        process.wait()


def _wait_until_healthy(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Wait until the dashboard and its database answer. Raises OSError."""
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            fetch(port, "/healthz")
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def heartbeats(database_url: str) -> Iterator[None]:
    """Write to the database every few seconds, as the source connector does."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT):
            execute(database_url, "UPDATE cdc.heartbeat SET at = now()")

    with ThreadPoolExecutor(1) as pool:
        beats = pool.submit(beat)
        try:
            yield
        finally:
            done.set()
        beats.result()  # Raises the error of a failed heartbeat: without heartbeats the result is wrong.


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used, with its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def show(plays: int, runs: dict[str, Visits]) -> None:
    """Print the runs as a Markdown table, with ratios to the first one, and whether the goal is reached."""
    click.echo(f"{VIEWERS} viewers, a page every {PAUSE:.0f} s each, {LISTENERS} listeners with {plays:,} plays each\n")
    click.echo(
        "| | pages | p50 | p95 | ratio of p50 | CPU of a page | ratio | HTML | sent |\n|---|---|---|---|---|---|---|---|---|"
    )
    reference = next(iter(runs.values()))
    for name, run in runs.items():
        click.echo(
            f"| {name} | {len(run.pages)} | {run.percentile(0.5) * 1e3:.0f} ms | {run.percentile(0.95) * 1e3:.0f} ms "
            f"| {_ratio(run.percentile(0.5), reference.percentile(0.5))} | {run.cpu_per_page * 1e3:.0f} ms "
            f"| {_ratio(run.cpu_per_page, reference.cpu_per_page)} | {run.html_bytes / 1e3:.0f} kB | {run.sent_bytes / 1e3:.0f} kB |"
        )
    verdict = "reached" if runs["warm page"].percentile(0.95) < MAX_P95 else "not reached"
    click.echo(f"\nGoal: p95 of warm pages under {MAX_P95 * 1e3:.0f} ms: {verdict}.")


def _ratio(value: float, reference: float) -> str:
    return f"{value / reference:.1f}" if reference > 0 else "-"


@click.command()
@click.option("--plays", default=30_000, type=click.IntRange(min=1_000, max=1_000_000), help="Plays of each listener.")
@click.option("--seconds", default=60.0, type=click.FloatRange(min=PAUSE), help="Length of each run.")
def main(plays: int, seconds: float) -> None:
    """Measure the speed of the dashboard."""
    with exit_on_error(partial(click.echo, err=True), BenchError, DatabaseUnreachable, OSError):
        show(plays, measure(os.environ["TEST_POSTGRES_URL"], plays, seconds))


if __name__ == "__main__":
    main()
