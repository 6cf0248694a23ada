"""Wait until every change committed in main is in the replica.

Three waits, in this order, prove it:
1. The source's committed offset reaches a WAL position taken before the marker: every earlier change is in Kafka.
2. The sink's committed offsets reach the ends that all topics had after wait 1: every earlier change is in the replica.
3. The marker itself is in the replica.
A marker alone proves nothing: each table has its own topic, and Kafka keeps order only within one topic.
"""

from collections.abc import Callable
from uuid import uuid4

import psycopg

from cdc_connectors.configs.render import SINK, SOURCE
from cdc_connectors.connectors.rest import Connect
from cdc_connectors.errors import NotCaughtUp, Unavailable
from cdc_connectors.verification.topics import Offsets, Topics
from common.waiting import Deadline, WaitTimeout, wait_until

TOPIC_PREFIX = "main."  # the source connector's topic.prefix, and the dot after it
SINK_GROUP = f"connect-{SINK}"
POSITION_KEYS = ("lsn", "lsn_proc", "lsn_commit")  # of an offset of Debezium's source


def catch_up(
    main: psycopg.Connection, replica: psycopg.Connection, connect: Connect, topics: Topics, deadline: Deadline
) -> None:
    """Wait until the replica has every change committed in main before the call.

    Raises NotCaughtUp, Unavailable or ConnectError.
    """
    marker, position = write_marker(main)
    _wait(deadline, connect, "the source to read main's changes", lambda: source_position(connect) >= position)
    ends: Offsets = {}

    def sink_has_reached_ends() -> bool:
        ends.update({} if ends else topics.ends(TOPIC_PREFIX))
        return _has_reached(topics.committed(SINK_GROUP), ends)

    _wait(deadline, connect, "the sink to read all topics", sink_has_reached_ends)
    _wait(deadline, connect, "the marker in the replica", lambda: _has_marker(replica, marker))


def write_marker(main: psycopg.Connection) -> tuple[str, int]:
    """Write a new marker to main. Return its id and a WAL position before it.

    Also deletes markers older than a day.
    """
    marker = str(uuid4())
    with main.transaction():
        [(position,)] = main.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchall()
        main.execute("DELETE FROM cdc.marker WHERE written_at < now() - interval '1 day'")
        main.execute("INSERT INTO cdc.marker (marker_id, written_at) VALUES (%s, now())", (marker,))
    return marker, int(position)


def source_position(connect: Connect) -> int:
    """Return the WAL position up to which Kafka has acknowledged every change; 0 before the first one."""
    offsets = connect.offsets(SOURCE)
    return max((int(each["offset"].get(key) or 0) for each in offsets for key in POSITION_KEYS), default=0)


def unread_changes(topics: Topics) -> int:
    """Return the number of changes in Kafka that the sink has not written yet."""
    committed = topics.committed(SINK_GROUP)
    return sum(max(0, end - committed.get(each, 0)) for each, end in topics.ends(TOPIC_PREFIX).items())


def heartbeat_age(replica: psycopg.Connection) -> float | None:
    """Return the age of main's heartbeat in the replica, in seconds; None before the first one. Debezium sends one every 5 s."""
    [(seconds,)] = replica.execute(
        "SELECT extract(epoch FROM clock_timestamp() - max(at)) FROM cdc.heartbeat"
    ).fetchall()
    return None if seconds is None else float(seconds)


def _wait(deadline: Deadline, connect: Connect, awaited: str, condition: Callable[[], bool]) -> None:
    try:
        wait_until(condition, awaited, deadline, ignore=Unavailable)
    except WaitTimeout as error:
        raise NotCaughtUp(f"{error} Connectors: {_states(connect)}.") from None


def _states(connect: Connect) -> str:
    try:
        statuses = connect.statuses()
    except Unavailable as error:
        return str(error)
    return (
        "; ".join(f"{name} {status}" for name, status in statuses.items())
        or "none registered; run python -m cdc_connectors.connectors.register"
    )


def _has_reached(committed: Offsets, ends: Offsets) -> bool:
    return bool(ends) and all(committed.get(partition, 0) >= end for partition, end in ends.items())


def _has_marker(replica: psycopg.Connection, marker: str) -> bool:
    return replica.execute("SELECT 1 FROM cdc.marker WHERE marker_id = %s", (marker,)).fetchone() is not None
