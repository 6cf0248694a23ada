"""What transformations may name as a parameter beside each other's tables, and how each is read."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.session import by_listener
from spark_scripts.tables import uses
from spark_scripts.tables.lineage import Lineage, cut, kept
from spark_scripts.tables.main import Main
from spark_scripts.tables.source import Source
from spark_scripts.transformations.shared.identity import PROVISIONAL

NORMALISED_KEYS = ("title_key", "artist_key", "album_key")  # The endpoint's: nothing here compares names.
PROVISIONAL_IDS = f"""
    SELECT DISTINCT id FROM raw.play CROSS JOIN LATERAL unnest(ARRAY[track_id, artist_id, album_id]) AS id
     WHERE listener_id = ANY(%(listeners)s) AND starts_with(id, '{PROVISIONAL}')
"""
MAPPED_TRACKS = """
    SELECT DISTINCT coalesce(spotify_id, track_id) FROM raw.play LEFT JOIN raw.id_map ON provisional_id = track_id
     WHERE listener_id = ANY(%(listeners)s)
"""


# What of a play is counted: the rest of its row is only written, and would push this out of memory.
HEARD = (
    "listener_id", "started_at", "ended_at", "listened_ms", "played_on", "iso_weekday", "hour", "kind", "is_private", "is_counted",
    "track_id", "artist_id", "album_id", "skipped", "shuffle", "platform",
)  # fmt: skip


def load_tables(source: Source, main: Main, play_counts: dict[str, int]) -> Lineage:
    """Every table of one load, each made when it is first asked for, for the listeners whose plays are counted here.

    The `*_uses` and the catalog of albums and artists follow the scope of the load, so that must have been found before.
    """
    groups = source.groups(play_counts)

    def raw_play() -> DataFrame:
        return by_listener(source.of_listeners("raw.play", groups).drop(*NORMALISED_KEYS), sum(play_counts.values()))

    def id_map() -> DataFrame:
        return source.lookup("raw.id_map", "provisional_id", source.few_ids(PROVISIONAL_IDS, play_counts))

    def catalog_track() -> DataFrame:
        played, published = source.few_ids(MAPPED_TRACKS, play_counts), main.published_tracks()
        ids = None if played is None or published is None else sorted({*played, *published})
        return cut(source.lookup("raw.catalog_track", "track_id", ids))

    def catalog_album() -> DataFrame:
        return source.lookup("raw.catalog_album", "album_id", main.replaced("album"))

    def catalog_artist() -> DataFrame:
        return source.lookup("raw.catalog_artist", "artist_id", main.replaced("artist"))

    def track_uses() -> DataFrame:
        return uses.track_uses(tables["told"], main.read)

    def album_uses() -> DataFrame:
        return uses.album_uses(tables["told"], tables["dim_track"], main.read)

    def artist_uses() -> DataFrame:
        refer = [tables[name] for name in ("dim_track", "bridge_track_artist", "dim_album")]
        return uses.artist_uses(tables["told"], refer, main.read)

    tables: Lineage = Lineage(
        {
            "raw_listener": lambda: source.of_listeners("raw.listener", groups),
            "raw_coverage": lambda: source.of_listeners("raw.coverage", groups),
            "told": lambda: uses.told(tables["fct_play"]).localCheckpoint(eager=False),
            "heard": lambda: kept(tables["fct_play"].select(*HEARD)),
            "plays": lambda: tables["heard"].where(F.col("is_counted")),
        }
        | {read.__name__: read for read in (raw_play, id_map, catalog_track, catalog_album, catalog_artist)}
        | {read.__name__: read for read in (track_uses, album_uses, artist_uses)}
    )
    return tables
