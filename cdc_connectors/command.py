"""The edge of every command: our errors become one sentence on stderr and an exit code."""

import functools
from collections.abc import Callable

import click
import psycopg

from cdc_connectors.errors import CdcError

COULD_NOT_RUN = 2  # 1 is kept for "ran, and the answer is no".


def command(function: Callable[..., None]) -> click.Command:
    """A click command named by its docstring, whose CdcErrors are printed without a traceback."""

    @functools.wraps(function)
    def guarded(*args: object, **kwargs: object) -> None:
        try:
            function(*args, **kwargs)
        except CdcError as error:
            _fail(str(error))
        except psycopg.OperationalError as error:
            _fail(f"The database did not answer as it should: {' '.join(str(error).split())}")

    return click.command()(guarded)


def _fail(sentence: str) -> None:
    click.echo(sentence, err=True)
    raise SystemExit(COULD_NOT_RUN)
