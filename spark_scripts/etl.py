"""Compute a load's candidates: what core and mart should hold for the listeners that changed.

    spark-submit --properties-file spark_scripts/load.conf spark_scripts/etl.py --load-id 7

Reads one snapshot of source, recomputes the touched listeners whole, and writes schema `candidate` of main, which no reader
sees. A retry starts over. Exit 0: the candidates are complete; 1: not.
"""

import argparse
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # spark-submit puts only this file's folder there.

from pyspark.sql import SparkSession

from runtime.service_log.json_lines import set_up_logging
from spark_scripts.database.connection import connected
from spark_scripts.errors import LoadError, UnknownTimeZone
from spark_scripts.loads import candidates, definitions, records
from spark_scripts.loads.listener_versions import touched, versions_published
from spark_scripts.loads.records import Load
from spark_scripts.session import fit_to, knows_zone, spark_session
from spark_scripts.settings import SparkSettings, load_settings
from spark_scripts.tables.inputs import load_tables
from spark_scripts.tables.lineage import Lineage
from spark_scripts.tables.main import Main
from spark_scripts.tables.source import Source, open_source

log = logging.getLogger("etl")

# core in the order in which each scope follows from the candidates written before it: the tables, then the kind.
CORE = (
    (("dim_listener", "coverage", "fct_play"), "track"),
    (("dim_track", "bridge_track_artist"), "album"),
    (("dim_album",), "artist"),
    (("dim_artist",), None),
)


def compute(spark: SparkSession, source_url: str, main_url: str, load_id: int) -> None:
    """Write the load's candidates, all of them, or record that it failed. A published load is left alone."""
    with candidates.candidates_held(main_url) as expect_held:
        with connected(main_url) as connection, connection.cursor() as cursor:
            load = records.resume_load(cursor, load_id)
        if load.status == "published":
            log.info("load %s is published already", load_id)
            return
        try:
            with open_source(spark, source_url) as source:
                _write_candidates(spark, source, main_url, load, expect_held)
        except Exception as error:
            with connected(main_url) as connection:
                records.fail_load(connection, load_id, f"{type(error).__name__}: {error}".strip().splitlines()[0][:500])
            raise


def _write_candidates(
    spark: SparkSession, source: Source, main_url: str, load: Load, expect_held: Callable[[], None]
) -> None:
    digest = definitions.digest()
    with connected(main_url) as connection, connection.cursor() as cursor:
        versions = touched(source.versions(), versions_published(cursor, digest), also=load.listeners)
        records.record_reading(cursor, load.load_id, versions)
        candidates.empty(cursor, load.load_id, versions, digest)
        marts = candidates.tables(cursor, "mart")
    listeners = [listener for listener, version in versions.items() if version is not None]
    _refuse_unknown_zones(spark, source.zones(listeners))
    play_counts = source.play_counts(listeners)
    fit_to(spark, sum(play_counts.values()))
    log.info("load %s: %s listeners, %s plays", load.load_id, len(versions), sum(play_counts.values()))

    main = Main(spark, main_url)
    tables = load_tables(source, main, play_counts)
    for core_tables, kind in CORE:
        for table in core_tables:
            expect_held()
            _write(main, tables, table, load)
        if kind is not None:
            main.find_scope(kind)
    for table in marts:
        expect_held()
        _write(main, tables, table, load)
    expect_held()
    with connected(main_url) as connection, connection.cursor() as cursor:
        candidates.complete(cursor, load.load_id)


def _write(main: Main, tables: Lineage, table: str, load: Load) -> None:
    started = time.monotonic()
    main.write_candidate(tables[table], table, load.load_id)
    log.info("wrote candidate.%s in %.1f s", table, time.monotonic() - started)


def _refuse_unknown_zones(spark: SparkSession, zones: dict[str, str]) -> None:
    known = {zone: knows_zone(spark, zone) for zone in set(zones.values())}
    for listener, zone in sorted(zones.items()):
        if not known[zone]:
            raise UnknownTimeZone(
                f"Java does not know {listener}'s time zone {zone}: update the JDK, or give the listener another."
            )


def main() -> int:
    """Read the arguments, compute, and say in one sentence what went wrong if something did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--load-id", required=True, type=int, help="the load that begin.py announced")
    arguments = parser.parse_args()
    set_up_logging("spark-driver", level=logging.WARNING)
    log.setLevel(logging.INFO)
    try:
        settings = load_settings(SparkSettings)
        spark = spark_session(settings)
        source_url, main_url = settings.source_database_url, settings.etl_database_url
        started = time.monotonic()
        compute(spark, source_url.get_secret_value(), main_url.get_secret_value(), arguments.load_id)
        log.info("load %s: computed in %.1f s", arguments.load_id, time.monotonic() - started)
    except LoadError as error:
        log.critical("%s", error)
        return 1
    spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
