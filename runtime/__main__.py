"""The operator commands. Each is called by a target of the Makefile (`make help`)."""

import os
import shlex
import subprocess
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from common.exit_codes import ExitCode
from runtime import cleaning, databases, demo, explain, pipeline, sample, status
from runtime.airflow import RunOutcome
from runtime.containers import engine, images
from runtime.errors import OperatorError, StageError
from runtime.progress import Stages, console, note, report_slow
from runtime.runtimes import Runtime, best_runtime, current_runtime, remember
from runtime.stack import PROJECT, current_stack

# For each target that starts one part: its services.
PARTS = {
    "postgres": ["migrate-source", "migrate-main", "migrate-replica"],
    "spark": ["spark-worker"],
    "debezium": ["cdc-watchdog"],
    "flask": ["flask", "flask-worker"],
    "airflow": ["airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"],
    "dashboard": ["dashboard"],
}


INTERRUPTED = 130  # the code by which shells report Ctrl-C


@click.group(help=__doc__)
def cli() -> None:
    pass


@cli.command("prepare")
@click.option("--tests", is_flag=True, help="Also prepare what only the tests need.")
def prepare_command(tests: bool) -> None:
    """Fetch and build the programs and packages of the local runtime."""
    from runtime.local.prepare import prepare

    prepare(current_stack().services().values(), report_slow, with_tests=tests)


@cli.command()
@click.argument("parts", nargs=-1)
def up(parts: tuple[str, ...]) -> None:
    """Start the whole stack, or parts with their dependencies: in containers if Docker is available, else as processes."""
    stack = current_stack()
    runtime = current_runtime(stack, default=best_runtime)
    sample.set_clock(stack)
    wanted = [service for part in parts for service in PARTS.get(part, [part])]
    # Each replica is a separate service.
    wanted += [name for name, service in stack.services().items() if name != service.definition in wanted]
    if "flask" in parts and "spotify" in stack.services():
        wanted.append("spotify")
    _bring_up(runtime, wanted)


@cli.command()
def down() -> None:
    """Stop everything and keep the data."""
    current_runtime(current_stack()).stop()
    note("Stopped. The data is kept. Run make up to start again, or make clean to remove what was made.")


@cli.command("status")
def status_command() -> None:
    """Show health, the last load, CDC lag, tokens and memory."""
    if not status.show_status(current_runtime(current_stack())):
        sys.exit(ExitCode.NO)


@cli.command()
@click.option("--service", default="", help="One service; default: all.")
@click.option("--follow", is_flag=True, help="Follow the logs.")
def logs(service: str, follow: bool) -> None:
    """Show the services' logs."""
    current_runtime(current_stack()).show_logs(service, follow)


@cli.command()
@click.option("--confirm", is_flag=True, help="Delete real listeners' data too.")
def clean(confirm: bool) -> None:
    """Stop everything and remove what was made. Real listeners' data stays unless confirmed."""
    cleaning.clean(current_stack(), confirm)


@cli.command("docker-build")
@click.option("--service", default="", help="Only the image of this service.")
@click.option("--arm", is_flag=True, help="For linux/arm64, tagged -arm64.")
def docker_build(service: str, arm: bool) -> None:
    """Build the images. Unchanged layers come from Docker's cache."""
    engine.refuse_unfit(to_build=True)
    services = current_stack().services()
    if service and service not in services and service not in images.all_images():
        raise OperatorError(f"There is no service {service!r}; services: {', '.join(services)}.")
    names = [services[service].image if service in services else service] if service else images.all_images()
    (images.build_arm if arm else images.build)(names, report_slow)


@cli.command("demo")
@click.option("--files", default="", help="Your own export files, separated by spaces.")
@click.option("--time-zone", default="", help="Your time zone, an IANA name.")
@click.option(
    "--clock", default="", help="The simulated Spotify's current time, ISO 8601; used at the first start only."
)
def demo_command(files: str, time_zone: str, clock: str) -> None:
    """Run everything from a bare checkout to a dashboard with numbers."""
    stages = Stages()
    runtime = current_runtime(current_stack())
    request = demo.Request(tuple(_files(files)), time_zone or None, clock or None)
    try:
        demo.run_demo(runtime, request, stages)
    except OperatorError as error:
        raise StageError(
            f"The stage “{getattr(stages, 'current', 'start')}” failed: {error}", getattr(error, "tail", "")
        ) from error


@cli.command("import")
@click.option("--listener", required=True)
@click.option("--files", required=True, help="Files, separated by spaces; quote a name that contains one.")
@click.option("--time-zone", default="")
@click.option("--dry-run", is_flag=True)
def import_command(listener: str, files: str, time_zone: str, dry_run: bool) -> None:
    """Import export files for a listener."""
    zone = ["--time-zone", time_zone] if time_zone else []
    _endpoint(["import", "--listener", listener, *zone, *(["--dry-run"] if dry_run else [])], _files(files))


