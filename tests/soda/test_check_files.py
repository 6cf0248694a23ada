"""Check files: one for each table, and a name for each check."""

import re
from pathlib import Path

import check_files
import pytest
from conftest import ROOT
from gate_errors import NothingToCheck

FILES = sorted(check_files.CHECKS.glob("*/*.yml"))


@pytest.mark.parametrize("schema", ["core", "mart"])
def test_every_table_has_a_check_file_and_every_check_file_a_table(schema: str) -> None:
    defined = {path.stem for path in (ROOT / "sql/main" / schema).glob("*.sql")}

    assert set(check_files.files_of(schema, defined)) == defined


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_check_file_starts_with_grain_and_names_every_check(path: Path) -> None:
    assert path.read_text().startswith("# Grain: one row per ")
    for checks in check_files.read(path, 3).values():
        for check in checks if isinstance(checks, list) else ():
            (settings,) = check.values()
            assert re.match(r"[a-z0-9_]+.* .*\w$", settings["name"])


def test_check_file_without_table_is_an_error() -> None:
    with pytest.raises(NothingToCheck, match=r"soda/checks/core/coverage.yml checks a table"):
        check_files.files_of("core", {path.stem for path in FILES if path.parent.name == "core"} - {"coverage"})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("checks for plays: [\n", "The check file play.yml, line 2 is not valid YAML: correct it."),
        ("checks for plays: []", "The check file play.yml has no section 'checks for play': write one."),
    ],
)
def test_invalid_check_file_is_an_error(content: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "play.yml"
    path.write_text(content)

    with pytest.raises(NothingToCheck, match=re.escape(sentence)):
        check_files.read(path, 3)


def test_fail_query_is_counted_and_limited_by_the_database(tmp_path: Path) -> None:
    path = tmp_path / "play.yml"
    path.write_text("checks for play:\n  - failed rows:\n      name: n\n      fail query: SELECT 1 AS one\n")

    (check,) = check_files.read(path, 3)["checks for play"]

    query = " ".join(check["failed rows"]["fail query"].split())
    assert query == "SELECT failing.*, count(*) OVER () AS rows_failed FROM ( SELECT 1 AS one ) AS failing LIMIT 3"


def test_no_gate_module_has_the_name_of_a_soda_module() -> None:
    """The folder has the name of Soda's package. With the project on the path, the modules of both share one namespace."""
    import soda

    theirs = {path.stem for folder in soda.__path__ if folder != str(ROOT / "soda") for path in Path(folder).iterdir()}
    ours = {path.stem for path in (ROOT / "soda").iterdir()} - {"__pycache__", "requirements"}

    assert not theirs & ours
