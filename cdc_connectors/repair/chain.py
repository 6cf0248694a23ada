"""What leads from main to the replica: both databases, Kafka and Kafka Connect."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg

from cdc_connectors.connectors.rest import Connect
from cdc_connectors.errors import ResyncRunning
from cdc_connectors.repair.health import find_fault
from cdc_connectors.settings import APPLICATION, Settings
from cdc_connectors.verification.topics import Topics
from common.database import connect

REPAIR_LOCK = 7201003  # key of an advisory lock in main: only one process repairs the replica


@dataclass(frozen=True)
class Chain:
    """What leads from main to the replica. `main` and `replica` are connections of the role verifier in autocommit mode."""

    settings: Settings
    main: psycopg.Connection
    replica: psycopg.Connection
    connect: Connect
    topics: Topics

    def fault(self) -> str | None:
        """Return why only a resync can make the replica follow main again; None if it follows."""
        return find_fault(self.main, self.replica, self.connect, self.topics)

    def is_filled(self) -> bool:
        """Return whether a resync was ever started for this main."""
        return self.main.execute("SELECT FROM cdc.resync").fetchone() is not None


@contextmanager
def open_chain(settings: Settings) -> Iterator[Chain]:
    """Yield the open chain. Raises DatabaseUnreachable."""
    with ExitStack() as stack:
        main = stack.enter_context(connect(settings.require("main_database_url"), APPLICATION, autocommit=True))
        replica = stack.enter_context(connect(settings.require("replica_database_url"), APPLICATION, autocommit=True))
        topics = Topics(settings.bootstrap, settings.require("kafka_password"))
        stack.callback(topics.close)
        yield Chain(settings, main, replica, Connect(settings.connect, settings.require("connect_password")), topics)


@contextmanager
def only_repairer(chain: Chain) -> Iterator[None]:
    """Run the block as the only process that repairs this replica. Raises ResyncRunning if another one does."""
    row = chain.main.execute("SELECT pg_try_advisory_lock(%s)", (REPAIR_LOCK,)).fetchone()
    if row is None or not row[0]:
        raise ResyncRunning("Another process is copying main to the replica. Wait until it has finished.")
    try:
        yield
    finally:
        if not chain.main.closed:
            chain.main.execute("SELECT pg_advisory_unlock(%s)", (REPAIR_LOCK,))
