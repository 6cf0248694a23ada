"""Cancelling jobs: a queued one leaves the queue, a running one ends and leaves nothing, a finished one stays as it is."""

import io
import re
import time
from types import ModuleType
from typing import Any

import psycopg
import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from flask_endpoint.catalog import files as catalog_files
from flask_endpoint.enrichment import enrich as enrichment
from flask_endpoint.enrichment.state import Item
from flask_endpoint.imports import importing
from flask_endpoint.imports.gate import started_gate
from flask_endpoint.jobs import tasks
from flask_endpoint.jobs.cancelling import CANCELLED, wait_unless_cancelled
from flask_endpoint.jobs.queue import ENRICHMENT
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.jobs.running import in_jobs, job, run_worker, start_sync
from tests.flask_endpoint.polled_plays import add_connected_listener
from tests.flask_endpoint.web.uploads import export, form_files, stored_uploads
from tests.flask_endpoint.web_stack import OPERATOR, Browser, MakeApp, as_listener, client_of, csrf_token, endpoint_of

TABLES = ("raw.import", "raw.play", "landing.batch", "landing.play", "landing.rejected")
# Moments of an import job, each as a function after which the job is cancelled.
MOMENTS = {
    "start": (tasks, "session_name"),
    "end of landing": (importing, "land_import"),
    "start of gate": (importing, "started_gate"),
    "end of promotion": (importing, "count_repaired_texts"),
}


def queue_import(operator: Browser, **form: str) -> int:
    files = form_files((export("2024-05-01T10:00:00Z"), "endsong_0.json"))
    answer = operator.post("/v1/imports", data={"listener_id": "ana", **form, "files": files}, headers=OPERATOR)
    return int(answer.get_json()["job_id"])


def cancel(operator: Browser, job_id: int) -> TestResponse:
    return operator.post(f"/v1/jobs/{job_id}/cancel", headers=OPERATOR)


def cancel_after(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, operator: Browser, job_id: int
) -> list[int]:
    """Cancel the job when it has called this function. Return the list to which the status is added."""
    real = getattr(module, name)
    statuses: list[int] = []

    def call_and_cancel(*given: Any, **others: Any) -> Any:
        result = real(*given, **others)
        if not statuses:
            statuses.append(cancel(operator, job_id).status_code)
        return result

    monkeypatch.setattr(module, name, call_and_cancel)
    return statuses


def counts(source: psycopg.Connection) -> list[int]:
    tables = ("raw.listener", *TABLES)
    return [count for table in tables for (count,) in source.execute(f"SELECT count(*) FROM {table}")]


def assert_cancelled(operator: Browser, job_id: int) -> None:
    found = job(operator, job_id)
    assert (found["status"], found["result"]) == ("cancelled", {"error": CANCELLED})


def test_queued_import_leaves_queue_and_its_files_are_deleted(
    served: APIFlask, operator: Browser, source: psycopg.Connection
) -> None:
    job_id = queue_import(operator)
    answers = [cancel(operator, job_id) for _ in range(2)]
    assert [(answer.status_code, answer.get_json()["status"]) for answer in answers] == [(200, "cancelled")] * 2
    assert stored_uploads(served) == []
    run_worker(served)
    assert_cancelled(operator, job_id)
    assert counts(source) == [0] * 6


