"""The settings file: secrets, ports and missing settings."""

import stat
from pathlib import Path

import pytest

from runtime.definition.settings import complete_settings, read_settings, write_settings
from runtime.definition.stack import PROJECT
from runtime.errors import OperatorError

EXAMPLE = PROJECT / ".env.example"


def test_new_settings_file_is_private_and_has_all_secrets(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    write_settings(EXAMPLE, file)
    settings = read_settings(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secrets = [
        value
        for name, value in settings.items()
        if name.endswith(("_PASSWORD", "_KEY", "_SECRET")) and not name.startswith("SPOTIFY")
    ]
    assert len(set(secrets)) == len(secrets) > 10
    assert all(len(secret) >= 44 for secret in secrets)


def test_missing_settings_are_added_and_others_unchanged(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    write_settings(EXAMPLE, file)
    before = read_settings(file)
    file.write_text(
        "\n".join(
            line for line in file.read_text().splitlines() if not line.startswith(("FLASK_PORT", "MAIN_GATE_PASSWORD"))
        )
    )
    complete_settings(EXAMPLE, file)
    after = read_settings(file)
    assert after.pop("MAIN_GATE_PASSWORD") != before.pop("MAIN_GATE_PASSWORD")
    assert after == before and stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    complete_settings(EXAMPLE, file)
    assert file.read_text() == text


def test_file_of_an_earlier_version_keeps_the_passwords_that_are_stored_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "POSTGRES_PASSWORD=owner\nREADER_PASSWORD=reader\nETL_PASSWORD=etl\n"
        "MAIN_DATABASE_URL=postgresql://reader:reader@127.0.0.1:5434/main\n"
    )
    complete_settings(EXAMPLE, file)
    settings = read_settings(file)
    databases = ("SOURCE", "MAIN", "REPLICA")
    assert {settings[f"{name}_OWNER_PASSWORD"] for name in (*databases, "AIRFLOW")} == {"owner"}
    assert {settings[f"{name}_READER_PASSWORD"] for name in databases} == {"reader"}
    assert "reader:reader@" in settings["SOURCE_DATABASE_URL"] and settings["MAIN_ETL_PASSWORD"] != "etl"


def test_two_settings_files_have_different_secrets(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_settings(EXAMPLE, tmp_path / name)
    first, second = (read_settings(tmp_path / name) for name in ("a", "b"))
    assert not [name for name in first if name.endswith("_PASSWORD") and first[name] == second[name]]


def test_port_offset_applies_to_ports_and_urls(tmp_path: Path) -> None:
    write_settings(EXAMPLE, tmp_path / "env", port_offset=20_000)
    settings = read_settings(tmp_path / "env")
    assert settings["MAIN_PORT"] == "25434"
    assert settings["MAIN_DATABASE_URL"].endswith("@127.0.0.1:25434/main")


@pytest.mark.parametrize("line", ["no equals sign", "lower=1"])
def test_invalid_line_is_reported_with_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"# fine\n{line}\n")
    with pytest.raises(OperatorError, match=r"Line 2 of \.env"):
        read_settings(file)


@pytest.mark.parametrize("port", ["0", "65536", "http", ""])
def test_invalid_port_is_rejected(tmp_path: Path, port: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"MAIN_PORT={port}\n")
    with pytest.raises(OperatorError, match="MAIN_PORT"):
        read_settings(file)
