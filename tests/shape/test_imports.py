"""Imports between the project's folders point one way."""

import os
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.imports import imported_modules

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATES = PROJECT / "runtime/metric/template"
# The folders of the project that the code of each folder may import. A process starts another component as a command instead.
MAY_IMPORT: dict[str, set[str]] = {
    "common": set(),
    "sql": {"common"},
    "soda": {"common"},
    "dags": {"common"},
    "cdc_connectors": {"common"},
    "flask_endpoint": {"common"},
    "spark_scripts": {"common"},
    "simulated_spotify": {"common"},
    "runtime": {"common"},
    "bench": {"common", "runtime"},
}
# Their modules import each other without the folder's name.
SCRIPT_FOLDERS = ("dags", "soda")


@cache
def python_files(folder: str) -> list[Path]:
    """Return the modules of a folder, without installed packages and without the templates that `make metric` copies."""
    found: list[Path] = []
    for parent, subfolders, names in os.walk(PROJECT / folder):
        subfolders[:] = [name for name in subfolders if name != "node_modules" and Path(parent, name) != TEMPLATES]
        found += [Path(parent, name) for name in names if name.endswith(".py")]
    return found


@cache
def folders_with_code() -> set[str]:
    """Return the top folders that contain Python code, except tests and hidden folders."""
    folders = {path.name for path in PROJECT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    return {folder for folder in folders - {"tests"} if python_files(folder)}


def imported_folders(folder: str) -> dict[str, set[str]]:
    """Return the files that import from each other folder, by the imported folder."""
    script_modules = {file.stem: other for other in SCRIPT_FOLDERS if other != folder for file in python_files(other)}
    own = {file.stem for file in python_files(folder)} if folder in SCRIPT_FOLDERS else set()
    importers: dict[str, set[str]] = {}
    packages = folders_with_code() | {"tests"}  # Not `docker/`: an import of that name is the Docker SDK.
    for file in python_files(folder):
        for name in imported_modules(file):
            top = name.split(".")[0]
            imported = top if top in packages else script_modules.get(top)
            if imported not in (None, folder) and top not in own:
                importers.setdefault(imported, set()).add(str(file.relative_to(PROJECT)))
    return importers


def test_every_folder_with_code_has_a_rule() -> None:
    assert folders_with_code() == MAY_IMPORT.keys()


def test_rules_have_no_cycle() -> None:
    TopologicalSorter(MAY_IMPORT).prepare()  # Raises CycleError.


def test_import_inside_a_function_is_found(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("def late():\n    import runtime.definition.stack\n    from soda import gate as checks\n")
    assert imported_modules(file) == {"runtime.definition.stack", "soda.gate"}


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_folder_imports_only_allowed_folders(folder: str) -> None:
    found = imported_folders(folder)
    assert not {other: files for other, files in found.items() if other not in MAY_IMPORT[folder]}
