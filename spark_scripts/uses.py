"""Who uses a track, an album or an artist: what its row in the dim is made from beside the catalog.

A use is a play (with the names it told and its end) or another dim's row (without). Uses by touched listeners come from the
candidates; those by everybody else from what is published, which is what source holds, because their versions are equal.
Of the latter each id needs only its latest play, so PostgreSQL picks it, in the order that `latest_use` has.
"""

from collections.abc import Callable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

Read = Callable[[str], DataFrame]

_NOT_TOUCHED = "NOT EXISTS (SELECT FROM candidate.touched WHERE touched.listener_id = fct_play.listener_id)"
_NOT_REPLACED = "NOT EXISTS (SELECT FROM candidate.touched_id AS mine WHERE mine.kind = '{kind}' AND mine.id = {kind}_id)"


def track_uses(fct_play: DataFrame, published: Read) -> DataFrame:
    """Uses of tracks: (track_id, ended_at, track_title, artist_id, album_id)."""
    told = ["track_title", "artist_id", "album_id"]
    return _plays(fct_play, "track", told).unionByName(published(_latest_plays("track", told)))


def album_uses(fct_play: DataFrame, dim_track: DataFrame, published: Read) -> DataFrame:
    """Uses of albums: (album_id, ended_at, album_title, artist_id); by a track without the last three."""
    told = ["album_title", "artist_id"]
    plays = _plays(fct_play, "album", told).unionByName(published(_latest_plays("album", told)))
    rows = _references(dim_track, "album").unionByName(published(_published_references("album", "dim_track", "track")))
    return plays.unionByName(rows, allowMissingColumns=True)


def artist_uses(
    fct_play: DataFrame, dim_track: DataFrame, bridge_track_artist: DataFrame, dim_album: DataFrame, published: Read
) -> DataFrame:
    """Uses of artists: (artist_id, ended_at, artist_name); by a track, a credit or an album without the last two."""
    told = ["artist_name"]
    plays = _plays(fct_play, "artist", told).unionByName(published(_latest_plays("artist", told)))
    rows = (
        _references(dim_track, "artist")
        .unionByName(_references(bridge_track_artist, "artist"))
        .unionByName(_references(dim_album, "artist"))
        .unionByName(published(_published_references("artist", "dim_track", "track")))
        .unionByName(published(_published_references("artist", "bridge_track_artist", "track")))
        .unionByName(published(_published_references("artist", "dim_album", "album")))
    )
    return plays.unionByName(rows, allowMissingColumns=True)


def _plays(fct_play: DataFrame, kind: str, told: list[str]) -> DataFrame:
    key = f"{kind}_id"
    return fct_play.where(F.col(key).isNotNull()).select(key, "ended_at", *told)


def _references(rows: DataFrame, kind: str) -> DataFrame:
    key = f"{kind}_id"
    return rows.select(key).where(F.col(key).isNotNull()).distinct()


def _latest_plays(kind: str, told: list[str]) -> str:
    """The latest published play of each replaced id by a listener whose rows stay."""
    key = f"{kind}_id"
    order = ", ".join(f'({name} IS NULL), {name} COLLATE "C"' for name in told)
    return f"""
        SELECT DISTINCT ON ({key}) {key}, ended_at, {", ".join(told)}
          FROM core.fct_play
          JOIN candidate.touched_id AS scope ON scope.kind = '{kind}' AND scope.id = fct_play.{key}
         WHERE {_NOT_TOUCHED}
         ORDER BY {key}, ({told[0]} IS NULL), ended_at DESC, {order}
    """


def _published_references(kind: str, table: str, owner: str) -> str:
    """The replaced ids that rows which stay refer to."""
    return f"""
        SELECT DISTINCT {kind}_id
          FROM core.{table}
          JOIN candidate.touched_id AS scope ON scope.kind = '{kind}' AND scope.id = {table}.{kind}_id
         WHERE {_NOT_REPLACED.format(kind=owner)}
    """
