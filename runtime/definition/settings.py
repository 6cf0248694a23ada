"""The settings file: `.env`, made from `.env.example` with every secret filled in at random."""

import base64
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from runtime.errors import OperatorError

_LINE = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
SECRET_BYTES = 32
# Names by which an earlier version knew settings: an existing file keeps their values. PostgreSQL stores the owner's password when it
# creates its data folder, and *_DATABASE_URL contain the reader's.
_EARLIER_NAMES = {
    **{f"{database}_OWNER_PASSWORD": "POSTGRES_PASSWORD" for database in ("SOURCE", "MAIN", "REPLICA", "AIRFLOW")},
    **{f"{database}_READER_PASSWORD": "READER_PASSWORD" for database in ("SOURCE", "MAIN", "REPLICA")},
}


def write_settings(example: Path, file: Path, port_offset: int = 0) -> None:
    """Write the settings file, readable by its owner only. The rename makes the write atomic."""
    values: dict[str, str] = {}
    lines = []
    for line in example.read_text().splitlines():
        if match := _LINE.fullmatch(line):
            name, value = match["name"], _filled(match["name"], match["value"], values, port_offset)
            values[name] = value
            line = f"{name}={value}"
        lines.append(line)
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write("\n".join(lines) + "\n")
    new.replace(file)


def complete_settings(example: Path, file: Path, port_offset: int = 0) -> None:
    """Append settings that are in the example but not in the file, for example after an upgrade."""
    known = read_settings(file)
    missing = []
    for name, value in read_examples(example):
        if name not in known:
            earlier = known.get(_EARLIER_NAMES.get(name, ""))
            known[name] = earlier or _filled(name, value, known, port_offset)
            missing.append(f"{name}={known[name]}\n")
    if missing:
        text = file.read_text()
        with file.open("a") as out:
            out.write("" if not text or text.endswith("\n") else "\n")
            out.writelines(missing)


def read_examples(example: Path) -> list[tuple[str, str]]:
    """Return the names and values of the example, with its placeholders."""
    return [
        (match["name"], match["value"]) for line in example.read_text().splitlines() if (match := _LINE.fullmatch(line))
    ]


def read_settings(file: Path) -> dict[str, str]:
    """Return the settings in `file` by name. Raises OperatorError for a line that is neither a setting nor a comment."""
    return dict(_settings(file))


def _settings(file: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if not match:
            raise OperatorError(
                f"Line {number} of {file.name} is not a setting. Write NAME=value, or start the line with #."
            )
        value = match["value"].strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        if match["name"].endswith("_PORT") and not (value.isdigit() and 0 < int(value) < 65_536):
            raise OperatorError(f"{match['name']} in {file.name} must be a port, 1 to 65535; it is {value!r}.")
        yield match["name"], value


def _filled(name: str, value: str, known: Mapping[str, str], port_offset: int) -> str:
    if value == "<random>":
        return secrets.token_hex(SECRET_BYTES)
    if value == "<fernet>":
        return base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    if name.endswith("_PORT"):
        return str(int(value) + port_offset)
    return _VARIABLE.sub(lambda match: known[match[1]], value)
