"""The exit codes of every command."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command's exit code means."""

    DONE = 0
    NO = 1  # the command ran, and the answer is no
    USAGE = 2
    COULD_NOT_RUN = 3
