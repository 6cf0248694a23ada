"""Publish a load that the gate accepted, in one transaction of main by the SQL function audit.publish.

    python -m spark_scripts.publish --load-id 7

Before that, audit.compare records the differences that a verification found: rows of unchanged listeners that a recomputation
changes. Publishing repairs them. The last line of output is JSON with the load's status, reason and row counts.

Exit codes: 0 published; 1 rejected, or published but the verification found differences (`status` is "rejected" or "published");
2 usage error; 3 could not run.
"""

import json
from typing import Any

import click
import psycopg.errors
from psycopg.rows import dict_row

from common.exit_codes import ExitCode
from common.settings import load_settings
from spark_scripts.database.connection import transaction
from spark_scripts.errors import LoadBusy, LoadUnknown, exit_on_error
from spark_scripts.settings import Settings

COMPARE = """
    SELECT difference.* FROM audit.load
     CROSS JOIN LATERAL audit.compare(load.load_id) AS difference WHERE load.load_id = %s AND load.kind = 'incremental'
"""
PUBLISH = """
    SELECT load_id, status, reason, listeners_touched, rows_inserted, rows_updated, rows_deleted FROM audit.publish(%s)
"""

Row = dict[str, Any]


def publish(main_url: str, load_id: int) -> Row:
    """Publish the load, or record why it is rejected. A published load stays as it is. Returns its row of audit.load."""
    return _query(main_url, PUBLISH, load_id)[0]


def record_differences(main_url: str, load_id: int) -> list[Row]:
    """Record and return the differences that the load's verification found, one row per table and listener.

    A rebuild has none: its rows are expected to differ.
    """
    return _query(main_url, COMPARE, load_id)


def _query(main_url: str, query: str, load_id: int) -> list[Row]:
    with transaction(main_url) as main, main.cursor(row_factory=dict_row) as cursor:
        try:
            return cursor.execute(query, (load_id,)).fetchall()
        except psycopg.errors.LockNotAvailable:
            raise LoadBusy(
                "Another load or a verification holds a lock in main. Publish again when it has finished."
            ) from None
        except psycopg.errors.RaiseException as error:
            raise LoadUnknown(error.diag.message_primary) from None


def describe(difference: Row) -> str:
    """Return one difference as a sentence."""
    owner = difference["listener_id"] or "items"
    counts = ", ".join(f"{difference[f'rows_{kind}']} {kind}" for kind in ("missing", "differing", "surplus"))
    return f"{difference['table_name']}: rows of {owner} differ from their recomputation: {counts}."


@click.command()
@click.option("--load-id", required=True, type=int, help="The load's number, printed by spark_scripts.begin.")
@click.pass_context
def main(context: click.Context, load_id: int) -> None:
    """Publish a load and print its outcome as JSON."""
    with exit_on_error(lambda message: click.echo(message, err=True)):
        main_url = load_settings(Settings).main_url
        differences = record_differences(main_url, load_id)
        for difference in differences:
            click.echo(describe(difference), err=True)
        outcome = publish(main_url, load_id)
    is_published = outcome["status"] == "published"
    if not is_published:
        click.echo(f"Load {load_id} is {outcome['status']}: {outcome['reason']}", err=True)
    elif differences:
        click.echo(f"Load {load_id} repaired these rows. Find the cause: they are in audit.difference.", err=True)
    click.echo(json.dumps(outcome))
    context.exit(ExitCode.DONE if is_published and not differences else ExitCode.NO)


if __name__ == "__main__":
    main()
