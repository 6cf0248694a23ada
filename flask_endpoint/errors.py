"""Everything that the endpoint refuses or fails at, in one tree.

EndpointError                     code, message, detail: what HTTP answers and what the command line prints
├── BadInput                      400: the caller can mend it
│   ├── BadListener               a listener id or time zone that does not exist or may not
│   ├── NotAnExport               a file that is not a readable Spotify export
│   └── NotACatalog               a file that is not a readable catalogue
├── NotSignedIn                   401: no operator key, or a wrong one
├── NotFound                      404: no such listener, batch, import, job
│   └── NoSuchItem                Spotify does not have the track, album or artist (any more)
├── Conflict                      409: not in the state that the request needs
│   └── UnreadableToken           a stored token that TOKEN_KEY does not open
├── NeedsReconnect                409: only the listener can mend it, by logging in at Spotify again
├── GateRefused                   422: a check failed on a landed batch
├── Paused                        503: Spotify asked for a pause; says until when
├── SpotifyUnavailable            502: Spotify answered with an error, or not at all
│   ├── TokenRejected             Spotify did not take an access token: a new one may help
│   ├── NoNewToken                Spotify gave no new access token, or none that could be read
│   └── NotAllowed                Spotify does not let this app ask, or not in this listener's name
├── GateUnavailable               503: the gate could not be run
└── ReadingFailed                 500: a process that reads export files for an import was lost
"""

from datetime import datetime
from typing import ClassVar

QUOTA_EXCEEDED = "QUOTA_EXCEEDED"  # Spotify's own word


class EndpointError(Exception):
    """A refusal or failure with one clear sentence for people and a code for programs."""

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


class NoSuchItem(NotFound):
    code = "no_such_item"


class Conflict(EndpointError):
    code, status = "conflict", 409


class UnreadableToken(Conflict):
    code = "unreadable_token"


class NeedsReconnect(EndpointError):
    code, status = "needs_reconnect", 409


class GateRefused(EndpointError):
    code, status = "gate_refused", 422


class Paused(EndpointError):
    code, status = "paused", 503

    def __init__(self, until: datetime, reason: str) -> None:
        super().__init__(
            f"Spotify asks for a pause until {until:%Y-%m-%d %H:%M:%S} UTC ({reason}): try again after that.",
            {"paused_until": until.isoformat()},
        )
        self.until = until
        self.reason = reason

    @property
    def is_quota(self) -> bool:
        """Whether the quota of a group of endpoints is used up, rather than the app too fast."""
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
