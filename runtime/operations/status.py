"""`make status`: each service's health, the last load and its gates, CDC lag, the replica's last proof, token expiry, memory."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import requests
from rich.console import Console
from rich.table import Table

from runtime.errors import OperatorError
from runtime.operations.databases import gate_outcomes, replica_checks, replication_lag
from runtime.operations.pipeline import last_load
from runtime.runtimes import Runtime

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
FAR_BEHIND = DAY  # A third of log.retention.hours in cdc_connectors/configs/server.properties.

Section = Callable[[Runtime], Iterator[str]]


def show_status(runtime: Runtime) -> bool:
    """Print the stack's state. Return whether every service is healthy."""
    states = runtime.states()
    services = runtime.stack.services()
    table = Table("service", "state", "ports")
    for name, state in states.items():
        table.add_row(name, state, ", ".join(map(str, services[name].ports)))
    out = Console(highlight=False)
    out.print(table)
    for line in _lines(runtime):
        out.print(line, markup=False, soft_wrap=True)
    return all(state == "healthy" for state in states.values())


def _lines(runtime: Runtime) -> Iterator[str]:
    with ThreadPoolExecutor() as pool:  # Each section waits for another service.
        for lines in pool.map(
            lambda section: _answer(section, runtime), (_load, _lag, _lost_changes, _proof, _tokens, _memory)
        ):
            yield from lines


def _answer(section: Section, runtime: Runtime) -> list[str]:
    """Return the section's lines, or why it has none."""
    try:
        return list(section(runtime))
    except OperatorError as error:
        return [str(error)]


def _load(runtime: Runtime) -> Iterator[str]:
    stack = runtime.stack
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


def _lag(runtime: Runtime) -> Iterator[str]:
    seconds = replication_lag(runtime.stack.settings())
    if seconds is None:
        yield "CDC: no heartbeat has reached the replica yet."
        return
    yield f"CDC: the replica saw main's heartbeat of {_ago(seconds)} (one is sent every 5 s)."
    if seconds >= FAR_BEHIND:
        yield "CDC: Kafka keeps changes for 72 h. If the replica does not follow before, the watchdog copies main again."


def _lost_changes(runtime: Runtime) -> Iterator[str]:
    url = f"http://127.0.0.1:{runtime.stack.settings()['WATCHDOG_PORT']}/healthz"
    try:
        state = requests.get(url, timeout=10).json()
        fault, dead_letters, failing = state["fault"], int(state["dead_letters"]), dict(state["failing"])
    except (requests.RequestException, KeyError, ValueError) as error:
        raise OperatorError(
            f"The watchdog does not report whether changes were lost ({type(error).__name__})."
        ) from error
    if fault:
        yield f"CDC: {fault}"
    for connector, cause in failing.items():
        yield f"CDC: {connector} fails: {cause}. It is restarted until it runs; see `make logs S=connect`."
    if dead_letters:
        yield f"CDC: the replica refuses {dead_letters:,} row{'' if dead_letters == 1 else 's'} of main. Run `make dead-letters`."


def _proof(runtime: Runtime) -> Iterator[str]:
    checks = replica_checks(runtime.stack.settings())
    if not checks:
        yield "Replica: never compared with main. Run `make verify-replica`."
        return
    proven_at, _ = checks.get("equal", (float("inf"), None))
    parts = [f"proven equal to main {_ago(proven_at)}" if "equal" in checks else "never proven equal to main"]
    later = {outcome: check for outcome, check in checks.items() if check[0] < proven_at}
    for outcome, what in (("different", "found different"), ("not_compared", "could not be compared")):
        if outcome in later:
            age, reason = later[outcome]
            parts.append(f"{what} {_ago(age)} ({(reason or 'no reason given').rstrip('.')})")
    aim = "see the rows that differ" if "different" in later else "compare again"
    yield f"Replica: {', '.join(parts)}.{f' Run `make verify-replica` to {aim}.' if later else ''}"


def _ago(seconds: float) -> str:
    """Return an age in seconds as text, rounded down: '40 s ago', '47 h ago', '2 days ago'."""
    shortest = ((2 * DAY, DAY, "days"), (HOUR, HOUR, "h"), (MINUTE, MINUTE, "min"), (0, 1, "s"))
    seconds = max(0.0, seconds)  # The clock of main can be set back.
    unit, name = next((unit, name) for least, unit, name in shortest if seconds >= least)
    return f"{int(seconds // unit)} {name} ago"


def _memory(runtime: Runtime) -> Iterator[str]:
    yield f"Memory: {runtime.memory()}."


def _tokens(runtime: Runtime) -> Iterator[str]:
    settings = runtime.stack.settings()
    url = f"http://127.0.0.1:{settings['FLASK_PORT']}/v1/listeners"
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {settings['OPERATOR_KEY']}"
    place: str | None = None
    try:
        while True:
            page = session.get(url, params={"limit": 200, "before": place}, timeout=10).json()
            for listener in page["listeners"]:
                state, ends = listener["token_state"], str(listener["consent_ends_at"] or "unknown")[:10]
                if state != "none":
                    yield f"Spotify: {listener['listener_id']} is {state}, consent ends {ends}."
            place = page["next_before"]
            if place is None:
                return
    except (requests.RequestException, KeyError, ValueError) as error:
        raise OperatorError(f"The endpoint does not report token states ({type(error).__name__}).") from error
