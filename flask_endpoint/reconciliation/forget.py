"""Delete what was received: whole listeners with all their data, or only the plays that Spotify's API reported.

Main and the replica follow with the next load, which sees that the listener is gone or changed. Backups are deleted by
age.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection

from flask_endpoint.database import only_row
from flask_endpoint.landing.deletions import record_deletion
from flask_endpoint.listeners.listeners import listener_not_found, require_listener
from flask_endpoint.locks import lock_for_deletion, lock_id_map, lock_plays, stop_imports
from flask_endpoint.reconciliation.recompute import map_ids, recompute

DELETE_DATA = (Path(__file__).parent / "forget.sql").read_bytes()
COUNT_LISTENERS = "SELECT count(*) FROM raw.listener JOIN deleted_listener USING (listener_id)"
COUNT_ROWS = """
    SELECT count(*) FROM landing.play JOIN landing.batch USING (batch_id) JOIN deleted_listener USING (listener_id)
"""
DELETE_JOBS = """
    DELETE FROM jobs.procrastinate_jobs AS j USING deleted_listener AS d
    WHERE j.args ->> 'listener_id' = d.listener_id AND j.status <> 'doing' RETURNING j.args -> 'paths'
"""
# The worker reports the end of a running job, and retries it if the worker was killed. So the job stays, without arguments.
CLEAR_RUNNING_JOBS = """
    WITH running AS (
        SELECT j.id, j.args -> 'paths' AS paths
        FROM jobs.procrastinate_jobs AS j JOIN deleted_listener AS d ON j.args ->> 'listener_id' = d.listener_id
        FOR UPDATE OF j
    )
    UPDATE jobs.procrastinate_jobs AS j SET args = '{"listener_id": null, "paths": [], "time_zone": null}', lock = NULL
    FROM running WHERE j.id = running.id RETURNING running.paths
"""
INCREMENT_VERSIONS = """
    UPDATE raw.listener SET version = version + 1
    WHERE listener_id IN (SELECT u.listener_id FROM raw.item_use AS u JOIN mapped AS m ON m.provisional_id = u.item_id)
"""


@dataclass(frozen=True)
class Deletion:
    """What was deleted: the number of received rows, and the uploaded files, which the caller deletes after the commit."""

    row_count: int
    files: list[Path]
    is_empty: bool  # There was neither a listener nor an import.


def delete_listener(connection: Connection, listener_id: str) -> Deletion:
    """Delete a listener with all their data and imports. Raises NotFound if there is neither a listener nor an import.

    A first import that is queued or running counts, although its listener does not exist yet.
    """
    deletion = delete_listeners(connection, [listener_id])
    if deletion.is_empty:
        raise listener_not_found(listener_id)
    return deletion


def delete_listeners(connection: Connection, listeners: Sequence[str]) -> Deletion:
    """Delete these listeners with all their data and imports, and the catalog items that nobody else uses."""
    stopped_count = 0
    for listener_id in sorted(listeners):
        stopped_count += stop_imports(connection, listener_id)
        lock_for_deletion(connection, listener_id)
        record_deletion(connection, listener_id)
        lock_plays(connection, listener_id)
    lock_id_map(connection)
    connection.execute(
        b"DROP TABLE IF EXISTS pg_temp.deleted_listener, pg_temp.orphan_item, pg_temp.touched, pg_temp.mapped"
    )
    connection.execute('CREATE TEMP TABLE deleted_listener (listener_id text COLLATE "C" PRIMARY KEY) ON COMMIT DROP')
    connection.execute("INSERT INTO deleted_listener SELECT unnest(%s::text[])", (list(listeners),))
    (listener_count,) = only_row(connection, COUNT_LISTENERS)
    (row_count,) = only_row(connection, COUNT_ROWS)
    files_of_jobs = _delete_jobs(connection)
    connection.execute(DELETE_DATA)
    map_ids(connection)
    connection.execute(INCREMENT_VERSIONS)
    return Deletion(
        row_count=row_count,
        files=[file for files in files_of_jobs for file in files],
        is_empty=not (listener_count or stopped_count or files_of_jobs),
    )


def delete_simulated(connection: Connection) -> tuple[list[str], list[Path]]:
    """Delete the simulated listeners. Return their ids and the uploaded files, which the caller deletes after the commit."""
    listeners = [
        row[0]
        for row in connection.execute("SELECT listener_id FROM raw.listener WHERE is_simulated ORDER BY listener_id")
    ]
    return listeners, delete_listeners(connection, listeners).files


def delete_polled(connection: Connection, listener_id: str) -> int:
    """Disconnect a listener, delete their polled rows and recompute their plays from their exports.

    Return the number of rows that were deleted. Raises NotFound.
    """
    lock_for_deletion(connection, listener_id)
    lock_plays(connection, listener_id)
    disconnect(connection, listener_id)
    polls = "(SELECT batch_id FROM landing.batch WHERE listener_id = %s AND kind = 'poll')"
    row_count = connection.execute(f"DELETE FROM landing.play WHERE batch_id IN {polls}", (listener_id,)).rowcount
    connection.execute("DELETE FROM landing.batch WHERE listener_id = %s AND kind = 'poll'", (listener_id,))
    recompute(connection, listener_id, None)
    return row_count


def disconnect(connection: Connection, listener_id: str) -> bool:
    """Delete a listener's tokens and the link to their account. Return whether there were tokens. Raises NotFound."""
    require_listener(connection, listener_id)
    connection.execute("DELETE FROM vault.login WHERE listener_id = %s", (listener_id,))
    connection.execute("DELETE FROM vault.account WHERE listener_id = %s", (listener_id,))
    return connection.execute("DELETE FROM vault.token WHERE listener_id = %s", (listener_id,)).rowcount > 0


def _delete_jobs(connection: Connection) -> list[list[Path]]:
    """Delete the listeners' jobs, or only the arguments of a running job. Return the uploaded files of each job."""
    connection.execute("SET LOCAL search_path TO jobs")  # procrastinate's triggers do not qualify its tables.
    # In this order, a job that the worker starts in between is not missed.
    jobs = [row for query in (DELETE_JOBS, CLEAR_RUNNING_JOBS) for row in connection.execute(query).fetchall()]
    connection.execute("SET LOCAL search_path TO DEFAULT")
    return [[Path(path) for path in paths or ()] for (paths,) in jobs]
