"""Metrics of the chain from main to the replica for Prometheus. Each scrape reads them; what cannot be read is left out."""

from collections.abc import Iterator

import psycopg
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from cdc_connectors.errors import CdcError
from cdc_connectors.repair.chain import Chain, open_chain
from cdc_connectors.repair.slot import SLOT
from cdc_connectors.settings import Settings
from cdc_connectors.verification.catch_up import heartbeat_age, unread_changes
from common.database import DatabaseUnreachable

# Name, help, and the query in main that returns the number, or null.
OF_MAIN = (
    (
        "cdc_slot_retained_bytes",
        "WAL that main keeps for the replication slot.",
        f"SELECT pg_current_wal_lsn() - restart_lsn FROM pg_replication_slots WHERE slot_name = '{SLOT}'",
    ),
    (
        "cdc_slot_safe_bytes",
        "WAL that main may still write before the slot may lose changes.",
        f"SELECT safe_wal_size FROM pg_replication_slots WHERE slot_name = '{SLOT}'",
    ),
    (
        "cdc_replica_proven_equal_timestamp_seconds",
        "Start of the last verification that found the replica equal to main.",
        "SELECT extract(epoch FROM max(started_at)) FROM audit.replica_check WHERE outcome = 'equal'",
    ),
)


def scrape(settings: Settings, fault: str, dead_letters: int) -> bytes:
    """Return the metrics as Prometheus's text. `fault` (empty for none) and `dead_letters` are what the watchdog last found."""
    registry = CollectorRegistry()
    registry.register(_Chain(settings, fault, dead_letters))
    return generate_latest(registry)


class _Chain(Collector):
    def __init__(self, settings: Settings, fault: str, dead_letters: int) -> None:
        self._settings, self._fault, self._dead_letters = settings, fault, dead_letters

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing: the registry then does not read the chain when the collector is registered."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("cdc_fault", "1 if changes are lost and not yet repaired.", float(bool(self._fault)))
        yield GaugeMetricFamily("cdc_dead_letters", "Rows of main that the replica refuses.", self._dead_letters)
        try:
            with open_chain(self._settings) as chain:
                yield from _of_databases(chain)
                yield from _of_kafka(chain)
        except (CdcError, DatabaseUnreachable, psycopg.Error):
            return


def _of_databases(chain: Chain) -> Iterator[GaugeMetricFamily]:
    for name, text, query in OF_MAIN:
        yield from _gauge(name, text, chain.main.execute(query).fetchone())
    age = heartbeat_age(chain.replica)
    yield from _gauge("cdc_lag_seconds", "Age of main's heartbeat in the replica; one is sent every 5 s.", (age,))


def _of_kafka(chain: Chain) -> Iterator[GaugeMetricFamily]:
    unread = unread_changes(chain.topics)
    yield GaugeMetricFamily("cdc_lag_changes", "Changes in Kafka that the sink has not written yet.", unread)
    running = GaugeMetricFamily("cdc_connector_running", "1 if the connector and its tasks run.", labels=["connector"])
    for name, status in chain.connect.statuses().items():
        running.add_metric([name], float(status.is_running))
    yield running


def _gauge(name: str, text: str, row: tuple[object, ...] | None) -> Iterator[GaugeMetricFamily]:
    if row is not None and row[0] is not None:
        yield GaugeMetricFamily(name, text, float(str(row[0])))
