"""Dead letters: rows of main that the replica does not follow, because it refuses them. They are in Kafka's topic `dead-letters`.

A message has the row's key and the cause, and no row: a repair never writes an old one. Kafka keeps it until the row is repaired
(cleanup.policy=compact).
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from cdc_connectors.errors import Unavailable
from cdc_connectors.repair.unread import Key
from cdc_connectors.verification.topics import Topics, open_consumer, records

TOPIC = TopicPartition("dead-letters", 0)
# A repaired row's key, which can contain a listener's id, is gone a day later.
TOPIC_CONFIGS = {"cleanup.policy": "compact", "max.compaction.lag.ms": "43200000", "delete.retention.ms": "3600000"}
WRITE_TIMEOUT = 30  # seconds
TIMESTAMP = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class DeadLetter:
    """A row that main has, or no longer has, and that the replica does not follow. `since` is set when it is written."""

    table: str
    key: Key
    cause: str
    since: str = ""

    @property
    def name(self) -> bytes:
        """Return the message's key: a later dead letter of the same row replaces this one."""
        return json.dumps([self.table, self.key]).encode()


def read(topics: Topics) -> list[DeadLetter]:
    """Return all dead letters, by table and key. Raises Unavailable."""
    end = topics.ends(TOPIC.topic).get(TOPIC)
    if end is None:
        return []
    newest: dict[bytes, DeadLetter | None] = {}
    with open_consumer(topics) as consumer:
        for record in records(consumer, {TOPIC: topics.starts(TOPIC.topic)[TOPIC]}, {TOPIC: end}):
            newest[record.key] = _decode(record.value) if record.value else None
    return sorted((each for each in newest.values() if each), key=lambda each: (each.table, each.key))


def _decode(message: bytes) -> DeadLetter:
    found = json.loads(message)
    return DeadLetter(found["table"], tuple(found["key"]), found["cause"], found["since"])


def write(topics: Topics, added: Iterable[DeadLetter], removed: Iterable[DeadLetter] = ()) -> None:
    """Add and remove dead letters. Returns when Kafka has them. Raises Unavailable."""
    now = datetime.now(UTC).strftime(TIMESTAMP)
    messages: dict[bytes, bytes | None] = dict.fromkeys(each.name for each in removed)
    messages |= {each.name: json.dumps(asdict(each) | {"since": now}).encode() for each in added}
    if not messages:
        return
    topics.create([TOPIC.topic], **TOPIC_CONFIGS)
    with _producer(topics) as producer:
        sent = [producer.send(TOPIC.topic, value, key) for key, value in messages.items()]
        for each in sent:
            each.get(timeout=WRITE_TIMEOUT)


@contextmanager
def _producer(topics: Topics) -> Iterator[KafkaProducer]:
    try:
        producer = KafkaProducer(**topics.options, acks="all")
        try:
            yield producer
        finally:
            producer.close(timeout=WRITE_TIMEOUT)
    except KafkaError as error:
        raise Unavailable(
            f"Kafka does not take the dead letters at {topics.bootstrap}: {type(error).__name__}."
        ) from error
