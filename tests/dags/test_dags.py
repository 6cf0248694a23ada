"""The DAGs' shape: they load, explain themselves, stay within Airflow, and try again only what another try can mend."""

import ast

import pytest
from conftest import DAGS

TASKS = {
    "flask_to_main_hourly": ["sync", "gate", "promote", "report"],
    "spotify_analysis_etl": ["begin", "transform", "gate", "publish"],
}
MENDED_BY_ANOTHER_TRY = {"sync", "promote", "begin", "publish"}  # They talk to a service that may be away for a moment.


def test_every_dag_loads(dag_bag):
    assert dag_bag.import_errors == {}
    assert sorted(dag_bag.dags) == sorted(TASKS)


@pytest.mark.parametrize("dag_id", TASKS)
def test_a_dag_is_a_short_chain_and_explains_itself(dag_id, dag_bag):
    dag = dag_bag.dags[dag_id]

    assert [task.task_id for task in dag.topological_sort()] == TASKS[dag_id]
    assert all(f"`{task}`" in dag.doc_md for task in TASKS[dag_id])
    assert all(task.doc_md for task in dag.tasks)
    assert dag.description and dag.on_failure_callback and not dag.catchup and dag.max_active_runs == 1


@pytest.mark.parametrize("dag_id", TASKS)
def test_only_what_another_try_can_mend_is_tried_again_and_nothing_runs_for_ever(dag_id, dag_bag):
    for task in dag_bag.dags[dag_id].tasks:
        assert (task.retries > 0) == (task.task_id in MENDED_BY_ANOTHER_TRY)
        assert task.execution_timeout is not None or task.task_id == "report"


def test_a_promotion_starts_the_analysis(dag_bag):
    promote = dag_bag.dags["flask_to_main_hourly"].get_task("promote")
    etl = dag_bag.dags["spotify_analysis_etl"]

    assert [asset.name for asset in promote.outlets] == ["raw_play"]
    assert [asset.name for asset in etl.timetable.asset_condition.objects] == ["raw_play"]


def test_the_analysis_runs_daily_too_and_polls_hourly(dag_bag):
    assert dag_bag.dags["flask_to_main_hourly"].timetable.expression == "0 * * * *"
    assert dag_bag.dags["spotify_analysis_etl"].timetable.timetable.expression == "30 4 * * *"


@pytest.mark.parametrize("path", sorted(DAGS.glob("*.py")), ids=lambda path: path.stem)
def test_no_dag_imports_what_belongs_to_another_environment(path):
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert not imported & {
        "pyspark",
        "flask_endpoint",
        "spark_scripts",
        "soda",
        "sql",
        "psycopg",
        "psycopg2",
        "sqlalchemy",
    }


def test_the_tasks_are_grouped_by_what_they_make(dag_bag):
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
    }


def test_a_retry_waits_longer_each_time(dag_bag):
    assert all(task.retry_exponential_backoff for dag in dag_bag.dags.values() for task in dag.tasks if task.retries)
