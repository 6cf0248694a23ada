"""What the tests of the simulated Spotify share: an app that connects to it, and a time they move themselves."""

from datetime import UTC, datetime

from flask.testing import FlaskClient

NOW = datetime(2026, 11, 25, 9, 0, 0, tzinfo=UTC)
REDIRECT_URI = "http://127.0.0.1:8000/callback"
SCOPE = "user-read-recently-played user-read-private"


class WallClock:
    """The real time of a test, which it moves itself."""

    def __init__(self) -> None:
        self.moment = NOW

    def __call__(self) -> datetime:
        return self.moment


def approved(client: FlaskClient, account: str = "ana") -> dict[str, str]:
    """The token reply for a listener, by the whole authorization code flow."""
    asked = {"client_id": "app", "response_type": "code", "redirect_uri": REDIRECT_URI, "scope": SCOPE, "state": "s"}
    answer = client.post("/authorize", query_string=asked, data={"account": account})
    code = answer.headers["Location"].split("code=")[1].split("&")[0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
    return client.post("/api/token", data=form, auth=("app", "secret")).get_json()
