"""Uploads by the form or the API: invalid input is rejected immediately, and a job imports the rest."""

import io
import json
import stat
import zipfile
from typing import Any

import pytest
from apiflask import APIFlask
from psycopg import Connection, OperationalError

from flask_endpoint.imports.importing import import_files
from flask_endpoint.jobs import queue as jobs
from flask_endpoint.jobs import tasks
from flask_endpoint.landing import batches as landing
from tests.flask_endpoint.jobs.running import job, run_worker
from tests.flask_endpoint.web.uploads import export, stored_uploads, upload
from tests.flask_endpoint.web_stack import OPERATOR, Browser, MakeApp, client_of


def test_job_imports_upload_and_deletes_it(served: APIFlask, operator: Browser, source: Connection) -> None:
    queued = upload(
        operator,
        (export("2024-05-01T10:00:00Z", "2024-05-01T10:05:00Z"), "Streaming_History_Audio_2024_0.json"),
        time_zone="Europe/Madrid",
    )
    assert queued.status_code == 202
    assert [stat.S_IMODE(path.stat().st_mode) for path in stored_uploads(served)] == [0o700, 0o700, 0o600]
    run_worker(served)
    done = job(operator, queued.get_json()["job_id"])
    assert done["status"] == "succeeded", done
    assert source.execute("SELECT status, rows_read, rows_added FROM raw.import").fetchall() == [("promoted", 2, 2)]
    assert source.execute("SELECT time_zone FROM raw.listener").fetchall() == [("Europe/Madrid",)]
    assert stored_uploads(served) == []


def test_dry_run_reports_changes_and_stores_nothing(served: APIFlask, operator: Browser, source: Connection) -> None:
    history = export("2024-05-01T10:00:00Z", "2024-05-01T10:05:00Z", "never")
    queued = upload(operator, (history, "endsong_0.json"), time_zone="Europe/Madrid", dry_run="1")
    run_worker(served)
    done = job(operator, queued.get_json()["job_id"])
    assert (done["status"], done["result"]["is_dry_run"], done["result"]["import_id"]) == ("succeeded", True, None)
    assert [done["result"]["balance"][f"rows_{what}"] for what in ("read", "added", "rejected")] == [3, 2, 1]
    [(reason, rows)] = done["result"]["rejected"].items()
    message = "ana, days in Europe/Madrid: of 3 rows 2 would be added, 0 matched, 0 repeated and 1 rejected"
    assert rows == 1 and f"{message} ({reason}: 1)." in operator.get("/").text
    tables = ("raw.listener", "raw.import", "raw.play", "landing.batch", "landing.play", "landing.rejected")
    assert [source.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables] == [(0,)] * len(tables)
    assert stored_uploads(served) == []


