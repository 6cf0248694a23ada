"""Export everything that is stored about a listener, except their tokens."""

import json
from collections.abc import Iterator

from psycopg_pool import ConnectionPool

FETCHED_ROWS = 1_000  # rows that the server-side cursor fetches at a time
# Each table with rows of a listener, in the order of the download. Tokens are secrets of this installation, not listener data.
QUERIES = {
    "raw.listener": "SELECT to_jsonb(t) FROM raw.listener AS t WHERE listener_id = %s",
    "vault.account": "SELECT to_jsonb(t) FROM vault.account AS t WHERE listener_id = %s",
    "raw.import": "SELECT to_jsonb(t) FROM raw.import AS t WHERE listener_id = %s ORDER BY import_id",
    "landing.batch": "SELECT to_jsonb(t) FROM landing.batch AS t WHERE listener_id = %s ORDER BY batch_id",
    "raw.coverage": "SELECT to_jsonb(t) FROM raw.coverage AS t WHERE listener_id = %s ORDER BY started_at",
    "landing.rejected": """
        SELECT to_jsonb(t) FROM landing.rejected AS t JOIN landing.batch AS b USING (batch_id) WHERE b.listener_id = %s
    """,
    "landing.play": """
        SELECT to_jsonb(t) FROM landing.play AS t JOIN landing.batch AS b USING (batch_id) WHERE b.listener_id = %s
    """,
    "raw.play": "SELECT to_jsonb(t) FROM raw.play AS t WHERE listener_id = %s ORDER BY ended_at, play_id",
}


def export_lines(pool: ConnectionPool, listener_id: str) -> Iterator[str]:
    """Yield one JSON line per row, with the row's table. All lines come from one snapshot of the database."""
    with pool.connection() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for table, query in QUERIES.items():
            with connection.cursor(name="export") as rows:
                rows.itersize = FETCHED_ROWS
                for (row,) in rows.execute(query, (listener_id,)):
                    yield json.dumps({"table": table, "row": row}, ensure_ascii=False) + "\n"
