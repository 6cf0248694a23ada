"""Whole runs of the DAGs in Airflow, with the real gate and the real beginning of a load."""

import pytest

pytestmark = pytest.mark.usefixtures("airflow_database")


@pytest.fixture
def run(dag_bag):
    def run_dag(dag_id: str, **conf) -> tuple[str, dict[str, str], dict[str, object]]:
        """Its state, its tasks' states, and what its tasks returned."""
        result = dag_bag.dags[dag_id].test(run_conf=conf)
        tasks = result.get_task_instances()
        return str(result.state), {task.task_id: str(task.state) for task in tasks}, result.run_id

    return run_dag


def test_what_passed_is_promoted_although_another_batch_and_another_listener_failed(run, endpoint, stack):
    stack("source", "UPDATE landing.play SET kind = 'video' WHERE batch_id = 1")
    endpoint.result = {
        "batches": [
            {"listener_id": "ana", "batch_id": 1, "rows": 1},
            {"listener_id": "bob", "batch_id": 2, "rows": 20},
        ],
        "failures": [{"listener_id": "carla", "error": "Spotify wants a new consent."}],
    }

    state, tasks, run_id = run("flask_to_main_hourly")

    assert endpoint.asked[-1] == "POST /v1/batches/2/promote" and "POST /v1/batches/1/promote" not in endpoint.asked
    assert tasks == {"sync": "success", "gate": "failed", "promote": "success", "report": "failed"}
    assert state == "failed"
    assert [(notice["dag_id"], notice["run_id"]) for notice in endpoint.notices] == [("flask_to_main_hourly", run_id)]


def test_an_hour_without_news_is_green(run, endpoint, stack):
    state, tasks, _ = run("flask_to_main_hourly")

    assert state == "success" and set(tasks.values()) == {"success"}
    assert endpoint.notices == []


def test_when_nothing_changed_the_rest_of_the_analysis_is_skipped(run, endpoint, stack):
    stack("source", "TRUNCATE raw.listener CASCADE")

    state, tasks, run_id = run("spotify_analysis_etl")

    assert (state, tasks) == (
        "success",
        {"begin": "success", "transform": "skipped", "gate": "skipped", "publish": "skipped"},
    )
    assert stack("main", f"SELECT status, listeners_touched FROM audit.load WHERE run_id = '{run_id}'") == [
        ("published", 0)
    ]


@pytest.fixture
def wishes(monkeypatch):
    """What a run asks of `begin` in Spark's environment, instead of asking it."""
    import spotify_analysis_etl

    def of(params, run_type, day):
        from types import SimpleNamespace

        return spotify_analysis_etl._wish(params, SimpleNamespace(run_type=run_type, run_after=day))

    return of


@pytest.mark.parametrize(
    ("params", "run_type", "asked"),
    [
        ({}, "asset_triggered", []),
        ({}, "manual", []),
        ({}, "scheduled", ["--verify-on", "2026-11-25"]),
        ({"verify_on": "2026-11-20"}, "manual", ["--verify-on", "2026-11-20"]),
        ({"rebuild": True}, "manual", ["--rebuild"]),
        ({"rebuild": True, "listener": "ana"}, "manual", ["--rebuild", "--listener", "ana"]),
    ],
)
def test_whom_a_run_takes(wishes, params, run_type, asked):
    from datetime import UTC, datetime

    assert wishes(params, run_type, datetime(2026, 11, 25, 4, 30, tzinfo=UTC)) == asked


def test_a_rebuild_of_somebody_unknown_fails_at_once_and_says_who_there_is(run, endpoint, stack, capsys):
    stack(
        "source",
        "TRUNCATE raw.listener CASCADE; INSERT INTO raw.listener (listener_id, display_name) VALUES ('bob', 'Bob')",
    )

    state, tasks, _ = run("spotify_analysis_etl", rebuild=True, listener="zoe")

    assert (state, tasks["begin"]) == ("failed", "failed")
    assert "There is no listener zoe. Choose one of: bob." in capsys.readouterr().out


def test_a_rebuild_touches_who_did_not_change(run, endpoint, stack):
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
