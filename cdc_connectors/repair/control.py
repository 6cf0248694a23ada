"""Stop and resume the connectors, and set the positions from which they go on."""

from typing import Any

from cdc_connectors.configs.render import SINK, SOURCE, connector_configs
from cdc_connectors.connectors.rest import Connect
from cdc_connectors.errors import CdcError, ConnectError, Unavailable
from cdc_connectors.repair.chain import Chain
from cdc_connectors.verification.catch_up import TOPIC_PREFIX
from cdc_connectors.verification.topics import Offsets
from common.waiting import Deadline, WaitTimeout, wait_until

STEP_TIMEOUT = 120.0  # seconds for one step at Kafka Connect
SOURCE_PARTITION = {"server": TOPIC_PREFIX.removesuffix(".")}


def stop(chain: Chain, name: str) -> None:
    """Stop a connector and wait until its tasks have ended. A connector that Kafka lost is created."""
    worker, config = chain.connect, connector_configs(chain.settings)[name]

    def is_stopped() -> bool:
        if worker.config(name) is None:
            worker.create_stopped(name, config)
        worker.stop(name)
        status = worker.statuses().get(name)
        return status is not None and status.is_stopped

    try:
        wait_until(is_stopped, f"{name} to stop", Deadline(STEP_TIMEOUT), ignore=Unavailable)
    except WaitTimeout as error:
        raise CdcError(f"{error} Restart Kafka Connect (make down, make up), then run make resync-replica.") from None


def resume(worker: Connect) -> None:
    """Let both connectors run again."""
    for name in (SINK, SOURCE):
        worker.resume(name)


def set_source_offset(worker: Connect, position: int) -> None:
    """Let the stopped source go on from a WAL position."""
    offset = {"lsn": position, "lsn_proc": position, "lsn_commit": position}
    _patch(worker, SOURCE, [{"partition": SOURCE_PARTITION, "offset": offset}])


def set_sink_offsets(worker: Connect, offsets: Offsets) -> None:
    """Let the stopped sink go on from these positions; it keeps its positions in other topics."""
    _patch(
        worker,
        SINK,
        [
            {
                "partition": {"kafka_topic": each.topic, "kafka_partition": each.partition},
                "offset": {"kafka_offset": offset},
            }
            for each, offset in offsets.items()
        ],
    )


def _patch(worker: Connect, name: str, offsets: list[dict[str, Any]]) -> None:
    """Set the offsets of a stopped connector.

    Connect refuses while a task that was stopped has not left its consumer group, and if somebody has resumed the connector.
    """

    def is_set() -> bool:
        worker.stop(name)
        worker.set_offsets(name, offsets)
        return True

    wait_until(is_set, f"the offsets of {name}", Deadline(STEP_TIMEOUT), ignore=(Unavailable, ConnectError))
