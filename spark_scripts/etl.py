"""Compute a load's candidates: the rows of core and mart for the listeners that changed.

    spark-submit --properties-file spark_scripts/load.conf spark_scripts/etl.py --load-id 7

Reads one snapshot of source, recomputes all rows of each touched listener, and writes them to schema `candidate` of main, which no
reader sees. A retry starts over. Exit codes: 0 the candidates are complete, 2 usage error, 3 could not run.
"""

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # spark-submit adds only this file's folder.

import click
from pyspark.sql import SparkSession

from common.json_lines import set_up_logging
from common.settings import load_settings
from spark_scripts.database.connection import transaction
from spark_scripts.errors import UnknownTimeZone, exit_on_error
from spark_scripts.loads import candidates, definitions, records
from spark_scripts.loads.listener_versions import published_versions, versions_to_recompute
from spark_scripts.loads.records import Load
from spark_scripts.session import adapt_to_size, spark_session, supports_time_zone
from spark_scripts.settings import SparkSettings
from spark_scripts.tables.inputs import LoadTables
from spark_scripts.tables.lineage import Lineage
from spark_scripts.tables.main import Main
from spark_scripts.tables.source import Source, open_source

REASON_LENGTH = 500  # characters of an error that audit.load keeps

log = logging.getLogger("etl")

# The core tables in the order in which they are written, and the kind of ids whose scope they complete.
CORE_STEPS = (
    (("dim_listener", "coverage", "fct_play"), "track"),
    (("dim_track", "bridge_track_artist"), "album"),
    (("dim_album",), "artist"),
    (("dim_artist",), None),
)


def compute(spark: SparkSession, source_url: str, main_url: str, load_id: int) -> None:
    """Write all candidates of the load, or record that it failed and raise. Does nothing if the load is published."""
    with candidates.candidate_lock(main_url) as check_lock:
        with transaction(main_url) as connection, connection.cursor() as cursor:
            load = records.resume_load(cursor, load_id)
        if load.status == "published":
            log.info("load %s is already published", load_id)
            return
        try:
            with open_source(spark, source_url) as source:
                _write_candidates(spark, source, main_url, load, check_lock)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".strip().splitlines()[0]
            with transaction(main_url) as connection:
                records.fail_load(connection, load_id, reason[:REASON_LENGTH])
            raise


def _write_candidates(
    spark: SparkSession, source: Source, main_url: str, load: Load, check_lock: Callable[[], None]
) -> None:
    digest = definitions.digest()
    with transaction(main_url) as connection, connection.cursor() as cursor:
        published = published_versions(cursor, digest)
        versions = versions_to_recompute(source.versions(), published, also=load.listeners)
        records.record_versions(cursor, load.load_id, versions)
        candidates.reset_candidates(cursor, load.load_id, versions, digest)
        marts = candidates.table_names(cursor, "mart")
    listeners = [listener for listener, version in versions.items() if version is not None]
    _check_time_zones(spark, source.time_zones(listeners))
    play_counts = source.play_counts(listeners)
    adapt_to_size(spark, sum(play_counts.values()))
    log.info("load %s: %s listeners, %s plays", load.load_id, len(versions), sum(play_counts.values()))

    main = Main(spark, main_url)
    tables = LoadTables(source, main, play_counts)
    for core_tables, kind in CORE_STEPS:
        for table in core_tables:
            check_lock()
            _write(main, tables, table, load)
        if kind is not None:
            main.record_scope(kind)
    for table in marts:
        check_lock()
        _write(main, tables, table, load)
    check_lock()
    with transaction(main_url) as connection, connection.cursor() as cursor:
        candidates.mark_complete(cursor, load.load_id)


def _write(main: Main, tables: Lineage, table: str, load: Load) -> None:
    started = time.monotonic()
    main.write_candidate(tables[table], table, load.load_id)
    log.info("wrote candidate.%s in %.1f s", table, time.monotonic() - started)


def _check_time_zones(spark: SparkSession, zones: dict[str, str]) -> None:
    """Raise UnknownTimeZone if Java does not support the time zone of a listener. `zones` has each listener's zone."""
    unsupported = {zone for zone in set(zones.values()) if not supports_time_zone(spark, zone)}
    for listener, zone in sorted(zones.items()):
        if zone in unsupported:
            raise UnknownTimeZone(
                f"Java does not support {zone}, the time zone of {listener}. Update the JDK, or change the listener's zone."
            )


@click.command()
@click.option("--load-id", required=True, type=int, help="The load's number, printed by spark_scripts.begin.")
def main(load_id: int) -> None:
    """Compute a load's candidates with Spark."""
    set_up_logging("spark-driver", level=logging.WARNING)
    log.setLevel(logging.INFO)
    with exit_on_error(log.critical):
        settings = load_settings(SparkSettings)
        spark = spark_session(settings)
        started = time.monotonic()
        compute(spark, settings.source_url, settings.main_url, load_id)
        log.info("load %s: computed in %.1f s", load_id, time.monotonic() - started)
    spark.stop()


if __name__ == "__main__":
    main()
