"""The positions in Kafka, instead of a broker's answers."""

from dataclasses import dataclass, field

from kafka import TopicPartition

PARTITION = TopicPartition("main.mart.day", 0)


@dataclass
class Positions:
    """Kafka has the changes 5 to 8 of one topic, and the sink has read those before 7."""

    cluster: str = "cluster"
    read: dict[TopicPartition, int] = field(default_factory=lambda: {PARTITION: 7})
    first: dict[TopicPartition, int] = field(default_factory=lambda: {PARTITION: 5})
    end: dict[TopicPartition, int] = field(default_factory=lambda: {PARTITION: 9})

    def cluster_id(self) -> str:
        return self.cluster

    def committed(self, _: str) -> dict[TopicPartition, int]:
        return self.read

    def starts(self, _: str) -> dict[TopicPartition, int]:
        return self.first

    def ends(self, _: str) -> dict[TopicPartition, int]:
        return self.end
