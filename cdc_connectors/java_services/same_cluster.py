"""Run a client of Kafka while Kafka's data stays the same, and end it when Kafka was given new storage.

Kafka Connect keeps its configs and offsets in Kafka. If Kafka loses its data, the worker waits for its topics for ever, while its REST
API says that all is well. Only a new process starts afresh; the supervisor starts it.
"""

import signal
import subprocess
import threading
from collections.abc import Callable, Sequence

from cdc_connectors.command import log
from cdc_connectors.errors import Unavailable

CHECK_INTERVAL = 5.0  # seconds
STOP_TIMEOUT = 20.0  # seconds for the process to end after SIGTERM
# If this process is killed, the system kills the other one, which would keep its port.
DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")


def run_while_same(
    command: Sequence[str], cluster_id: Callable[[], str], check_interval: float = CHECK_INTERVAL
) -> int:
    """Run the command until it ends, this process gets SIGTERM or SIGINT, or the cluster's id changes. Return the exit code."""
    ended = threading.Event()
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []  # signals that came before the process had started

    def pass_on(number: int, _: object) -> None:
        process.send_signal(number) if process else early.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    process = subprocess.Popen([*DIE_WITH_PARENT, *command])
    for received in early:
        process.send_signal(received)

    def wait() -> None:
        process.wait()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    first: str | None = None
    while not ended.wait(check_interval):
        try:
            found = cluster_id()
        except Unavailable:
            continue
        first = first or found
        if found != first:
            log.warning("Kafka lost its data: starting again", cluster=found, before=first)
            process.terminate()
            if not ended.wait(STOP_TIMEOUT):
                process.kill()
    return process.wait()
