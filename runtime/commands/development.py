"""Commands that extend, test and measure the project."""

import subprocess
import sys

import click

from runtime.metric.scaffold import write_metric
from runtime.progress import note
from runtime.stack import PROJECT

commands = click.Group()


@commands.command("metric")
@click.option("--name", required=True, help="The metric's name: lower-case words joined by underscores.")
def metric_command(name: str) -> None:
    """Write the files of a new metric, which counts plays by month until it is changed."""
    for path in write_metric(name, PROJECT):
        note(f"wrote {path}")
    note("The metric counts plays by month. Change it as docs/add-a-metric.md describes, then run make test.")


@commands.command("test")
@click.argument("suites", nargs=-1)
def test_command(suites: tuple[str, ...]) -> None:
    """Run the tests, fast ones first."""
    from runtime.suites import run_suites

    sys.exit(run_suites(suites))


@commands.command("bench-import")
@click.option("--rows", default=1_000_000, help="Plays in the export.")
def bench_import(rows: int) -> None:
    """Measure an import against plain COPY."""
    sys.exit(subprocess.call([sys.executable, "-m", "bench.imports", "--rows", str(rows)], cwd=PROJECT))


@commands.command("bench-transform")
@click.option("--plays", default="1000000")
def bench_transform(plays: str) -> None:
    """Measure a load: a rebuild, new plays, twice the plays."""
    from runtime.bench import run_bench

    sys.exit(run_bench("transform", ["--plays", plays.replace(",", "").replace("_", "")]))


@commands.command("bench-dashboard")
@click.option("--plays", default="30000")
def bench_dashboard(plays: str) -> None:
    """Measure the pages of 20 viewers."""
    from runtime.bench import run_bench

    sys.exit(run_bench("dashboard", ["--plays", plays.replace(",", "").replace("_", "")]))