@pytest.mark.parametrize("dry_run", ["", "1"], ids=["import", "dry run"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_running_import_ends_and_leaves_nothing(
    served: APIFlask,
    operator: Browser,
    source: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    dry_run: str,
) -> None:
    job_id = queue_import(operator, dry_run=dry_run)
    statuses = cancel_after(monkeypatch, *MOMENTS[moment], operator, job_id)
    run_worker(served)
    assert statuses == [200]
    assert_cancelled(operator, job_id)
    assert counts(source) == [0] * 6
    assert stored_uploads(served) == []
    again = queue_import(operator)
    run_worker(served)
    assert job(operator, again)["status"] == "succeeded"


def test_cancelling_one_import_does_not_end_another(
    served: APIFlask, operator: Browser, source: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = queue_import(operator, listener_id="ben")
    job_id = queue_import(operator)

    def cancel_the_other(*given: Any, **others: Any) -> Any:
        cancel(operator, job_id)
        return started_gate(*given, **others)

    monkeypatch.setattr(importing, "started_gate", cancel_the_other)
    run_worker(served)
    assert (job(operator, other)["status"], job(operator, job_id)["status"]) == ("succeeded", "cancelled")
    assert source.execute("SELECT DISTINCT listener_id FROM raw.play").fetchall() == [("ben",)]


def test_finished_import_stays(served: APIFlask, operator: Browser, source: psycopg.Connection) -> None:
    job_id = queue_import(operator)
    run_worker(served)
    assert (cancel(operator, job_id).get_json()["status"], counts(source)[2]) == ("succeeded", 1)


def test_running_catalog_file_ends_and_stores_nothing(
    served: APIFlask, operator: Browser, source: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = b"track_id,track_name\n0000000000000000000001,Gloria\n"
    data = {"files": (io.BytesIO(row), "songs.csv")}
    job_id = operator.post("/v1/catalog", data=data, headers=OPERATOR).get_json()["job_id"]
    cancel_after(monkeypatch, catalog_files, "_stage_rows", operator, job_id)
    run_worker(served)
    assert_cancelled(operator, job_id)
    assert (stored_uploads(served), source.execute("SELECT FROM raw.catalog_track").fetchall()) == ([], [])


def test_enrichment_ends_while_it_waits(served: APIFlask, operator: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    add_connected_listener(endpoint_of(served), "ana")
    job_id = operator.post("/v1/enrichment", headers=OPERATOR).get_json()["job_id"]
    monkeypatch.setattr(enrichment._Run, "run", lambda run: (cancel(operator, job_id), run._pace._wait(3600.0)))
    run_worker(served)
    assert job(operator, job_id)["task"] == ENRICHMENT
    assert_cancelled(operator, job_id)


def test_enrichment_without_a_limit_of_calls_ends_between_two_requests(
    make_app: MakeApp, faults: FaultySpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = make_app(faults.url, enrichment_per_minute=0, enrichment_per_day=10)
    operator = client_of(served)
    add_connected_listener(endpoint_of(served), "ana")
    job_id = operator.post("/v1/enrichment", headers=OPERATOR).get_json()["job_id"]
    items = [Item("track", f"{number:022}", 1) for number in range(3)]
    requested: list[Item] = []

    def cancel_during_request(_run: object, item: Item) -> None:
        requested.append(item)
        cancel(operator, job_id)

    monkeypatch.setattr(enrichment, "next_items", lambda connection, limit: items)
    monkeypatch.setattr(enrichment._Run, "_request", cancel_during_request)
    run_worker(served)
    assert_cancelled(operator, job_id)
    assert requested == items[:1]


def test_queued_sync_is_cancelled_but_running_one_is_not(
    served: APIFlask, operator: Browser, source: psycopg.Connection
) -> None:
    job_id = start_sync(operator)
    in_jobs(source).execute("UPDATE procrastinate_jobs SET status = 'doing'")
    refused = cancel(operator, job_id)
    assert (refused.status_code, "is a running sync" in refused.get_json()["error"]["message"]) == (409, True)
    source.execute("UPDATE procrastinate_jobs SET status = 'todo'")
    assert cancel(operator, job_id).get_json()["status"] == "cancelled"
    assert start_sync(operator) != job_id


def test_cancelled_import_of_killed_worker_is_not_retried(
    served: APIFlask, operator: Browser, source: psycopg.Connection
) -> None:
    job_id = queue_import(operator)
    in_jobs(source).execute("UPDATE procrastinate_jobs SET status = 'doing'")
    assert cancel(operator, job_id).get_json()["status"] == "running"
    run_worker(served)
    assert_cancelled(operator, job_id)
    assert (stored_uploads(served), counts(source)) == ([], [0] * 6)


def test_listener_cancels_own_imports_only(served: APIFlask, operator: Browser) -> None:
    own, job_of_ben, sync = queue_import(operator), queue_import(operator, listener_id="ben"), start_sync(operator)
    for listener in ("ana", "ben"):
        add_connected_listener(endpoint_of(served), listener)
    browser = as_listener(served, "ana")
    headers = {"X-CSRFToken": csrf_token(browser)}
    answers = [browser.post(f"/v1/jobs/{each}/cancel", headers=headers) for each in (own, job_of_ben, sync, 999999)]
    assert [answer.status_code for answer in answers] == [200, 404, 404, 404]
    assert [job(operator, each)["status"] for each in (own, job_of_ben, sync)] == ["cancelled", "queued", "queued"]


def test_nobody_else_cancels(served: APIFlask, operator: Browser) -> None:
    job_id = queue_import(operator)
    add_connected_listener(endpoint_of(served), "ana")
    assert operator.post(f"/v1/jobs/{job_id}/cancel").status_code == 401
    assert as_listener(served, "ana").post(f"/v1/jobs/{job_id}/cancel").status_code == 400, "the CSRF token is missing"
    assert as_listener(served, "ana").post(f"/jobs/{job_id}/cancel").status_code == 400
    assert job(operator, job_id)["status"] == "queued"


def test_start_page_has_button_that_cancels(served: APIFlask, operator: Browser) -> None:
    job_id = queue_import(operator)
    page = operator.get("/").get_data(as_text=True)
    assert f'action="/jobs/{job_id}/cancel"' in page
    [token] = set(re.findall(r'name="csrf_token" value="([^"]+)"', operator.get("/jobs").get_data(as_text=True)))
    answer = operator.post(f"/jobs/{job_id}/cancel", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/")
    page = operator.get("/").get_data(as_text=True)
    assert f"Job {job_id} is cancelled" in page and CANCELLED in page and "/cancel" not in page


def test_wait_of_a_job_that_is_not_cancelled_ends(served: APIFlask, operator: Browser) -> None:
    before = time.monotonic()
    wait_unless_cancelled(endpoint_of(served), queue_import(operator))(0.01)
    assert time.monotonic() - before >= 0.01
