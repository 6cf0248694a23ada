"""The structure of the DAGs: they load, are documented, import only Airflow, and retry only tasks that a retry can help."""

from pathlib import Path
from typing import Any

import pytest
from conftest import DAGS

from tests.imports import top_packages

TASKS = {
    "flask_to_main_hourly": ["sync", "gate", "promote", "report"],
    "spotify_analysis_etl": ["begin", "transform", "gate", "publish"],
    "replica_verification": ["verify"],
}
RETRIED_TASKS = {
    "sync",
    "promote",
    "begin",
    "publish",
    "verify",
}  # They call a service that can be unavailable for a moment.


def test_every_dag_loads(dag_bag: Any) -> None:
    assert dag_bag.import_errors == {}
    assert sorted(dag_bag.dags) == sorted(TASKS)


@pytest.mark.parametrize("dag_id", TASKS)
def test_dag_has_expected_tasks_and_documentation(dag_id: str, dag_bag: Any) -> None:
    dag = dag_bag.dags[dag_id]

    assert [task.task_id for task in dag.topological_sort()] == TASKS[dag_id]
    assert all(f"`{task}`" in dag.doc_md for task in TASKS[dag_id])
    assert all(task.doc_md for task in dag.tasks)
    assert dag.description and dag.on_failure_callback and not dag.catchup and dag.max_active_runs == 1


@pytest.mark.parametrize("dag_id", TASKS)
def test_only_tasks_that_call_a_service_are_retried_and_all_have_a_timeout(dag_id: str, dag_bag: Any) -> None:
    for task in dag_bag.dags[dag_id].tasks:
        assert (task.retries > 0) == (task.task_id in RETRIED_TASKS)
        assert task.execution_timeout is not None or task.task_id == "report"


def test_promotion_triggers_analysis(dag_bag: Any) -> None:
    promote = dag_bag.dags["flask_to_main_hourly"].get_task("promote")
    etl = dag_bag.dags["spotify_analysis_etl"]

    assert [asset.name for asset in promote.outlets] == ["raw_play"]
    assert [asset.name for asset in etl.timetable.asset_condition.objects] == ["raw_play"]


def test_published_load_triggers_verification_of_the_replica(dag_bag: Any) -> None:
    publish = dag_bag.dags["spotify_analysis_etl"].get_task("publish")
    verification = dag_bag.dags["replica_verification"]

    assert [asset.name for asset in publish.outlets] == ["published_load"]
    assert [asset.name for asset in verification.timetable.asset_condition.objects] == ["published_load"]


def test_polling_is_hourly_and_analysis_and_verification_are_daily(dag_bag: Any) -> None:
    assert dag_bag.dags["flask_to_main_hourly"].timetable.expression == "0 * * * *"
    assert dag_bag.dags["spotify_analysis_etl"].timetable.timetable.expression == "30 4 * * *"
    assert dag_bag.dags["replica_verification"].timetable.timetable.expression == "30 5 * * *"


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.stem)
def test_dags_do_not_import_packages_of_other_environments(path: Path) -> None:
    assert not top_packages(path) & {
        "pyspark",
        "flask_endpoint",
        "spark_scripts",
        "cdc_connectors",
        "soda",
        "sql",
        "psycopg",
        "psycopg2",
        "sqlalchemy",
    }


def test_tasks_are_grouped_by_the_schema_they_write(dag_bag: Any) -> None:
    groups = {
        dag_id: {
            group: sorted(dag.task_group.children[group].children)
            for group in dag.task_group.get_task_group_dict()
            if group
        }
        for dag_id, dag in dag_bag.dags.items()
    }

    assert groups == {
        "flask_to_main_hourly": {"landing": ["gate", "sync"], "raw": ["promote", "report"]},
        "spotify_analysis_etl": {"candidate": ["gate", "transform"]},
        "replica_verification": {},
    }


def test_retries_use_exponential_backoff(dag_bag: Any) -> None:
    assert all(task.retry_exponential_backoff for dag in dag_bag.dags.values() for task in dag.tasks if task.retries)
