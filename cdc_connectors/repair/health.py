"""Find out whether the replica still follows main, or has lost changes that no restart brings back.

The chain from main to the replica has four positions: the slot's in main, the source's and the sink's in Kafka, and the replica's
rows. If one of them is lost or belongs to another copy, changes are missing, although every connector may run.
The watchdog writes a marker to main every 10 s: a replica that was restored from a backup lacks some of them for good.
"""

from datetime import timedelta

import psycopg

from cdc_connectors.configs.render import SOURCE
from cdc_connectors.connectors.rest import Connect
from cdc_connectors.repair.slot import SLOT, read_slot
from cdc_connectors.verification.catch_up import SINK_GROUP, TOPIC_PREFIX, source_position
from cdc_connectors.verification.topics import Topics
from common.waiting import WaitTimeout, wait_until

NEWEST_MARKER = "SELECT max(written_at) FROM cdc.marker"
MARKER_COUNT = "SELECT count(*) FROM cdc.marker WHERE written_at BETWEEN %s AND %s"
MARKERS_KEPT = timedelta(hours=23)  # A marker is deleted after a day.
# Markers are written in the order of their times, but for those of transactions that run at the same time.
OVERLAP = timedelta(minutes=1)
RECORD_QUERY = "SELECT resync_id, kafka_cluster_id FROM cdc.resync"
# The source confirms what Kafka has acknowledged, and its offset is stored up to a second later; after a kill, with the next heartbeat.
OFFSET_TIMEOUT = 15.0  # seconds


def find_fault(main: psycopg.Connection, replica: psycopg.Connection, connect: Connect, topics: Topics) -> str | None:
    """Return, as one sentence, why only a resync can make the replica follow main again; None if it follows.

    Raises Unavailable or ConnectError while Kafka or Connect does not answer.
    """
    ours = main.execute(RECORD_QUERY).fetchone()
    if ours is None:
        return "The replica has never been filled."
    return (
        _fault_of_cluster(
            str(ours[1]), topics
        )  # First: a worker whose Kafka lost its data answers nothing about offsets.
        or _fault_of_slot(main, connect)
        or _fault_of_topics(topics)
        or _fault_of_replica(str(ours[0]), main, replica)
    )


def _fault_of_slot(main: psycopg.Connection, connect: Connect) -> str | None:
    slot = read_slot(main)
    if slot is None:
        return f"main has no replication slot {SLOT}: it was dropped, or main was restored from a backup."
    if slot.lost_because:
        return f"main invalidated the replication slot {SLOT} ({slot.lost_because}), so changes that were not read are lost."
    found = source_position(connect)
    if not found:
        return f"Kafka Connect has no offset of {SOURCE}."
    if found >= slot.confirmed:
        return None
    try:
        wait_until(lambda: source_position(connect) >= slot.confirmed, f"the offset of {SOURCE}", OFFSET_TIMEOUT)
    except WaitTimeout:
        return f"The replication slot {SLOT} is newer than the offset of {SOURCE}, so changes between them are lost."
    return None


def _fault_of_cluster(cluster_id: str, topics: Topics) -> str | None:
    found = topics.cluster_id()
    if found != cluster_id:
        return f"Kafka lost its data: its cluster is {found}, and the replica was filled through {cluster_id}."
    return None


def _fault_of_topics(topics: Topics) -> str | None:
    committed, ends = topics.committed(SINK_GROUP), topics.ends(TOPIC_PREFIX)
    starts = topics.starts(TOPIC_PREFIX)
    for partition, start in starts.items():
        read = committed.get(partition, 0)
        if read < start:
            return f"The replica needs changes of {partition.topic} from number {read} on, and Kafka no longer has those before {start}."
        if read > ends.get(partition, 0):
            return f"Kafka lost changes of {partition.topic}: it ends at number {ends.get(partition, 0)}, and the replica has read up to {read}."
    return None


def _fault_of_replica(resync_id: str, main: psycopg.Connection, replica: psycopg.Connection) -> str | None:
    theirs = replica.execute(RECORD_QUERY).fetchone()
    if theirs is None or theirs[0] != resync_id:
        return "The replica is new, was restored from an old backup, or copying it was interrupted."
    [(newest,)] = replica.execute(NEWEST_MARKER).fetchall()
    if newest is None:
        return None  # The first marker has not arrived yet.
    interval = (newest - MARKERS_KEPT, newest - OVERLAP)
    [(written,)], [(found,)] = (database.execute(MARKER_COUNT, interval).fetchall() for database in (main, replica))
    if found < written:
        return (
            "The replica lacks changes that are older than its newest one: it was restored from a backup, or changed."
        )
    return None
