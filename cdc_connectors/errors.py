"""What can go wrong here.

CdcError                 one sentence that says what to do; commands print it and exit
|-- SettingsError        a setting is missing or unusable
|-- JavaMissing          no usable Java, or the jars are not there
|-- Unavailable          Kafka or Connect does not answer just now (starting, rebalancing): waits ask again
|-- ConnectError         Kafka Connect answered with a refusal
|-- ConnectorFailed      a connector or task does not run, and a restart does not help
`-- NotCaughtUp          the replica did not reach the marker in time
"""


class CdcError(Exception):
    """The root: str(error) is the sentence for the operator."""


class SettingsError(CdcError):
    pass


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
