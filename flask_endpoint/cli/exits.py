"""Turn the errors of a command into one message and an exit code of `common/exit_codes.py`."""

import functools
import traceback
from collections.abc import Callable
from typing import NoReturn, ParamSpec

import click
import psycopg

from common.exit_codes import ExitCode
from common.settings import SettingsError
from flask_endpoint.errors import BadListener, EndpointError

P = ParamSpec("P")
FIRST_SERVER_ERROR = 500  # HTTP status: from here on, the failure is not the caller's


def report_errors(command: Callable[P, None]) -> Callable[P, None]:
    """Print the error of a command on stderr and exit.

    An invalid listener or time zone is a usage error. Any other refusal by the endpoint means no. Everything else means that
    the command could not run: Python's own exit code for an exception is 1, which would mean no.
    """

    @functools.wraps(command)
    def reporting(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except BrokenPipeError:
            raise  # click exits quietly when the reader of stdout has gone.
        except EndpointError as error:
            detail = f"\n{error.detail}" if isinstance(error.detail, str) and error.detail else ""
            _fail(error.message + detail, _exit_code_of(error))
        except Exception as error:
            _fail(_message(error), ExitCode.COULD_NOT_RUN)

    return reporting


def _fail(message: str, code: ExitCode) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    raise SystemExit(code)


def _exit_code_of(error: EndpointError) -> ExitCode:
    if isinstance(error, BadListener):
        return ExitCode.USAGE
    return ExitCode.NO if error.status < FIRST_SERVER_ERROR else ExitCode.COULD_NOT_RUN


def _message(error: Exception) -> str:
    """Return a sentence for a missing setting or a database error, else the traceback."""
    match error:
        case SettingsError():
            return str(error)
        case psycopg.OperationalError():
            return f"The source database is not available ({_first_line(error)}). Start it with `make postgres`."
        case psycopg.Error():
            return f"The source database reported an error ({_first_line(error)}). Run `make migrate` and try again."
    return f"Unexpected error:\n{''.join(traceback.format_exception(error))}"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
