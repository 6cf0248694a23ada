"""What can go wrong with a load, each error one sentence that says what to do.

LoadError
├── NotConfigured       a setting is missing or unreadable
├── DatabaseUnreachable source or main did not answer
├── NotMigrated         main or source lacks its tables
├── LoadBusy            another load holds the candidates
├── LoadUnknown         no such load was begun
├── LoadSuperseded      another load has begun since
├── UnknownListener     no such listener, neither in source nor in main
├── UnknownTimeZone     this Java does not know a listener's zone
└── NoTransformation    a table has no file that makes it
"""


class LoadError(Exception):
    """A load cannot go on; the message says why and what to do."""


class NotConfigured(LoadError):
    """A setting is missing or unreadable."""


class DatabaseUnreachable(LoadError):
    """A database did not answer, or not in time."""


class LoadBusy(LoadError):
    """Another load is writing or publishing the candidates."""


class LoadUnknown(LoadError):
    """There is no load with this number."""


class LoadSuperseded(LoadError):
    """Another load has begun since, so this one must not write."""


class UnknownListener(LoadError):
    """Neither source nor main knows the listener."""


class UnknownTimeZone(LoadError):
    """A listener's time zone is newer than this Java's zone table."""


class NotMigrated(LoadError):
    """A database lacks the tables or functions of this version."""


class NoTransformation(LoadError):
    """A published table has no transformation of its name."""


class CopyFailed(LoadError):
    """Candidates could not be written: PostgreSQL refused them, or did not answer."""
