"""Why the gate could not judge. Every message is one sentence for an operator and holds no secret.

GateError
|- NotConfigured      a setting is missing or unreadable
|- NothingToCheck     the load or batch is not there, or a table has no check file
|- DatabaseProblem    the database did not answer, or refused
`- ScanProblem        Soda could not run a check
"""


class GateError(Exception):
    """The gate could not judge: exit code 3, and nothing may pass."""


class NotConfigured(GateError):
    pass


class NothingToCheck(GateError):
    pass


class DatabaseProblem(GateError):
    pass


class ScanProblem(GateError):
    pass
