"""The edge of every command: our errors become one sentence and an exit code."""

import functools
from collections.abc import Callable

import click
import psycopg
import structlog

from cdc_connectors.errors import CdcError
from common.json_lines import set_up_logging

COULD_NOT_RUN = 2  # 1 is kept for "ran, and the answer is no".


log = structlog.get_logger("cdc_connectors")


def command(function: Callable[..., None]) -> click.Command:
    """A command that people type, named by its docstring: its CdcErrors are told on stderr without a traceback."""
    return click.command()(_guarded(function, functools.partial(click.echo, err=True)))


def service(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command that runs as a service, by default of this name: what it tells, its CdcErrors too, are lines of its log."""

    def made(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def logging(*args: object, **kwargs: object) -> None:
            set_up_logging(name)
            _guarded(function, log.critical)(*args, **kwargs)

        return click.command()(logging)

    return made


def _guarded(function: Callable[..., None], tell: Callable[[str], object]) -> Callable[..., None]:
    @functools.wraps(function)
    def guarded(*args: object, **kwargs: object) -> None:
        try:
            function(*args, **kwargs)
        except CdcError as error:
            _fail(str(error), tell)
        except psycopg.OperationalError as error:
            _fail(f"The database did not answer as it should: {' '.join(str(error).split())}", tell)

    return guarded


def _fail(sentence: str, tell: Callable[[str], object]) -> None:
    tell(sentence)
    raise SystemExit(COULD_NOT_RUN)
