"""Create, change and check listeners."""

import re
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from psycopg import Connection

from flask_endpoint.database import only_row
from flask_endpoint.errors import BadInput, BadListener, NotFound

LISTENER_ID = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)
DEFAULT_TIME_ZONE = "UTC"
INSERT_LISTENER = """
    INSERT INTO raw.listener (listener_id, display_name, time_zone, is_simulated)
    VALUES (%(listener_id)s, coalesce(%(display_name)s, %(listener_id)s), coalesce(%(time_zone)s, %(default_zone)s), %(is_simulated)s)
    ON CONFLICT (listener_id) DO NOTHING
"""
UPDATE_LISTENER = """
    UPDATE raw.listener AS l
    SET display_name = n.display_name, time_zone = n.time_zone, counts_private = n.counts_private, version = l.version + 1
    FROM (
        SELECT listener_id, coalesce(%(display_name)s, display_name) AS display_name, coalesce(%(time_zone)s, time_zone) AS time_zone,
            coalesce(%(counts_private)s, counts_private) AS counts_private
        FROM raw.listener WHERE listener_id = %(listener_id)s
    ) AS n
    WHERE l.listener_id = n.listener_id
      AND (l.display_name, l.time_zone, l.counts_private) IS DISTINCT FROM (n.display_name, n.time_zone, n.counts_private)
"""


@dataclass(frozen=True)
class Listener:
    """A listener; `is_zone_assumed` means that the listener is new and that no time zone was given."""

    listener_id: str
    display_name: str
    time_zone: str
    is_new: bool
    is_zone_assumed: bool


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime", "Factory"}


def check_listener_id(listener_id: str) -> None:
    """Raise BadListener if the id has characters or a length that are not allowed."""
    if not LISTENER_ID.fullmatch(listener_id):
        raise BadListener(
            f"{listener_id[:80]!r} is not a valid listener id. Use 1 to 64 characters from a-z, 0-9, _ and -."
        )


def check_time_zone(time_zone: str) -> None:
    """Raise BadListener if the name is not in the IANA time zone database."""
    if time_zone not in _time_zones():
        raise BadListener(f"{time_zone[:80]!r} is not an IANA time zone. Use a name such as Europe/Madrid.")


def require_listener(connection: Connection, listener_id: str) -> None:
    """Raise NotFound if the listener does not exist."""
    if connection.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone() is None:
        raise listener_not_found(listener_id)


def listener_not_found(listener_id: str) -> NotFound:
    return NotFound(f"There is no listener {listener_id}.")


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
        raise BadInput("`display_name` is blank. Send a name, or leave the field out.")
    found = connection.execute("SELECT FROM raw.listener WHERE listener_id = %s FOR UPDATE", (listener_id,)).fetchone()
    if found is None:
        raise listener_not_found(listener_id)
    _update(connection, listener_id, name, time_zone, counts_private)


def ensure_listener(
    connection: Connection,
    listener_id: str,
    *,
    time_zone: str | None = None,
    display_name: str | None = None,
    is_simulated: bool = False,
) -> Listener:
    """Create the listener, or update the given fields of an existing one. A change raises the listener's version.

    Raises BadListener.
    """
    check_listener_id(listener_id)
    if time_zone is not None:
        check_time_zone(time_zone)
    inserted = connection.execute(
        INSERT_LISTENER,
        {
            "listener_id": listener_id,
            "time_zone": time_zone,
            "display_name": display_name,
            "is_simulated": is_simulated,
            "default_zone": DEFAULT_TIME_ZONE,
        },
    )
    is_new = inserted.rowcount == 1
    if not is_new:
        _update(connection, listener_id, display_name, time_zone)
    name, zone = only_row(
        connection, "SELECT display_name, time_zone FROM raw.listener WHERE listener_id = %s", (listener_id,)
    )
    return Listener(listener_id, name, zone, is_new, is_zone_assumed=is_new and time_zone is None)


def _update(
    connection: Connection,
    listener_id: str,
    display_name: str | None,
    time_zone: str | None,
    counts_private: bool | None = None,
) -> None:
    values = {"display_name": display_name, "time_zone": time_zone, "counts_private": counts_private}
    connection.execute(UPDATE_LISTENER, values | {"listener_id": listener_id})
