"""Publish a gated load: one transaction in main, by the SQL function audit.publish.

    python -m spark_scripts.publish --load-id 7

The last line of the output is JSON with the load's status, reason and counts. Exit 0: published; 2: refused; 1: could not try.
"""

import argparse
import json
import sys
from typing import Any

import psycopg2.errors
from psycopg2.extras import RealDictCursor

from spark_scripts.database import connected
from spark_scripts.errors import LoadBusy, LoadError, LoadUnknown
from spark_scripts.settings import Settings, load_settings

REFUSED = 2


def publish(main_url: str, load_id: int) -> dict[str, Any]:
    """Publish the load, or learn why it is refused. A load that is published already is left alone."""
    with connected(main_url) as main, main.cursor(cursor_factory=RealDictCursor) as cursor:
        try:
            cursor.execute(
                "SELECT load_id, status, reason, listeners_touched, rows_inserted, rows_updated, rows_deleted "
                "FROM audit.publish(%s)",
                (load_id,),
            )
        except psycopg2.errors.LockNotAvailable:
            raise LoadBusy(
                "Main is held by another load or by a verification: publish again when it has finished."
            ) from None
        except psycopg2.errors.RaiseException as error:
            raise LoadUnknown(error.diag.message_primary) from None
        return dict(cursor.fetchone())


def main() -> int:
    """Read the arguments, publish, and print the outcome as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load-id", required=True, type=int, help="the load that begin.py announced")
    arguments = parser.parse_args()
    try:
        settings = load_settings(Settings)
        outcome = publish(settings.etl_database_url.get_secret_value(), arguments.load_id)
    except LoadError as error:
        print(error, file=sys.stderr)
        return 1
    if outcome["status"] != "published":
        print(f"Load {arguments.load_id} is {outcome['status']}: {outcome['reason']}", file=sys.stderr)
    print(json.dumps(outcome))
    return 0 if outcome["status"] == "published" else REFUSED


if __name__ == "__main__":
    sys.exit(main())
