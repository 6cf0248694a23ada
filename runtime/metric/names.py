"""Check the name of a new metric. It becomes a table, a Python module, a TypeScript import and part of file names."""

import ast
import keyword
import re
from collections.abc import Iterator
from pathlib import Path

from runtime.errors import OperatorError

MAX_LENGTH = 63  # bytes of an identifier in PostgreSQL
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
CANDIDATE_TABLE = re.compile(r"CREATE (?:UNLOGGED )?TABLE candidate\.(\w+)")
RESERVED_WORDS = Path(__file__).parent / "reserved_words.txt"
ADVICE = "Choose another name."


def check_name(name: str, project: Path, template: Path) -> None:
    """Raise OperatorError if a new metric cannot have this name.

    The name must not be used in the folder `project` yet, nor be a variable, parameter or import in the Python files of `template`.
    """
    if not name:
        raise OperatorError("NAME is not set. Run make metric NAME=weekend_share.")
    if not SNAKE_CASE.fullmatch(name):
        raise OperatorError(
            f"{name!r} cannot be the name of a metric. Use lower-case words of a-z and 0-9, joined by single underscores and "
            "starting with a letter, for example NAME=weekend_share."
        )
    if len(name) > MAX_LENGTH:
        raise OperatorError(
            f"The name {name} has {len(name)} characters, and PostgreSQL allows {MAX_LENGTH}. Choose a shorter one."
        )
    if keyword.iskeyword(name) or name in _reserved_words():
        raise OperatorError(f"{name} has a meaning in Python, SQL, TypeScript or the dashboard. {ADVICE}")
    if name in _functions(project / "spark_scripts/tables/inputs.py"):
        raise OperatorError(f"{name} is an input of the transformations, in spark_scripts/tables/inputs.py. {ADVICE}")
    if any(name in _python_names(file) for file in template.rglob("*.py")):
        raise OperatorError(f"{name} is a variable or an import in the files of a new metric. {ADVICE}")
    if taken := next(_files_of_name(name, project), None):
        raise OperatorError(f"The name {name} is in use: {taken.relative_to(project)} has it. {ADVICE}")


def _reserved_words() -> set[str]:
    lines = RESERVED_WORDS.read_text().splitlines()
    return {word for line in lines if not line.startswith("#") for word in line.split()}


def _functions(file: Path) -> set[str]:
    """Return the names of the functions and methods in a Python file."""
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}


def _python_names(file: Path) -> set[str]:
    """Return the names that a Python file defines, imports or uses, without attributes."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                names.add(name)
            case ast.alias(name=name, asname=alias):
                names.add(alias or name.split(".")[0])
    return names


def _files_of_name(name: str, project: Path) -> Iterator[Path]:
    """Yield what has this name: a table's file, the migration of a candidate table, a folder of transformations, a test module."""
    yield from sorted((project / "sql/main").glob(f"*/{name}.sql"))
    for migration in sorted((project / "sql/main/migrations").glob("*.sql")):
        if name in CANDIDATE_TABLE.findall(migration.read_text()):
            yield migration
    yield from sorted((project / "spark_scripts/transformations").glob(name))
    # In one run, pytest cannot import two test modules of the same name.
    yield from sorted((project / "tests/spark_scripts").rglob(f"test_{name}.py"))
