"""Wait until everything that was committed in main is in the replica, and know it.

Three waits, in this order, prove it:
1. the source's committed offset has passed a position of main's WAL taken before the marker: every earlier change is in Kafka;
2. the sink's committed offsets have reached what were then the ends of all topics: every earlier change is in the replica;
3. the marker itself is in the replica.
A marker alone would not do: each table has its topic, and order holds only within one.
"""

from collections.abc import Callable
from contextlib import closing
from uuid import uuid4

import psycopg

from cdc_connectors.configs.render import SINK, SOURCE
from cdc_connectors.connectors.rest import Connect
from cdc_connectors.errors import NotCaughtUp, Unavailable
from cdc_connectors.verification.topics import Offsets, Topics
from cdc_connectors.wait import Deadline

TOPICS = "main."  # the source's topic.prefix
GROUP = f"connect-{SINK}"


def catch_up(
    main: psycopg.Connection, replica: psycopg.Connection, connect: Connect, bootstrap: str, deadline: Deadline
) -> None:
    """Return when the replica holds all that main held at the call. Raises NotCaughtUp, Unavailable, ConnectError."""
    marker, position = write_marker(main)
    _wait(deadline, connect, "the source to read main's changes", lambda: _source_position(connect) >= position)
    with closing(Topics(bootstrap)) as topics:
        ends: Offsets = {}

        def sink_is_there() -> bool:
            ends.update({} if ends else topics.ends(TOPICS))
            return _has_reached(topics.committed(GROUP), ends)

        _wait(deadline, connect, "the sink to read all topics", sink_is_there)
    _wait(deadline, connect, "the marker in the replica", lambda: _has_marker(replica, marker))


def write_marker(main: psycopg.Connection) -> tuple[str, int]:
    """Put a new marker in main; its id, and a WAL position before it. Yesterday's markers go."""
    marker = str(uuid4())
    with main.transaction():
        [(position,)] = main.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchall()
        main.execute("DELETE FROM cdc.marker WHERE written_at < now() - interval '1 day'")
        main.execute("INSERT INTO cdc.marker (marker_id, written_at) VALUES (%s, now())", (marker,))
    return marker, int(position)


def _wait(deadline: Deadline, connect: Connect, what: str, condition: Callable[[], bool]) -> None:
    if not deadline.wait_for(condition):
        raise NotCaughtUp(f"Waited {deadline.seconds:.0f} s for {what} in vain; connectors: {_states(connect)}.")


def _states(connect: Connect) -> str:
    try:
        statuses = connect.statuses()
    except Unavailable as error:
        return str(error)
    return "; ".join(f"{name} {status}" for name, status in statuses.items()) or "none registered, run register"


def _source_position(connect: Connect) -> int:
    """The WAL position up to which Kafka has acknowledged everything; 0 before the first."""
    return max((offset["offset"].get("lsn", 0) for offset in connect.offsets(SOURCE)), default=0)


def _has_reached(committed: Offsets, ends: Offsets) -> bool:
    return bool(ends) and all(committed.get(partition, 0) >= end for partition, end in ends.items())


def _has_marker(replica: psycopg.Connection, marker: str) -> bool:
    return replica.execute("SELECT 1 FROM cdc.marker WHERE marker_id = %s", (marker,)).fetchone() is not None
