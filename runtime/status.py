"""`make status`: each service's health, the last load and its gates, CDC lag, token expiry, memory."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import requests
from rich.console import Console
from rich.table import Table

from runtime.components import call_json
from runtime.databases import gate_outcomes
from runtime.errors import OperatorError
from runtime.pipeline import last_load
from runtime.stack import Stack
from runtime.starter import is_healthy
from runtime.supervisor import Supervisor, processes_of

GIB = 1024**3
STATE_WORDS = {
    "BACKOFF": "restarting",
    "FATAL": "gave up",
    "EXITED": "ended",
    "STOPPED": "stopped",
    "STARTING": "starting",
}


def show_status(stack: Stack) -> bool:
    """Print the stack's state. Returns whether every service is healthy."""
    services = [service for service in stack.services().values() if not service.is_one_shot]
    states = Supervisor(stack).states()
    running = [service for service in services if states.get(service.name) == "RUNNING"]
    with ThreadPoolExecutor(max_workers=8) as pool:
        healthy = dict(
            zip(
                (service.name for service in running),
                pool.map(lambda service: is_healthy(stack, service), running),
                strict=True,
            )
        )
    table = Table("service", "state", "ports")
    for service in services:
        state = states.get(service.name, "STOPPED")
        word = (
            ("healthy" if healthy[service.name] else "unhealthy")
            if service.name in healthy
            else STATE_WORDS.get(state, state.lower())
        )
        table.add_row(service.name, word, ", ".join(map(str, service.ports)))
    out = Console(highlight=False)
    out.print(table)
    for line in _lines(stack):
        out.print(line)
    return len(healthy) == len(services) and all(healthy.values())


def _lines(stack: Stack) -> Iterator[str]:
    for told in (_load, _lag, _tokens):
        try:
            yield from told(stack)
        except OperatorError as error:
            yield str(error)
    used = sum(_pss(process) for process in processes_of(stack))
    yield f"Memory: {used / GIB:.2f} GiB (proportional set size of all processes)."


def _load(stack: Stack) -> Iterator[str]:
    load = last_load(stack)
    if not load:
        yield "No load yet: run `make pipeline`."
        return
    load_id, status, kind, listeners, inserted, updated, deleted = load
    gates = gate_outcomes(stack.settings(), load_id)
    passed, warned, failed = (
        (sum(outcome) for outcome in zip(*((row[1], row[2], row[3]) for row in gates), strict=True))
        if gates
        else (0, 0, 0)
    )
    yield f"Last load: {load_id}, {status}, {kind}, {listeners} listeners, {inserted + updated + deleted:,} rows written; checks: {passed} passed, {warned} warned, {failed} failed."


def _lag(stack: Stack) -> Iterator[str]:
    seconds = call_json(stack, "register-connectors", "cdc", ["-m", "cdc_connectors.lag", "--json"])["lag_seconds"]
    if seconds is None:
        yield "CDC: no heartbeat has reached the replica yet."
    else:
        yield f"CDC: the replica saw main's heartbeat of {seconds:.0f} s ago (one is sent every 5 s)."


def _tokens(stack: Stack) -> Iterator[str]:
    settings = stack.settings()
    url = f"http://127.0.0.1:{settings['FLASK_PORT']}/v1/listeners"
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {settings['OPERATOR_KEY']}"
    try:
        listeners = session.get(url, timeout=10).json()["listeners"]
        for listener in listeners:
            token = session.get(f"{url}/{listener['listener_id']}/token", timeout=10).json()
            if token.get("state") not in (None, "none"):
                ends = str(token.get("consent_ends_at") or "unknown")[:10]
                yield f"Spotify: {listener['listener_id']} is {token['state']}, consent ends {ends}."
    except (requests.RequestException, KeyError, ValueError) as error:
        raise OperatorError(f"The endpoint does not tell about tokens ({type(error).__name__}).") from error


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):
        return 0
