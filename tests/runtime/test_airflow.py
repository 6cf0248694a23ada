"""The Airflow client waits for DAGs and runs, with a fake REST API."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests

from runtime.errors import StageError
from runtime.operations import airflow
from runtime.operations.airflow import Airflow, RunOutcome

SYNC = RunOutcome("sync", "sync-1", "success", 1.0, ())


class FakeAirflow(Airflow):
    """A client without a server: `answers` has the answers to each path, of which the last one is repeated."""

    def __init__(self, **answers: list[Any]) -> None:
        self.url, self.answers = "http://127.0.0.1:8080", answers
        self.session = cast(requests.Session, SimpleNamespace(get=lambda url, timeout: self._next("dag")))

    def _next(self, key: str) -> Any:
        answers = self.answers[key]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _call(self, method: str, path: str, **arguments: object) -> Any:
        return self._next(path.rpartition("/")[2])


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airflow, "POLL_INTERVAL", 0.01)
    monkeypatch.setattr(airflow, "START_TIMEOUT", 0.1)
    monkeypatch.setattr(airflow, "RUN_TIMEOUT", 0.1)


def run(state: str) -> dict[str, str]:
    times = {"start_date": "2026-11-20T07:00:00+00:00", "end_date": "2026-11-20T07:00:05+00:00"}
    return {"dag_run_id": "etl-1", "state": state} | times


def task(state: str) -> dict[str, Any]:
    return {"task_instances": [{"task_id": "begin", "state": state, "end_date": None, "duration": None}]}


def test_run_is_followed_to_its_end_and_each_state_is_reported_once() -> None:
    client = FakeAirflow(
        **{"etl-1": [run("running"), run("running"), run("success")]},
        taskInstances=[task("running"), task("running"), task("success")],
    )
    reported: list[str] = []
    assert client.follow("etl", "etl-1", reported.append).seconds == 5.0
    assert reported == ["etl.begin: running", "etl.begin: success"]


def test_run_that_does_not_finish_is_a_failed_stage() -> None:
    client = FakeAirflow(**{"etl-1": [run("running")]}, taskInstances=[task("running")])
    with pytest.raises(StageError, match="The run etl-1 of etl did not finish within"):
        client.follow("etl", "etl-1")


def test_run_that_an_asset_event_started_is_found() -> None:
    events = [{"asset_events": []}, {"asset_events": [{"source_run_id": "sync-1"}]}]
    client = FakeAirflow(dagRuns=[{"dag_runs": [run("running")]}], upstreamAssetEvents=events)
    assert client.run_started_by("etl", SYNC) == "etl-1"


def test_run_that_does_not_start_is_a_failed_stage() -> None:
    with pytest.raises(StageError, match="sync finished but did not start etl"):
        FakeAirflow(dagRuns=[{"dag_runs": []}]).run_started_by("etl", SYNC)


def test_dag_is_awaited_and_an_unknown_one_is_a_failed_stage() -> None:
    missing, known = SimpleNamespace(status_code=404), SimpleNamespace(status_code=200)
    FakeAirflow(dag=[missing, known])._wait_for_dag("etl")
    with pytest.raises(StageError, match="Airflow does not know the DAG etl"):
        FakeAirflow(dag=[missing])._wait_for_dag("etl")
