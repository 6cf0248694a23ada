"""The inputs that a transformation may name as a parameter, in addition to other tables, and how each is read."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.session import partition_by_listener
from spark_scripts.tables import uses
from spark_scripts.tables.lineage import Lineage, cached, checkpointed
from spark_scripts.tables.main import Main
from spark_scripts.tables.source import Source
from spark_scripts.transformations.shared.identity import PROVISIONAL_PREFIX

NORMALISED_NAMES = (
    "title_key",
    "artist_key",
    "album_key",
)  # The endpoint matches by these; no transformation reads them.
PROVISIONAL_IDS = f"""
    SELECT DISTINCT id FROM raw.play CROSS JOIN LATERAL unnest(ARRAY[track_id, artist_id, album_id]) AS id
     WHERE listener_id = ANY(%(listeners)s) AND starts_with(id, '{PROVISIONAL_PREFIX}')
"""
MAPPED_TRACK_IDS = """
    SELECT DISTINCT coalesce(spotify_id, track_id) FROM raw.play LEFT JOIN raw.id_map ON provisional_id = track_id
     WHERE listener_id = ANY(%(listeners)s)
"""
# The columns of fct_play that marts read. The others are only written; cached, they would fill the memory.
MART_COLUMNS = (
    "listener_id", "started_at", "ended_at", "listened_ms", "played_on", "iso_weekday", "hour", "kind", "is_private", "is_counted",
    "track_id", "artist_id", "album_id", "skipped", "shuffle", "platform",
)  # fmt: skip


def load_tables(source: Source, main: Main, play_counts: dict[str, int]) -> Lineage:
    """Return every table and input of one load; each is computed when it is first requested.

    The keys of `play_counts` are the load's listeners. `*_uses`, `catalog_album` and `catalog_artist` read the load's scope, so the
    scope of their kind must be recorded before they are requested.
    """
    conditions = source.listener_conditions(play_counts)

    def raw_play() -> DataFrame:
        plays = source.read_by_listener("raw.play", conditions).drop(*NORMALISED_NAMES)
        return partition_by_listener(plays, sum(play_counts.values()))

    def id_map() -> DataFrame:
        return source.lookup("raw.id_map", "provisional_id", source.find_ids(PROVISIONAL_IDS, play_counts))

    def catalog_track() -> DataFrame:
        played, published = source.find_ids(MAPPED_TRACK_IDS, play_counts), main.published_track_ids()
        ids = None if played is None or published is None else sorted({*played, *published})
        return checkpointed(source.lookup("raw.catalog_track", "track_id", ids))

    def catalog_album() -> DataFrame:
        return source.lookup("raw.catalog_album", "album_id", main.scope_ids("album"))

    def catalog_artist() -> DataFrame:
        return source.lookup("raw.catalog_artist", "artist_id", main.scope_ids("artist"))

    def track_uses() -> DataFrame:
        return uses.track_uses(tables["reported_names"], main.read)

    def album_uses() -> DataFrame:
        return uses.album_uses(tables["reported_names"], tables["dim_track"], main.read)

    def artist_uses() -> DataFrame:
        referring = [tables[name] for name in ("dim_track", "bridge_track_artist", "dim_album")]
        return uses.artist_uses(tables["reported_names"], referring, main.read)

    tables: Lineage = Lineage(
        {
            "raw_listener": lambda: source.read_by_listener("raw.listener", conditions),
            "raw_coverage": lambda: source.read_by_listener("raw.coverage", conditions),
            "reported_names": lambda: uses.reported_names(tables["fct_play"]).localCheckpoint(eager=False),
            "all_plays": lambda: cached(tables["fct_play"].select(*MART_COLUMNS)),
            "plays": lambda: tables["all_plays"].where(F.col("is_counted")),
        }
        | {read.__name__: read for read in (raw_play, id_map, catalog_track, catalog_album, catalog_artist)}
        | {read.__name__: read for read in (track_uses, album_uses, artist_uses)}
    )
    return tables
