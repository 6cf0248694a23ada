"""Output of `make explain`."""

import io
import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from rich.console import Console

from runtime.definition.stack import PROJECT
from runtime.errors import OperatorError
from runtime.operations.explain import explain

ROWS = """
    INSERT INTO core.dim_listener (listener_id, display_name, time_zone, counts_private, tenant_id, is_simulated, load_id)
    VALUES ('ana', 'Ana', 'UTC', false, 'default', false, 1), ('bob', 'Bob', 'UTC', false, 'default', false, 1);
    INSERT INTO audit.load VALUES
        (1, 'first run', '2026-11-24 10:00Z', '2026-11-24 10:01Z', 'published', NULL, 'rebuild', 2, '{"ana": 3, "bob": 1}', 9, 0, 0),
        (2, 'second run', '2026-11-25 10:00Z', '2026-11-25 10:01Z', 'published', NULL, 'incremental', 1, '{"ana": 4}', 1, 0, 0),
        (3, 'refused run', '2026-11-25 11:00Z', '2026-11-25 11:01Z', 'rejected', 'why', 'incremental', 1, '{"ana": 5}', 0, 0, 0);
    INSERT INTO audit.check_result VALUES
        (2, 'mart.daily_listening', 'played_on is not in the future', 'pass', 0, 0),
        (2, 'mart.daily_listening', 'days are fresh', 'warn', 1, 1),
        (2, 'core.fct_play', 'every track has a row in dim_track', 'pass', 0, 0);
    INSERT INTO mart.daily_listening (listener_id, played_on, play_count, listened_ms, track_count, artist_count, load_id)
    VALUES ('ana', '2026-11-23', 1, 1, 1, 1, 1), ('ana', '2026-11-24', 1, 1, 1, 1, 1), ('ana', '2026-11-25', 1, 1, 1, 1, 2);
"""


@pytest.fixture(scope="module")
def settings() -> Iterator[dict[str, str]]:
    server = os.environ.get("TEST_POSTGRES_URL") or pytest.fail(
        "Set TEST_POSTGRES_URL to a PostgreSQL superuser's URL."
    )
    name = f"runtime_test_main_{uuid.uuid4().hex[:8]}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    with psycopg.connect(server, autocommit=True, connect_timeout=10) as owner:
        owner.execute(f"CREATE DATABASE {name}")
        try:
            command = [os.environ["MIGRATE_PYTHON"], "-m", "sql.migrate", "main", "--url", url]
            subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=120)
            with psycopg.connect(url) as main:
                main.execute(ROWS)
            yield {"MAIN_DATABASE_URL": url}
        finally:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def explanation(settings: dict[str, str]) -> Callable[[str, str], str]:
    def run(metric: str, listener: str) -> str:
        output = io.StringIO()
        explain(settings, metric, listener, Console(width=200, file=output))
        return output.getvalue()

    return run


def test_explain_shows_definition_loads_source_version_and_checks(explanation: Callable[[str, str], str]) -> None:
    text = explanation("daily_listening", "ana")

    assert text.startswith("mart.daily_listening. Grain: One row per")
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines() if "│" in line]
    assert ["2", "1", "incremental", "2026-11-25 10:01:00 UTC", "4", "second run"] in cells
    assert ["1", "2", "rebuild", "2026-11-24 10:01:00 UTC", "3", "first run"] in cells
    assert "Load 2 was the last to recompute ana, from version 4 of their history in source" in text
    assert ["played_on is not in the future", "pass", "0"] in cells and ["days are fresh", "warn", "1"] in cells
    assert "every track has a row in dim_track" not in text and "refused" not in text


def test_explain_reports_a_listener_without_rows(explanation: Callable[[str, str], str]) -> None:
    assert "bob has no rows in mart.daily_listening." in explanation("daily_listening", "bob")


@pytest.mark.parametrize(
    ("metric", "listener", "sentence"),
    [
        (
            "streaks",
            "ana",
            r"^There is no metric 'streaks'; there are: album_completion, artist_streak, .*coverage, dim_listener, fct_play\.$",
        ),
        ("", "ana", r"^Name a metric, METRIC=listener_summary; there are: "),
        ("daily_listening", "zoe", r"^There is no listener 'zoe'; there are: ana, bob\.$"),
        ("daily_listening", "", r"^Name a listener, LISTENER=ana; there are: ana, bob\.$"),
        ("daily_listening; DROP TABLE x", "ana", r"^There is no metric"),
    ],
)
def test_error_for_unknown_name_lists_the_known_names(
    explanation: Callable[[str, str], str], metric: str, listener: str, sentence: str
) -> None:
    with pytest.raises(OperatorError, match=sentence):
        explanation(metric, listener)
