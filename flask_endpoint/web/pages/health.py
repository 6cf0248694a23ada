"""Health: alive is a database that answers; ready is a worker beside it."""

import psycopg
from apiflask import APIBlueprint
from flask.typing import ResponseReturnValue
from psycopg_pool import PoolTimeout

from flask_endpoint.jobs.queue import is_worker_alive
from flask_endpoint.web.security import endpoint

blueprint = APIBlueprint("health", __name__, enable_openapi=False)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 while the source database answers."""
    try:
        with endpoint().pool.connection(timeout=2) as connection:
            connection.execute("SELECT 1")
    except (psycopg.Error, PoolTimeout):
        return {"status": "down", "reason": "The source database does not answer."}, 503
    return {"status": "up"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when everything that a sync or an import needs is there."""
    try:
        with endpoint().pool.connection(timeout=2) as connection:
            has_worker = is_worker_alive(connection)
    except (psycopg.Error, PoolTimeout):
        return {"status": "not ready", "reason": "The source database does not answer, or is not migrated."}, 503
    if not has_worker:
        return {"status": "not ready", "reason": "No worker runs: start `python -m flask_endpoint.worker`."}, 503
    return {"status": "ready"}