def test_job_reports_rows_and_bytes_while_it_reads(
    served: APIFlask, operator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = []
    monkeypatch.setattr(landing, "ROWS_PER_REPORT", 1)
    monkeypatch.setattr(tasks, "PROGRESS_INTERVAL", 0)
    monkeypatch.setattr(jobs, "save_progress", lambda connection, job_id, progress: reports.append(progress))
    one, two = (export(f"2024-05-01T1{hour}:00:00Z", f"2024-05-01T1{hour}:30:00Z") for hour in (1, 2))
    upload(operator, (one, "endsong_0.json"), (two, "endsong_1.json"))
    run_worker(served)
    assert [(now.stage, now.file, now.rows) for now in reports] == [
        ("reading", "endsong_0.json", 1), ("reading", "endsong_0.json", 2), ("reading", "endsong_1.json", 3),
        ("reading", "endsong_1.json", 4), ("checking and reconciling", "", 0),
    ]  # fmt: skip
    assert reports[2].bytes_read > len(one)
    assert reports[3].bytes_read == reports[3].bytes_total == len(one) + len(two)


def test_file_names_of_uploads_decide_coverage_and_kind(
    served: APIFlask, operator: Browser, source: Connection
) -> None:
    video = json.dumps([{"ts": "2024-07-01T10:00:00Z", "ms_played": 60_000, "master_metadata_track_name": "Clip",
                         "master_metadata_album_artist_name": "Band"}]).encode()  # fmt: skip
    files = [
        (export("2024-05-01T10:00:00Z"), "endsong_0.json"),
        (export("2024-05-02T10:00:00Z"), "endsong_1 (1).json"),
        (export("2016-05-01T10:00:00Z"), "endsong_0.json"),
        (video, "Streaming_History_Video_2024 (1).json"),
    ]
    upload(operator, *files)
    run_worker(served)
    spans = "SELECT extract(year FROM started_at), extract(year FROM ended_at), basis FROM raw.coverage ORDER BY 1"
    assert source.execute(spans).fetchall() == [(2016, 2016, "export"), (2024, 2024, "export")]
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (3,), (
        "a row of a video file is not a track without a track URI"
    )


def test_zip_is_imported(served: APIFlask, operator: Browser, source: Connection) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("MyData/Streaming_History_Audio_2024_0.json", export("2024-05-01T10:00:00Z"))
    queued = upload(operator, (packed.getvalue(), "my spotify data.zip"))
    run_worker(served)
    assert job(operator, queued.get_json()["job_id"])["status"] == "succeeded"
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (1,)


def test_file_that_is_not_an_export_fails_the_job_and_stores_nothing(
    served: APIFlask, operator: Browser, source: Connection
) -> None:
    queued = upload(operator, (b'{"some": "thing"}', "notes.json"))
    run_worker(served)
    failed = job(operator, queued.get_json()["job_id"])
    assert failed["status"] == "failed"
    assert "notes.json" in failed["result"]["error"]
    assert "notes.json" in operator.get("/").get_data(as_text=True), "the start page shows the error"
    assert source.execute("SELECT count(*) FROM raw.received").fetchone() == (0,)
    assert stored_uploads(served) == []


def test_upload_survives_database_failure_and_is_imported_by_retry(
    served: APIFlask, operator: Browser, source: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.RETRY_ON_DATABASE_ERROR, "wait", 0)
    failures = [OperationalError("server closed the connection unexpectedly")]

    def fail_once(*given: Any, **others: Any) -> Any:
        if failures:
            raise failures.pop()
        return import_files(*given, **others)

    monkeypatch.setattr(tasks, "import_files", fail_once)
    queued = upload(operator, (export("2024-05-01T10:00:00Z"), "endsong_0.json"))
    for _ in range(2):  # The first worker may stop before the retry is due.
        run_worker(served)
    assert job(operator, queued.get_json()["job_id"])["status"] == "succeeded"
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (1,)
    assert stored_uploads(served) == []


def test_unexpected_error_keeps_upload(served: APIFlask, operator: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "import_files", lambda *given, **others: 1 / 0)
    queued = upload(operator, (export("2024-05-01T10:00:00Z"), "endsong_0.json"))
    run_worker(served)
    assert job(operator, queued.get_json()["job_id"])["status"] == "failed"
    assert [path.name for path in stored_uploads(served) if path.is_file()] == ["endsong_0.json"]


def test_unsafe_and_equal_file_names_get_separate_paths_in_upload_folder(served: APIFlask, operator: Browser) -> None:
    names = [
        "../../evil.json",
        "evil.json",
        "a/evil.json",
        "..\\..\\endsong_0 (1).json",
        "..",
        "Mi música\x00.json",
        "é" * 300,
    ]
    upload(operator, *((b"[]", name) for name in names))
    folder, *_ = stored_uploads(served)
    stored = [str(path.relative_to(folder)) for path in stored_uploads(served) if path.is_file()]
    assert stored == [
        "0/evil.json",
        "1/evil.json",
        "2/evil.json",
        "3/endsong_0 (1).json",
        "4/file",
        "5/Mi música_.json",
        f"6/{'é' * 100}",
    ]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"listener_id": "Ana"}, "is not a valid listener id"),
        ({"listener_id": ""}, "is not a valid listener id"),
        ({"time_zone": "Mars/Olympus"}, "is not an IANA time zone"),
    ],
)
def test_invalid_form_is_rejected_before_queueing(
    served: APIFlask, operator: Browser, form: dict[str, str], words: str
) -> None:
    refused = upload(operator, (b"[]", "a.json"), **form)
    assert refused.status_code == 400
    assert words in refused.get_json()["error"]["message"]
    assert stored_uploads(served) == []


