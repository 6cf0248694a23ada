"""Exports are handed in by form or API; what is wrong is said at once, the rest is a job's."""

import io
import json
import stat
import zipfile

import psycopg
import pytest

from flask_endpoint.jobs import queue as jobs
from flask_endpoint.jobs import tasks
from flask_endpoint.landing import batches as landing
from tests.flask_endpoint.jobs.test_jobs import job, run_worker
from tests.flask_endpoint.web_stack import OPERATOR, client_of, endpoint_of


@pytest.fixture
def served(make_app, simulated_spotify):
    return make_app(simulated_spotify)


@pytest.fixture
def operator(served):
    return client_of(served)


def export(*endings: str) -> bytes:
    """An extended export of one track, a play for each end."""
    return json.dumps(
        [
            {
                "ts": ending,
                "ms_played": 200_000,
                "master_metadata_track_name": "Gloria",
                "master_metadata_album_artist_name": "Patti Smith",
                "master_metadata_album_album_name": "Horses",
                "spotify_track_uri": "spotify:track:0000000000000000000001",
            }
            for ending in endings
        ]
    ).encode()


def files_of(*files: tuple[bytes, str]):
    return [(io.BytesIO(content), name) for content, name in files]


def hand_in(operator, *files: tuple[bytes, str], **form: str):
    data = {"listener_id": "ana", **form, "files": files_of(*files)}
    return operator.post("/v1/imports", data=data, headers=OPERATOR)


def uploads_of(served):
    folder = endpoint_of(served).settings.upload_dir
    return sorted(path for path in folder.rglob("*")) if folder.exists() else []


def test_an_upload_is_imported_by_a_job_and_then_deleted(served, operator, source):
    queued = hand_in(
        operator,
        (export("2024-05-01T10:00:00Z", "2024-05-01T10:05:00Z"), "Streaming_History_Audio_2024_0.json"),
        time_zone="Europe/Madrid",
    )
    assert queued.status_code == 202
    assert [stat.S_IMODE(path.stat().st_mode) for path in uploads_of(served)] == [0o700, 0o700, 0o600]
    run_worker(served)
    done = job(operator, queued.json["job_id"])
    assert done["status"] == "succeeded", done
    assert source.execute("SELECT status, rows_read, rows_added FROM raw.import").fetchall() == [("promoted", 2, 2)]
    assert source.execute("SELECT time_zone FROM raw.listener").fetchall() == [("Europe/Madrid",)]
    assert uploads_of(served) == []


def test_a_dry_run_tells_what_an_import_would_do_on_the_page_too_and_leaves_nothing(served, operator, source):
    history = export("2024-05-01T10:00:00Z", "2024-05-01T10:05:00Z", "never")
    queued = hand_in(operator, (history, "endsong_0.json"), time_zone="Europe/Madrid", dry_run="1")
    run_worker(served)
    done = job(operator, queued.json["job_id"])
    assert (done["status"], done["result"]["is_dry_run"], done["result"]["import_id"]) == ("succeeded", True, None)
    assert [done["result"]["balance"][f"rows_{what}"] for what in ("read", "added", "rejected")] == [3, 2, 1]
    [(reason, rows)] = done["result"]["rejected"].items()
    told = "ana, days in Europe/Madrid: of 3 rows 2 would be added, 0 matched, 0 repeated and 1 rejected"
    assert rows == 1 and f"{told} ({reason}: 1)." in operator.get("/").text
    tables = ("raw.listener", "raw.import", "raw.play", "landing.batch", "landing.play", "landing.rejected")
    assert [source.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables] == [0] * len(tables)
    assert uploads_of(served) == []


def test_while_it_is_read_the_job_tells_rows_and_bytes(served, operator, monkeypatch):
    told = []
    monkeypatch.setattr(landing, "ROWS_PER_REPORT", 1)
    monkeypatch.setattr(tasks, "PROGRESS_INTERVAL", 0)
    monkeypatch.setattr(jobs, "save_progress", lambda connection, job_id, progress: told.append(progress))
    one, two = (export(f"2024-05-01T1{hour}:00:00Z", f"2024-05-01T1{hour}:30:00Z") for hour in (1, 2))
    hand_in(operator, (one, "endsong_0.json"), (two, "endsong_1.json"))
    run_worker(served)
    assert [(now.stage, now.file, now.rows) for now in told] == [
        ("reading", "endsong_0.json", 1), ("reading", "endsong_0.json", 2), ("reading", "endsong_1.json", 3),
        ("reading", "endsong_1.json", 4), ("checking and reconciling", "", 0),
    ]  # fmt: skip
    assert told[2].bytes_read > len(one)
    assert told[3].bytes_read == told[3].bytes_total == len(one) + len(two)


