"""What goes wrong on purpose: an operator of the simulator says what, the next requests suffer it.

    PUT /faults    {"queue": [{"on": "plays", "kind": "rate_limit", "retry_after": 7, "times": 2}], "is_development": true}
    GET /faults    what is still to come
    DELETE /faults all is well again

A fault of the queue strikes the requests that it is `on` (`plays`, `catalogue`, `me`, `token`, or `any`), of one `account` if it names
one, `times` times (null: until it is deleted); the first that fits is taken. Its `kind`:

| kind | the answer |
|---|---|
| `expired_access` | 401: the access token expired before its time |
| `revoked`, `expired` | 400 of the token endpoint: `invalid_grant`, the consent is over |
| `rate_limit`, `quota` | 429, with `Retry-After` where `retry_after` is given; `quota` says QUOTA_EXCEEDED |
| `no_premium`, `not_registered` | 403 in plain text |
| `server_error` | `status`, 500 if not given, with a body that is no JSON |
| `slow` | the right answer, `seconds` late |
| `cut` | the connection ends in the middle of the answer |
| `no_json` | 200, and a page where JSON should be |

Beside the queue: `is_development` (the fields that an app in development mode does not get are left out), `rotates` (`always`: each refresh
gives a new refresh token and ends the old one; `never`; `null`: never, and the field is there and null; null: as Spotify does by the kind of app), `withholds` (every so many-th play is
missing from recently-played until this is null again: it then comes late, behind newer ones), `shuffles` (its pages are out of order).
"""

from collections.abc import Iterator
from threading import Event, Lock
from typing import Literal

from flask import Response, jsonify, make_response
from pydantic import BaseModel, ConfigDict, Field

from simulated_spotify.plays import Play

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
CUT_BODY = b'{"items":[{"track":{"name":"'
PROMISED = 100_000  # bytes that a cut answer announces


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
    """Everything that is wrong now."""

    model_config = ConfigDict(extra="forbid")

    queue: list[Fault] = []
    is_development: bool = False
    rotates: Literal["always", "never", "null"] | None = None
    withholds: int | None = Field(default=None, ge=1)
    shuffles: bool = False


class Cut(Exception):
    """Ends an answer in its middle: what serves it closes the connection."""


class Faults:
    """The plan, for many threads at once."""

    def __init__(self) -> None:
        self.plan = Plan()
        self._lock = Lock()

    def take(self, place: Place, account: str | None) -> Fault | None:
        """The fault that strikes this request, counted down."""
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
        """Of the plays that recently-played shows, those that it shows now."""
        every = self.plan.withholds
        shown = [play for play in plays if every is None or play.ended_at // 1000 % every]
        return sorted(shown, key=lambda play: play.ended_at % 1009) if self.plan.shuffles else shown


def answer_of(fault: Fault) -> Response | None:
    """What the request gets; None when it only gets it later."""
    match fault.kind:
        case "slow":
            Event().wait(fault.seconds)
            return None
        case "expired_access":
            return _error(401, "The access token expired")
        case "revoked" | "expired":
            said = {"error": "invalid_grant", "error_description": f"Refresh token {fault.kind}"}
            return make_response(jsonify(said), 400)
        case "rate_limit":
            return _later(_error(429, "API rate limit exceeded"), fault.retry_after)
        case "quota":
            return _later(_error(429, "Too many requests", reason="QUOTA_EXCEEDED"), fault.retry_after)
        case "no_premium" | "not_registered":
            return Response(NO_PREMIUM if fault.kind == "no_premium" else NOT_REGISTERED, 403, mimetype="text/plain")
        case "server_error":
            return Response("upstream connect error", fault.status, mimetype="text/plain")
        case "no_json":
            return Response("<html>Please wait.</html>", 200, mimetype="text/html")
        case "cut":
            return Response(_cut(), 200, {"Content-Length": str(PROMISED)}, mimetype="application/json")


def _error(status: int, message: str, **more: str) -> Response:
    return make_response(jsonify(error={"status": status, "message": message, **more}), status)


def _later(answer: Response, seconds: int | None) -> Response:
    if seconds is not None:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _cut() -> Iterator[bytes]:
    yield CUT_BODY
    raise Cut("as the plan of faults has it")