def test_upload_without_file_is_rejected(operator: Browser) -> None:
    assert "No file was sent" in upload(operator).get_json()["error"]["message"]


def test_upload_above_size_limit_is_rejected(make_app: MakeApp, simulated_spotify: str) -> None:
    operator = client_of(make_app(simulated_spotify, upload_limit_mib=1))
    refused = upload(operator, (b"x" * 2_000_000, "a.json"))
    assert refused.status_code == 413
    assert refused.get_json()["error"]["message"].startswith("The upload is larger than 1 MiB")


def test_form_on_start_page_imports_and_shows_result(served: APIFlask, operator: Browser) -> None:
    page = operator.get("/").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    file = (io.BytesIO(export("2024-05-01T10:00:00Z")), "endsong_0.json")
    form = {"listener_id": "ana", "time_zone": "", "csrf_token": token, "files": file}
    sent = operator.post("/imports", data=form)
    assert (sent.status_code, sent.location) == (303, "/")
    assert "queued" in operator.get("/").get_data(as_text=True)
    run_worker(served)
    page = operator.get("/").get_data(as_text=True)
    assert "endsong_0.json" in page
    assert "promoted" in page


def test_import_is_returned_with_files_counts_and_rejection_reasons(served: APIFlask, operator: Browser) -> None:
    rows = json.loads(export("2024-05-01T10:00:00Z", "1999-01-01T00:00:00Z", "2024-05-01T11:00:00Z"))
    rows[2] |= dict.fromkeys(["spotify_track_uri", "master_metadata_track_name"])
    upload(operator, (json.dumps(rows).encode(), "endsong_0.json"))
    run_worker(served)
    [listed] = operator.get("/v1/imports", headers=OPERATOR).get_json()["imports"]
    details = operator.get(f"/v1/imports/{listed['import_id']}", headers=OPERATOR).get_json()
    assert {name: value for name, value in details.items() if name != "rejected"} == listed
    assert (details["files"], details["rows_read"], details["rows_added"], details["rows_rejected"]) == (
        ["endsong_0.json"],
        3,
        1,
        2,
    )
    assert [reason["rows"] for reason in details["rejected"]] == [1, 1]
    assert {"unidentified" in reason["reason"] or "2008" in reason["reason"] for reason in details["rejected"]} == {
        True
    }
    operator.post(f"/v1/imports/{listed['import_id']}/undo", headers=OPERATOR)
    undone = operator.get(f"/v1/imports/{listed['import_id']}", headers=OPERATOR).get_json()
    assert (undone["status"], undone["rejected"]) == ("undone", [])
    assert operator.get("/v1/imports/98765", headers=OPERATOR).status_code == 404


def test_api_lists_imports_in_pages_and_undoes_them(client: Browser, source: Connection) -> None:
    source.execute("INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'Ana')")
    ids = [
        row[0]
        for row in source.execute(
            "INSERT INTO raw.import (listener_id, files, status) SELECT 'ana', '{a.json}', 'promoted' FROM generate_series(1, 3) RETURNING import_id"
        )
    ]
    first = client.get("/v1/imports?limit=2", headers=OPERATOR).get_json()
    assert [one["import_id"] for one in first["imports"]] == [ids[2], ids[1]]
    rest = client.get(f"/v1/imports?before={first['next_before']}", headers=OPERATOR).get_json()
    assert ([one["import_id"] for one in rest["imports"]], rest["next_before"]) == ([ids[0]], None)
    assert client.get("/v1/imports?listener_id=bob", headers=OPERATOR).get_json()["imports"] == []
    undone = client.post(f"/v1/imports/{ids[0]}/undo", headers=OPERATOR)
    assert (undone.status_code, undone.get_json()["plays_after"]) == (200, 0)
    assert client.post(f"/v1/imports/{ids[0]}/undo", headers=OPERATOR).status_code == 409
    assert client.post("/v1/imports/98765/undo", headers=OPERATOR).status_code == 404
