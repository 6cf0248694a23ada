"""Find out whether copying main would bring the replica up to date sooner than reading the changes that it lacks.

A change takes about eight times as long to stream as a row takes to copy (`make bench-cdc`), so after a load of millions of rows a copy
of all tables is faster. Changes are counted in bytes of WAL: those that the source has not read, and those in Kafka.
"""

from cdc_connectors.repair.chain import Chain
from cdc_connectors.repair.slot import SLOT
from cdc_connectors.verification.catch_up import heartbeat_age, unread_changes
from cdc_connectors.verification.tables import SCHEMAS

LEAST_BYTES = 1 << 29  # about 750,000 plays, for which streaming needs more than three minutes
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
    lag = heartbeat_age(chain.replica)
    if lag is None or lag < LEAST_LAG:
        return False
    [(wal,)] = chain.main.execute(UNREAD_WAL).fetchall()
    unread = int(wal) + unread_changes(chain.topics) * BYTES_OF_CHANGE
    [(size,)] = chain.main.execute(SIZE, ([*SCHEMAS],)).fetchall()
    return unread >= LEAST_BYTES and unread * ADVANTAGE >= int(size)
