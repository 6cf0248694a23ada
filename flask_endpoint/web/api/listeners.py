"""Routes for listeners: their settings, consent and coverage, and the rotation of token keys."""

from typing import Any

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from flask_endpoint.listeners.coverage import Coverage, coverage_of
from flask_endpoint.listeners.listeners import change_listener
from flask_endpoint.listeners.records import Consent, ListenerRecord, find_consent, find_listener, list_listeners
from flask_endpoint.spotify.token_store import rotate_tokens
from flask_endpoint.web.api.schemas import WITHOUT_NUL
from flask_endpoint.web.paging import PageIn, PageOut
from flask_endpoint.web.security import csrf, endpoint, listener_or_operator, operator_only

blueprint = APIBlueprint("listeners", __name__, tag="Listeners")
csrf.exempt(blueprint)


class ListenerIn(BaseModel):
    """The settings that can be changed."""

    model_config = ConfigDict(extra="forbid")

    display_name: str | None = Field(None, min_length=1, max_length=200, pattern=WITHOUT_NUL)
    time_zone: str | None = Field(None, max_length=200, description="An IANA name, such as Europe/Madrid.")
    counts_private: bool | None = Field(None, description="Whether plays in private sessions are counted.")


class ListenersOut(PageOut[str]):
    listeners: list[ListenerRecord]


class RotatedOut(BaseModel):
    tokens: int = Field(description="How many listeners' tokens were encrypted again.")


@blueprint.get("/listeners")
@blueprint.auth_required(operator_only)
@blueprint.input(PageIn[str], location="query", arg_name="query")
@blueprint.output(ListenersOut)
def all_listeners(query: PageIn[str]) -> dict[str, Any]:
    """List the listeners by id, with the state of their Spotify connection."""
    with endpoint().pool.connection() as connection:
        fetched = list_listeners(connection, after=query.before, limit=query.rows_to_fetch)
    return query.page("listeners", fetched, lambda listener: listener.listener_id)


@blueprint.get("/listeners/<listener_id>")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(ListenerRecord)
def one_listener(listener_id: str) -> ListenerRecord:
    """Return one listener with their settings and the state of their Spotify connection."""
    with endpoint().pool.connection() as connection:
        return find_listener(connection, listener_id)


@blueprint.patch("/listeners/<listener_id>")
@blueprint.auth_required(listener_or_operator)
@blueprint.input(ListenerIn, arg_name="changes")
@blueprint.output(ListenerRecord)
@blueprint.doc(
    description="A field that is missing or null keeps its value. The next load recomputes the listener's numbers."
)
def change(listener_id: str, changes: ListenerIn) -> ListenerRecord:
    """Change a listener's name, time zone, or whether plays in private sessions are counted."""
    with endpoint().pool.connection() as connection:
        change_listener(connection, listener_id, **changes.model_dump())
        return find_listener(connection, listener_id)


@blueprint.get("/listeners/<listener_id>/token")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(Consent)
def token(listener_id: str) -> Consent:
    """Return the state, scope, age and end of a listener's Spotify consent."""
    with endpoint().pool.connection() as connection:
        return find_consent(connection, listener_id)


@blueprint.get("/listeners/<listener_id>/coverage")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(Coverage)
@blueprint.doc(description="Nothing is known about times outside the spans.")
def coverage(listener_id: str) -> Coverage:
    """Return the time spans for which a listener's plays are known, and the gaps where plays may be missing."""
    with endpoint().pool.connection() as connection:
        return coverage_of(connection, listener_id)


@blueprint.post("/tokens/rotate")
@blueprint.auth_required(operator_only)
@blueprint.output(RotatedOut)
@blueprint.doc(description="After that, the other keys can be removed from TOKEN_KEY.")
def rotate() -> dict[str, int]:
    """Encrypt all stored tokens with the first key in TOKEN_KEY."""
    with endpoint().pool.connection() as connection:
        return {"tokens": rotate_tokens(connection, endpoint().cipher)}