def test_uploaded_files_of_two_exports_keep_their_numbers_and_hints(served, operator, source):
    video = json.dumps([{"ts": "2024-07-01T10:00:00Z", "ms_played": 60_000, "master_metadata_track_name": "Clip",
                         "master_metadata_album_artist_name": "Band"}]).encode()  # fmt: skip
    files = [
        (export("2024-05-01T10:00:00Z"), "endsong_0.json"),
        (export("2024-05-02T10:00:00Z"), "endsong_1 (1).json"),
        (export("2016-05-01T10:00:00Z"), "endsong_0.json"),
        (video, "Streaming_History_Video_2024 (1).json"),
    ]
    hand_in(operator, *files)
    run_worker(served)
    spans = "SELECT extract(year FROM started_at), extract(year FROM ended_at), basis FROM raw.coverage ORDER BY 1"
    assert source.execute(spans).fetchall() == [(2016, 2016, "export"), (2024, 2024, "export")]
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (3,), "names alone make no track of a video"


def test_a_zip_is_taken_as_it_is(served, operator, source):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("MyData/Streaming_History_Audio_2024_0.json", export("2024-05-01T10:00:00Z"))
    queued = hand_in(operator, (packed.getvalue(), "my spotify data.zip"))
    run_worker(served)
    assert job(operator, queued.json["job_id"])["status"] == "succeeded"
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (1,)


def test_a_file_that_is_no_export_fails_the_job_with_a_sentence_and_leaves_nothing(served, operator, source):
    queued = hand_in(operator, (b'{"some": "thing"}', "notes.json"))
    run_worker(served)
    failed = job(operator, queued.json["job_id"])
    assert failed["status"] == "failed"
    assert "notes.json" in failed["result"]["error"]
    assert "notes.json" in operator.get("/").get_data(as_text=True), "who handed it in by the form reads it there"
    assert source.execute("SELECT count(*) FROM raw.received").fetchone() == (0,)
    assert uploads_of(served) == []


def test_a_database_that_goes_away_under_a_job_costs_no_upload(served, operator, source, monkeypatch):
    monkeypatch.setattr(tasks.RETRY_ON_DATABASE_ERROR, "wait", 0)
    real, failures = tasks.import_files, [psycopg.OperationalError("server closed the connection unexpectedly")]

    def import_files(*given, **others):
        if failures:
            raise failures.pop()
        return real(*given, **others)

    monkeypatch.setattr(tasks, "import_files", import_files)
    queued = hand_in(operator, (export("2024-05-01T10:00:00Z"), "endsong_0.json"))
    for _ in range(2):  # The first may end before the next attempt is due.
        run_worker(served)
    assert job(operator, queued.json["job_id"])["status"] == "succeeded"
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (1,)
    assert uploads_of(served) == []


def test_what_nobody_foresaw_keeps_the_upload_for_another_attempt(served, operator, monkeypatch):
    monkeypatch.setattr(tasks, "import_files", lambda *given, **others: 1 / 0)
    queued = hand_in(operator, (export("2024-05-01T10:00:00Z"), "endsong_0.json"))
    run_worker(served)
    assert job(operator, queued.json["job_id"])["status"] == "failed"
    assert [path.name for path in uploads_of(served) if path.is_file()] == ["endsong_0.json"]


