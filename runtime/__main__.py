"""What operators type: each command stands behind a target of the Makefile (`make help`)."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console

from runtime import components, databases, demo, pipeline, prepare, sample, starter, status
from runtime.compose import with_dependencies
from runtime.errors import OperatorError, StageError
from runtime.progress import Stages, console, note, report, report_slow
from runtime.stack import LOCAL, PROJECT, current_stack
from runtime.supervisor import Supervisor

# The services of the targets that start one part.
PARTS = {
    "postgres": ["migrate-source", "migrate-main", "migrate-replica"],
    "spark": ["spark-worker"],
    "debezium": ["cdc-watchdog"],
    "flask": ["flask", "flask-worker"],
    "airflow": ["airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"],
    "dashboard": ["dashboard"],
}


@click.group(help=__doc__)
def cli() -> None:
    wanted = os.environ.get("RUNTIME") or "local"
    if wanted != "local":
        raise OperatorError(
            f"RUNTIME={wanted} is not there yet: only RUNTIME=local is, which runs the services as processes. Leave RUNTIME out."
        )


@cli.command("prepare")
@click.option("--tests", is_flag=True, help="Also what only the tests need.")
def prepare_command(tests: bool) -> None:
    """Fetch and build what the services run on."""
    prepare.prepare(current_stack().services().values(), report_slow, with_tests=tests)


@cli.command()
@click.argument("parts", nargs=-1)
def up(parts: tuple[str, ...]) -> None:
    """Start the whole stack, or one part and what it needs."""
    stack = current_stack()
    sample.set_clock(stack)
    wanted = [service for part in parts for service in PARTS.get(part, [part])]
    if "flask" in parts and "spotify" in stack.services():
        wanted.append("spotify")
    _bring_up(wanted)


@cli.command()
def down() -> None:
    """Stop everything; the data stays."""
    Supervisor(current_stack()).stop()
    note("Stopped. The data is kept; make up starts again, make clean removes it.")


@cli.command("status")
def status_command() -> None:
    """Show health, the last load, CDC lag, tokens and memory."""
    if not status.show_status(current_stack()):
        sys.exit(1)


@cli.command()
@click.option("--service", default="", help="One service; without it, all.")
@click.option("--follow", is_flag=True, help="Go on as lines are added.")
def logs(service: str, follow: bool) -> None:
    """Show the services' logs."""
    stack = current_stack()
    files = [stack.logs / f"{service}.log"] if service else sorted(stack.logs.glob("*.log"))
    missing = [file.name for file in files if not file.exists()]
    if missing or not files:
        raise OperatorError(f"There is no log of {service or 'any service'}; services: {', '.join(stack.services())}.")
    subprocess.call(["tail", "-n", "40", *(["-F"] if follow else []), *map(str, files)])


@cli.command()
def clean() -> None:
    """Stop everything and remove all that was made, data included."""
    stack = current_stack()
    Supervisor(stack).stop()
    if stack.name == "test":
        shutil.rmtree(stack.state, ignore_errors=True)
        return
    dashboard = PROJECT / "dashboard"
    made_there = [
        dashboard / name for name in ("node_modules", ".next", "generated", "next-env.d.ts", "tsconfig.tsbuildinfo")
    ]
    compiled = [folder for folder in PROJECT.glob("*/**/__pycache__") if not folder.is_relative_to(LOCAL)]
    for made in (*made_there, *compiled, stack.settings_file):
        shutil.rmtree(made) if made.is_dir() else made.unlink(missing_ok=True)
    shutil.rmtree(LOCAL)  # This program's own packages too: nothing is imported after this line.


@cli.command("demo")
@click.option("--files", default="", help="One's own export files, separated by spaces.")
@click.option("--time-zone", default="", help="One's own time zone, an IANA name.")
@click.option("--clock", default="", help="The simulated Spotify's present moment, ISO 8601; first use only.")
def demo_command(files: str, time_zone: str, clock: str) -> None:
    """Everything, from a bare checkout to numbers on a page."""
    stages = Stages()
    request = demo.Request(tuple(_files(files)), time_zone or None, clock or None)
    try:
        demo.run_demo(current_stack(), request, stages)
    except OperatorError as error:
        raise StageError(
            f"The stage “{getattr(stages, 'current', 'start')}” failed: {error}", getattr(error, "tail", "")
        ) from error


@cli.command("import")
@click.option("--listener", required=True)
@click.option("--files", required=True, help="Files, separated by spaces; quote a name that holds one.")
@click.option("--time-zone", default="")
@click.option("--dry-run", is_flag=True)
def import_command(listener: str, files: str, time_zone: str, dry_run: bool) -> None:
    """Import export files for a listener."""
    zone = ["--time-zone", time_zone] if time_zone else []
    arguments = ["--listener", listener, *zone, *(["--dry-run"] if dry_run else []), *map(str, _files(files))]
    _endpoint(["import", *arguments])


@cli.command()
@click.option("--listener", default="")
def imports(listener: str) -> None:
    """List the imports."""
    _endpoint(["imports", *(["--listener", listener] if listener else [])])


@cli.command("undo-import")
@click.argument("import_id")
def undo_import(import_id: str) -> None:
    """Take an import back."""
    _endpoint(["undo-import", import_id])


@cli.command("demo-clean")
def demo_clean() -> None:
    """Delete the simulated listeners."""
    _endpoint(["demo-clean"])


@cli.command("pipeline")
def pipeline_command() -> None:
    """Trigger the pipeline and follow both runs."""
    stack = current_stack()
    for run in pipeline.run_pipeline(stack, note):
        Console(highlight=False).print(
            f"{run.dag}: {run.state} in {run.seconds:.0f} s ({', '.join(f'{task.task} {task.state}' for task in run.tasks)})"
        )


@cli.command("verify-replica")
def verify_replica() -> None:
    """Prove that the replica equals main."""
    sys.exit(components.call(current_stack(), "register-connectors", "cdc", ["-m", "cdc_connectors.verify"]))


@cli.command()
@click.option("--database", required=True)
@click.option("--sql", "statement", default="")
def psql(database: str, statement: str) -> None:
    """A shell in a database, or one statement's rows."""
    sys.exit(databases.psql(current_stack().settings(), database, statement or None))


@cli.command("test")
@click.argument("suites", nargs=-1)
def test_command(suites: tuple[str, ...]) -> None:
    """Run the tests, fast ones first."""
    from runtime.suites import run_suites

    sys.exit(run_suites(suites))


def _endpoint(arguments: list[str]) -> None:
    stack = current_stack()
    prepare.prepare([stack.services()["flask"]], report_slow)
    _bring_up(["migrate-source"])
    sys.exit(components.call(stack, "flask", "flask", ["-m", "flask_endpoint", *arguments]))


def _bring_up(wanted: list[str]) -> None:
    """Prepare and start the wanted services, all where none is named, and what they need."""
    stack = current_stack()
    services = stack.services()
    prepare.prepare([services[name] for name in with_dependencies(services, wanted)], report_slow)
    starter.start(stack, wanted, report)


def _files(files: str) -> list[Path]:
    try:
        return [Path(name).expanduser().absolute() for name in shlex.split(files)]
    except ValueError as error:
        raise OperatorError(
            f"FILES cannot be read as a list of names ({error}): quote names that hold spaces."
        ) from error


def main() -> None:
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(130)
    except OperatorError as error:
        if tail := getattr(error, "tail", ""):
            console.print(tail, markup=False)
        console.print(str(error), style="red", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()
