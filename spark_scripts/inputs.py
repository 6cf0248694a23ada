"""What transformations may name as a parameter beside each other's tables, and how each is read."""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts import uses
from spark_scripts.identity import mapped, provisional_ids
from spark_scripts.lineage import Lineage, cut, kept
from spark_scripts.main_tables import Main
from spark_scripts.source import Source

NORMALISED_KEYS = ("title_key", "artist_key", "album_key")  # The endpoint's: nothing here compares names.
PUBLISHED_TRACKS = "SELECT DISTINCT track_id FROM core.fct_play JOIN candidate.touched USING (listener_id)"


def load_tables(source: Source, main: Main, groups: Sequence[str]) -> Lineage:
    """Every table of one load, each made when it is first asked for, for the listeners of `groups`.

    The `*_uses` read what is published in the scope of the load, so the scope must have been found before.
    """

    def raw_play() -> DataFrame:
        return kept(source.of_listeners("raw.play", groups).drop(*NORMALISED_KEYS))

    def id_map() -> DataFrame:
        return cut(source.lookup("raw.id_map", "provisional_id", provisional_ids(tables["raw_play"])))

    def catalog_track() -> DataFrame:
        played = mapped(tables["raw_play"].select("track_id"), "track_id", tables["id_map"])
        return cut(source.lookup("raw.catalog_track", "track_id", played.union(main.read(PUBLISHED_TRACKS))))

    def catalog_album() -> DataFrame:
        return cut(source.lookup("raw.catalog_album", "album_id", tables["album_uses"].select("album_id")))

    def catalog_artist() -> DataFrame:
        return cut(source.lookup("raw.catalog_artist", "artist_id", tables["artist_uses"].select("artist_id")))

    def track_uses() -> DataFrame:
        return cut(uses.track_uses(tables["fct_play"], main.read))

    def album_uses() -> DataFrame:
        return cut(uses.album_uses(tables["fct_play"], tables["dim_track"], main.read))

    def artist_uses() -> DataFrame:
        refer = [tables[name] for name in ("dim_track", "bridge_track_artist", "dim_album")]
        return cut(uses.artist_uses(tables["fct_play"], refer, main.read))

    tables: Lineage = Lineage(
        {
            "raw_listener": lambda: source.of_listeners("raw.listener", groups),
            "raw_coverage": lambda: source.of_listeners("raw.coverage", groups),
            "plays": lambda: tables["fct_play"].where(F.col("is_counted")),
        }
        | {read.__name__: read for read in (raw_play, id_map, catalog_track, catalog_album, catalog_artist)}
        | {read.__name__: read for read in (track_uses, album_uses, artist_uses)}
    )
    return tables
