"""Errors that keep the gate from reaching a verdict. Each message is one sentence for an operator, without secrets.

GateError
|- NothingToCheck     the load or batch does not exist, or a table has no check file
|- DatabaseProblem    the database did not answer, or rejected a statement
`- ScanProblem        Soda could not run a check
"""


class GateError(Exception):
    """The gate has no verdict: exit code 3. Nothing may be promoted or published."""


class NothingToCheck(GateError):
    """There is no such load or batch, or no check file for a table."""


class DatabaseProblem(GateError):
    """The database did not answer, or rejected a statement."""


class ScanProblem(GateError):
    """Soda could not run a check."""
