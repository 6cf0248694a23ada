"""Schema `candidate` of main: the rows that a load wants to publish, and the records that say which rows they replace."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from spark_scripts.database.connection import Cursor, transaction
from spark_scripts.errors import DatabaseUnreachable, LoadBusy
from spark_scripts.loads.records import LOAD_BUSY, LOCK_TIMEOUT

# The tracks, albums and artists whose rows a load replaces: those that touched listeners play now or played before, and those that
# these tracks and albums refer to now or referred to before. Each query reads candidates that must be written before it runs.
SCOPE_QUERIES = {
    "track": """
        SELECT track_id FROM candidate.fct_play
        UNION SELECT track_id FROM core.fct_play JOIN candidate.touched USING (listener_id)
    """,
    "album": """
        SELECT album_id FROM candidate.fct_play
        UNION SELECT album_id FROM core.fct_play JOIN candidate.touched USING (listener_id)
        UNION SELECT album_id FROM candidate.dim_track
        UNION SELECT album_id FROM core.dim_track JOIN candidate.touched_id ON kind = 'track' AND id = track_id
    """,
    "artist": """
        SELECT artist_id FROM candidate.fct_play
        UNION SELECT artist_id FROM core.fct_play JOIN candidate.touched USING (listener_id)
        UNION SELECT artist_id FROM candidate.dim_track
        UNION SELECT artist_id FROM core.dim_track JOIN candidate.touched_id ON kind = 'track' AND id = track_id
        UNION SELECT artist_id FROM candidate.bridge_track_artist
        UNION SELECT artist_id FROM core.bridge_track_artist JOIN candidate.touched_id ON kind = 'track' AND id = track_id
        UNION SELECT artist_id FROM candidate.dim_album
        UNION SELECT artist_id FROM core.dim_album JOIN candidate.touched_id ON kind = 'album' AND id = album_id
    """,
}


@contextmanager
def candidate_lock(main_url: str) -> Iterator[Callable[[], None]]:
    """Hold the candidate lock, which keeps every other load out, until the block or this process ends.

    Yields a function to call before each write. It raises DatabaseUnreachable if main has ended the session and with it the lock.
    """
    with transaction(main_url) as connection, connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}s'")
        connection.commit()
        connection.autocommit = True  # A transaction that stays open while Spark works would block VACUUM in main.
        try:
            cursor.execute("SELECT pg_advisory_lock(audit.candidate_lock())")
        except psycopg.errors.LockNotAvailable:
            raise LoadBusy(LOAD_BUSY) from None
        yield lambda: _check_session(cursor)


def _check_session(cursor: Cursor) -> None:
    try:
        cursor.execute("SELECT")
    except psycopg.Error:  # Converted here: further out, the connection to source would claim the error.
        raise DatabaseUnreachable(
            "Main ended the session that held the candidate lock, so another load may have started. Try again when main is up."
        ) from None


def table_names(cursor: Cursor, schema: str) -> list[str]:
    """Return the tables of a schema, sorted by name."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", (schema,))
    return [name for (name,) in cursor.fetchall()]


def column_names(cursor: Cursor, table: str) -> list[str]:
    """Return the columns of a candidate table in their order."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (f"candidate.{table}",),
    )
    return [name for (name,) in cursor.fetchall()]


def reset_candidates(cursor: Cursor, load_id: int, versions: dict[str, int | None], definitions: str) -> None:
    """Delete the last load's candidates and record the listeners whose rows this load replaces.

    `versions` has the version that was read of each listener, None for one that source no longer has; `definitions` is the digest.
    """
    names = ", ".join(f"candidate.{name}" for name in table_names(cursor, "candidate"))
    cursor.execute(f"TRUNCATE {names}")
    cursor.execute(
        "INSERT INTO candidate.touched (listener_id, version, load_id, definitions) "
        "SELECT listener_id, version, %s, %s FROM unnest(%s::text[], %s::bigint[]) AS listener (listener_id, version)",
        (load_id, definitions, list(versions), list(versions.values())),
    )
    cursor.execute("ANALYZE candidate.touched")


def record_scope(cursor: Cursor, kind: str) -> None:
    """Record which tracks, albums or artists the candidates replace."""
    cursor.execute(
        "INSERT INTO candidate.touched_id (kind, id) "
        f"SELECT %s, scope.id FROM ({SCOPE_QUERIES[kind]}) AS scope (id) WHERE scope.id IS NOT NULL",
        (kind,),
    )
    cursor.execute("ANALYZE candidate.touched_id")


def mark_complete(cursor: Cursor, load_id: int) -> None:
    """Record that every candidate is written, and update the planner's statistics for the gate and for publish."""
    for name in table_names(cursor, "candidate"):
        cursor.execute(f"ANALYZE candidate.{name}")
    cursor.execute("INSERT INTO candidate.complete (load_id, written_at) VALUES (%s, clock_timestamp())", (load_id,))
