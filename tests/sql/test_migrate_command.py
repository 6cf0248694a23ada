"""The command that migrates a database: its exit codes and messages."""

import pytest
from click.testing import CliRunner

from common.exit_codes import ExitCode
from sql import migrate


@pytest.fixture(autouse=True)
def quiet_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "set_up_logging", lambda _service: None)


def test_unreachable_database_could_not_be_migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[str] = []
    monkeypatch.setattr(migrate.log, "critical", messages.append)
    done = CliRunner().invoke(migrate.main, ["main", "--url", "postgresql://postgres:hidden@127.0.0.1:1/main"])
    assert done.exit_code == ExitCode.COULD_NOT_RUN
    [message] = messages
    assert message.startswith("Cannot migrate main: Cannot connect to the database main at 127.0.0.1:1 (")
    assert "hidden" not in message


def test_missing_url_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAIN_OWNER_URL", raising=False)
    done = CliRunner().invoke(migrate.main, ["main"])
    assert done.exit_code == ExitCode.USAGE
    assert "MAIN_OWNER_URL" in done.stderr
