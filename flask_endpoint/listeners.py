"""Listeners: who they are, where their days begin."""

import re
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from psycopg import Connection

from flask_endpoint.database import only_row
from flask_endpoint.errors import BadListener

LISTENER_ID = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)
DEFAULT_TIME_ZONE = "UTC"


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
