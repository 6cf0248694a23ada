"""Find the check files, one for each table, and prepare them for a scan."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gate_errors import NothingToCheck
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

CHECKS = Path(__file__).parent / "checks"
ROWS_FAILED = "rows_failed"  # column with the number of rows that the query would return without its limit

_yaml = YAML(typ="safe")


def files_of(folder: str, tables: Iterable[str]) -> dict[str, Path]:
    """Return the check file of each table. Raises NothingToCheck for a table without a file, or a file without a table."""
    found = {path.stem: path for path in (CHECKS / folder).glob("*.yml")}
    wanted = set(tables)
    if missing := sorted(wanted - set(found)):
        raise NothingToCheck(f"Table {missing[0]} has no check file: write soda/checks/{folder}/{missing[0]}.yml.")
    if left_over := sorted(set(found) - wanted):
        raise NothingToCheck(
            f"soda/checks/{folder}/{left_over[0]}.yml checks a table that the database does not have: "
            "run `make migrate`, or remove the file."
        )
    return {table: found[table] for table in sorted(wanted)}


def read(path: Path, sample_rows: int) -> dict[str, Any]:
    """Return the checks of one file. Each `fail query` is limited to `sample_rows` failing rows and their total count."""
    try:
        content = _yaml.load(path)
    except YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise NothingToCheck(f"The check file {path.name}{line} is not valid YAML: correct it.") from None
    header = f"checks for {path.stem}"
    if not isinstance(content, dict) or not any(str(key).split(" [")[0] == header for key in content):
        raise NothingToCheck(f"The check file {path.name} has no section '{header}': write one.")
    for section in content.values():
        for check in section if isinstance(section, list) else ():
            _limit_rows(check, sample_rows)
    return content


def _limit_rows(check: Any, sample_rows: int) -> None:
    """Let PostgreSQL count the failing rows: Soda would load all of them into memory to count them."""
    settings = check.get("failed rows") if isinstance(check, dict) else None
    if settings and "fail query" in settings:
        settings["fail query"] = (
            f"SELECT failing.*, count(*) OVER () AS {ROWS_FAILED}\n"
            f"FROM (\n{settings['fail query'].strip()}\n) AS failing\n"
            f"LIMIT {sample_rows}"
        )
