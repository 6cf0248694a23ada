"""Commands that extend, test and measure the project."""

import os
import subprocess
import sys

import click

from runtime.definition.stack import PROJECT
from runtime.metric.scaffold import write_metric
from runtime.output.progress import note

commands = click.Group()
SOURCE_UMASK = 0o022  # for source files, which unlike data are for everyone


@commands.command("metric")
@click.option("--name", required=True, help="The metric's name: lower-case words joined by underscores.")
def metric_command(name: str) -> None:
    """Write the files of a new metric, which counts plays by month until it is changed."""
    os.umask(SOURCE_UMASK)
    for path in write_metric(name, PROJECT):
        note(f"wrote {path}")
    note("The metric counts plays by month. Change it as docs/add-a-metric.md describes, then run make test.")


@commands.command("test")
@click.argument("suites", nargs=-1)
def test_command(suites: tuple[str, ...]) -> None:
    """Run the tests, fast ones first."""
    from runtime.testing.suites import run_suites

    sys.exit(run_suites(suites))


def _digits(number: str) -> str:
    """Return a number without separators: 1000000 for 1,000,000 or 1_000_000."""
    return number.replace(",", "").replace("_", "")


@commands.command("bench-import")
@click.option("--rows", default="1000000", help="Plays in the export.")
def bench_import(rows: str) -> None:
    """Measure an import against plain COPY."""
    sys.exit(subprocess.call([sys.executable, "-m", "bench.imports", "--rows", _digits(rows)], cwd=PROJECT))


@commands.command("bench-transform")
@click.option("--plays", default="1000000")
def bench_transform(plays: str) -> None:
    """Measure a load: a rebuild, new plays, twice the plays."""
    from runtime.testing.bench import run_bench

    sys.exit(run_bench("transform", ["--plays", _digits(plays)]))


@commands.command("bench-dashboard")
@click.option("--plays", default="30000")
def bench_dashboard(plays: str) -> None:
    """Measure the pages of 20 viewers."""
    from runtime.testing.bench import run_bench

    sys.exit(run_bench("dashboard", ["--plays", _digits(plays)]))


@commands.command("bench-cdc")
@click.option("--plays", default="100000")
@click.option("--growth", default="")
def bench_cdc(plays: str, growth: str) -> None:
    """Measure the replication against PostgreSQL's own, and a new replica against COPY."""
    from runtime.testing.bench import run_bench

    arguments = ["--growth", growth] if growth else ["--plays", _digits(plays)]
    sys.exit(run_bench("cdc", arguments, ["cdc-watchdog"]))