def test_names_cannot_leave_the_upload_folder_and_equal_names_are_kept_apart(served, operator):
    names = [
        "../../evil.json",
        "evil.json",
        "a/evil.json",
        "..\\..\\endsong_0 (1).json",
        "..",
        "Mi música\x00.json",
        "é" * 300,
    ]
    hand_in(operator, *((b"[]", name) for name in names))
    folder, *_ = uploads_of(served)
    kept = [str(path.relative_to(folder)) for path in uploads_of(served) if path.is_file()]
    assert kept == [
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
        ({"listener_id": "Ana"}, "is no listener id"),
        ({"listener_id": ""}, "is no listener id"),
        ({"time_zone": "Mars/Olympus"}, "is no IANA time zone"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_at_once(served, operator, form, words):
    refused = hand_in(operator, (b"[]", "a.json"), **form)
    assert refused.status_code == 400
    assert words in refused.json["error"]["message"]
    assert uploads_of(served) == []


def test_an_upload_without_a_file_is_refused(operator):
    assert "No file was sent" in hand_in(operator).json["error"]["message"]


def test_an_upload_beyond_the_limit_is_refused_with_the_limit(make_app, simulated_spotify):
    operator = client_of(make_app(simulated_spotify, upload_limit_mib=1))
    refused = hand_in(operator, (b"x" * 2_000_000, "a.json"))
    assert refused.status_code == 413
    assert refused.json["error"]["message"].startswith("That is more than 1 MiB")


def test_the_start_pages_form_hands_in_too_and_shows_what_came_of_it(served, operator):
    page = operator.get("/").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    sent = operator.post(
        "/imports",
        data={
            "listener_id": "ana",
            "time_zone": "",
            "csrf_token": token,
            "files": (io.BytesIO(export("2024-05-01T10:00:00Z")), "endsong_0.json"),
        },
    )
    assert (sent.status_code, sent.location) == (303, "/")
    assert "queued" in operator.get("/").get_data(as_text=True)
    run_worker(served)
    page = operator.get("/").get_data(as_text=True)
    assert "endsong_0.json" in page
    assert "promoted" in page


def test_an_import_is_told_with_its_files_its_balance_and_why_rows_are_no_plays(served, operator):
    rows = json.loads(export("2024-05-01T10:00:00Z", "1999-01-01T00:00:00Z", "2024-05-01T11:00:00Z"))
    rows[2] |= dict.fromkeys(["spotify_track_uri", "master_metadata_track_name"])
    hand_in(operator, (json.dumps(rows).encode(), "endsong_0.json"))
    run_worker(served)
    [listed] = operator.get("/v1/imports", headers=OPERATOR).json["imports"]
    told = operator.get(f"/v1/imports/{listed['import_id']}", headers=OPERATOR).json
    assert {name: value for name, value in told.items() if name != "rejected"} == listed
    assert (told["files"], told["rows_read"], told["rows_added"], told["rows_rejected"]) == (
        ["endsong_0.json"],
        3,
        1,
        2,
    )
    assert [reason["rows"] for reason in told["rejected"]] == [1, 1]
    assert {"unidentified" in reason["reason"] or "2008" in reason["reason"] for reason in told["rejected"]} == {True}
    operator.post(f"/v1/imports/{listed['import_id']}/undo", headers=OPERATOR)
    undone = operator.get(f"/v1/imports/{listed['import_id']}", headers=OPERATOR).json
    assert (undone["status"], undone["rejected"]) == ("undone", [])
    assert operator.get("/v1/imports/98765", headers=OPERATOR).status_code == 404


def test_imports_are_listed_and_undone_over_the_api(client, source):
    source.execute("INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'Ana')")
    ids = [
        row[0]
        for row in source.execute(
            "INSERT INTO raw.import (listener_id, files, status) SELECT 'ana', '{a.json}', 'promoted' FROM generate_series(1, 3) RETURNING import_id"
        )
    ]
    first = client.get("/v1/imports?limit=2", headers=OPERATOR).json
    assert [one["import_id"] for one in first["imports"]] == [ids[2], ids[1]]
    rest = client.get(f"/v1/imports?before={first['next_before']}", headers=OPERATOR).json
    assert ([one["import_id"] for one in rest["imports"]], rest["next_before"]) == ([ids[0]], None)
    assert client.get("/v1/imports?listener_id=bob", headers=OPERATOR).json["imports"] == []
    undone = client.post(f"/v1/imports/{ids[0]}/undo", headers=OPERATOR)
    assert (undone.status_code, undone.json["plays_after"]) == (200, 0)
    assert client.post(f"/v1/imports/{ids[0]}/undo", headers=OPERATOR).status_code == 409
    assert client.post("/v1/imports/98765/undo", headers=OPERATOR).status_code == 404
