"""Register both connectors and wait until they run: `python -m cdc_connectors.connectors.register`. Runs at every start.

A config is sent only when Connect's copy differs, so a second run is a no-op. New connectors do not run yet: the replica is first
filled by a resync, which creates the replication slot. A later start repairs the replica in the same way if changes were lost.
"""

import time
from collections.abc import Callable
from functools import partial

import click

from cdc_connectors.command import log, service
from cdc_connectors.configs.render import SINK, connector_configs
from cdc_connectors.connectors.rest import Connect, Status
from cdc_connectors.errors import ConnectorFailed, ResyncRunning, Unavailable
from cdc_connectors.repair.chain import Chain, open_chain
from cdc_connectors.repair.following import ensure_following
from cdc_connectors.settings import Settings
from common.settings import load_settings
from common.waiting import Deadline, WaitTimeout, wait_until

MAX_RESTARTS = 3  # A connector that still fails after these has a cause that a restart does not remove.
RESTART_INTERVAL = 5.0  # seconds between two restarts of one connector


def send_configs(connect: Connect, configs: dict[str, dict[str, str]], deadline: Deadline) -> None:
    """Send the configs that differ, once Kafka Connect answers. Raises Unavailable or ConnectError."""
    try:
        wait_until(connect.is_ready, "an answer of Kafka Connect", deadline)
    except WaitTimeout:
        raise Unavailable(
            f"Kafka Connect did not answer at {connect.url} within {deadline.seconds:.0f} s. See the log of connect."
        ) from None
    for name, config in configs.items():
        wait_until(
            partial(_ensure_config, connect, name, config), f"the config of {name}", deadline, ignore=Unavailable
        )


def _ensure_config(connect: Connect, name: str, config: dict[str, str]) -> bool:
    found = connect.config(name)
    if found is None:
        connect.create_stopped(name, config)
    elif found != config:
        connect.put_config(name, config)
    return True


def wait_until_running(
    connect: Connect, name: str, deadline: Deadline, unblock: Callable[[], object] | None = None
) -> None:
    """Wait until a connector and its tasks run; restart what fails, and call `unblock` once if that does not help.

    Raises ConnectorFailed, or CdcError if it cannot be unblocked.
    """
    restarts, not_before = 0, 0.0
    status = Status("UNKNOWN", ())

    def is_running() -> bool:
        nonlocal restarts, not_before, status, unblock
        status = connect.statuses().get(name, status)
        if status.is_failed and time.monotonic() >= not_before:
            if restarts == MAX_RESTARTS and unblock is not None:
                unblock()
                unblock, restarts, not_before = None, 0, time.monotonic() + RESTART_INTERVAL
                return False
            if restarts == MAX_RESTARTS:
                raise ConnectorFailed(f"{name} still fails after {MAX_RESTARTS} restarts: {status.cause}")
            connect.restart_failed(name)
            restarts, not_before = restarts + 1, time.monotonic() + RESTART_INTERVAL
        return status.is_running

    try:
        wait_until(is_running, f"{name} to run", deadline, ignore=(Unavailable, ResyncRunning))
    except WaitTimeout:
        raise ConnectorFailed(
            f"{name} did not run within {deadline.seconds:.0f} s: {status}. See the log of connect."
        ) from None


@service("register-connectors")
@click.option("--timeout", default=180.0, show_default=True, help="Seconds to wait for Connect and the connectors.")
def main(timeout: float) -> None:
    """Register both connectors, fill or repair the replica, and wait until the connectors run."""
    settings, deadline = load_settings(Settings), Deadline(timeout)
    configs = connector_configs(settings)
    with open_chain(settings) as chain:
        send_configs(chain.connect, configs, deadline)
        busy = (ResyncRunning, Unavailable)  # Another process repairs the replica, or Kafka Connect is busy.
        wait_until(partial(_is_following, chain), "the replica to follow main", deadline, ignore=busy)
        for name in configs:
            unblock = partial(ensure_following, chain, is_blocked=True) if name == SINK else None
            wait_until_running(chain.connect, name, Deadline(timeout), unblock)
    log.info(f"Running: {', '.join(configs)}.")


def _is_following(chain: Chain) -> bool:
    ensure_following(chain)
    return True


if __name__ == "__main__":
    main()
