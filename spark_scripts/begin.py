"""Begin a load: give the run its number and find the listeners that changed since the last published load.

    python -m spark_scripts.begin --run-id scheduled__2026-11-25 [--rebuild [--listener ana]] [--verify-on 2026-11-25]

`--rebuild` takes those who did not change too: everybody, or the named listener. `--verify-on` takes the tenth of them whose
turn it is on that day. The last line of the output is JSON: {"load_id": 7, "listeners": 2}. With 0 listeners there is nothing
to compute: the load is recorded as published already. Exit 0: begun; 2: no such listener; 1: could not try.
"""

import argparse
import json
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from spark_scripts.database.connection import connected
from spark_scripts.errors import LoadError, UnknownListener
from spark_scripts.loads import definitions, records
from spark_scripts.loads.listener_versions import tenth_of, touched, versions_in_source, versions_published
from spark_scripts.settings import Settings, load_settings

UNKNOWN = 2


@dataclass(frozen=True)
class Wish:
    """Whom a run recomputes beside those who changed: nobody, everybody, one listener, or a day's tenth."""

    rebuild: bool = False
    listener: str | None = None
    verify_on: date | None = None

    @property
    def kind(self) -> str:
        return "rebuild" if self.rebuild else "incremental"

    def listeners(self, known: Collection[str]) -> Collection[str]:
        """Those of the known listeners that are wished for. Raises UnknownListener."""
        if not self.rebuild:
            return tenth_of(self.verify_on, known) if self.verify_on else ()
        if self.listener and self.listener not in known:
            there_are = f"there are: {', '.join(sorted(known))}" if known else "there are none"
            raise UnknownListener(f"There is no listener {self.listener}; {there_are}.")
        return {self.listener} if self.listener else known


def begin(source_url: str, main_url: str, run_id: str, wish: Wish | None = None) -> dict[str, int]:
    """Open the run's load and say how many listeners it touches. A retry of the run gets the same load."""
    wish = wish or Wish()
    with connected(source_url, repeatable_read=True) as source, source.cursor() as cursor:
        current = versions_in_source(cursor)
    with connected(main_url) as main, main.cursor() as cursor:
        records.lock_candidates(cursor)
        load = records.open_load(cursor, run_id, wish.kind)
        if load.status == "published":
            return {"load_id": load.load_id, "listeners": 0}
        published = versions_published(cursor, definitions.digest())
        versions = touched(current, published, also=wish.listeners(current.keys() | published.keys()))
        records.record_reading(cursor, load.load_id, versions)
        if not versions:
            records.publish_nothing(cursor, load.load_id)
    return {"load_id": load.load_id, "listeners": len(versions)}


def main() -> int:
    """Read the arguments, begin, and print the answer as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run-id", required=True, help="name of the run; its retries give the same one")
    parser.add_argument("--rebuild", action="store_true", help="recompute every listener")
    parser.add_argument("--listener", help="with --rebuild: only this one")
    parser.add_argument("--verify-on", type=date.fromisoformat, metavar="DAY", help="also recompute the day's tenth")
    arguments = parser.parse_args()
    if arguments.listener and not arguments.rebuild:
        parser.error("--listener needs --rebuild.")
    try:
        settings = load_settings(Settings)
        begun = begin(
            settings.source_database_url.get_secret_value(),
            settings.etl_database_url.get_secret_value(),
            arguments.run_id,
            Wish(arguments.rebuild, arguments.listener, arguments.verify_on),
        )
    except LoadError as error:
        print(error, file=sys.stderr)
        return UNKNOWN if isinstance(error, UnknownListener) else 1
    print(json.dumps(begun))
    return 0


if __name__ == "__main__":
    sys.exit(main())
