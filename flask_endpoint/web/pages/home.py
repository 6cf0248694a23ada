"""The start page: forms to connect and to import, and the listeners, jobs and imports so far."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import psycopg
from apiflask import APIBlueprint
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from psycopg.rows import dict_row

from flask_endpoint.enrichment.state import state_of
from flask_endpoint.errors import NotFound
from flask_endpoint.jobs.cancelling import ENDABLE_TASKS, cancel_job
from flask_endpoint.jobs.queue import recent_jobs
from flask_endpoint.listeners.coverage import coverage_of
from flask_endpoint.spotify.token_store import CONSENT_ENDS_AT, ENDS_SOON, connected_listeners
from flask_endpoint.web.security import endpoint, for_viewers, is_viewer, settings, signed_in_listener

SHOWN_IMPORTS = 20
SHOWN_SPANS = 12  # of coverage, and of gaps

LISTENERS = f"""
    SELECT l.listener_id, l.display_name, l.time_zone, l.is_simulated, coalesce(c.play_count, 0) AS play_count,
        p.first_played_at, p.last_played_at,
        t.status AS state, {CONSENT_ENDS_AT} AS consent_ends_at, {ENDS_SOON} AS ends_soon
    FROM raw.listener l
    LEFT JOIN vault.token t USING (listener_id)
    LEFT JOIN raw.listener_play_count c USING (listener_id)
    CROSS JOIN LATERAL (
        SELECT min(ended_at) AS first_played_at, max(ended_at) AS last_played_at
        FROM raw.play WHERE listener_id = l.listener_id
    ) p
    ORDER BY l.listener_id
"""
IMPORTS = "SELECT * FROM raw.import ORDER BY import_id DESC LIMIT %s"

blueprint = APIBlueprint("home", __name__, enable_openapi=False)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Return the whole page to viewers, and their own part to other signed-in listeners."""
    own = _own_part(signed_in_listener())
    if own and not is_viewer():
        return render_template("own_page.html", own=own, dashboard_url=settings().dashboard_url)
    return _whole_page(own)


@for_viewers
def _whole_page(own: dict[str, Any] | None) -> ResponseReturnValue:
    with endpoint().pool.connection() as connection:
        listeners = _rows(connection, LISTENERS)
        imports = _rows(connection, IMPORTS, SHOWN_IMPORTS)
        shown_jobs = recent_jobs(connection)
        enrichment = state_of(connection, settings())
    return render_template(
        "home.html",
        listeners=listeners,
        imports=imports,
        jobs=shown_jobs,
        enrichment=enrichment,
        zones=_zones(),
        own=own,
        dashboard_url=settings().dashboard_url,
    )


@blueprint.get("/jobs")
@for_viewers
def jobs() -> ResponseReturnValue:
    """Return the part of the page about jobs; its script polls it."""
    with endpoint().pool.connection() as connection:
        return render_template("jobs.html", jobs=recent_jobs(connection))


@blueprint.post("/jobs/<int:job_id>/cancel")
@for_viewers
def cancel(job_id: int) -> ResponseReturnValue:
    """Cancel a job and return to the start page."""
    cancel_job(endpoint(), job_id, listener_id=None)
    flash(f"Job {job_id} is cancelled. If it was running, it ends within seconds.", "good")
    return redirect(url_for("home.home"), code=303)


@blueprint.app_context_processor
def page_parts() -> dict[str, Any]:
    return {"is_simulated": settings().spotify_is_simulated, "endable_tasks": ENDABLE_TASKS}


@blueprint.app_template_filter("moment")
def moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if value else ""


@blueprint.app_template_filter("day")
def day(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d}" if value else ""


@blueprint.app_template_filter("count_of")
def count_of(number: int, thing: str) -> str:
    """Format a number with a noun: 1 track, 1,200 tracks."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


@blueprint.app_template_filter("dry_run_summary")
def dry_run_summary(result: dict[str, Any]) -> str:
    """Describe the result of a dry run, of an import or a catalog file, in one sentence."""
    if "balance" not in result:
        changes = ", ".join(
            f"{result[kind]['added']:,} {kind} new and {result[kind]['changed']:,} changed"
            for kind in ("tracks", "albums")
        )
        refused = sum(result["refused"].values())
        return f"Of {count_of(result['rows_read'], 'row')}: {changes}; {count_of(refused, 'row')} refused."
    balance = result["balance"]
    reasons = ", ".join(f"{reason}: {rows:,}" for reason, rows in result["rejected"].items())
    return (
        f"{result['listener_id']}, days in {result['time_zone']}: of {count_of(balance['rows_read'], 'row')} {balance['rows_added']:,} "
        f"would be added, {balance['rows_matched']:,} matched, {balance['rows_repeated']:,} repeated and "
        f"{balance['rows_rejected']:,} rejected{f' ({reasons})' if reasons else ''}."
    )


def _own_part(listener_id: str | None) -> dict[str, Any] | None:
    """Return the signed-in listener's own part of the page; None when nobody is signed in or the listener was deleted."""
    if not listener_id:
        return None
    with endpoint().pool.connection() as connection:
        try:
            coverage = coverage_of(connection, listener_id)
        except NotFound:
            return None
        is_connected = listener_id in connected_listeners(connection)
    return {
        "listener_id": listener_id,
        "is_connected": is_connected,
        "is_shortened": max(len(coverage.spans), len(coverage.gaps)) > SHOWN_SPANS,
        "spans": coverage.spans[-SHOWN_SPANS:],
        "gaps": coverage.gaps[-SHOWN_SPANS:],
    }


@cache
def _zones() -> list[str]:
    """Return the time zones to choose from: those named after places."""
    return sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/"))
    )


def _rows(connection: psycopg.Connection, query: str, *parameters: object) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()
