"""Print the newest changes of a table that Kafka has, oldest first: `python -m cdc_connectors.verification.changes TABLE [--count N]`.

A line has the kind of change, the row's key, and the new row; values as Debezium writes them (a date is a number of days since 1970).

Exit codes: 0 printed, 2 usage error, 3 could not run.
"""

import json
from contextlib import closing

import click
from kafka import TopicPartition

from cdc_connectors.command import command
from cdc_connectors.errors import CdcError
from cdc_connectors.settings import Settings
from cdc_connectors.verification.catch_up import TOPIC_PREFIX
from cdc_connectors.verification.topics import Topics, open_consumer, records
from common.settings import load_settings

KINDS = {"c": "insert", "u": "update", "d": "delete", "t": "truncate"}


@command
@click.argument("table")
@click.option("--count", default=10, show_default=True, type=click.IntRange(min=1), help="Number of changes.")
def main(table: str, count: int) -> None:
    """Print the newest changes of a table, such as mart.top_item, that Kafka has."""
    settings = load_settings(Settings)
    partition = TopicPartition(f"{TOPIC_PREFIX}{table}", 0)
    with closing(Topics(settings.bootstrap, settings.require("kafka_password"))) as topics:
        starts, ends = topics.starts(partition.topic), topics.ends(partition.topic)
        if partition not in starts:
            raise CdcError(
                f"Kafka has no topic of a table {table}. The name has its schema, for example mart.top_item."
            )
        end = ends.get(partition, 0)
        start = max(starts[partition], end - count)
        if start >= end:
            click.echo(f"Kafka has no changes of {table}.")
            return
        with open_consumer(topics) as consumer:
            for record in records(consumer, {partition: start}, {partition: end}):
                click.echo(describe(record.key, record.value))


def describe(key: bytes | None, value: bytes | None) -> str:
    """Return a change as one line. What cannot be read is shown as it is."""
    try:
        change = json.loads(value or b"")["payload"]
        parts = [KINDS.get(change["op"], change["op"])]
        parts += [json.dumps(json.loads(key)["payload"], ensure_ascii=False)] if key else []
        parts += [json.dumps(change["after"], ensure_ascii=False)] if change.get("after") else []
    except (ValueError, KeyError, TypeError):
        return f"unreadable: key {key!r}, value {value!r}"
    return " ".join(parts)


if __name__ == "__main__":
    main()
