"""Who uses a track, an album or an artist: what its row in the dim is made from beside the catalog.

A use is a play (with the names it told and its end) or another dim's row (without). Uses by touched listeners come from the
candidates; those by everybody else from what is published, which is what source holds, because their versions are equal.
Of the latter each id needs only its latest play, so PostgreSQL picks it, in the order that `latest_use` has.
"""

from collections.abc import Callable, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

Read = Callable[[str], DataFrame]
IDS = ("track_id", "artist_id", "album_id")
NAMES = ("track_title", "artist_name", "album_title")


def told(fct_play: DataFrame) -> DataFrame:
    """Which names the plays of an id told, and when last: far fewer rows than plays."""
    return fct_play.groupBy(*IDS, *NAMES).agg(F.max("ended_at").alias("ended_at"))


def track_uses(told: DataFrame, published: Read) -> DataFrame:
    """Uses of tracks: (track_id, ended_at, track_title, artist_id, album_id)."""
    columns = ("track_title", "artist_id", "album_id")
    return _plays(told, "track_id", columns).unionByName(published(latest_plays("track", columns)))


def album_uses(told: DataFrame, dim_track: DataFrame, published: Read) -> DataFrame:
    """Uses of albums: (album_id, ended_at, album_title, artist_id); by a track without the last three."""
    columns = ("album_title", "artist_id")
    plays = _plays(told, "album_id", columns).unionByName(published(latest_plays("album", columns)))
    rows = dim_track.select("album_id").union(published(references("album", ("dim_track",))))
    return plays.unionByName(_ids(rows, "album_id"), allowMissingColumns=True)


def artist_uses(told: DataFrame, refer: Sequence[DataFrame], published: Read) -> DataFrame:
    """Uses of artists: (artist_id, ended_at, artist_name); by the tracks, credits and albums of `refer` without the last two."""
    columns = ("artist_name",)
    plays = _plays(told, "artist_id", columns).unionByName(published(latest_plays("artist", columns)))
    rows = published(references("artist", ("dim_track", "bridge_track_artist", "dim_album")))
    for table in refer:
        rows = rows.union(table.select("artist_id"))
    return plays.unionByName(_ids(rows, "artist_id"), allowMissingColumns=True)


def _plays(told: DataFrame, key: str, columns: Sequence[str]) -> DataFrame:
    return told.where(F.col(key).isNotNull()).select(key, "ended_at", *columns)


def _ids(rows: DataFrame, key: str) -> DataFrame:
    return rows.where(F.col(key).isNotNull()).distinct()


def latest_plays(kind: str, columns: Sequence[str]) -> str:
    """A query for the latest published play of each replaced id, by listeners whose rows stay.

    Id by id, along the index that has this order: what it costs follows the ids, however often others played them.
    """
    key = f"{kind}_id"
    ties = ", ".join(f'({name} IS NULL), {name} COLLATE "C"' for name in columns)
    return f"""
        SELECT latest.* FROM candidate.touched_id AS scope CROSS JOIN LATERAL (
            SELECT {key}, ended_at, {", ".join(columns)} FROM core.fct_play
             WHERE {key} = scope.id AND NOT EXISTS ({_is_touched("fct_play")})
             ORDER BY ({columns[0]} IS NULL), ended_at DESC, {ties} LIMIT 1
        ) AS latest
         WHERE scope.kind = '{kind}' AND EXISTS (SELECT FROM core.dim_listener WHERE NOT EXISTS ({_is_touched("dim_listener")}))
    """


def _is_touched(table: str) -> str:
    return f"SELECT FROM candidate.touched WHERE touched.listener_id = {table}.listener_id"


def references(kind: str, tables: Sequence[str]) -> str:
    """A query for the replaced ids that rows which stay in these tables refer to."""
    return " UNION ".join(_references(kind, table) for table in tables)


def _references(kind: str, table: str) -> str:
    owner = "album" if table == "dim_album" else "track"
    return f"""
        SELECT {kind}_id FROM core.{table}
         WHERE EXISTS (SELECT FROM candidate.touched_id AS scope WHERE scope.kind = '{kind}' AND scope.id = {table}.{kind}_id)
           AND NOT EXISTS (SELECT FROM candidate.touched_id AS mine WHERE mine.kind = '{owner}' AND mine.id = {table}.{owner}_id)
    """
