"""Commands that start, stop and show the services."""

import sys

import click

from common.exit_codes import ExitCode
from runtime.containers import engine, images
from runtime.definition.stack import current_stack
from runtime.errors import OperatorError
from runtime.operations import cleaning, sample, status
from runtime.output.progress import note, report_slow
from runtime.runtimes import best_runtime, current_runtime, remember

# For each target that starts one part: its services.
PARTS = {
    "postgres": ["migrate-source", "migrate-main", "migrate-replica"],
    "spark": ["spark-worker"],
    "debezium": ["cdc-watchdog"],
    "flask": ["flask", "flask-worker"],
    "airflow": ["airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"],
    "dashboard": ["dashboard"],
}

commands = click.Group()


@commands.command("prepare")
@click.option("--tests", is_flag=True, help="Also prepare what only the tests need.")
def prepare_command(tests: bool) -> None:
    """Fetch and build the programs and packages of the local runtime."""
    from runtime.local.prepare import prepare

    prepare(current_stack().services().values(), report_slow, with_tests=tests)


@commands.command()
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
    runtime.prepare(wanted)
    remember(runtime)
    runtime.start(wanted)


@commands.command()
def down() -> None:
    """Stop everything and keep the data."""
    current_runtime(current_stack()).stop()
    note("Stopped. The data is kept. Run make up to start again, or make clean to remove what was made.")


@commands.command("status")
def status_command() -> None:
    """Show health, the last load, CDC lag, tokens and memory."""
    if not status.show_status(current_runtime(current_stack())):
        sys.exit(ExitCode.NO)


@commands.command()
@click.option("--service", default="", help="One service; default: all.")
@click.option("--follow", is_flag=True, help="Follow the logs.")
def logs(service: str, follow: bool) -> None:
    """Show the services' logs."""
    current_runtime(current_stack()).show_logs(service, follow)


@commands.command()
@click.option("--confirm", is_flag=True, help="Delete real listeners' data too.")
def clean(confirm: bool) -> None:
    """Stop everything and remove what was made. Real listeners' data stays unless confirmed."""
    cleaning.clean(current_stack(), confirm)


@commands.command("docker-build")
@click.option("--service", default="", help="Only the image of this service.")
@click.option("--arm", is_flag=True, help="For linux/arm64, tagged -arm64.")
def docker_build(service: str, arm: bool) -> None:
    """Build the images. Unchanged layers come from Docker's cache."""
    engine.require_suitable(to_build=True)
    services = current_stack().services()
    if service and service not in services and service not in images.all_images():
        raise OperatorError(f"There is no service {service!r}; services: {', '.join(services)}.")
    names = [services[service].image if service in services else service] if service else images.all_images()
    (images.build_arm if arm else images.build)(names, report_slow)
