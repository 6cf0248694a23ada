"""Decorators for commands and services: report errors in one sentence and exit with a code."""

import functools
from collections.abc import Callable

import click
import psycopg
import structlog

from cdc_connectors.errors import CdcError
from common.database import DatabaseUnreachable
from common.exit_codes import exit_on_error
from common.json_lines import set_up_logging
from common.settings import SettingsError

log = structlog.get_logger("cdc_connectors")


def command(function: Callable[..., None]) -> click.Command:
    """Return a click command for operators. It prints a CdcError on stderr, without a traceback.

    The function's docstring is the help text.
    """
    return click.command()(_guarded(function, functools.partial(click.echo, err=True)))


def service(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Return a decorator for a command that runs as a service. It writes JSON log lines, also for a CdcError.

    `name` is the service's name in the log unless SERVICE_NAME is set.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def with_logging(*args: object, **kwargs: object) -> None:
            set_up_logging(name)
            _guarded(function, log.critical)(*args, **kwargs)

        return click.command()(with_logging)

    return decorate


def _guarded(function: Callable[..., None], report: Callable[[str], object]) -> Callable[..., None]:
    @functools.wraps(function)
    def guarded(*args: object, **kwargs: object) -> None:
        with exit_on_error(report, CdcError, DatabaseUnreachable, SettingsError):
            try:
                function(*args, **kwargs)
            except psycopg.OperationalError as error:
                raise CdcError(f"A database call failed: {' '.join(str(error).split())}") from None

    return guarded
