"""The exit codes of a command, and what it prints on stderr."""

import psycopg
import pytest
from click.testing import CliRunner, Result

from cdc_connectors.command import command
from cdc_connectors.errors import Unavailable
from common.exit_codes import ExitCode


def run(error: BaseException | None, *arguments: str) -> Result:
    @command
    def main() -> None:
        if error:
            raise error

    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Unavailable("Kafka Connect does not answer."), "Kafka Connect does not answer."),
        (psycopg.OperationalError("connection\nrefused"), "A database call failed: connection refused"),
        (RuntimeError("a bug"), "RuntimeError: a bug"),
    ],
)
def test_failed_command_exits_with_could_not_run(error: Exception | None, message: str) -> None:
    done = run(error)
    assert done.exit_code == ExitCode.COULD_NOT_RUN
    assert message in done.stderr and done.stdout == ""


@pytest.mark.parametrize(
    ("error", "arguments", "code"),
    [(None, (), ExitCode.DONE), (SystemExit(ExitCode.NO), (), ExitCode.NO), (None, ("--no-such",), ExitCode.USAGE)],
)
def test_other_exit_codes_are_kept(error: Exception | None, arguments: tuple[str, ...], code: ExitCode) -> None:
    assert run(error, *arguments).exit_code == code
