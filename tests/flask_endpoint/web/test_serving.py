"""The hooks in gunicorn.conf.py."""

import runpy
from pathlib import Path
from types import SimpleNamespace

from apiflask import APIFlask
from procrastinate import SyncPsycopgConnector

from tests.flask_endpoint.web_stack import endpoint_of

GUNICORN = runpy.run_path(str(Path(__file__).parents[3] / "flask_endpoint" / "gunicorn.conf.py"))


def test_worker_exit_closes_connections(app: APIFlask) -> None:
    connector = endpoint_of(app).jobs.connector.get_sync_connector()
    assert isinstance(connector, SyncPsycopgConnector)
    pools = endpoint_of(app).pool, connector.pool
    assert [pool.closed for pool in pools] == [False, False]
    GUNICORN["worker_exit"](None, SimpleNamespace(booted=True, wsgi=app))
    assert [pool.closed for pool in pools] == [True, True]


def test_worker_exit_works_without_application() -> None:
    GUNICORN["worker_exit"](None, SimpleNamespace(booted=False))
