"""Errors of a load. Each message is one sentence or two that say what happened and what to do.

LoadError
├── DatabaseUnreachable  source or main did not answer
├── NotMigrated          source or main lacks tables of this version
├── LoadBusy             another load holds the candidate lock
├── LoadUnknown          there is no load with this number
├── LoadSuperseded       a newer load has started
├── UnknownListener      neither source nor main has this listener
├── UnknownTimeZone      Java does not support a listener's time zone
├── NoTransformation     a published table has no transformation
└── CopyFailed           PostgreSQL rejected a candidate's rows

A command that ends with one of them exits with ExitCode.COULD_NOT_RUN.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from common import exit_codes
from common.settings import SettingsError


class LoadError(Exception):
    """A load cannot continue."""


class DatabaseUnreachable(LoadError):
    """A database did not answer, or not in time."""


class NotMigrated(LoadError):
    """A database lacks the tables or functions of this version."""


class LoadBusy(LoadError):
    """Another load is writing or publishing candidates."""


class LoadUnknown(LoadError):
    """There is no load with this number."""


class LoadSuperseded(LoadError):
    """A newer load has started, so this one must not write."""


class UnknownListener(LoadError):
    """Neither source nor main has this listener."""


class UnknownTimeZone(LoadError):
    """A listener's time zone is not in Java's time zone database."""


class NoTransformation(LoadError):
    """A published table has no transformation with its name."""


class CopyFailed(LoadError):
    """PostgreSQL rejected the rows of a candidate, or did not answer while they were written."""


def exit_on_error(report: Callable[[str], object]) -> AbstractContextManager[None]:
    """End the command with COULD_NOT_RUN if the block raises. `report` gets the message, or the traceback of an unexpected error."""
    return exit_codes.exit_on_error(report, LoadError, SettingsError)
