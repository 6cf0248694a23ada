"""The exit codes of the operator commands, and what they print."""

import click
import pytest

from common.exit_codes import ExitCode
from runtime import __main__ as commands
from runtime.commands import services
from runtime.errors import OperatorError, StageError
from runtime.operations import status


def exit_code(monkeypatch: pytest.MonkeyPatch, error: BaseException | None, *arguments: str) -> object:
    """Return the exit code of a command that raises `error`, if any."""

    @click.command()
    def failing() -> None:
        if error:
            raise error

    monkeypatch.setattr(commands, "cli", failing)
    monkeypatch.setattr("sys.argv", ["runtime", *arguments])
    with pytest.raises(SystemExit) as stop:
        commands.main()
    return stop.value.code


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OperatorError("Port 5433 is in use."), "Port 5433 is in use."),
        (StageError("The import failed.", "the log's last line"), "the log's last line"),
        (KeyError("FLASK_PORT"), "KeyError: 'FLASK_PORT'"),
        (click.ClickException("The file cannot be read."), "The file cannot be read."),
    ],
)
def test_failed_command_exits_with_could_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, message: str
) -> None:
    assert exit_code(monkeypatch, error) == ExitCode.COULD_NOT_RUN
    assert message in capsys.readouterr().err


def test_wrong_option_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(monkeypatch, None, "--no-such-option") == ExitCode.USAGE
    assert "--no-such-option" in capsys.readouterr().err


def test_interrupted_command_exits_as_shells_report_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert exit_code(monkeypatch, KeyboardInterrupt()) == 130


def test_status_of_an_unhealthy_stack_answers_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "current_runtime", lambda _stack: None)
    monkeypatch.setattr(status, "show_status", lambda _runtime: False)
    monkeypatch.setattr("sys.argv", ["runtime", "status"])
    with pytest.raises(SystemExit) as stop:
        commands.main()
    assert stop.value.code == ExitCode.NO
