"""Who uses a track, an album or an artist: what its row in the dim is made from beside the catalog.

A use is a play (with the names it told and its end) or another dim's row (without). Uses by touched listeners come from the
candidates; those by everybody else from what is published, which is what source holds, because their versions are equal.
Of the latter each id needs only its latest play, so PostgreSQL picks it, in the order that `latest_use` has.
"""

from collections.abc import Callable, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

Read = Callable[[str], DataFrame]


def track_uses(fct_play: DataFrame, published: Read) -> DataFrame:
    """Uses of tracks: (track_id, ended_at, track_title, artist_id, album_id)."""
    told = ("track_title", "artist_id", "album_id")
    return _plays(fct_play, "track_id", told).unionByName(published(latest_plays("track", told)))


def album_uses(fct_play: DataFrame, dim_track: DataFrame, published: Read) -> DataFrame:
    """Uses of albums: (album_id, ended_at, album_title, artist_id); by a track without the last three."""
    told = ("album_title", "artist_id")
    plays = _plays(fct_play, "album_id", told).unionByName(published(latest_plays("album", told)))
    rows = dim_track.select("album_id").union(published(references("album", ("dim_track",))))
    return plays.unionByName(_ids(rows, "album_id"), allowMissingColumns=True)


def artist_uses(fct_play: DataFrame, refer: Sequence[DataFrame], published: Read) -> DataFrame:
    """Uses of artists: (artist_id, ended_at, artist_name); by the tracks, credits and albums of `refer` without the last two."""
    told = ("artist_name",)
    plays = _plays(fct_play, "artist_id", told).unionByName(published(latest_plays("artist", told)))
    rows = published(references("artist", ("dim_track", "bridge_track_artist", "dim_album")))
    for table in refer:
        rows = rows.union(table.select("artist_id"))
    return plays.unionByName(_ids(rows, "artist_id"), allowMissingColumns=True)


def _plays(fct_play: DataFrame, key: str, told: Sequence[str]) -> DataFrame:
    return fct_play.where(F.col(key).isNotNull()).select(key, "ended_at", *told)


def _ids(rows: DataFrame, key: str) -> DataFrame:
    return rows.where(F.col(key).isNotNull()).distinct()


def latest_plays(kind: str, told: Sequence[str]) -> str:
    """A query for the latest published play of each replaced id, by listeners whose rows stay.

    Id by id, along the index that has this order: what it costs follows the ids, however often others played them.
    """
    key = f"{kind}_id"
    ties = ", ".join(f'({name} IS NULL), {name} COLLATE "C"' for name in told)
    return f"""
        SELECT latest.* FROM candidate.touched_id AS scope CROSS JOIN LATERAL (
            SELECT {key}, ended_at, {", ".join(told)} FROM core.fct_play
             WHERE {key} = scope.id AND NOT EXISTS ({_is_touched("fct_play")})
             ORDER BY ({told[0]} IS NULL), ended_at DESC, {ties} LIMIT 1
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
