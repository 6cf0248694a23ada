"""Listeners: who they are, where their days begin."""

import re
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from psycopg import Connection

from flask_endpoint.database import only_row
from flask_endpoint.errors import BadInput, BadListener, NotFound

LISTENER_ID = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)
DEFAULT_TIME_ZONE = "UTC"
CHANGE = """
    UPDATE raw.listener AS l
    SET display_name = n.display_name, time_zone = n.time_zone, counts_private = n.counts_private, version = l.version + 1
    FROM (
        SELECT listener_id, coalesce(%(name)s, display_name) AS display_name, coalesce(%(zone)s, time_zone) AS time_zone,
            coalesce(%(private)s, counts_private) AS counts_private
        FROM raw.listener WHERE listener_id = %(listener_id)s
    ) AS n
    WHERE l.listener_id = n.listener_id
      AND (l.display_name, l.time_zone, l.counts_private) IS DISTINCT FROM (n.display_name, n.time_zone, n.counts_private)
"""


@dataclass(frozen=True)
class Listener:
    """A listener as asked for; `is_zone_assumed` when they are new and nobody said where they live."""

    listener_id: str
    display_name: str
    time_zone: str
    is_new: bool
    is_zone_assumed: bool


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime", "Factory"}


def check_listener_id(listener_id: str) -> None:
    """Raise BadListener unless the id may be one."""
    if not LISTENER_ID.fullmatch(listener_id):
        raise BadListener(f"{listener_id[:80]!r} is no listener id: use 1 to 64 of a-z, 0-9, _ and -.")


def check_time_zone(time_zone: str) -> None:
    """Raise BadListener unless the zone is one of IANA's."""
    if time_zone not in _zones():
        raise BadListener(f"{time_zone[:80]!r} is no IANA time zone: give a name such as Europe/Madrid.")


def change_listener(
    connection: Connection,
    listener_id: str,
    *,
    display_name: str | None = None,
    time_zone: str | None = None,
    counts_private: bool | None = None,
) -> None:
    """Update the given fields. A change raises the listener's version, so the next load recomputes the listener.

    Raises NotFound, BadListener, BadInput.
    """
    if time_zone is not None:
        check_time_zone(time_zone)
    name = None if display_name is None else display_name.strip()
    if name == "":
        raise BadInput("Give a name to show, or leave `display_name` out.")
    found = connection.execute("SELECT FROM raw.listener WHERE listener_id = %s FOR UPDATE", (listener_id,)).fetchone()
    if found is None:
        raise NotFound(f"There is no listener {listener_id}.")
    connection.execute(CHANGE, {"listener_id": listener_id, "name": name, "zone": time_zone, "private": counts_private})


def ensure_listener(
    connection: Connection,
    listener_id: str,
    *,
    time_zone: str | None = None,
    display_name: str | None = None,
    is_simulated: bool = False,
) -> Listener:
    """Make the listener where missing; set zone and name where given and different, which raises the version."""
    check_listener_id(listener_id)
    if time_zone is not None:
        check_time_zone(time_zone)
    values = {
        "listener_id": listener_id,
        "time_zone": time_zone,
        "display_name": display_name,
        "is_simulated": is_simulated,
        "default_zone": DEFAULT_TIME_ZONE,
    }
    made = connection.execute(
        "INSERT INTO raw.listener (listener_id, display_name, time_zone, is_simulated) "
        "VALUES (%(listener_id)s, coalesce(%(display_name)s, %(listener_id)s), coalesce(%(time_zone)s, %(default_zone)s), %(is_simulated)s) "
        "ON CONFLICT (listener_id) DO NOTHING",
        values,
    )
    is_new = made.rowcount == 1
    if not is_new:
        connection.execute(
            "UPDATE raw.listener SET time_zone = coalesce(%(time_zone)s, time_zone), "
            "display_name = coalesce(%(display_name)s, display_name), version = version + 1 "
            "WHERE listener_id = %(listener_id)s AND (time_zone IS DISTINCT FROM coalesce(%(time_zone)s, time_zone) "
            "OR display_name IS DISTINCT FROM coalesce(%(display_name)s, display_name))",
            values,
        )
    name, zone = only_row(
        connection, "SELECT display_name, time_zone FROM raw.listener WHERE listener_id = %s", (listener_id,)
    )
    return Listener(listener_id, name, zone, is_new, is_zone_assumed=is_new and time_zone is None)
