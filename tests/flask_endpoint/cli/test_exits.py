"""The exit codes of `python -m flask_endpoint`, and what a failed command prints on stderr."""

import click
import psycopg
import pytest
from click.testing import CliRunner, Result

from common.exit_codes import ExitCode
from flask_endpoint.cli.commands import cli
from flask_endpoint.cli.exits import report_errors
from flask_endpoint.errors import BadListener, Conflict, GateRefused, GateUnavailable, NotAnExport, NotFound


def run(error: Exception | None) -> Result:
    @click.command
    @report_errors
    def command() -> None:
        if error:
            raise error

    return CliRunner().invoke(command)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, ExitCode.DONE),
        (NotAnExport("notes.txt is not a Spotify export."), ExitCode.NO),
        (NotFound("There is no import 7."), ExitCode.NO),
        (Conflict("Import 7 was undone already."), ExitCode.NO),
        (GateRefused("A check failed."), ExitCode.NO),
        (BadListener("'Ana' is not a valid listener id."), ExitCode.USAGE),
        (GateUnavailable("The gate could not be run."), ExitCode.COULD_NOT_RUN),
        (psycopg.OperationalError("connection refused"), ExitCode.COULD_NOT_RUN),
        (psycopg.errors.UndefinedTable("relation does not exist"), ExitCode.COULD_NOT_RUN),
        (RuntimeError("a bug"), ExitCode.COULD_NOT_RUN),
    ],
)
def test_error_determines_exit_code(error: Exception | None, code: ExitCode) -> None:
    done = run(error)
    assert (done.exit_code, done.stdout) == (code, "")
    assert str(error or "") in done.stderr


def test_detail_of_error_is_printed() -> None:
    assert run(GateRefused("The gate refused the batch.", "check one failed")).stderr.splitlines() == [
        "Error: The gate refused the batch.",
        "check one failed",
    ]


def test_unexpected_error_is_printed_with_traceback() -> None:
    assert "Traceback" in run(RuntimeError("a bug")).stderr


@pytest.mark.parametrize("arguments", [["--no-such"], ["undo-import", "seven"], ["import", "endsong_0.json"]])
def test_wrong_arguments_are_usage_errors(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli, arguments).exit_code == ExitCode.USAGE


def test_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENDPOINT_DATABASE_URL", raising=False)
    done = CliRunner().invoke(cli, ["imports"])
    assert (done.exit_code, "ENDPOINT_DATABASE_URL" in done.stderr) == (ExitCode.COULD_NOT_RUN, True)
