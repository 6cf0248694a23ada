"""Deleting what was received: listeners with all that is theirs, or only what came from Spotify's API.

Main and the replica follow with the next load, which finds the listener gone or changed; backups by their age.
"""

from collections.abc import Sequence
from pathlib import Path

from psycopg import Connection

from flask_endpoint.database import only_row
from flask_endpoint.errors import NotFound
from flask_endpoint.landing.batches import lock_for_deletion
from flask_endpoint.reconciliation.promote import lock_listener
from flask_endpoint.reconciliation.recompute import lock_id_map, map_ids, recompute

FORGET = (Path(__file__).parent / "forget.sql").read_bytes()
RECEIVED = "SELECT count(*) FROM landing.play JOIN landing.batch USING (batch_id) JOIN forgotten USING (listener_id)"
FORGET_JOBS = """
    DELETE FROM jobs.procrastinate_jobs AS j USING forgotten AS f
    WHERE j.args ->> 'listener_id' = f.listener_id AND j.status <> 'doing' RETURNING j.args -> 'paths'
"""


def delete_listeners(connection: Connection, listeners: Sequence[str]) -> tuple[int, list[Path]]:
    """Delete these listeners: plays, received rows, imports, tokens, jobs, and what the catalogue holds for nobody else.

    Returns how many received rows there were, and the uploaded files that waited for a job.
    """
    for listener_id in sorted(listeners):
        lock_for_deletion(connection, listener_id)
        lock_listener(connection, listener_id)
    lock_id_map(connection)
    connection.execute(b"DROP TABLE IF EXISTS pg_temp.forgotten, pg_temp.left_over, pg_temp.touched, pg_temp.mapped")
    connection.execute('CREATE TEMP TABLE forgotten (listener_id text COLLATE "C" PRIMARY KEY) ON COMMIT DROP')
    connection.execute("INSERT INTO forgotten SELECT unnest(%s::text[])", (list(listeners),))
    (rows,) = only_row(connection, RECEIVED)
    connection.execute("SET LOCAL search_path TO jobs")  # procrastinate's triggers name its tables without the schema.
    files = [Path(path) for (paths,) in connection.execute(FORGET_JOBS) for path in paths or ()]
    connection.execute("SET LOCAL search_path TO DEFAULT")
    connection.execute(FORGET)
    map_ids(connection)
    connection.execute(
        "UPDATE raw.listener SET version = version + 1 WHERE listener_id IN "
        "(SELECT u.listener_id FROM raw.item_use AS u JOIN mapped AS m ON m.provisional_id = u.item_id)"
    )
    return int(rows), files


def delete_simulated(connection: Connection) -> list[str]:
    """Delete the simulated listeners; return who they were."""
    listeners = [
        row[0]
        for row in connection.execute("SELECT listener_id FROM raw.listener WHERE is_simulated ORDER BY listener_id")
    ]
    delete_listeners(connection, listeners)
    return listeners


def delete_polled(connection: Connection, listener_id: str) -> int:
    """Delete every row that Spotify's API gave of a listener, and disconnect them; the plays are then what exports say.

    Returns how many rows there were. Raises NotFound.
    """
    lock_for_deletion(connection, listener_id)
    lock_listener(connection, listener_id)
    disconnect(connection, listener_id)
    polls = "(SELECT batch_id FROM landing.batch WHERE listener_id = %s AND kind = 'poll')"
    rows = connection.execute(f"DELETE FROM landing.play WHERE batch_id IN {polls}", (listener_id,)).rowcount
    connection.execute("DELETE FROM landing.batch WHERE listener_id = %s AND kind = 'poll'", (listener_id,))
    recompute(connection, listener_id, None)
    return rows


def disconnect(connection: Connection, listener_id: str) -> bool:
    """Delete a listener's tokens and the link to their account; tell whether there were any. Raises NotFound."""
    if connection.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone() is None:
        raise NotFound(f"There is no listener {listener_id}.")
    connection.execute("DELETE FROM vault.login WHERE listener_id = %s", (listener_id,))
    connection.execute("DELETE FROM vault.account WHERE listener_id = %s", (listener_id,))
    return connection.execute("DELETE FROM vault.token WHERE listener_id = %s", (listener_id,)).rowcount > 0
