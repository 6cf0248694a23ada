"""Exceptions of change data capture.

CdcError                 root; one sentence that says what to do; commands print it and exit
|-- JavaMissing          Java or Kafka's jars are not installed
|-- Unavailable          Kafka or Connect does not answer yet (starting, rebalancing); waits retry
|-- ConnectError         Kafka Connect refused a request
|-- ConnectorFailed      a connector or task does not run, and restarts do not help
|-- NotCaughtUp          the replica did not catch up in time
|-- RowRefused           the replica refuses a row of main
|-- ResyncRunning        another process copies main to the replica
`-- ResyncNeeded         changes are missing in the replica, and the settings leave the repair to the operator
"""


class CdcError(Exception):
    """Root of this component's exceptions; str(error) is a sentence for the operator."""


class JavaMissing(CdcError):
    pass


class Unavailable(CdcError):
    pass


class ConnectError(CdcError):
    pass


class ConnectorFailed(CdcError):
    pass


class NotCaughtUp(CdcError):
    pass


class RowRefused(CdcError):
    pass


class ResyncRunning(CdcError):
    pass


class ResyncNeeded(CdcError):
    pass
