"""Publish a gated load: one transaction in main, by the SQL function audit.publish.

    python -m spark_scripts.publish --load-id 7

Before it, what a verification found is written down by audit.compare: rows of a listener for whom nothing had changed, and that
came out otherwise all the same. They are told, then mended. The last line of the output is JSON with the load's status, reason
and counts. Exit 0: published; 2: refused; 3: published, and it mended such rows; 1: could not try.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

import psycopg2.errors
from psycopg2.extras import RealDictCursor

from spark_scripts.database.connection import connected
from spark_scripts.errors import LoadBusy, LoadError, LoadUnknown
from spark_scripts.settings import Settings, load_settings

REFUSED, DIFFERED = 2, 3
OF_A_LOAD = """
    SELECT found.* FROM audit.load
     CROSS JOIN LATERAL audit.compare(load.load_id) AS found WHERE load.load_id = %s AND load.kind = 'incremental'
"""
PUBLISH = """
    SELECT load_id, status, reason, listeners_touched, rows_inserted, rows_updated, rows_deleted FROM audit.publish(%s)
"""

Row = dict[str, Any]


def publish(main_url: str, load_id: int) -> Row:
    """Publish the load, or learn why it is refused. A load that is published already is left alone."""
    return _ask(main_url, PUBLISH, load_id)[0]


def differences(main_url: str, load_id: int) -> list[Row]:
    """What the load's verification found other than published, now on record. A rebuild is asked for because rows will differ."""
    return _ask(main_url, OF_A_LOAD, load_id)


def _ask(main_url: str, question: str, load_id: int) -> list[Row]:
    with connected(main_url) as main, main.cursor(cursor_factory=RealDictCursor) as cursor:
        try:
            cursor.execute(question, (load_id,))
        except psycopg2.errors.LockNotAvailable:
            raise LoadBusy(
                "Main is held by another load or by a verification: publish again when it has finished."
            ) from None
        except psycopg2.errors.RaiseException as error:
            raise LoadUnknown(error.diag.message_primary) from None
        return [dict(row) for row in cursor.fetchall()]


def sentence(difference: Row) -> str:
    """One difference in words."""
    of = f"of {difference['listener_id']}" if difference["listener_id"] else "of items"
    rows = ", ".join(f"{difference[f'rows_{how}']} {how}" for how in ("missing", "differing", "surplus"))
    return f"{difference['table_name']}: rows {of} were not what their plays say: {rows}."


def _told(outcome: Row, found: Sequence[Row]) -> int:
    """Say how it ended; the exit code."""
    if outcome["status"] != "published":
        print(f"Load {outcome['load_id']} is {outcome['status']}: {outcome['reason']}", file=sys.stderr)
        return REFUSED
    if found:
        print(f"Load {outcome['load_id']} mended them: see audit.difference, and look for the cause.", file=sys.stderr)
        return DIFFERED
    return 0


def main() -> int:
    """Read the arguments, publish, and print the outcome as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load-id", required=True, type=int, help="the load that begin.py announced")
    arguments = parser.parse_args()
    try:
        main_url = load_settings(Settings).etl_database_url.get_secret_value()
        found = differences(main_url, arguments.load_id)
        for difference in found:
            print(sentence(difference), file=sys.stderr, flush=True)
        outcome = publish(main_url, arguments.load_id)
    except LoadError as error:
        print(error, file=sys.stderr)
        return 1
    exit_code = _told(outcome, found)
    print(json.dumps(outcome))
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
