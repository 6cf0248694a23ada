"""The inputs that a transformation may name as a parameter, in addition to other tables, and how each is read."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.session import partition_by_listener
from spark_scripts.tables import uses
from spark_scripts.tables.lineage import Lineage, cached, checkpointed
from spark_scripts.tables.main import Main
from spark_scripts.tables.source import Source
from spark_scripts.transformations.shared.identity import PROVISIONAL_PREFIX

# Columns of raw.play by which the endpoint matches names. No transformation reads them.
NORMALISED_NAMES = ("title_key", "artist_key", "album_key")
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


class LoadTables(Lineage):
    """Every table and input of one load; each is computed when it is first requested.

    `play_counts` has the number of plays of each of the load's listeners. `*_uses`, `catalog_album` and `catalog_artist` read the
    load's scope, so the scope of their kind must be recorded before they are requested.
    """

    def __init__(self, source: Source, main: Main, play_counts: dict[str, int]) -> None:
        self._source = source
        self._main = main
        self._play_counts = play_counts
        self._conditions = source.listener_conditions(play_counts)
        inputs = (
            self.raw_listener, self.raw_coverage, self.raw_play, self.id_map, self.catalog_track, self.catalog_album,
            self.catalog_artist, self.reported_names, self.track_uses, self.album_uses, self.artist_uses, self.all_plays, self.plays,
        )  # fmt: skip
        super().__init__({read.__name__: read for read in inputs})

    def raw_listener(self) -> DataFrame:
        return self._source.read_by_listener("raw.listener", self._conditions)

    def raw_coverage(self) -> DataFrame:
        return self._source.read_by_listener("raw.coverage", self._conditions)

    def raw_play(self) -> DataFrame:
        plays = self._source.read_by_listener("raw.play", self._conditions).drop(*NORMALISED_NAMES)
        return partition_by_listener(plays, sum(self._play_counts.values()))

    def id_map(self) -> DataFrame:
        ids = self._source.find_ids(PROVISIONAL_IDS, self._play_counts)
        return self._source.lookup("raw.id_map", "provisional_id", ids)

    def catalog_track(self) -> DataFrame:
        played = self._source.find_ids(MAPPED_TRACK_IDS, self._play_counts)
        published = self._main.published_track_ids()
        ids = None if played is None or published is None else sorted({*played, *published})
        return checkpointed(self._source.lookup("raw.catalog_track", "track_id", ids))

    def catalog_album(self) -> DataFrame:
        return self._source.lookup("raw.catalog_album", "album_id", self._main.scope_ids("album"))

    def catalog_artist(self) -> DataFrame:
        return self._source.lookup("raw.catalog_artist", "artist_id", self._main.scope_ids("artist"))

    def reported_names(self) -> DataFrame:
        return uses.reported_names(self["fct_play"]).localCheckpoint(eager=False)

    def track_uses(self) -> DataFrame:
        return uses.track_uses(self["reported_names"], self._main.read)

    def album_uses(self) -> DataFrame:
        return uses.album_uses(self["reported_names"], self["dim_track"], self._main.read)

    def artist_uses(self) -> DataFrame:
        referring = [self[name] for name in ("dim_track", "bridge_track_artist", "dim_album")]
        return uses.artist_uses(self["reported_names"], referring, self._main.read)

    def all_plays(self) -> DataFrame:
        """Return all plays of `fct_play`, with the columns that marts read."""
        return cached(self["fct_play"].select(*MART_COLUMNS))

    def plays(self) -> DataFrame:
        """Return the counted plays."""
        return self["all_plays"].where(F.col("is_counted"))
