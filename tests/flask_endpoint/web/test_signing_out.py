"""Signing out ends all sessions of the listener on the server, also copied ones, and nobody else's."""

import pytest
from apiflask import APIFlask

from tests.flask_endpoint.polled_plays import add_connected_listener
from tests.flask_endpoint.web_stack import Browser, MakeApp, as_listener, client_of, connect, csrf_token, endpoint_of

OWN = "/v1/listeners/{}"


@pytest.fixture
def app(make_app: MakeApp, simulated_spotify: str) -> APIFlask:
    made = make_app(simulated_spotify)
    for listener in ("ana", "ben"):
        add_connected_listener(endpoint_of(made), listener)
    return made


def is_signed_in(browser: Browser, listener: str = "ana") -> bool:
    return browser.get(OWN.format(listener)).status_code == 200


def test_signing_out_ends_copied_sessions(app: APIFlask) -> None:
    ana, copy, ben = as_listener(app, "ana"), as_listener(app, "ana"), as_listener(app, "ben")
    assert is_signed_in(ana) and is_signed_in(copy)
    assert ana.post("/logout", data={"csrf_token": csrf_token(ana)}).status_code == 302
    assert (is_signed_in(ana), is_signed_in(copy), is_signed_in(ben, "ben")) == (False, False, True)


def test_listener_can_sign_in_again(make_app: MakeApp, simulated_spotify: str) -> None:
    browser = client_of(make_app(simulated_spotify))
    for _ in range(2):
        connect(browser, "ana")
        assert "Signed in as ana" in browser.get("/").get_data(as_text=True)
        browser.post("/logout", data={"csrf_token": csrf_token(browser)})
        assert "Signed in as ana" not in browser.get("/").get_data(as_text=True)


def test_old_session_cannot_sign_out_a_new_one(app: APIFlask) -> None:
    old, other = as_listener(app, "ana"), as_listener(app, "ana")
    token = csrf_token(old)
    other.post("/logout", data={"csrf_token": csrf_token(other)})
    with endpoint_of(app).pool.connection() as connection:
        [before] = connection.execute("SELECT signed_out_at FROM vault.sign_out").fetchall()
    old.post("/logout", data={"csrf_token": token})
    with endpoint_of(app).pool.connection() as connection:
        assert connection.execute("SELECT signed_out_at FROM vault.sign_out").fetchall() == [before]
