"""Deleting listeners and polled rows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from flask_endpoint.catalog.store import store_catalog
from flask_endpoint.database import connect
from flask_endpoint.errors import NotFound
from flask_endpoint.landing.batches import land_poll
from flask_endpoint.listeners.listeners import ensure_listener
from flask_endpoint.reconciliation.forget import delete_listeners, delete_polled, delete_simulated
from tests.flask_endpoint.reconciliation.catalog_objects import TRACK
from tests.flask_endpoint.reconciliation.listening import Listening, account, extended, item, spotify_id


def test_deleting_simulated_listeners_does_not_change_others(
    ana: Listening, connection: psycopg.Connection, listener: Callable[[str], Listening]
) -> None:
    ana.import_(account(1), extended(500, "Shared"))
    store_catalog(connection, tracks=[TRACK | {"id": spotify_id("Shared"), "name": "Shared"}])
    before = ana.state()
    ensure_listener(connection, "sim", is_simulated=True)
    sim = listener("sim")
    sim.import_(extended(10), extended(500, "Shared"), extended(900, "Only simulated"), extended(1300, "In a file"))
    connection.execute(
        "INSERT INTO raw.catalog_track (track_id, title, title_key, artist_ids, is_from_file) "
        "VALUES (%s, 'In a file', 'in a file', '{}', true)",
        (spotify_id("In a file"),),
    )
    sim.poll(item(10))
    store_catalog(connection, tracks=[TRACK | {"id": spotify_id("Only simulated"), "name": "Only simulated"}])
    assert delete_simulated(connection) == (["sim"], [])
    after = ana.state()
    assert {name: after[name] for name in ("play", "received", "coverage", "use", "evidence")} == {
        name: before[name] for name in ("play", "received", "coverage", "use", "evidence")
    }
    assert connection.execute("SELECT listener_id FROM raw.listener").fetchall() == [("ana",)]
    kept = connection.execute("SELECT track_id FROM raw.catalog_track ORDER BY 1").fetchall()
    assert kept == [(spotify_id("In a file"),), (spotify_id("Shared"),)], (
        "a track from a catalog file belongs to no listener"
    )
    assert delete_simulated(connection) == ([], [])


@pytest.fixture
def two_connections(source_database: str) -> Iterator[tuple[psycopg.Connection, psycopg.Connection]]:
    """Return two connections that see each other's commits. Their listener, cleo, is deleted after the test."""
    with connect(source_database) as one, connect(source_database) as other:
        ensure_listener(one, "cleo")
        one.commit()
        for connection in (one, other):
            connection.execute("SET lock_timeout = 50")
            connection.commit()
        yield one, other
        one.rollback()
        other.rollback()
        delete_listeners(one, ["cleo"])


def land(connection: psycopg.Connection, *offsets: int) -> int:
    return land_poll(
        connection, "cleo", [item(offset) for offset in offsets], polled_at=datetime(2024, 6, 1, tzinfo=UTC)
    )


def rows_of(connection: psycopg.Connection, batch_id: int) -> int:
    [(count,)] = connection.execute("SELECT count(*) FROM landing.play WHERE batch_id = %s", (batch_id,))
    return int(count)


@pytest.mark.parametrize("delete", [lambda c: delete_listeners(c, ["cleo"]), lambda c: delete_polled(c, "cleo")])
def test_deletion_waits_for_landing_and_deletes_its_rows(
    two_connections: tuple[psycopg.Connection, psycopg.Connection], delete: Callable[[psycopg.Connection], object]
) -> None:
    one, other = two_connections
    batch_id = land(one, 10, 20)
    with pytest.raises(psycopg.errors.LockNotAvailable):
        delete(other)
    other.rollback()
    one.commit()
    delete(other)
    other.commit()
    assert rows_of(one, batch_id) == 0


def test_landing_waits_for_deletion_and_then_reports_deleted_listener(
    two_connections: tuple[psycopg.Connection, psycopg.Connection],
) -> None:
    one, other = two_connections
    delete_listeners(one, ["cleo"])
    with pytest.raises(psycopg.errors.LockNotAvailable):
        land(other, 10)
    other.rollback()
    one.commit()
    with pytest.raises(NotFound, match=r"^Listener cleo was deleted meanwhile\. Nothing was landed\.$"):
        land(other, 10)
    assert other.execute("SELECT count(*) FROM landing.batch WHERE listener_id = 'cleo'").fetchone() == (0,)
