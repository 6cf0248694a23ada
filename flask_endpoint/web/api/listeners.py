"""Listeners and the state of their consent."""

from typing import Any

from apiflask import APIBlueprint
from psycopg import Connection
from psycopg.rows import dict_row

from flask_endpoint.errors import NotFound
from flask_endpoint.listeners.listeners import change_listener
from flask_endpoint.spotify.token_store import CONSENT_ENDS_AT, ENDS_SOON, rotate_tokens
from flask_endpoint.web.api.schemas import CoverageOut, ListenerIn, ListenerOut, ListenersOut, RotatedOut, TokenOut
from flask_endpoint.web.paging import PageIn
from flask_endpoint.web.security import csrf, endpoint, listener_or_operator, operator_only

LISTENERS = f"""
    SELECT l.listener_id, l.display_name, l.time_zone, l.counts_private, l.is_simulated, l.version, coalesce(t.status, 'none') AS token_state,
        {CONSENT_ENDS_AT} AS consent_ends_at, {ENDS_SOON} AS ends_soon
    FROM raw.listener l LEFT JOIN vault.token t USING (listener_id)
    WHERE l.listener_id = coalesce(%(only)s, l.listener_id) AND l.listener_id > coalesce(%(after)s, '')
    ORDER BY l.listener_id LIMIT %(limit)s
"""
CONSENT = f"""
    SELECT l.listener_id, coalesce(t.status, 'none') AS state, t.reason, t.scope, t.expires_at, t.authorized_at,
        {CONSENT_ENDS_AT} AS consent_ends_at, {ENDS_SOON} AS ends_soon,
        floor(extract(epoch FROM now() - t.authorized_at) / 86400)::integer AS consent_age_days
    FROM raw.listener l LEFT JOIN vault.token t USING (listener_id) WHERE l.listener_id = %s
"""

COVERAGE = "SELECT started_at, ended_at, basis FROM raw.coverage WHERE listener_id = %s ORDER BY started_at"
# Where plays may be missing: before a poll that shares no play with earlier polls, and where a poll is refused or still waits
# although a later one was promoted. A period that an export covers is not a gap.
GAPS = """
    WITH poll AS (
        SELECT status, has_gap, first_ended_at, last_ended_at, max(last_ended_at) FILTER (WHERE status = 'promoted') OVER earlier AS known_until,
            max(batch_id) FILTER (WHERE status = 'promoted') OVER later IS NOT NULL AS is_passed
        FROM landing.batch
        WHERE listener_id = %(listener_id)s AND kind = 'poll' AND first_ended_at IS NOT NULL
        WINDOW earlier AS (ORDER BY landed_at, batch_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            later AS (ORDER BY landed_at, batch_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
    ), gap AS (
        SELECT known_until AS started_at, first_ended_at AS ended_at, 'a poll without a known play' AS reason
        FROM poll WHERE has_gap AND status = 'promoted' AND known_until IS NOT NULL
        UNION ALL
        SELECT first_ended_at, last_ended_at, 'a poll was refused' FROM poll WHERE status = 'refused'
        UNION ALL
        SELECT first_ended_at, last_ended_at, 'a poll waits for the gate' FROM poll WHERE status = 'landed' AND is_passed
    )
    SELECT g.* FROM gap AS g
    WHERE NOT EXISTS (
        SELECT FROM raw.coverage AS c
        WHERE c.listener_id = %(listener_id)s AND c.basis = 'export' AND c.started_at <= g.started_at AND c.ended_at >= g.ended_at
    )
    ORDER BY g.started_at
"""

blueprint = APIBlueprint("listeners", __name__, tag="Listeners")
csrf.exempt(blueprint)


@blueprint.get("/listeners")
@blueprint.auth_required(operator_only)
@blueprint.input(PageIn[str], location="query", arg_name="asked")
@blueprint.output(ListenersOut)
def all_listeners(asked: PageIn[str]) -> dict[str, Any]:
    """Everyone, by their id, with the state of their connection to Spotify."""
    wanted = {"only": None, "after": asked.before, "limit": asked.rows_to_fetch}
    with endpoint().pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        fetched = cursor.execute(LISTENERS, wanted).fetchall()
    return asked.page("listeners", fetched, lambda listener: str(listener["listener_id"]))


@blueprint.get("/listeners/<listener_id>")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(ListenerOut)
def one_listener(listener_id: str) -> dict[str, Any]:
    """One listener, with their settings and the state of their connection to Spotify."""
    with endpoint().pool.connection() as connection:
        return _listener(connection, listener_id)


@blueprint.patch("/listeners/<listener_id>")
@blueprint.auth_required(listener_or_operator)
@blueprint.input(ListenerIn, arg_name="asked")
@blueprint.output(ListenerOut)
@blueprint.doc(
    description="A field that is missing or null keeps its value. The next load recomputes the listener's numbers."
)
def change(listener_id: str, asked: ListenerIn) -> dict[str, Any]:
    """Change a listener's name, time zone, or whether plays of private sessions count."""
    with endpoint().pool.connection() as connection:
        change_listener(connection, listener_id, **asked.model_dump())
        return _listener(connection, listener_id)


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


@blueprint.get("/listeners/<listener_id>/coverage")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(CoverageOut)
def coverage(listener_id: str) -> dict[str, Any]:
    """Of which spans it is known what was played, and where plays may be missing. What is in neither is unknown."""
    with endpoint().pool.connection() as connection:
        return {"listener_id": listener_id} | coverage_of(connection, listener_id)


def coverage_of(connection: Connection, listener_id: str) -> dict[str, list[dict[str, Any]]]:
    """The `spans` and the `gaps`, earliest first. Raises NotFound."""
    with connection.cursor(row_factory=dict_row) as cursor:
        if not cursor.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchall():
            raise NotFound(f"There is no listener {listener_id}.")
        spans = cursor.execute(COVERAGE, (listener_id,)).fetchall()
        gaps = cursor.execute(GAPS, {"listener_id": listener_id}).fetchall()
    return {"spans": spans, "gaps": gaps}


def _listener(connection: Connection, listener_id: str) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(LISTENERS, {"only": listener_id, "after": None, "limit": 1}).fetchone()
    if found is None:
        raise NotFound(f"There is no listener {listener_id}.")
    return found


@blueprint.post("/tokens/rotate")
@blueprint.auth_required(operator_only)
@blueprint.output(RotatedOut)
def rotate() -> dict[str, int]:
    """Encrypt the stored tokens with the first key of TOKEN_KEY; the keys after it are not needed any more then."""
    with endpoint().pool.connection() as connection:
        return {"tokens": rotate_tokens(connection, endpoint().cipher)}
