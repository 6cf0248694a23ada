"""`make metric` writes the files of a new metric, checks its name, and never overwrites a file."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from runtime.commands import development
from runtime.definition.stack import PROJECT
from runtime.errors import OperatorError
from runtime.metric.names import check_name
from runtime.metric.scaffold import TEMPLATE, write_metric


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with copies of the parts of the project that the check of a name reads."""
    for part in ("sql/main", "spark_scripts", "tests/spark_scripts"):
        shutil.copytree(PROJECT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def files(project: Path) -> dict[str, str]:
    """Return the text of every file, by path."""
    return {str(path.relative_to(project)): path.read_text() for path in project.rglob("*") if path.is_file()}


def test_metric_is_five_files_with_examples_for_the_gate_and_a_query_for_the_benchmark(project: Path) -> None:
    before = files(project)
    written = write_metric("weekend_share", project)
    after = files(project)
    assert {str(path) for path in written} == after.keys() - before.keys()
    assert after.keys() - before.keys() == {
        "sql/main/mart/weekend_share.sql",
        "spark_scripts/transformations/weekend_share.py",
        "soda/checks/mart/weekend_share.yml",
        "dashboard/panels/weekend_share.tsx",
        "tests/spark_scripts/transformations/test_weekend_share.py",
        "tests/soda/examples/mart/weekend_share.yml",
        "bench/sql/weekend_share.sql",
    }
    assert {path: after[path] for path in before} == before
    assert "title: 'Weekend share'" in after["dashboard/panels/weekend_share.tsx"]
    assert not [path for path in written if "metric_name" in after[str(path)] or "Metric title" in after[str(path)]]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", r"NAME is not set\. Run make metric NAME="),
        ("WeekendShare", r"'WeekendShare' cannot be the name of a metric\. Use lower-case words"),
        ("weekend-share", "cannot be the name"),
        ("weekend__share", "cannot be the name"),
        ("_weekend", "cannot be the name"),
        ("2024_share", "cannot be the name"),
        ("weekend share", "cannot be the name"),
        ("../weekend", "cannot be the name"),
        ("weekend\n", "cannot be the name"),
        ("s" * 64, "has 64 characters, and PostgreSQL allows 63. Choose a shorter one"),
        ("class", "class has a meaning in Python, SQL, TypeScript or the dashboard. Choose another name"),
        ("order", "order has a meaning in"),
        ("debugger", "debugger has a meaning in"),
        ("plays", "plays is an input of the transformations"),
        ("raw_play", "raw_play is an input of the transformations"),
        ("month_of", "month_of is a variable or an import"),
        ("rows", "rows is a variable or an import"),
        ("artist_streak", r"artist_streak is in use: sql/main/mart/artist_streak\.sql has it"),
        ("fct_play", r"fct_play is in use: sql/main/core/fct_play\.sql"),
        ("touched", r"touched is in use: sql/main/migrations/\d+_candidate_scope\.sql"),
        ("shared", "shared is in use: spark_scripts/transformations/shared"),
        ("begin", r"begin is in use: tests/spark_scripts/test_begin\.py"),
    ],
)
def test_unusable_name_is_rejected(name: str, message: str) -> None:
    with pytest.raises(OperatorError, match=message):
        check_name(name, PROJECT, TEMPLATE)


@pytest.mark.parametrize("name", ["x", "top_10", "s" * 63])
def test_short_and_long_names_are_accepted(name: str) -> None:
    check_name(name, PROJECT, TEMPLATE)


def test_rejected_name_writes_nothing(project: Path) -> None:
    before = files(project)
    with pytest.raises(OperatorError):
        write_metric("fct_play", project)
    assert files(project) == before


def test_existing_file_is_not_overwritten_and_nothing_is_written(project: Path) -> None:
    panel = project / "dashboard/panels/weekend_share.tsx"
    panel.parent.mkdir(parents=True)
    panel.write_text("mine")
    before = files(project)
    with pytest.raises(OperatorError, match=r"dashboard/panels/weekend_share\.tsx exists and is not overwritten"):
        write_metric("weekend_share", project)
    assert files(project) == before


def test_second_metric_of_a_name_is_rejected(project: Path) -> None:
    write_metric("weekend_share", project)
    with pytest.raises(OperatorError, match="weekend_share is in use"):
        write_metric("weekend_share", project)


def test_command_writes_the_files_into_the_project(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(development, "PROJECT", project)
    assert CliRunner().invoke(development.commands, ["metric", "--name", "weekend_share"]).exit_code == 0
    assert (project / "soda/checks/mart/weekend_share.yml").exists()


def test_every_template_has_the_metrics_name_in_its_path() -> None:
    assert all("metric_name" in path.name for path in TEMPLATE.rglob("*") if path.is_file())
