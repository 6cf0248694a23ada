"""The examples of each table in `examples/<schema>/<table>.yml`: `valid`, the rows of a valid load, and `invalid` changes to them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

EXAMPLES = Path(__file__).parent / "examples"
_yaml = YAML(typ="safe")


@dataclass(frozen=True)
class InvalidExample:
    """A statement that makes the valid load invalid, and the check of the table that must fail.

    `rows` is the number of failing rows. It is "months" or "years" if it is the number of these in which the load has plays.
    `shown` is a part of a failing row as the gate reports it.
    """

    table: str
    name: str
    statement: str
    check: str
    rows: int | str
    shown: str


def _examples() -> dict[str, dict[str, Any]]:
    """Return the content of each file by the full name of its table."""
    return {f"{path.parent.name}.{path.stem}": _yaml.load(path) for path in sorted(EXAMPLES.glob("*/*.yml"))}


def valid_rows() -> str:
    """Return the statements that insert the valid rows of each mart."""
    return "\n".join(content["valid"] for content in _examples().values() if "valid" in content)


def invalid_examples() -> list[InvalidExample]:
    """Return the invalid examples of every table."""
    return [
        InvalidExample(table, **example) for table, content in _examples().items() for example in content["invalid"]
    ]
