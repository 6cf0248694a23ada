"""Check, before a start changes anything, that no other program uses a required port."""

import socket
from collections.abc import Iterable

import psutil

from runtime.definition.compose import Service
from runtime.definition.stack import Stack
from runtime.errors import OperatorError
from runtime.local.supervisor import processes_of


def require_free_ports(services: Iterable[Service], stack: Stack) -> None:
    """Raise OperatorError with the port, the process that uses it if known, and the setting to change."""
    # The supervisor ends these before it starts anything.
    orphans = {process.pid for process in processes_of(stack)}
    names = {value: name for name, value in stack.settings().items() if name.endswith("_PORT")}
    for service in services:
        for port in service.ports:
            if not _is_taken(port):
                continue
            holder = _holder(port)
            if holder and holder.pid in orphans:
                continue
            by = f"by {holder.name()} (PID {holder.pid})" if holder else "by another program"
            setting = names.get(str(port), "its port")
            raise OperatorError(
                f"Port {port}, which {service.name} needs, is in use {by}. Stop it, or set {setting} in {stack.settings_file.name}."
            )


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _holder(port: int) -> psutil.Process | None:
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.laddr
                and connection.laddr.port == port
                and connection.status == psutil.CONN_LISTEN
                and connection.pid
            ):
                return psutil.Process(connection.pid)
    except (psutil.Error, OSError):
        return None
    return None
