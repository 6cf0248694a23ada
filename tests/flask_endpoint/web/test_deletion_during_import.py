"""Deleting a listener whose import is queued or running: nothing of the listener is left, and the import fails."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

import psycopg
import pytest
from apiflask import APIFlask
from click.testing import CliRunner, Result
from werkzeug.test import TestResponse

from flask_endpoint.cli.commands import cli
from flask_endpoint.imports import importing
from flask_endpoint.jobs import tasks
from flask_endpoint.landing.deletions import delete_old_records
from tests.flask_endpoint.jobs.running import job, run_worker
from tests.flask_endpoint.web.listener_tables import tables_containing
from tests.flask_endpoint.web.uploads import export, form_files, stored_uploads
from tests.flask_endpoint.web_stack import OPERATOR, Browser, as_listener, csrf_token, endpoint_of

Returned = TypeVar("Returned")

LISTENER = "listener-to-delete"


@dataclass(frozen=True)
class Moment:
    """The start or the end of a function that an import job calls. `landed_rows` are committed before."""

    module: ModuleType
    function: str
    landed_rows: int
    is_start: bool = False


MOMENTS = {
    "start": Moment(tasks, "import_files", landed_rows=0, is_start=True),
    "end of landing": Moment(importing, "land_import", landed_rows=0),
    "start of gate": Moment(importing, "started_gate", landed_rows=1),
    "end of promotion": Moment(importing, "count_repaired_texts", landed_rows=1),
}


def queue_import(operator: Browser, *, dry_run: str = "") -> int:
    files = form_files((export("2024-05-01T10:00:00Z"), "endsong_0.json"))
    form = {"listener_id": LISTENER, "dry_run": dry_run, "files": files}
    return int(operator.post("/v1/imports", data=form, headers=OPERATOR).get_json()["job_id"])


def delete(operator: Browser) -> TestResponse:
    return operator.delete(f"/v1/listeners/{LISTENER}?origin=all", headers=OPERATOR)


def call_at(monkeypatch: pytest.MonkeyPatch, moment: str, action: Callable[[], Returned]) -> list[Returned]:
    """Call `action` once, when an import job reaches the moment. Return the list to which its result is added."""
    wanted = MOMENTS[moment]
    results: list[Returned] = []
    real = getattr(wanted.module, wanted.function)

    def call_and_act(*given: Any, **others: Any) -> Any:
        if wanted.is_start:
            results.append(action())
            return real(*given, **others)
        result = real(*given, **others)
        results.append(action())
        return result

    monkeypatch.setattr(wanted.module, wanted.function, call_and_act)
    return results


def assert_nothing_is_left(served: APIFlask, source: psycopg.Connection) -> None:
    assert tables_containing(source, LISTENER) == set()
    assert stored_uploads(served) == []
    for table in ("raw.listener", "raw.play", "raw.import", "landing.batch", "landing.play", "raw.item_use"):
        assert source.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


@pytest.mark.parametrize("dry_run", ["", "1"], ids=["import", "dry run"])
@pytest.mark.parametrize("is_known", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_deletion_stops_running_import(
    served: APIFlask,
    operator: Browser,
    source: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    is_known: bool,
    dry_run: str,
) -> None:
    if is_known:
        queue_import(operator)
        run_worker(served)
    answers = call_at(monkeypatch, moment, lambda: delete(operator))
    job_id = queue_import(operator, dry_run=dry_run)
    run_worker(served)
    rows = int(is_known) + MOMENTS[moment].landed_rows
    assert [(answer.status_code, answer.get_json()["rows_deleted"]) for answer in answers] == [(200, rows)]
    done = job(operator, job_id)
    assert (done["status"], "The listener was deleted" in done["result"]["error"]) == ("failed", True)
    assert_nothing_is_left(served, source)


def test_deletion_removes_queued_first_import(served: APIFlask, operator: Browser, source: psycopg.Connection) -> None:
    queue_import(operator)
    queue_import(operator)
    assert delete(operator).status_code == 200
    assert_nothing_is_left(served, source)
    run_worker(served)
    assert_nothing_is_left(served, source)


def test_deletion_refuses_retry_of_import_whose_worker_was_killed(
    served: APIFlask, operator: Browser, source: psycopg.Connection
) -> None:
    job_id = queue_import(operator)
    source.execute("SET search_path TO jobs")
    source.execute("UPDATE jobs.procrastinate_jobs SET status = 'doing', attempts = 1")
    assert delete(operator).status_code == 200
    assert stored_uploads(served) == []
    run_worker(served)
    assert job(operator, job_id)["status"] == "failed"
    assert_nothing_is_left(served, source)


def test_import_after_deletion_succeeds(served: APIFlask, operator: Browser, source: psycopg.Connection) -> None:
    queue_import(operator)
    assert delete(operator).status_code == 200
    job_id = queue_import(operator)
    run_worker(served)
    assert job(operator, job_id)["status"] == "succeeded"
    assert source.execute("SELECT listener_id FROM raw.play").fetchall() == [(LISTENER,)]


def test_deletion_without_listener_and_import_reports_not_found(operator: Browser, source: psycopg.Connection) -> None:
    assert delete(operator).status_code == 404
    assert source.execute("SELECT FROM jobs.listener_deletion").fetchall() == []


def test_deletion_on_start_page_stops_import(
    served: APIFlask, operator: Browser, source: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_import(operator)
    run_worker(served)
    browser = as_listener(served, LISTENER)
    form = {"csrf_token": csrf_token(browser), "confirmation": LISTENER}
    answers = call_at(monkeypatch, "end of landing", lambda: browser.post("/own/delete", data=form))
    queue_import(operator)
    run_worker(served)
    assert [answer.status_code for answer in answers] == [200]
    assert_nothing_is_left(served, source)


@pytest.mark.parametrize("moment", ["queued", "end of landing"])
def test_demo_clean_stops_import_and_deletes_uploads(
    served: APIFlask, operator: Browser, source: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    queue_import(operator)
    run_worker(served)
    source.execute("UPDATE raw.listener SET is_simulated = true")
    url = endpoint_of(served).settings.endpoint_database_url.get_secret_value()

    def clean() -> Result:
        return CliRunner().invoke(cli, ["demo-clean"], env={"ENDPOINT_DATABASE_URL": url})

    results = [] if moment == "queued" else call_at(monkeypatch, moment, clean)
    queue_import(operator)
    if moment == "queued":
        results.append(clean())
    run_worker(served)
    assert [result.exit_code for result in results] == [0]
    assert_nothing_is_left(served, source)


def test_record_of_deletion_is_deleted_after_a_day(
    served: APIFlask, operator: Browser, source: psycopg.Connection
) -> None:
    queue_import(operator)
    delete(operator)
    counts = []
    for age in ("23 hours", "25 hours"):
        source.execute("UPDATE jobs.listener_deletion SET deleted_at = now() - %s::interval", (age,))
        with endpoint_of(served).pool.connection() as connection:
            delete_old_records(connection)
        counts += source.execute("SELECT count(*) FROM jobs.listener_deletion").fetchall()
    assert counts == [(1,), (0,)]
