"""Read and create Kafka's topics, and read the offsets that a consumer group has committed, and records."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from cdc_connectors.errors import Unavailable
from cdc_connectors.settings import KAFKA_USER
from common.waiting import Deadline

REQUEST_TIMEOUT = 10_000  # ms
READ_TIMEOUT = 60.0  # seconds for all records of one call
POLL = 1_000  # ms
Offsets = dict[TopicPartition, int]
T = TypeVar("T")

# Unavailable reports an unreachable broker once; the client library would log it on every retry.
logging.getLogger("kafka").setLevel(logging.CRITICAL)


class Topics:
    """Client of one broker. `options` are those with which other clients reach it and log in. Methods raise Unavailable while the broker does not answer, and can be called again."""

    def __init__(self, bootstrap: str, password: str) -> None:
        self.bootstrap = bootstrap
        self.options: dict[str, Any] = {
            "bootstrap_servers": bootstrap,
            "bootstrap_timeout_ms": REQUEST_TIMEOUT,
            "request_timeout_ms": REQUEST_TIMEOUT,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": KAFKA_USER,
            "sasl_plain_password": password,
        }
        self._admin: KafkaAdminClient | None = None

    def ends(self, prefix: str) -> Offsets:
        """Return the end offset of each non-empty partition of the topics whose name starts with `prefix`."""
        found = self._call(lambda admin: _offsets(admin, prefix, OffsetSpec.LATEST))
        return {partition: end for partition, end in found.items() if end > 0}

    def starts(self, prefix: str) -> Offsets:
        """Return the first offset that Kafka still has of each partition of the topics whose name starts with `prefix`."""
        return self._call(lambda admin: _offsets(admin, prefix, OffsetSpec.EARLIEST))

    def cluster_id(self) -> str:
        """Return the id that Kafka got when its storage was formatted."""
        return self._call(lambda admin: str(admin.describe_cluster()["cluster_id"]))

    def create(self, names: Iterable[str], **configs: str) -> None:
        """Create the topics that do not exist yet, with one partition each. `configs` are settings of the topics."""

        def create_missing(admin: KafkaAdminClient) -> None:
            missing = sorted({*names} - {*admin.list_topics()})
            if missing:
                options = {"num_partitions": 1, "replication_factor": 1, "configs": configs}
                admin.create_topics(dict.fromkeys(missing, options), wait_for_metadata=True)

        self._call(create_missing)

    def committed(self, group: str) -> Offsets:
        """Return the offsets that a consumer group has committed."""
        found = self._call(lambda admin: admin.list_group_offsets(group)).get(group, {})
        return {partition: position.offset for partition, position in found.items()}

    def close(self) -> None:
        """Close the connection; the next call opens another one."""
        if self._admin is not None:
            self._admin.close()
            self._admin = None

    def _call(self, request: Callable[[KafkaAdminClient], T]) -> T:
        try:
            if self._admin is None:
                self._admin = KafkaAdminClient(**self.options)
            return request(self._admin)
        except KafkaError as error:
            self.close()  # The state of the connection is unknown; the next call opens another one.
            raise Unavailable(
                f"Kafka does not answer at {self.bootstrap}, or refuses KAFKA_PASSWORD: {type(error).__name__}."
            ) from error


def _offsets(admin: KafkaAdminClient, prefix: str, wanted: OffsetSpec) -> Offsets:
    names = [name for name in admin.list_topics() if name.startswith(prefix)]
    if not names:
        return {}
    partitions = {
        TopicPartition(topic["name"], partition["partition_index"]): wanted
        for topic in admin.describe_topics(names)
        for partition in topic["partitions"]
    }
    return {partition: found.offset for partition, found in admin.list_partition_offsets(partitions).items()}


@contextmanager
def open_consumer(topics: Topics) -> Iterator[KafkaConsumer]:
    """Yield a consumer without a group, which skips no expired record: it raises Unavailable instead."""
    try:
        consumer = KafkaConsumer(**topics.options, enable_auto_commit=False, auto_offset_reset="none")
        try:
            yield consumer
        finally:
            consumer.close()
    except KafkaError as error:
        raise Unavailable(f"Kafka does not answer at {topics.bootstrap}: {type(error).__name__}.") from error


def records(consumer: KafkaConsumer, first: Offsets, targets: Offsets) -> Iterator[Any]:
    """Yield the records from the offsets `first` up to `targets`. Raises Unavailable if they do not come in time."""
    consumer.assign([*targets])
    for partition, offset in first.items():
        consumer.seek(partition, offset)
    deadline = Deadline(READ_TIMEOUT)
    open_partitions: set[TopicPartition] = {*targets}
    while open_partitions:
        if deadline.left <= 0:
            raise Unavailable(f"Kafka did not deliver the records within {READ_TIMEOUT:.0f} s.")
        for partition, found in consumer.poll(timeout_ms=POLL).items():
            yield from (record for record in found if record.offset < targets[partition])
        open_partitions -= {each for each in open_partitions if consumer.position(each) >= targets[each]}
        consumer.pause(*({*targets} - open_partitions))
