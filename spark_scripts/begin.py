"""Begin a load: give the run its number and find the listeners that changed since the last published load.

    python -m spark_scripts.begin --run-id scheduled__2026-11-25 [--rebuild]

The last line of the output is JSON: {"load_id": 7, "listeners": 2}. With 0 listeners there is nothing to compute: the load
is recorded as published already.
"""

import argparse
import json
import sys

from spark_scripts import loads
from spark_scripts.database import connected
from spark_scripts.errors import LoadError
from spark_scripts.listener_versions import touched, versions_in_source, versions_published
from spark_scripts.settings import Settings, load_settings


def begin(source_url: str, main_url: str, run_id: str, *, rebuild: bool = False) -> dict[str, int]:
    """Open the run's load and say how many listeners it touches. A retry of the run gets the same load."""
    with connected(source_url, repeatable_read=True) as source, source.cursor() as cursor:
        current = versions_in_source(cursor)
    with connected(main_url) as main, main.cursor() as cursor:
        loads.lock_candidates(cursor)
        load = loads.open_load(cursor, run_id, "rebuild" if rebuild else "incremental")
        if load.status == "published":
            return {"load_id": load.load_id, "listeners": 0}
        versions = touched(current, versions_published(cursor), everybody=load.is_rebuild)
        loads.record_reading(cursor, load.load_id, versions)
        if not versions:
            loads.publish_nothing(cursor, load.load_id)
    return {"load_id": load.load_id, "listeners": len(versions)}


def main() -> int:
    """Read the arguments, begin, and print the answer as the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run-id", required=True, help="name of the run; its retries give the same one")
    parser.add_argument("--rebuild", action="store_true", help="recompute every listener")
    arguments = parser.parse_args()
    try:
        settings = load_settings(Settings)
        begun = begin(
            settings.source_database_url.get_secret_value(),
            settings.etl_database_url.get_secret_value(),
            arguments.run_id,
            rebuild=arguments.rebuild,
        )
    except LoadError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(begun))
    return 0


if __name__ == "__main__":
    sys.exit(main())
