"""The exit codes of every command.

A command that answers a question (Are all services healthy? Is the replica equal? May the load be published?) exits with NO if the
answer is no. A command that fails to do its work exits with COULD_NOT_RUN. Ctrl-C ends an operator command with INTERRUPTED.
"""

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit code means."""

    DONE = 0
    NO = 1  # the command ran, and the answer is no
    USAGE = 2
    COULD_NOT_RUN = 3
    INTERRUPTED = 130  # the code by which shells report Ctrl-C


@contextmanager
def exit_on_error(report: Callable[[str], object], *expected: type[Exception]) -> Iterator[None]:
    """End the command with COULD_NOT_RUN if the block raises an exception.

    `report` gets the message of an exception in `expected`, and the traceback of any other one. Python itself would exit with 1
    after an exception, which means NO.
    """
    try:
        yield
    except Exception as error:
        report(str(error) if isinstance(error, expected) else traceback.format_exc())
        sys.exit(ExitCode.COULD_NOT_RUN)
