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
