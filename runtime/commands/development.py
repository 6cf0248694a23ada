"""Commands that test and measure the project."""

import subprocess
import sys

import click

from runtime.stack import PROJECT

commands = click.Group()


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
