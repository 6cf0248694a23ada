"""A client of Airflow's REST API: trigger a DAG, follow its run, and find the run that its asset starts.

Source of the definitions: Airflow 3's stable REST API (`/api/v2`) and its `POST /auth/token`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from common.waiting import WaitTimeout, wait_until
from runtime.errors import OperatorError, StageError
from runtime.output.log_lines import readable

TIMEOUT = 20  # seconds for one request
START_TIMEOUT = 120  # seconds until Airflow knows a DAG, or has started the run that an asset event requests
RUN_TIMEOUT = 3600  # seconds a run may take before it is no longer followed
POLL_INTERVAL = 1.0  # seconds between two requests for a run's state
FINISHED = {"success", "failed"}
Result = TypeVar("Result")


@dataclass(frozen=True)
class TaskOutcome:
    """A task's state in a run. `seconds` is its duration, 0 if it did not run."""

    task: str
    state: str
    seconds: float


@dataclass(frozen=True)
class RunOutcome:
    """A finished run and its tasks in the order of their end."""

    dag: str
    run_id: str
    state: str
    seconds: float
    tasks: tuple[TaskOutcome, ...]


class Airflow:
    """An Airflow client that authenticates as the administrator."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.url = f"http://127.0.0.1:{settings['AIRFLOW_PORT']}"
        self.session = requests.Session()
        self.session.mount(
            "http://", HTTPAdapter(max_retries=Retry(5, backoff_factor=0.5, status_forcelist=(502, 503, 504)))
        )
        answer = self._call(
            "POST", "/auth/token", json={"username": "admin", "password": settings["AIRFLOW_ADMIN_PASSWORD"]}
        )
        self.session.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def run(
        self, dag: str, watch: Callable[[str], None] = lambda _: None, conf: Mapping[str, Any] | None = None
    ) -> RunOutcome:
        """Trigger `dag`, with `conf` as its parameters, and follow the run to its end. A run in progress finishes first."""
        self._wait_for_dag(dag)
        body = {"logical_date": None, "conf": dict(conf or {})}
        started = self._call("POST", f"/api/v2/dags/{dag}/dagRuns", json=body)
        return self.follow(dag, started["dag_run_id"], watch)

    def follow(self, dag: str, run_id: str, watch: Callable[[str], None] = lambda _: None) -> RunOutcome:
        """Follow a run to its end. Raises StageError after RUN_TIMEOUT."""
        reported_states: dict[str, str] = {}

        def finished_run() -> RunOutcome | None:
            run = self._call("GET", f"/api/v2/dags/{dag}/dagRuns/{run_id}")
            tasks = self._tasks(dag, run_id)
            for task in tasks:
                if task.state not in ("none", reported_states.get(task.task)):
                    reported_states[task.task] = task.state
                    watch(f"{dag}.{task.task}: {task.state}")
            return RunOutcome(dag, run_id, run["state"], _duration(run), tasks) if run["state"] in FINISHED else None

        problem = f"The run {run_id} of {dag} did not finish within {RUN_TIMEOUT} s. Look at it at {self.url}."
        return _wait_until(finished_run, RUN_TIMEOUT, problem)

    def run_started_by(self, dag: str, source: RunOutcome) -> str:
        """Return the id of the run of `dag` that an asset event of the finished run `source` started."""

        def run_id() -> str | None:
            for run in self._runs(dag):
                upstream = self._call("GET", f"/api/v2/dags/{dag}/dagRuns/{run['dag_run_id']}/upstreamAssetEvents")
                if any(event["source_run_id"] == source.run_id for event in upstream["asset_events"]):
                    return str(run["dag_run_id"])
            return None

        problem = (
            f"{source.dag} finished but did not start {dag}. Read the scheduler's log: make logs S=airflow-scheduler."
        )
        return _wait_until(run_id, START_TIMEOUT, problem)

    def log_tail(self, outcome: RunOutcome, lines: int = 25) -> str:
        """Return the last log lines of the run's failed task."""
        for task in outcome.tasks:
            if task.state in ("failed", "up_for_retry"):
                return "\n".join(list(self._log(outcome, task.task))[-lines:])
        return ""

    def _log(self, outcome: RunOutcome, task: str) -> Iterator[str]:
        instance = self._call("GET", f"/api/v2/dags/{outcome.dag}/dagRuns/{outcome.run_id}/taskInstances/{task}")
        path = f"/api/v2/dags/{outcome.dag}/dagRuns/{outcome.run_id}/taskInstances/{task}/logs/{max(1, instance['try_number'])}"
        for entry in self._call("GET", path, params={"full_content": "true"}).get("content", []):
            text = entry["event"] if isinstance(entry, dict) else str(entry)
            if not text.startswith("::"):  # Airflow's group markers.
                yield readable(text)

    def _runs(self, dag: str) -> list[dict[str, Any]]:
        return list(
            self._call("GET", f"/api/v2/dags/{dag}/dagRuns", params={"limit": 10, "order_by": "-run_after"})["dag_runs"]
        )

    def _tasks(self, dag: str, run_id: str) -> tuple[TaskOutcome, ...]:
        instances = self._call("GET", f"/api/v2/dags/{dag}/dagRuns/{run_id}/taskInstances")["task_instances"]
        ordered = sorted(instances, key=lambda task: task["end_date"] or "9999")
        return tuple(
            TaskOutcome(task["task_id"], task["state"] or "none", float(task["duration"] or 0)) for task in ordered
        )

    def _wait_for_dag(self, dag: str) -> None:
        """Wait until the DAG processor has read the DAG. After a first start this takes some seconds."""

        def is_known() -> bool:
            return self.session.get(f"{self.url}/api/v2/dags/{dag}", timeout=TIMEOUT).status_code == 200

        problem = f"Airflow does not know the DAG {dag}. Look at its import errors at {self.url}."
        _wait_until(is_known, START_TIMEOUT, problem)

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            answer = self.session.request(method, self.url + path, timeout=TIMEOUT, **arguments)
        except requests.RequestException as error:
            raise OperatorError(
                f"Airflow does not answer at {self.url} ({type(error).__name__}). Is the stack up? Run `make up`."
            ) from error
        if not answer.ok:
            raise OperatorError(f"Airflow refused {method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()


def _wait_until(condition: Callable[[], Result | None], timeout: float, problem: str) -> Result:
    """Return the first true result of `condition`. Raises StageError with `problem` after `timeout` seconds."""
    try:
        return wait_until(condition, "Airflow", timeout, interval=POLL_INTERVAL)
    except WaitTimeout:
        raise StageError(problem) from None


def _duration(run: Mapping[str, Any]) -> float:
    if not run["start_date"]:
        return 0.0
    end = datetime.fromisoformat(run["end_date"]) if run["end_date"] else datetime.now(UTC)
    return (end - datetime.fromisoformat(run["start_date"])).total_seconds()
