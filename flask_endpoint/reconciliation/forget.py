"""Delete what was received: whole listeners with all their data, or only the plays that Spotify's API reported.

Main and the replica follow with the next load, which sees that the listener is gone or changed. Backups are deleted by age.
"""

from collections.abc import Sequence
from pathlib import Path

from psycopg import Connection

from flask_endpoint.database import only_row
from flask_endpoint.errors import NotFound
from flask_endpoint.landing.batches import lock_for_deletion
from flask_endpoint.reconciliation.promote import lock_listener
from flask_endpoint.reconciliation.recompute import lock_id_map, map_ids, recompute

DELETE_DATA = (Path(__file__).parent / "forget.sql").read_bytes()
COUNT_ROWS = """
    SELECT count(*) FROM landing.play JOIN landing.batch USING (batch_id) JOIN deleted_listener USING (listener_id)
"""
DELETE_WAITING_JOBS = """
    DELETE FROM jobs.procrastinate_jobs AS j USING deleted_listener AS d
    WHERE j.args ->> 'listener_id' = d.listener_id AND j.status <> 'doing' RETURNING j.args -> 'paths'
"""
INCREMENT_VERSIONS = """
    UPDATE raw.listener SET version = version + 1
    WHERE listener_id IN (SELECT u.listener_id FROM raw.item_use AS u JOIN mapped AS m ON m.provisional_id = u.item_id)
"""


def delete_listeners(connection: Connection, listeners: Sequence[str]) -> tuple[int, list[Path]]:
    """Delete these listeners with all their data, and the catalog items that nobody else uses.

    Return the number of received rows that were deleted, and the uploaded files whose jobs were deleted. The caller commits, then
    deletes these files.
    """
    for listener_id in sorted(listeners):
        lock_for_deletion(connection, listener_id)
        lock_listener(connection, listener_id)
    lock_id_map(connection)
    connection.execute(
        b"DROP TABLE IF EXISTS pg_temp.deleted_listener, pg_temp.orphan_item, pg_temp.touched, pg_temp.mapped"
    )
    connection.execute('CREATE TEMP TABLE deleted_listener (listener_id text COLLATE "C" PRIMARY KEY) ON COMMIT DROP')
    connection.execute("INSERT INTO deleted_listener SELECT unnest(%s::text[])", (list(listeners),))
    (row_count,) = only_row(connection, COUNT_ROWS)
    files = _delete_waiting_jobs(connection)
    connection.execute(DELETE_DATA)
    map_ids(connection)
    connection.execute(INCREMENT_VERSIONS)
    return int(row_count), files


def delete_simulated(connection: Connection) -> list[str]:
    """Delete the simulated listeners and return their ids."""
    listeners = [
        row[0]
        for row in connection.execute("SELECT listener_id FROM raw.listener WHERE is_simulated ORDER BY listener_id")
    ]
    delete_listeners(connection, listeners)
    return listeners


def delete_polled(connection: Connection, listener_id: str) -> int:
    """Disconnect a listener, delete their polled rows and recompute their plays from their exports.

    Return the number of rows that were deleted. Raises NotFound.
    """
    lock_for_deletion(connection, listener_id)
    lock_listener(connection, listener_id)
    disconnect(connection, listener_id)
    polls = "(SELECT batch_id FROM landing.batch WHERE listener_id = %s AND kind = 'poll')"
    row_count = connection.execute(f"DELETE FROM landing.play WHERE batch_id IN {polls}", (listener_id,)).rowcount
    connection.execute("DELETE FROM landing.batch WHERE listener_id = %s AND kind = 'poll'", (listener_id,))
    recompute(connection, listener_id, None)
    return row_count


def disconnect(connection: Connection, listener_id: str) -> bool:
    """Delete a listener's tokens and the link to their account. Return whether there were tokens. Raises NotFound."""
    if connection.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone() is None:
        raise NotFound(f"There is no listener {listener_id}.")
    connection.execute("DELETE FROM vault.login WHERE listener_id = %s", (listener_id,))
    connection.execute("DELETE FROM vault.account WHERE listener_id = %s", (listener_id,))
    return connection.execute("DELETE FROM vault.token WHERE listener_id = %s", (listener_id,)).rowcount > 0


def _delete_waiting_jobs(connection: Connection) -> list[Path]:
    """Delete the listeners' jobs except running ones, and return their uploaded files."""
    connection.execute("SET LOCAL search_path TO jobs")  # procrastinate's triggers do not qualify its tables.
    deleted = connection.execute(DELETE_WAITING_JOBS).fetchall()
    connection.execute("SET LOCAL search_path TO DEFAULT")
    return [Path(path) for (paths,) in deleted for path in paths or ()]
