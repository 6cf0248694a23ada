"""List the rows that the replica refuses, and copy main's current rows again: `python -m cdc_connectors.repair.refused [--repair]`.

Exit codes: 0 no dead letters are left, 1 some are, 2 usage error, 3 could not run.
"""

import json

import click
from rich.console import Console
from rich.table import Table as Grid

from cdc_connectors.command import command
from cdc_connectors.configs.render import SINK
from cdc_connectors.errors import CdcError, ResyncRunning
from cdc_connectors.repair import dead_letters
from cdc_connectors.repair.chain import Chain, only_repairer, open_chain
from cdc_connectors.repair.dead_letters import DeadLetter
from cdc_connectors.repair.unblock import repair, unblock
from cdc_connectors.settings import Settings
from common.exit_codes import ExitCode
from common.settings import load_settings
from common.waiting import wait_until

OTHER_REPAIR_TIMEOUT = 120.0  # seconds to wait for the watchdog, which may repair the replica at this moment
SHOWN = 200  # dead letters


@command
@click.option("--repair", "is_repair", is_flag=True, help="Copy main's current rows again.")
def main(is_repair: bool) -> None:
    """List the rows of main that the replica refuses, with the cause."""
    with open_chain(load_settings(Settings)) as chain:
        if is_repair:
            wait_until(lambda: _repair(chain), "another repair", OTHER_REPAIR_TIMEOUT, ignore=ResyncRunning)
        letters = dead_letters.read(chain.topics)
    _print(letters)
    if letters:
        raise SystemExit(ExitCode.NO)


def _repair(chain: Chain) -> bool:
    with only_repairer(chain):
        if fault := chain.fault():
            raise CdcError(f"{fault} Run make resync-replica: it copies all rows.")
        if chain.connect.statuses()[SINK].is_failed:
            unblock(chain, _report)
        if letters := dead_letters.read(chain.topics):
            repair(chain, letters, _report)
    return True


def _report(table: str, rows: int) -> None:
    click.echo(f"  {table}: {rows:,} rows copied")


def _print(letters: list[DeadLetter]) -> None:
    if not letters:
        click.echo("No dead letters: the replica refuses no row.")
        return
    grid = Grid()
    for heading in ("table", "key", "cause", "since"):
        grid.add_column(heading, overflow="fold")
    for each in letters[:SHOWN]:
        grid.add_row(each.table, json.dumps(each.key), each.cause, each.since)
    Console().print(grid)
    if len(letters) > SHOWN:
        click.echo(f"and {len(letters) - SHOWN:,} more")
    click.echo("Remove the cause in the replica, then run make dead-letters REPAIR=1. It copies main's current rows.")


if __name__ == "__main__":
    main()
