"""Begin a load: give the run a load number and find the listeners that changed since the last published load.

    python -m spark_scripts.begin --run-id scheduled__2026-11-25 [--rebuild [--listener ana]] [--verify-on 2026-11-25]

The last line of output is JSON: {"load_id": 7, "listeners": 2}. With 0 listeners there is nothing to compute, and the load is
already recorded as published.

Exit codes: 0 the load has started, 1 there is no such listener, 2 usage error, 3 could not run.
"""

import json
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import click

from common.exit_codes import ExitCode
from common.settings import load_settings
from spark_scripts.database.connection import transaction
from spark_scripts.errors import UnknownListener, exit_on_error
from spark_scripts.loads import definitions, records
from spark_scripts.loads.listener_versions import (
    published_versions,
    source_versions,
    verified_on,
    versions_to_recompute,
)
from spark_scripts.settings import Settings


@dataclass(frozen=True)
class Selection:
    """Listeners that a run recomputes in addition to those that changed: none, all, one, or the tenth verified on a day."""

    rebuild: bool = False
    listener: str | None = None
    verify_on: date | None = None

    @property
    def kind(self) -> str:
        return "rebuild" if self.rebuild else "incremental"

    def listeners(self, known: Collection[str]) -> Collection[str]:
        """Return the selected ones of the known listeners. Raises UnknownListener."""
        if not self.rebuild:
            return verified_on(self.verify_on, known) if self.verify_on else ()
        if self.listener and self.listener not in known:
            existing = f"Choose one of: {', '.join(sorted(known))}." if known else "There are no listeners yet."
            raise UnknownListener(f"There is no listener {self.listener}. {existing}")
        return {self.listener} if self.listener else known


def begin(source_url: str, main_url: str, run_id: str, selection: Selection | None = None) -> dict[str, int]:
    """Open the run's load and return its `load_id` and number of `listeners`. A retry of the run gets the same load."""
    selection = selection or Selection()
    with transaction(source_url, repeatable_read=True) as source, source.cursor() as cursor:
        current = source_versions(cursor)
    with transaction(main_url) as main, main.cursor() as cursor:
        records.lock_candidates(cursor)
        load = records.open_load(cursor, run_id, selection.kind)
        if load.status == "published":
            return {"load_id": load.load_id, "listeners": 0}
        published = published_versions(cursor, definitions.digest())
        selected = selection.listeners(current.keys() | published.keys())
        versions = versions_to_recompute(current, published, also=selected)
        records.record_versions(cursor, load.load_id, versions)
        if not versions:
            records.close_empty_load(cursor, load.load_id)
    return {"load_id": load.load_id, "listeners": len(versions)}


@click.command()
@click.option("--run-id", required=True, help="Name of the run. Its retries have the same name.")
@click.option("--rebuild", is_flag=True, help="Recompute every listener.")
@click.option("--listener", help="With --rebuild: recompute only this listener, and those that changed.")
@click.option("--verify-on", type=click.DateTime(["%Y-%m-%d"]), help="Also recompute the tenth verified on this day.")
def main(run_id: str, rebuild: bool, listener: str | None, verify_on: datetime | None) -> None:
    """Begin a load of the listeners that changed, and print its number as JSON."""
    if listener and not rebuild:
        raise click.UsageError("--listener needs --rebuild.")
    selection = Selection(rebuild, listener, verify_on.date() if verify_on else None)
    with exit_on_error(lambda message: click.echo(message, err=True)):
        settings = load_settings(Settings)
        try:
            load = begin(settings.source_url, settings.main_url, run_id, selection)
        except UnknownListener as error:
            click.echo(error, err=True)
            sys.exit(ExitCode.NO)
    click.echo(json.dumps(load))


if __name__ == "__main__":
    main()
