"""The errors of the endpoint, in one tree.

EndpointError                     has a code, message and detail, for HTTP responses and the command line
├── BadInput                      400: the request or file is invalid
│   ├── BadListener               invalid listener id or time zone
│   ├── NotAnExport               the file is not a readable Spotify export
│   └── NotACatalog               the file is not a readable catalog
├── NotSignedIn                   401: nobody is signed in in this browser
├── NotFound                      404: the listener, batch, import or job does not exist
│   ├── ListenerDeleted           the listener was deleted after the import was requested
│   └── NoSuchItem                Spotify does not know the track, album or artist
├── Conflict                      409: the current state does not allow the request
│   └── UnreadableToken           TOKEN_KEY cannot decrypt a stored token
├── NeedsReconnect                409: the listener must connect to Spotify again
├── ImportRefused                 422: the import, or the polled batch, was refused
│   ├── GateRefused               a landed batch failed a check
│   └── NoValidRow                every row of the import was rejected
├── Paused                        503: Spotify asked for a pause; its end is in the detail
├── SpotifyUnavailable            502: Spotify returned an error or did not respond
│   ├── TokenRejected             Spotify rejected an access token; a new one may be accepted
│   ├── NoNewToken                Spotify returned no readable access token
│   └── NotAllowed                Spotify does not allow this app, or this listener's token, to make the call
├── GateUnavailable               503: the gate could not run
└── ReadingFailed                 500: a process that reads export files was killed
"""

from datetime import datetime
from typing import ClassVar

QUOTA_EXCEEDED = "QUOTA_EXCEEDED"  # the reason that Spotify sends


class EndpointError(Exception):
    """An error with a message for people and a code for programs. `detail` is optional and can be sent as JSON."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str, detail: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class BadInput(EndpointError):
    code, status = "bad_input", 400


class BadListener(BadInput):
    code = "bad_listener"


class NotAnExport(BadInput):
    code = "not_an_export"


class NotACatalog(BadInput):
    code = "not_a_catalog"


class NotSignedIn(EndpointError):
    code, status = "not_signed_in", 401


class NotFound(EndpointError):
    code, status = "not_found", 404


class ListenerDeleted(NotFound):
    def __init__(self) -> None:
        # Without the listener's id, because a job's result keeps the message.
        super().__init__("The listener was deleted after this import was requested. Nothing was imported.")


class NoSuchItem(NotFound):
    code = "no_such_item"


class Conflict(EndpointError):
    code, status = "conflict", 409


class UnreadableToken(Conflict):
    code = "unreadable_token"


class NeedsReconnect(EndpointError):
    code, status = "needs_reconnect", 409


class ImportRefused(EndpointError):
    code, status = "import_refused", 422


class GateRefused(ImportRefused):
    code = "gate_refused"


class NoValidRow(ImportRefused):
    code = "no_valid_row"


class Paused(EndpointError):
    code, status = "paused", 503

    def __init__(self, until: datetime, reason: str) -> None:
        super().__init__(
            f"Spotify asks for a pause until {until:%Y-%m-%d %H:%M:%S} UTC ({reason}). Try again after that.",
            {"paused_until": until.isoformat()},
        )
        self.until = until
        self.reason = reason

    @property
    def is_quota(self) -> bool:
        """Whether a quota is used up. Otherwise the app made too many calls in a short time."""
        return QUOTA_EXCEEDED in self.reason


class SpotifyUnavailable(EndpointError):
    code, status = "spotify_unavailable", 502


class TokenRejected(SpotifyUnavailable):
    code = "token_rejected"


class NoNewToken(SpotifyUnavailable):
    code = "no_new_token"


class NotAllowed(SpotifyUnavailable):
    code = "not_allowed"


class GateUnavailable(EndpointError):
    code, status = "gate_unavailable", 503


class ReadingFailed(EndpointError):
    code, status = "reading_failed", 500
