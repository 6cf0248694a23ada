"""Client for the few calls of Kafka Connect's REST API that this component needs; every call has a timeout."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from cdc_connectors.errors import ConnectError, Unavailable
from cdc_connectors.settings import CONNECT_USER

TIMEOUT = (5, 30)  # seconds: to connect, to answer
# Hibernate's message when the sink cannot connect to the replica at its start.
NO_CONNECTION_MESSAGE = "Unable to determine Dialect"
REPLICA_UNREACHABLE = "the replica does not answer, or refuses the sink's password"
STOPPED = "STOPPED"  # state of a connector without tasks, which starts again when it is resumed
UNAUTHORIZED, NOT_FOUND, CONFLICT, UNAVAILABLE = 401, 404, 409, 503


@dataclass(frozen=True)
class Status:
    """A connector's state, the states of its tasks, and the stack trace of the first failure."""

    state: str
    tasks: tuple[str, ...]
    trace: str = ""

    @property
    def is_running(self) -> bool:
        return self.state == "RUNNING" and bool(self.tasks) and set(self.tasks) == {"RUNNING"}

    @property
    def is_stopped(self) -> bool:
        return self.state == STOPPED and not self.tasks

    @property
    def is_failed(self) -> bool:
        return "FAILED" in (self.state, *self.tasks)

    def __str__(self) -> str:
        tasks = ", ".join(self.tasks) or "none"
        return f"{self.state}, tasks {tasks}" + (f" ({self.cause})" if self.is_failed else "")

    @property
    def cause(self) -> str:
        """Return the last cause in the stack trace, which is usually the one an operator can act on."""
        lines = [
            line.strip() for line in self.trace.splitlines() if line.strip() and not line.startswith(("\tat ", "\t..."))
        ]
        causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
        cause = (causes or lines or ["no reason given"])[-1 if causes else 0]
        return f"{REPLICA_UNREACHABLE} ({cause})" if NO_CONNECTION_MESSAGE in cause else cause


class Connect:
    """Client of one Connect worker.

    Methods raise Unavailable while the worker does not answer, and ConnectError when it refuses a request.
    """

    def __init__(self, url: str, password: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.auth = (CONNECT_USER, password)

    def is_ready(self) -> bool:
        """Return whether the worker answers. While it starts, calls are refused, then time out, then succeed."""
        try:
            return self._call("GET", "/connectors").ok
        except Unavailable:
            return False

    def config(self, name: str) -> dict[str, str] | None:
        """Return the config as it was sent, with `${env:...}` unresolved; None when the connector does not exist."""
        answer = self._call("GET", f"/connectors/{name}/config")
        if answer.status_code == NOT_FOUND:
            return None
        config: dict[str, str] = self._json(answer)
        config.pop("name", None)  # Connect adds it.
        return config

    def put_config(self, name: str, config: dict[str, str]) -> None:
        """Change a connector's config."""
        self._json(self._call("PUT", f"/connectors/{name}/config", json=config))

    def create_stopped(self, name: str, config: dict[str, str]) -> None:
        """Create a connector that does not run until `resume` is called."""
        body = {"name": name, "config": config, "initial_state": STOPPED}
        self._json(self._call("POST", "/connectors", json=body))

    def stop(self, name: str) -> None:
        """Ask a connector to end all of its tasks; they end soon after. It stays stopped, also after a restart of the worker."""
        self._json(self._call("PUT", f"/connectors/{name}/stop"))

    def resume(self, name: str) -> None:
        """Let a stopped connector run again."""
        self._json(self._call("PUT", f"/connectors/{name}/resume"))

    def set_offsets(self, name: str, offsets: list[dict[str, Any]]) -> None:
        """Replace these offsets of a stopped connector."""
        self._json(self._call("PATCH", f"/connectors/{name}/offsets", json={"offsets": offsets}))

    def statuses(self) -> dict[str, Status]:
        """Return every connector's status by name."""
        connectors = self._json(self._call("GET", "/connectors?expand=status"))
        return {name: _status(found["status"]) for name, found in connectors.items()}

    def restart_failed(self, name: str) -> None:
        """Restart the connector's FAILED parts; running parts are not touched."""
        self._json(self._call("POST", f"/connectors/{name}/restart?includeTasks=true&onlyFailed=true"))

    def offsets(self, name: str) -> list[dict[str, Any]]:
        """Return the offsets that a connector has committed; none if it does not exist. Everything before them has been delivered."""
        answer = self._call("GET", f"/connectors/{name}/offsets")
        if answer.status_code == NOT_FOUND:
            return []
        found: list[dict[str, Any]] = self._json(answer)["offsets"]
        return found

    def _call(self, method: str, path: str, json: Mapping[str, Any] | None = None) -> requests.Response:
        try:
            answer = self._session.request(method, self.url + path, json=json, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise Unavailable(f"Kafka Connect does not answer at {self.url}: {type(error).__name__}.") from error
        if answer.status_code == UNAUTHORIZED:
            raise ConnectError(
                f"Kafka Connect at {self.url} refused CONNECT_PASSWORD. If it was changed in .env, restart the stack: make down, make up."
            )
        if not answer.ok and "json" not in answer.headers.get("Content-Type", ""):
            # The web server answers before the REST API does.
            raise Unavailable(f"Kafka Connect is still starting at {self.url}.")
        return answer

    def _json(self, answer: requests.Response) -> Any:
        if answer.ok:
            return answer.json() if answer.content else None
        message = str(answer.json().get("message", answer.text))
        request = f"{answer.request.method} {answer.request.path_url}"
        # Connect reports "busy" in three ways; it answers 500 while its group forms.
        is_busy = answer.status_code in (CONFLICT, UNAVAILABLE) or "rebalance" in message
        kind = Unavailable if is_busy else ConnectError
        raise kind(f"Kafka Connect answered {answer.status_code} to {request}: {' '.join(message.split())[:500]}")


def _status(found: dict[str, Any]) -> Status:
    parts = [found["connector"], *found["tasks"]]
    traces = [part.get("trace", "") for part in parts if part["state"] == "FAILED"]
    return Status(parts[0]["state"], tuple(part["state"] for part in parts[1:]), next(iter(traces), ""))
