"""Jobs: they are queued and read over HTTP, and the worker runs them."""

import psycopg
from apiflask import APIFlask

from flask_endpoint.jobs.queue import save_progress
from flask_endpoint.progress import Progress
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.jobs.running import in_jobs, job, run_worker, start_sync
from tests.flask_endpoint.polled_plays import RECENT, TRACKS, add_connected_listener, page, play
from tests.flask_endpoint.web_stack import OPERATOR, Browser, MakeApp, client_of, endpoint_of


def test_sync_is_queued_and_run_and_its_result_stored(
    served: APIFlask, operator: Browser, faults: FaultySpotify
) -> None:
    add_connected_listener(endpoint_of(served), "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    job_id = start_sync(operator)
    queued = job(operator, job_id)
    assert queued.pop("since")
    assert queued == {"job_id": job_id, "task": "sync", "status": "queued", "progress": None, "result": None}
    run_worker(served)
    done = job(operator, job_id)
    assert done["status"] == "succeeded"
    assert [(batch["listener_id"], batch["rows"]) for batch in done["result"]["batches"]] == [("ana", 1)]
    assert done["result"]["failures"] == []


def test_second_sync_is_not_queued_while_one_is_queued(served: APIFlask, operator: Browser) -> None:
    first = start_sync(operator)
    assert start_sync(operator) == first
    run_worker(served)
    assert start_sync(operator) != first


def test_failed_listener_does_not_fail_job(served: APIFlask, operator: Browser, faults: FaultySpotify) -> None:
    add_connected_listener(endpoint_of(served), "ana")
    faults.will(RECENT, Answer(500, ""))
    job_id = start_sync(operator)
    run_worker(served)
    assert job(operator, job_id)["status"] == "succeeded"
    assert job(operator, job_id)["result"]["failures"][0]["listener_id"] == "ana"


def test_unexpected_error_fails_job_with_message(
    served: APIFlask, operator: Browser, source: psycopg.Connection
) -> None:
    job_id = start_sync(operator)
    source.execute("ALTER TABLE vault.token RENAME TO token_away")
    run_worker(served)
    failed = job(operator, job_id)
    assert failed["status"] == "failed"
    assert failed["result"] == {"error": f"The job failed unexpectedly. See job {job_id} in the worker's log."}


def test_worker_deletes_data_of_killed_import(served: APIFlask, source: psycopg.Connection) -> None:
    source.execute("INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'ana')")
    source.execute(
        "INSERT INTO raw.import (listener_id, started_at, files, status, time_zone) VALUES ('ana', now(), '{}', 'landed', 'UTC')"
    )
    endpoint_of(served).jobs.configure_task("clear_killed_imports").defer(timestamp=0)
    run_worker(served)
    assert source.execute("SELECT FROM raw.import").fetchall() == []
    assert source.execute("SELECT FROM raw.listener").fetchall() == [], "no other import names ana"


def test_progress_of_running_job_is_shown_in_api_and_on_page(operator: Browser, source: psycopg.Connection) -> None:
    job_id = start_sync(operator)
    in_jobs(source).execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", (job_id,))
    save_progress(source, job_id, Progress("reading", "endsong_0.json", 5_000, 250, 1_000))
    progress = {"stage": "reading", "file": "endsong_0.json", "rows": 5_000, "bytes_read": 250, "bytes_total": 1_000}
    assert job(operator, job_id)["progress"] == progress
    part = operator.get("/jobs").get_data(as_text=True)
    assert 'value="250" max="1000"' in part
    assert "reading endsong_0.json: 5,000 rows, 25 %" in part
    assert part in operator.get("/").get_data(as_text=True), "the page and the part that its script reloads differ"
    save_progress(source, job_id, Progress("checking and reconciling"))
    assert "value=" not in operator.get("/jobs").get_data(as_text=True), "the duration of this stage is unknown"
    in_jobs(source).execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", (job_id,))
    assert job(operator, job_id)["progress"] is None
    assert operator.get("/jobs").get_data(as_text=True).strip() == ""


def test_jobs_are_listed_newest_first_in_pages(operator: Browser, source: psycopg.Connection) -> None:
    insert = "INSERT INTO procrastinate_jobs (task_name, queue_name, status) SELECT t, 'default', 'succeeded' FROM unnest(%s::text[]) AS t"
    in_jobs(source).execute(insert, (["sync", "import", "retry_stalled", "catalog"],))
    first = operator.get("/v1/jobs?limit=2", headers=OPERATOR).get_json()
    assert [(one["task"], one["status"]) for one in first["jobs"]] == [
        ("catalog", "succeeded"),
        ("import", "succeeded"),
    ]
    rest = operator.get(f"/v1/jobs?limit=2&before={first['next_before']}", headers=OPERATOR).get_json()
    assert ([one["task"] for one in rest["jobs"]], rest["next_before"]) == (["sync"], None)
    assert rest["jobs"][0] == job(operator, rest["jobs"][0]["job_id"])


def test_unknown_job_returns_404(operator: Browser) -> None:
    missing = operator.get("/v1/jobs/12345", headers=OPERATOR)
    assert (missing.status_code, missing.get_json()["error"]["message"]) == (404, "There is no job 12345.")


def test_endpoint_is_ready_while_worker_has_recent_heartbeat(operator: Browser, source: psycopg.Connection) -> None:
    assert operator.get("/healthz").status_code == 200
    assert operator.get("/readyz").get_json()["reason"].startswith("No worker is running")
    source.execute("INSERT INTO jobs.procrastinate_workers DEFAULT VALUES")
    assert operator.get("/readyz").get_json() == {"status": "ready"}
    source.execute("UPDATE jobs.procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    assert operator.get("/readyz").status_code == 503


def test_health_check_fails_without_database(make_app: MakeApp, faults: FaultySpotify) -> None:
    down = client_of(make_app(faults.url, endpoint_database_url="postgresql://nobody:x@127.0.0.1:9/none"))
    assert down.get("/healthz").status_code == 503
