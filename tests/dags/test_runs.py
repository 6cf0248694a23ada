"""Whole runs of the DAGs in Airflow, with the real gate and the real `begin` command."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from conftest import Endpoint, Execute, Run

pytestmark = pytest.mark.usefixtures("airflow_database")


def test_passed_batch_is_promoted_when_another_batch_and_listener_fail(
    run: Run, endpoint: Endpoint, stack: Execute
) -> None:
    stack("source", "UPDATE landing.play SET kind = 'video' WHERE batch_id = 1")
    endpoint.result = {
        "batches": [
            {"listener_id": "ana", "batch_id": 1, "rows": 1},
            {"listener_id": "bob", "batch_id": 2, "rows": 20},
        ],
        "failures": [{"listener_id": "carla", "error": "Spotify wants a new consent."}],
    }

    state, tasks, run_id = run("flask_to_main_hourly")

    assert endpoint.calls[-1] == "POST /v1/batches/2/promote" and "POST /v1/batches/1/promote" not in endpoint.calls
    assert tasks == {"sync": "success", "gate": "failed", "promote": "success", "report": "failed"}
    assert state == "failed"
    assert [(notice["dag_id"], notice["run_id"]) for notice in endpoint.notices] == [("flask_to_main_hourly", run_id)]


def test_run_without_new_plays_succeeds(run: Run, endpoint: Endpoint, stack: Execute) -> None:
    state, tasks, _ = run("flask_to_main_hourly")

    assert state == "success" and set(tasks.values()) == {"success"}
    assert endpoint.notices == []


def test_analysis_is_skipped_when_no_listener_changed(run: Run, endpoint: Endpoint, stack: Execute) -> None:
    stack("source", "TRUNCATE raw.listener CASCADE")

    state, tasks, run_id = run("spotify_analysis_etl")

    assert (state, tasks) == (
        "success",
        {"begin": "success", "transform": "skipped", "gate": "skipped", "publish": "skipped"},
    )
    assert stack("main", f"SELECT status, listeners_touched FROM audit.load WHERE run_id = '{run_id}'") == [
        ("published", 0)
    ]


Arguments = Callable[[dict[str, Any], str, datetime], list[str]]


@pytest.fixture
def selection_arguments(monkeypatch: pytest.MonkeyPatch) -> Arguments:
    """Return a function that returns the options a run passes to `begin`."""
    import spotify_analysis_etl

    def of(params: dict[str, Any], run_type: str, day: datetime) -> list[str]:
        from types import SimpleNamespace

        return spotify_analysis_etl._selection_arguments(params, SimpleNamespace(run_type=run_type, run_after=day))

    return of


@pytest.mark.parametrize(
    ("params", "run_type", "expected"),
    [
        ({}, "asset_triggered", []),
        ({}, "manual", []),
        ({}, "scheduled", ["--verify-on", "2026-11-25"]),
        ({"verify_on": "2026-11-20"}, "manual", ["--verify-on", "2026-11-20"]),
        ({"rebuild": True}, "manual", ["--rebuild"]),
        ({"rebuild": True, "listener": "ana"}, "manual", ["--rebuild", "--listener", "ana"]),
    ],
)
def test_run_passes_selection_to_begin(
    selection_arguments: Arguments,
    params: dict[str, Any],
    run_type: str,
    expected: list[str],
) -> None:
    from datetime import UTC, datetime

    assert selection_arguments(params, run_type, datetime(2026, 11, 25, 4, 30, tzinfo=UTC)) == expected


def test_rebuild_of_unknown_listener_fails_and_lists_listeners(
    run: Run,
    endpoint: Endpoint,
    stack: Execute,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stack(
        "source",
        "TRUNCATE raw.listener CASCADE; INSERT INTO raw.listener (listener_id, display_name) VALUES ('bob', 'Bob')",
    )

    state, tasks, _ = run("spotify_analysis_etl", rebuild=True, listener="zoe")

    assert (state, tasks["begin"]) == ("failed", "failed")
    assert "There is no listener zoe. Choose one of: bob." in capsys.readouterr().out


def test_rebuild_selects_unchanged_listener(run: Run, endpoint: Endpoint, stack: Execute) -> None:
    stack(
        "source",
        "TRUNCATE raw.listener CASCADE; INSERT INTO raw.listener (listener_id, display_name) VALUES ('bob', 'Bob')",
    )
    stack("main", "TRUNCATE audit.listener_version; INSERT INTO audit.listener_version VALUES ('bob', 1, 1)")

    _, tasks, run_id = run("spotify_analysis_etl", rebuild=True, listener="bob")

    assert tasks["begin"] == "success"
    assert stack("main", f"SELECT kind, listeners_touched FROM audit.load WHERE run_id = '{run_id}'") == [
        ("rebuild", 1)
    ]
