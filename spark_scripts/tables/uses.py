"""Uses of tracks, albums and artists: the rows from which a dimension takes its ids and, in addition to the catalog, its names.

A use is a play, with the names that it reports and its end, or a row of another dimension, without them. Uses by touched listeners
come from the candidates. Uses by other listeners come from the published tables, which agree with source because those listeners'
versions are equal. Of a published id only the latest play matters, so PostgreSQL selects it, in the same order as `latest_use`.
"""

from collections.abc import Callable, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

ReadQuery = Callable[[str], DataFrame]
IDS = ("track_id", "artist_id", "album_id")
NAMES = ("track_title", "artist_name", "album_title")


def reported_names(fct_play: DataFrame) -> DataFrame:
    """Return each combination of ids and names that plays report, with its latest end. These are far fewer rows than plays."""
    return fct_play.groupBy(*IDS, *NAMES).agg(F.max("ended_at").alias("ended_at"))


def track_uses(names: DataFrame, read_published: ReadQuery) -> DataFrame:
    """Return uses of tracks: track_id, ended_at, track_title, artist_id, album_id."""
    columns = ("track_title", "artist_id", "album_id")
    return _uses_by_plays(names, "track_id", columns).unionByName(read_published(latest_plays("track", columns)))


def album_uses(names: DataFrame, dim_track: DataFrame, read_published: ReadQuery) -> DataFrame:
    """Return uses of albums: album_id, ended_at, album_title, artist_id. A use by a track has null in the last three."""
    columns = ("album_title", "artist_id")
    plays = _uses_by_plays(names, "album_id", columns).unionByName(read_published(latest_plays("album", columns)))
    rows = dim_track.select("album_id").union(read_published(references("album", ("dim_track",))))
    return plays.unionByName(_distinct_ids(rows, "album_id"), allowMissingColumns=True)


def artist_uses(names: DataFrame, referring: Sequence[DataFrame], read_published: ReadQuery) -> DataFrame:
    """Return uses of artists: artist_id, ended_at, artist_name.

    `referring` are the tables of tracks, credits and albums. A use by one of them has null in the last two columns.
    """
    columns = ("artist_name",)
    plays = _uses_by_plays(names, "artist_id", columns).unionByName(read_published(latest_plays("artist", columns)))
    rows = read_published(references("artist", ("dim_track", "bridge_track_artist", "dim_album")))
    for table in referring:
        rows = rows.union(table.select("artist_id"))
    return plays.unionByName(_distinct_ids(rows, "artist_id"), allowMissingColumns=True)


def _uses_by_plays(names: DataFrame, key: str, columns: Sequence[str]) -> DataFrame:
    return names.where(F.col(key).isNotNull()).select(key, "ended_at", *columns)


def _distinct_ids(rows: DataFrame, key: str) -> DataFrame:
    return rows.where(F.col(key).isNotNull()).distinct()


def latest_plays(kind: str, columns: Sequence[str]) -> str:
    """Return a query for the latest published play of each id in scope, by listeners whose rows stay published.

    It searches id by id in an index that has this order, so its cost grows with the ids and not with their plays.
    """
    key = f"{kind}_id"
    ties = ", ".join(f'({name} IS NULL), {name} COLLATE "C"' for name in columns)
    return f"""
        SELECT latest.* FROM candidate.touched_id AS scope CROSS JOIN LATERAL (
            SELECT {key}, ended_at, {", ".join(columns)} FROM core.fct_play
             WHERE {key} = scope.id AND NOT EXISTS ({_touched_row("fct_play")})
             ORDER BY ({columns[0]} IS NULL), ended_at DESC, {ties} LIMIT 1
        ) AS latest
         WHERE scope.kind = '{kind}' AND EXISTS (SELECT FROM core.dim_listener WHERE NOT EXISTS ({_touched_row("dim_listener")}))
    """


def _touched_row(table: str) -> str:
    return f"SELECT FROM candidate.touched WHERE touched.listener_id = {table}.listener_id"


def references(kind: str, tables: Sequence[str]) -> str:
    """Return a query for the ids in scope that rows of these tables refer to, if those rows stay published."""
    return " UNION ".join(_references(kind, table) for table in tables)


def _references(kind: str, table: str) -> str:
    owner = "album" if table == "dim_album" else "track"
    return f"""
        SELECT {kind}_id FROM core.{table}
         WHERE EXISTS (SELECT FROM candidate.touched_id AS scope WHERE scope.kind = '{kind}' AND scope.id = {table}.{kind}_id)
           AND NOT EXISTS (SELECT FROM candidate.touched_id AS mine WHERE mine.kind = '{owner}' AND mine.id = {table}.{owner}_id)
    """
