"""Helpers for the tests: the OAuth flow of an app, and a clock that a test can set."""

from datetime import UTC, datetime

from flask.testing import FlaskClient

NOW = datetime(2026, 11, 25, 9, 0, 0, tzinfo=UTC)
REDIRECT_URI = "http://127.0.0.1:8000/callback"
SCOPE = "user-read-recently-played user-read-private"


class WallClock:
    """A replacement for the real time. Tests change `moment`."""

    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        return self.moment


def approved(client: FlaskClient, account: str = "ana") -> dict[str, str]:
    """Run the authorization code flow for a listener, and return the response of the token endpoint."""
    query = {"client_id": "app", "response_type": "code", "redirect_uri": REDIRECT_URI, "scope": SCOPE, "state": "s"}
    answer = client.post("/authorize", query_string=query, data={"account": account})
    code = answer.headers["Location"].split("code=")[1].split("&")[0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    token: dict[str, str] = client.post("/api/token", data=form, auth=("app", "secret")).get_json()
    return token
