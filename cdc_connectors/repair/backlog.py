"""Find out whether copying main would bring the replica up to date sooner than reading the changes that it lacks.

A change takes about eight times as long to stream as a row takes to copy (`make bench-cdc`), so after a load of millions of rows a copy
of all tables is faster. Changes are counted in bytes of WAL: those that the source has not read, and those in Kafka.
"""

from cdc_connectors.repair.chain import Chain
from cdc_connectors.repair.slot import SLOT
from cdc_connectors.verification.catch_up import SINK_GROUP, TOPIC_PREFIX
from cdc_connectors.verification.tables import SCHEMAS

LEAST_BYTES = 1 << 30  # about 1.5 million plays
LEAST_LAG = 60  # seconds: the source reads WAL without captured rows, such as that of a load's candidates, in less
BYTES_OF_CHANGE = 700  # of WAL: an inserted play and its index entries
ADVANTAGE = 4  # so much faster is a copy at least, for bytes of tables and indexes

UNREAD_WAL = f"""
    SELECT coalesce(sum(pg_current_wal_lsn() - confirmed_flush_lsn), 0)::bigint FROM pg_replication_slots WHERE slot_name = '{SLOT}'
"""
SIZE = """
    SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
    WHERE relkind = 'r' AND relnamespace::regnamespace::text = ANY (%s)
"""


def is_copy_faster(chain: Chain) -> bool:
    """Return whether main should be copied to the replica, because it is far behind. Raises Unavailable."""
    if _lag(chain) < LEAST_LAG:
        return False
    unread = _unread_bytes(chain)
    [(size,)] = chain.main.execute(SIZE, ([*SCHEMAS],)).fetchall()
    return unread >= LEAST_BYTES and unread * ADVANTAGE >= int(size)


def _lag(chain: Chain) -> float:
    """Return the age of main's heartbeat in the replica, in seconds; 0 before the first one."""
    [(now,)] = chain.main.execute("SELECT clock_timestamp()").fetchall()
    [(beat,)] = chain.replica.execute("SELECT max(at) FROM cdc.heartbeat").fetchall()
    return 0.0 if beat is None else float((now - beat).total_seconds())


def _unread_bytes(chain: Chain) -> int:
    committed, ends = chain.topics.committed(SINK_GROUP), chain.topics.ends(TOPIC_PREFIX)
    changes = sum(max(0, end - committed.get(partition, 0)) for partition, end in ends.items())
    [(wal,)] = chain.main.execute(UNREAD_WAL).fetchall()
    return int(wal) + changes * BYTES_OF_CHANGE
