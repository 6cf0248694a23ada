"""Commands that run the pipeline, and explain, verify and query its results."""

import sys

import click
from rich.console import Console

from runtime.definition.stack import current_stack
from runtime.errors import OperatorError
from runtime.operations import databases, explain, pipeline
from runtime.operations.airflow import RunOutcome
from runtime.output.progress import note
from runtime.runtimes import current_runtime

commands = click.Group()


@commands.command("pipeline")
def pipeline_command() -> None:
    """Trigger the pipeline and follow both runs."""
    for run in pipeline.run_pipeline(current_stack(), note):
        _print_run(run)


@commands.command()
@click.option("--listener", default="", help="One listener; default: all.")
def rebuild(listener: str) -> None:
    """Recompute all listeners, or one, and publish the differences."""
    run, load = pipeline.run_rebuild(current_stack(), listener, note)
    _print_run(run)
    Console(highlight=False).print(
        f"Load {load.load_id}: {load.listeners} listeners recomputed; {load.inserted:,} rows inserted, {load.updated:,} updated, "
        f"{load.deleted:,} deleted. All other rows were already correct."
    )


@commands.command("explain")
@click.option("--metric", default="")
@click.option("--listener", default="")
def explain_command(metric: str, listener: str) -> None:
    """Show where a listener's rows of a metric come from."""
    explain.explain(current_stack().settings(), metric, listener)


@commands.command("verify-replica")
@click.option("--changed", is_flag=True, help="Compare only what loads changed since the last proof.")
def verify_replica(changed: bool) -> None:
    """Verify that the replica equals main."""
    runtime = current_runtime(current_stack())
    arguments = ["-m", "cdc_connectors.verification.verify", *(["--changed"] if changed else [])]
    sys.exit(runtime.call("register-connectors", "cdc", arguments))


@commands.command("resync-replica")
@click.argument("table", default="")
def resync_replica(table: str) -> None:
    """Copy main to the replica again, or only one table."""
    runtime = current_runtime(current_stack())
    arguments = ["-m", "cdc_connectors.repair.resync", *([table] if table else [])]
    sys.exit(runtime.call("register-connectors", "cdc", arguments))


@commands.command()
@click.argument("table", default="")
@click.option("--count", default=10)
def changes(table: str, count: int) -> None:
    """Print the newest changes of a table that Kafka has."""
    if not table:
        raise OperatorError("Name a table: make changes TABLE=mart.top_item")
    runtime = current_runtime(current_stack())
    arguments = ["-m", "cdc_connectors.verification.changes", table, "--count", str(count)]
    sys.exit(runtime.call("register-connectors", "cdc", arguments))


@commands.command("dead-letters")
@click.option("--repair", is_flag=True)
def dead_letters(repair: bool) -> None:
    """List the rows that the replica refuses, or copy main's current ones again."""
    runtime = current_runtime(current_stack())
    arguments = ["-m", "cdc_connectors.repair.refused", *(["--repair"] if repair else [])]
    sys.exit(runtime.call("register-connectors", "cdc", arguments))


@commands.command()
@click.option("--database", required=True)
@click.option("--sql", "statement", default="")
def psql(database: str, statement: str) -> None:
    """Open a shell in a database, or print the rows of one statement."""
    sys.exit(databases.psql(current_stack().settings(), database, statement or None))


def _print_run(run: RunOutcome) -> None:
    tasks = ", ".join(f"{task.task} {task.state}" for task in run.tasks)
    Console(highlight=False).print(f"{run.dag}: {run.state} in {run.seconds:.0f} s ({tasks})")
