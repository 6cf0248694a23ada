"""Errors of the operator commands. Each message says what happened and what to do.

OperatorError          its message is printed, exit code 3
└── StageError         a stage of the demo or a service failed: also has the last lines of a log
"""


class OperatorError(Exception):
    """A problem that the operator can fix."""


class StageError(OperatorError):
    """A service or a stage failed; `tail` is the last lines of its log."""

    def __init__(self, message: str, tail: str = "") -> None:
        super().__init__(message)
        self.tail = tail
