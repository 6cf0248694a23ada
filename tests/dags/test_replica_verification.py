"""The verification of the replica: its verdict, its retries, and the load that starts it."""

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from conftest import Endpoint, Execute, Run

if TYPE_CHECKING:
    from airflow.sdk.types import Logger

pytestmark = pytest.mark.usefixtures("airflow_database")

EQUAL = {"table": "core.fct_play", "main_rows": 2000, "replica_rows": 2000, "equal": True, "fault": ""}
DIFFERENT = {"table": "mart.top_item", "main_rows": 7, "replica_rows": 6, "equal": False, "fault": ""}
UNEQUAL_COLUMNS = {"table": "mart.new", "main_rows": None, "replica_rows": None, "equal": False}
UNEQUAL_COLUMNS |= {"fault": "columns differ: hour"}


def printed(*tables: dict[str, Any]) -> str:
    """Return what the command prints for the results of tables."""
    return json.dumps({"equal": all(table["equal"] for table in tables), "scope": "all", "tables": tables})


@pytest.fixture
def command(
    stack: Execute, stand_in: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, int], None]:
    """Return a function that replaces the command by one with a given output and exit code."""
    return lambda output, code: monkeypatch.setenv("CDC_PYTHON", stand_in("verify", output, code))


@pytest.fixture
def verify(dag_bag: Any) -> Callable[..., object]:
    """Return the function of the task, which raises what decides whether Airflow retries it."""
    task: Callable[..., object] = dag_bag.dags["replica_verification"].get_task("verify").python_callable
    return task


def test_equal_replica_succeeds_and_log_lists_its_tables(
    run: Run,
    endpoint: Endpoint,
    command: Callable[[str, int], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    command(printed(EQUAL), 0)

    state, tasks, _ = run("replica_verification")

    assert (state, tasks, endpoint.notices) == ("success", {"verify": "success"}, [])
    assert "core.fct_play: 2,000 rows in main, 2,000 in the replica: equal" in caplog.messages


def test_difference_fails_the_run_without_a_retry_names_the_tables_and_sends_a_notice(
    run: Run,
    endpoint: Endpoint,
    command: Callable[[str, int], None],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command(printed(EQUAL, DIFFERENT, UNEQUAL_COLUMNS), 1)

    state, tasks, run_id = run("replica_verification")

    assert (state, tasks) == ("failed", {"verify": "failed"})
    assert [(notice["dag_id"], notice["run_id"]) for notice in endpoint.notices] == [("replica_verification", run_id)]
    assert "The replica differs from main in mart.top_item, mart.new." in capsys.readouterr().out
    assert "mart.new: unknown rows in main, unknown in the replica: columns differ: hour" in caplog.messages


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("Timed out after 120 s waiting for the marker in the replica.", 3),
        ("ModuleNotFoundError: No module named 'cdc_connectors'", 1),
        (printed(DIFFERENT), 0),
    ],
)
def test_comparison_that_could_not_run_is_retried(
    verify: Callable[[], object], command: Callable[[str, int], None], output: str, code: int
) -> None:
    command(output, code)

    # Airflow retries every error but AirflowFailException.
    with pytest.raises(RuntimeError, match=rf"could not be compared \(exit code {code}\): ") as raised:
        verify()

    assert output in str(raised.value)


def test_the_real_command_says_why_it_could_not_compare(
    verify: Callable[[], object], stack: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KAFKA_PASSWORD", "CONNECT_PASSWORD"):
        monkeypatch.setenv(name, "unused")
    for name in ("MAIN_DATABASE_URL", "REPLICA_DATABASE_URL"):
        monkeypatch.setenv(name, "postgresql://verifier@127.0.0.1:1/main")

    with pytest.raises(RuntimeError, match=r"exit code 3\): Cannot connect to the database main at 127\.0\.0\.1:1"):
        verify()


@pytest.fixture
def loads(stack: Execute, stand_in: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Replace the commands of spotify_analysis_etl by programs that begin and publish load 1. Return a function that breaks them."""
    spark = stand_in("spark", json.dumps({"load_id": 1, "listeners": 1}))
    for name in ("SPARK_PYTHON", "SPARK_SUBMIT", "SODA_PYTHON"):
        monkeypatch.setenv(name, spark)
    return lambda name, exit_code: monkeypatch.setenv(name, stand_in("broken", "the gate refused", exit_code))


def asset_events(run_id: str) -> list[str]:
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        events = session.query(AssetEvent).filter(AssetEvent.source_run_id == run_id)
        return [event.asset.name for event in events]


def requested_dags() -> list[str]:
    """Return the DAGs that the scheduler starts next because an asset was updated."""
    from airflow.models.asset import AssetDagRunQueue
    from airflow.utils.session import create_session

    with create_session() as session:
        return [request.target_dag_id for request in session.query(AssetDagRunQueue)]


@pytest.mark.parametrize("conf", [{}, {"rebuild": True}])
def test_published_load_starts_a_verification(
    run: Run, endpoint: Endpoint, loads: Callable[[str, int], None], conf: dict[str, bool]
) -> None:
    state, _, run_id = run("spotify_analysis_etl", **conf)

    assert (state, asset_events(run_id)) == ("success", ["published_load"])
    assert "replica_verification" in requested_dags()


def test_load_that_is_not_published_starts_no_verification(
    run: Run, endpoint: Endpoint, loads: Callable[[str, int], None]
) -> None:
    loads("SPARK_SUBMIT", 1)

    state, tasks, run_id = run("spotify_analysis_etl", rebuild=True)

    assert (state, tasks["transform"], asset_events(run_id)) == ("failed", "failed", [])


@pytest.mark.parametrize(
    ("run_type", "options"),
    [("scheduled", []), ("manual", []), ("asset_triggered", ["--changed"]), (None, [])],
)
def test_only_a_run_that_a_load_started_compares_changed_rows_only(
    verify: Callable[..., object],
    stack: Execute,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_type: str | None,
    options: list[str],
) -> None:
    from airflow.utils.types import DagRunType

    program, arguments = tmp_path / "verify", tmp_path / "arguments"
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {arguments}\necho '{printed(EQUAL)}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("CDC_PYTHON", str(program))

    verify(SimpleNamespace(run_type=DagRunType(run_type)) if run_type else None)

    assert [option for option in arguments.read_text().split() if option == "--changed"] == options


def test_time_out_of_a_task_stops_its_command(stack: Execute, monkeypatch: pytest.MonkeyPatch) -> None:
    import commands
    from airflow.providers.standard.hooks.subprocess import SubprocessHook
    from airflow.sdk.exceptions import AirflowTaskTimeout
    from pipeline_settings import ProcessSettings, task_settings

    started: list[int] = []

    class Hook(SubprocessHook):
        """A hook in whose wait for the command the task's time-out falls: right after the command's first line."""

        @property
        def log(self) -> "Logger":
            log = logging.getLogger("time_out")
            log.addFilter(self._time_out)
            return cast("Logger", log)

        def _time_out(self, entry: logging.LogRecord) -> bool:
            if entry.getMessage() == "started":
                assert self.sub_process
                started.append(self.sub_process.pid)
                raise AirflowTaskTimeout("Timeout")
            return True

    monkeypatch.setattr(commands, "SubprocessHook", Hook)
    logging.getLogger("time_out").setLevel(logging.INFO)
    waiting = "import signal; print('started', flush=True); signal.pause()"

    with pytest.raises(AirflowTaskTimeout):
        commands.run([sys.executable, "-c", waiting], task_settings(ProcessSettings))

    _, status = os.waitpid(started[0], 0)
    assert os.WTERMSIG(status) == signal.SIGTERM
