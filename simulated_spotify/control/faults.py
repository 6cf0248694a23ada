"""Faults that the simulator injects into its responses, to test how an app handles them.

    PUT /faults    {"queue": [{"on": "plays", "kind": "rate_limit", "retry_after": 7, "times": 2}], "is_development": true}
    GET /faults    return the remaining plan
    DELETE /faults remove all faults

A fault in the queue applies to requests for the part in `on` (`plays`, `catalogue`, `me`, `token` or `any`), and only to
the listener in `account` if it is set. It applies `times` times, or until it is deleted if `times` is null. If several
faults match a request, the first one applies. The `kind` selects the response:

| kind | response |
|---|---|
| `expired_access` | 401: the access token has expired early |
| `revoked`, `expired` | 400 from the token endpoint: `invalid_grant`, the consent has ended |
| `rate_limit`, `quota` | 429, with `Retry-After` if `retry_after` is set; `quota` has the reason QUOTA_EXCEEDED |
| `no_premium`, `not_registered` | 403 in plain text |
| `server_error` | `status` (default 500), with a body that is not JSON |
| `slow` | the normal response, delayed by `seconds` |
| `cut` | the connection closes in the middle of the response |
| `no_json` | 200, with an HTML page instead of JSON |

The plan has these fields in addition to the queue:

- `is_development`: responses lack the fields that an app in development mode does not receive.
- `rotates`: `always` (each refresh returns a new refresh token and revokes the old one), `never`, `null` (the field is
  present with the value null), or null (default: only apps without a secret receive a new refresh token).
- `withholds`: about one of this many plays is missing from recently-played. If it is set to null again, the missing
  plays appear late, behind newer ones.
- `shuffles`: the plays of recently-played are out of order.
"""

from collections.abc import Iterator
from threading import Event, Lock
from typing import Literal

from flask import Response, jsonify, make_response
from pydantic import BaseModel, ConfigDict, Field

from simulated_spotify.listening.plays import Play

Place = Literal["plays", "catalogue", "me", "token"]
Kind = Literal[
    "expired_access",
    "revoked",
    "expired",
    "rate_limit",
    "quota",
    "no_premium",
    "not_registered",
    "server_error",
    "slow",
    "cut",
    "no_json",
]
NO_PREMIUM = (
    "Active premium subscription required for the owner of the app. When the subscription status changes, it can take a few hours "
    "before requests are allowed again."
)
NOT_REGISTERED = "User not registered in the Developer Dashboard"
TRUNCATED_BODY = b'{"items":[{"track":{"name":"'
ANNOUNCED_LENGTH = 100_000  # bytes in the Content-Length of a truncated response


class Fault(BaseModel):
    """One entry of the queue."""

    model_config = ConfigDict(extra="forbid")

    on: Place | Literal["any"] = "any"
    kind: Kind
    account: str | None = None
    times: int | None = Field(default=1, ge=1)
    retry_after: int | None = Field(default=None, ge=0)
    status: int = Field(default=500, ge=500, le=599)
    seconds: float = Field(default=1, ge=0, le=60)


class Plan(BaseModel):
    """All current faults. The module docstring describes the fields."""

    model_config = ConfigDict(extra="forbid")

    queue: list[Fault] = []
    is_development: bool = False
    rotates: Literal["always", "never", "null"] | None = None
    withholds: int | None = Field(default=None, ge=1)
    shuffles: bool = False


class ConnectionCut(Exception):
    """Raised in the middle of a response, so that the server closes the connection."""


class Faults:
    """The current plan, safe for use by several threads."""

    def __init__(self) -> None:
        self.plan = Plan()
        self._lock = Lock()

    def take(self, place: Place, account: str | None) -> Fault | None:
        """Return the fault that applies to this request, or None, and count it down."""
        with self._lock:
            for fault in self.plan.queue:
                if fault.on in (place, "any") and fault.account in (account, None):
                    if fault.times is not None:
                        fault.times -= 1
                        if not fault.times:
                            self.plan.queue.remove(fault)
                    return fault
        return None

    def shown(self, plays: list[Play]) -> list[Play]:
        """Return the plays that recently-played shows under the current plan."""
        every = self.plan.withholds
        shown = [play for play in plays if every is None or play.ended_at // 1000 % every]
        return sorted(shown, key=lambda play: play.ended_at % 1009) if self.plan.shuffles else shown


def response_of(fault: Fault) -> Response | None:
    """Return the response of a fault. Wait and return None if the fault only delays the request."""
    match fault.kind:
        case "slow":
            Event().wait(fault.seconds)
            return None
        case "expired_access":
            return _error(401, "The access token expired")
        case "revoked" | "expired":
            body = {"error": "invalid_grant", "error_description": f"Refresh token {fault.kind}"}
            return make_response(jsonify(body), 400)
        case "rate_limit":
            return _with_retry_after(_error(429, "API rate limit exceeded"), fault.retry_after)
        case "quota":
            return _with_retry_after(_error(429, "Too many requests", reason="QUOTA_EXCEEDED"), fault.retry_after)
        case "no_premium" | "not_registered":
            return Response(NO_PREMIUM if fault.kind == "no_premium" else NOT_REGISTERED, 403, mimetype="text/plain")
        case "server_error":
            return Response("upstream connect error", fault.status, mimetype="text/plain")
        case "no_json":
            return Response("<html>Please wait.</html>", 200, mimetype="text/html")
        case "cut":
            return Response(
                _truncated_body(), 200, {"Content-Length": str(ANNOUNCED_LENGTH)}, mimetype="application/json"
            )


def _error(status: int, message: str, **more: str) -> Response:
    return make_response(jsonify(error={"status": status, "message": message, **more}), status)


def _with_retry_after(response: Response, seconds: int | None) -> Response:
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _truncated_body() -> Iterator[bytes]:
    yield TRUNCATED_BODY
    raise ConnectionCut("The fault plan asks for a truncated response.")
