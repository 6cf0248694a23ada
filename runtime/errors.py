"""What the operator commands raise: every message is one sentence that says what is wrong and what to do.

OperatorError          shown as it is, exit code 1
└── StageError         a stage of the demo or a service failed: also carries the last lines of a log
"""


class OperatorError(Exception):
    """Something the operator can mend."""


class StageError(OperatorError):
    """A service or a stage failed; `tail` holds the last lines of its log."""

    def __init__(self, message: str, tail: str = "") -> None:
        super().__init__(message)
        self.tail = tail
