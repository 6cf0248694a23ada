"""Where Kafka's topics end, and how far a group has read them."""

import logging
from collections.abc import Callable
from typing import TypeVar

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from cdc_connectors.errors import Unavailable

REQUEST_TIMEOUT = 10_000  # ms
Offsets = dict[TopicPartition, int]
T = TypeVar("T")

# What it would log of a broker that starts again is told once, by Unavailable.
logging.getLogger("kafka").setLevel(logging.CRITICAL)


class Topics:
    """One broker's answers; each method raises Unavailable while it does not answer, and may be called again."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin: KafkaAdminClient | None = None

    def ends(self, prefix: str) -> Offsets:
        """The end of each partition, of topics so named, that ever held anything."""
        return self._ask(lambda admin: _ends(admin, prefix))

    def committed(self, group: str) -> Offsets:
        found = self._ask(lambda admin: admin.list_group_offsets(group)).get(group, {})
        return {partition: position.offset for partition, position in found.items()}

    def close(self) -> None:
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def _ask(self, question: Callable[[KafkaAdminClient], T]) -> T:
        try:
            if self._admin is None:
                self._admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=REQUEST_TIMEOUT)
            return question(self._admin)
        except KafkaError as error:
            self.close()  # Nothing is known of a connection that broke: the next question opens another.
            raise Unavailable(f"Kafka does not answer at {self.bootstrap}: {type(error).__name__}.") from error


def _ends(admin: KafkaAdminClient, prefix: str) -> Offsets:
    names = [name for name in admin.list_topics() if name.startswith(prefix)]
    if not names:
        return {}
    latest = {
        TopicPartition(topic["name"], partition["partition_index"]): OffsetSpec.LATEST
        for topic in admin.describe_topics(names)
        for partition in topic["partitions"]
    }
    return {partition: end.offset for partition, end in admin.list_partition_offsets(latest).items() if end.offset > 0}
