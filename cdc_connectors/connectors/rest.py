"""Kafka Connect's REST API: the few calls that we need, each with a timeout."""

from dataclasses import dataclass
from typing import Any

import requests

from cdc_connectors.errors import ConnectError, Unavailable

TIMEOUT = (5, 30)  # seconds: to connect, to answer
# What the sink says, of all things, when it gets no connection at its start.
HIBERNATES_WORDS = "Unable to determine Dialect"
REPLICA_REFUSES = "the replica does not answer, or refuses the sink's password"
NOT_FOUND, CONFLICT, UNAVAILABLE = 404, 409, 503


@dataclass(frozen=True)
class Status:
    """A connector's state, its tasks' states, and why the first failed one failed."""

    state: str
    tasks: tuple[str, ...]
    trace: str = ""

    @property
    def is_running(self) -> bool:
        return self.state == "RUNNING" and bool(self.tasks) and set(self.tasks) == {"RUNNING"}

    @property
    def is_failed(self) -> bool:
        return "FAILED" in (self.state, *self.tasks)

    def __str__(self) -> str:
        tasks = ", ".join(self.tasks) or "none"
        return f"{self.state}, tasks {tasks}" + (f" ({self.cause})" if self.is_failed else "")

    @property
    def cause(self) -> str:
        """The trace's last cause: what an operator can act on."""
        lines = [
            line.strip() for line in self.trace.splitlines() if line.strip() and not line.startswith(("\tat ", "\t..."))
        ]
        causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
        cause = (causes or lines or ["no reason given"])[-1 if causes else 0]
        return f"{REPLICA_REFUSES} ({cause})" if HIBERNATES_WORDS in cause else cause


class Connect:
    """One Connect worker. Every method raises Unavailable while it does not answer, and ConnectError when it refuses."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()

    def is_ready(self) -> bool:
        """Whether it answers as a member of its group: during a start it refuses, then times out, then answers."""
        try:
            return self._call("GET", "/connectors").ok
        except Unavailable:
            return False

    def config(self, name: str) -> dict[str, str] | None:
        """The config as it was put, `${env:...}` unresolved; None when there is no such connector."""
        answer = self._call("GET", f"/connectors/{name}/config")
        if answer.status_code == NOT_FOUND:
            return None
        config: dict[str, str] = self._json(answer)
        config.pop("name", None)  # Connect adds it.
        return config

    def put_config(self, name: str, config: dict[str, str]) -> None:
        """Create or change a connector."""
        self._json(self._call("PUT", f"/connectors/{name}/config", json=config))

    def statuses(self) -> dict[str, Status]:
        """Every connector's status."""
        connectors = self._json(self._call("GET", "/connectors?expand=status"))
        return {name: _status(found["status"]) for name, found in connectors.items()}

    def restart_failed(self, name: str) -> None:
        """Start what is FAILED again, and leave what runs alone."""
        self._json(self._call("POST", f"/connectors/{name}/restart?includeTasks=true&onlyFailed=true"))

    def offsets(self, name: str) -> list[dict[str, Any]]:
        """The offsets that a connector has committed: all before them has arrived in Kafka, or in the sink."""
        found: list[dict[str, Any]] = self._json(self._call("GET", f"/connectors/{name}/offsets"))["offsets"]
        return found

    def _call(self, method: str, path: str, json: dict[str, str] | None = None) -> requests.Response:
        try:
            answer = self._session.request(method, self.url + path, json=json, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise Unavailable(f"Kafka Connect does not answer at {self.url}: {type(error).__name__}.") from error
        if not answer.ok and "json" not in answer.headers.get("Content-Type", ""):
            raise Unavailable(
                f"Kafka Connect is still starting at {self.url}."
            )  # Its web server, not yet its REST API.
        return answer

    def _json(self, answer: requests.Response) -> Any:
        if answer.ok:
            return answer.json() if answer.content else None
        message = str(answer.json().get("message", answer.text))
        request = f"{answer.request.method} {answer.request.path_url}"
        # Connect says so in three ways; 500 is the one that comes while its group forms.
        is_busy = answer.status_code in (CONFLICT, UNAVAILABLE) or "rebalance" in message
        kind = Unavailable if is_busy else ConnectError
        raise kind(f"Kafka Connect answered {answer.status_code} to {request}: {' '.join(message.split())[:500]}")


def _status(found: dict[str, Any]) -> Status:
    parts = [found["connector"], *found["tasks"]]
    traces = [part.get("trace", "") for part in parts if part["state"] == "FAILED"]
    return Status(parts[0]["state"], tuple(part["state"] for part in parts[1:]), next(iter(traces), ""))
