"""Queries that are built with SQLAlchemy accept every argument that their routes accept."""

import pytest

from flask_endpoint.database import connect
from flask_endpoint.errors import NotFound
from flask_endpoint.imports.records import find_import, list_imports
from flask_endpoint.listeners.records import list_listeners
from flask_endpoint.web.api.batches import _batches
from tests.flask_endpoint.source_database import *  # noqa: F403

BEYOND_BIGINT = 10**30


def test_id_beyond_bigint_matches_nothing(source_database: str) -> None:
    with connect(source_database) as connection:
        connection.execute("INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'Ana')")
        connection.execute("INSERT INTO raw.import (listener_id, files) VALUES ('ana', '{}')")
        connection.execute("INSERT INTO landing.batch (listener_id, kind) VALUES ('ana', 'poll')")
        with pytest.raises(NotFound):
            find_import(connection, BEYOND_BIGINT)
        assert _batches(connection, batch_id=BEYOND_BIGINT) == []
        assert len(list_imports(connection, before=BEYOND_BIGINT)) == 1
        assert len(_batches(connection, before=BEYOND_BIGINT)) == 1
        assert [listener.listener_id for listener in list_listeners(connection, after="an", limit=5)] == ["ana"]
        connection.rollback()