@cli.command()
@click.option("--listener", default="")
def imports(listener: str) -> None:
    """List the imports."""
    _endpoint(["imports", *(["--listener", listener] if listener else [])])


@cli.command("undo-import")
@click.argument("import_id")
def undo_import(import_id: str) -> None:
    """Undo an import."""
    _endpoint(["undo-import", import_id])


@cli.command()
@click.option("--file", "file", required=True, help="A CSV, gzipped or not.")
@click.option("--dry-run", is_flag=True)
def catalog(file: str, dry_run: bool) -> None:
    """Load a catalog file."""
    if not file:
        raise OperatorError("No file given. Run make catalog FILE=songs.csv.gz.")
    _endpoint(["catalog", *(["--dry-run"] if dry_run else [])], [Path(file).expanduser().absolute()])


@cli.command("demo-clean")
def demo_clean() -> None:
    """Delete the simulated listeners."""
    _endpoint(["demo-clean"])


@cli.command("pipeline")
def pipeline_command() -> None:
    """Trigger the pipeline and follow both runs."""
    for run in pipeline.run_pipeline(current_stack(), note):
        _print_run(run)


@cli.command()
@click.option("--listener", default="", help="One listener; default: all.")
def rebuild(listener: str) -> None:
    """Recompute all listeners, or one, and publish the differences."""
    run, load = pipeline.run_rebuild(current_stack(), listener, note)
    _print_run(run)
    Console(highlight=False).print(
        f"Load {load.load_id}: {load.listeners} listeners recomputed; {load.inserted:,} rows inserted, {load.updated:,} updated, "
        f"{load.deleted:,} deleted. All other rows were already correct."
    )


@cli.command("explain")
@click.option("--metric", default="")
@click.option("--listener", default="")
def explain_command(metric: str, listener: str) -> None:
    """Show where a listener's rows of a metric come from."""
    explain.explain(current_stack().settings(), metric, listener)


@cli.command("verify-replica")
def verify_replica() -> None:
    """Verify that the replica equals main."""
    runtime = current_runtime(current_stack())
    sys.exit(runtime.call("register-connectors", "cdc", ["-m", "cdc_connectors.verification.verify"]))


@cli.command()
@click.option("--database", required=True)
@click.option("--sql", "statement", default="")
def psql(database: str, statement: str) -> None:
    """Open a shell in a database, or print the rows of one statement."""
    sys.exit(databases.psql(current_stack().settings(), database, statement or None))


@cli.command("test")
@click.argument("suites", nargs=-1)
def test_command(suites: tuple[str, ...]) -> None:
    """Run the tests, fast ones first."""
    from runtime.suites import run_suites

    sys.exit(run_suites(suites))


@cli.command("bench-import")
@click.option("--rows", default=1_000_000, help="Plays in the export.")
def bench_import(rows: int) -> None:
    """Measure an import against plain COPY."""
    sys.exit(subprocess.call([sys.executable, "-m", "bench.imports", "--rows", str(rows)], cwd=PROJECT))


@cli.command("bench-transform")
@click.option("--plays", default="1000000")
def bench_transform(plays: str) -> None:
    """Measure a load: a rebuild, new plays, twice the plays."""
    from runtime.bench import run_bench

    sys.exit(run_bench("transform", ["--plays", plays.replace(",", "").replace("_", "")]))


def _print_run(run: RunOutcome) -> None:
    tasks = ", ".join(f"{task.task} {task.state}" for task in run.tasks)
    Console(highlight=False).print(f"{run.dag}: {run.state} in {run.seconds:.0f} s ({tasks})")


def _endpoint(arguments: list[str], files: Sequence[Path] = ()) -> None:
    runtime = current_runtime(current_stack(), default=best_runtime)
    runtime.prepare(["flask"])
    remember(runtime)
    runtime.start(["migrate-source"])
    sys.exit(runtime.call("flask", "flask", ["-m", "flask_endpoint", *arguments], files))


def _bring_up(runtime: Runtime, wanted: list[str]) -> None:
    runtime.prepare(wanted)
    remember(runtime)
    runtime.start(wanted)


def _files(files: str) -> list[Path]:
    try:
        return [Path(name).expanduser().absolute() for name in shlex.split(files)]
    except ValueError as error:
        raise OperatorError(f"FILES is not a list of file names ({error}). Quote names that contain spaces.") from error


def main() -> None:
    """Run the command line. Exits with the codes of `common/exit_codes.py`."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE if isinstance(error, click.UsageError) else ExitCode.COULD_NOT_RUN)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except OperatorError as error:
        if tail := getattr(error, "tail", ""):
            console.print(tail, markup=False)
        console.print(str(error), style="red", markup=False)
        sys.exit(ExitCode.COULD_NOT_RUN)
    except Exception:
        console.print(traceback.format_exc(), markup=False)
        sys.exit(ExitCode.COULD_NOT_RUN)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()
