"""Schema `candidate` in main, seen from the driver: emptied, told what it may replace, and declared complete."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg2
import psycopg2.errors
import psycopg2.extras
from psycopg2.extensions import cursor as Cursor

from spark_scripts.database.connection import connected
from spark_scripts.errors import DatabaseUnreachable, LoadBusy
from spark_scripts.loads.records import LOCK_TIMEOUT

# What touched listeners play or played, and what those tracks and albums refer or referred to. Each kind is complete once
# the candidates of the kinds before it are written.
SCOPES = {
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
def candidates_held(main_url: str) -> Iterator[Callable[[], None]]:
    """Keep every other load away from the candidates. A session's lock: it ends with this process, however that ends.

    Yields what to call before each write: it breaks off where main has ended the session, and somebody else may hold them.
    """
    with connected(main_url) as connection, connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        cursor.execute("SET lock_timeout = %s", (f"{LOCK_TIMEOUT}s",))
        connection.commit()
        connection.autocommit = True  # An open transaction would keep main from cleaning up for as long as Spark works.
        try:
            cursor.execute("SELECT pg_advisory_lock(audit.candidate_lock())")
        except psycopg2.errors.LockNotAvailable:
            raise LoadBusy("Another load is being computed or published: try again when it has finished.") from None
        yield lambda: _expect_session(cursor)


def _expect_session(cursor: Cursor) -> None:
    try:
        cursor.execute("SELECT")
    except psycopg2.Error:  # Said here: this passes through source's connection too.
        raise DatabaseUnreachable(
            "Main ended the session that held the candidates, and another load may have them. Try again when it is up."
        ) from None


def tables(cursor: Cursor, schema: str) -> list[str]:
    """The tables of a schema, by name."""
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", (schema,))
    return [name for (name,) in cursor.fetchall()]


def columns(cursor: Cursor, table: str) -> list[str]:
    """The columns of a candidate, in order."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (f"candidate.{table}",),
    )
    return [name for (name,) in cursor.fetchall()]


def empty(cursor: Cursor, load_id: int, versions: dict[str, int | None], definitions: str) -> None:
    """Throw the last load's candidates away and write down whose rows this one replaces, and by which definitions."""
    names = ", ".join(f"candidate.{name}" for name in tables(cursor, "candidate"))
    cursor.execute(f"TRUNCATE {names}")
    psycopg2.extras.execute_values(
        cursor,
        "INSERT INTO candidate.touched (listener_id, version, load_id, definitions) VALUES %s",
        ((listener, version, load_id, definitions) for listener, version in versions.items()),
        page_size=1_000,
    )
    cursor.execute("ANALYZE candidate.touched")


def find_scope(cursor: Cursor, kind: str) -> None:
    """Write down which tracks, albums or artists the candidates replace."""
    cursor.execute(
        "INSERT INTO candidate.touched_id (kind, id) "
        f"SELECT %s, scope.id FROM ({SCOPES[kind]}) AS scope (id) WHERE scope.id IS NOT NULL",
        (kind,),
    )
    cursor.execute("ANALYZE candidate.touched_id")


def complete(cursor: Cursor, load_id: int) -> None:
    """Declare all candidates written, and tell PostgreSQL how large they are before the gate and publish read them."""
    for name in tables(cursor, "candidate"):
        cursor.execute(f"ANALYZE candidate.{name}")
    cursor.execute("INSERT INTO candidate.complete (load_id, written_at) VALUES (%s, clock_timestamp())", (load_id,))
