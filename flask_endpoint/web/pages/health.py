"""Health checks of the web application."""

import psycopg
from apiflask import APIBlueprint
from flask.typing import ResponseReturnValue

from flask_endpoint.jobs.queue import is_worker_alive
from flask_endpoint.web.security import endpoint

blueprint = APIBlueprint("health", __name__, enable_openapi=False)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Answer 200 while the source database is reachable, else 503."""
    try:
        with endpoint().pool.connection(timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return {"status": "down", "reason": "The source database does not answer."}, 503
    return {"status": "up"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answer 200 if the database is migrated and a worker runs, as syncs and imports need, else 503."""
    try:
        with endpoint().pool.connection(timeout=2) as connection:
            has_worker = is_worker_alive(connection)
    except psycopg.Error:
        return {"status": "not ready", "reason": "The source database does not answer or is not migrated."}, 503
    if not has_worker:
        return {"status": "not ready", "reason": "No worker is running. Start `python -m flask_endpoint.worker`."}, 503
    return {"status": "ready"}
