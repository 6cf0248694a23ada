"""Register both connectors: `python -m cdc_connectors.connectors.register`, at every start.

A config is put only where Connect's differs, so a second run touches nothing. Registering the source makes its slot in
main, from which moment main keeps WAL for it.
"""

import time
from functools import partial

import click

from cdc_connectors.command import log, service
from cdc_connectors.configs.render import connector_configs
from cdc_connectors.connectors.rest import Connect, Status
from cdc_connectors.errors import ConnectorFailed, Unavailable
from cdc_connectors.settings import load_settings
from cdc_connectors.wait import Deadline

RESTARTS, APART = 3, 5.0  # What fails after three restarts, so many seconds apart, has a cause that no restart removes.


def register(connect: Connect, configs: dict[str, dict[str, str]], deadline: Deadline) -> None:
    """Put the configs and wait until every connector and task runs. Raises Unavailable, ConnectError, ConnectorFailed."""
    if not deadline.wait_for(connect.is_ready):
        raise Unavailable(
            f"Kafka Connect does not answer at {connect.url} after {deadline.seconds:.0f} s: see its log."
        )
    for name, config in configs.items():
        deadline.wait_for(partial(_is_put, connect, name, config))
    for name in configs:
        _wait_until_running(connect, name, deadline)


def _is_put(connect: Connect, name: str, config: dict[str, str]) -> bool:
    if connect.config(name) != config:
        connect.put_config(name, config)
    return True


def _wait_until_running(connect: Connect, name: str, deadline: Deadline) -> None:
    restarts, not_before = 0, 0.0
    status = Status("UNKNOWN", ())

    def runs() -> bool:
        nonlocal restarts, not_before, status
        status = connect.statuses().get(name, status)
        if status.is_failed and time.monotonic() >= not_before:
            if restarts == RESTARTS:
                raise ConnectorFailed(f"{name} fails: {status.cause}")
            connect.restart_failed(name)
            restarts, not_before = restarts + 1, time.monotonic() + APART
        return status.is_running

    if not deadline.wait_for(runs):
        raise ConnectorFailed(f"{name} does not run after {deadline.seconds:.0f} s: {status}.")


@service("register-connectors")
@click.option("--timeout", default=180.0, show_default=True, help="Seconds to wait for Connect and the connectors.")
def main(timeout: float) -> None:
    """Register both connectors and wait until they run."""
    settings = load_settings()
    configs = connector_configs(settings)
    register(Connect(settings.connect), configs, Deadline(timeout))
    log.info(f"Running: {', '.join(configs)}.")


if __name__ == "__main__":
    main()
