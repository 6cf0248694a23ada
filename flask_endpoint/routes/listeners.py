"""Listeners and the state of their consent."""

from typing import Any

from apiflask import APIBlueprint
from psycopg.rows import dict_row

from flask_endpoint.errors import NotFound
from flask_endpoint.routes.schemas import ListenersOut, TokenOut
from flask_endpoint.security import csrf, endpoint, listener_or_operator, operator_only

LISTENERS = """
    SELECT l.listener_id, l.display_name, l.time_zone, l.is_simulated, l.version, coalesce(t.status, 'none') AS token_state
    FROM raw.listener l LEFT JOIN vault.token t USING (listener_id) ORDER BY l.listener_id
"""
CONSENT = """
    SELECT l.listener_id, coalesce(t.status, 'none') AS state, t.reason, t.scope, t.expires_at, t.authorized_at,
        t.authorized_at + interval '6 months' AS consent_ends_at,
        floor(extract(epoch FROM now() - t.authorized_at) / 86400)::integer AS consent_age_days
    FROM raw.listener l LEFT JOIN vault.token t USING (listener_id) WHERE l.listener_id = %s
"""

blueprint = APIBlueprint("listeners", __name__, tag="Listeners")
csrf.exempt(blueprint)


@blueprint.get("/listeners")
@blueprint.auth_required(operator_only)
@blueprint.output(ListenersOut)
def all_listeners() -> dict[str, Any]:
    """Everyone, with the state of their connection to Spotify."""
    with endpoint().pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return {"listeners": cursor.execute(LISTENERS).fetchall()}


@blueprint.get("/listeners/<listener_id>/token")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(TokenOut)
def token(listener_id: str) -> dict[str, Any]:
    """How a listener's consent stands: its state, scope, age and end."""
    with endpoint().pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(CONSENT, (listener_id,)).fetchone()
    if found is None:
        raise NotFound(f"There is no listener {listener_id}.")
    return found
