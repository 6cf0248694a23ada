import pytest
from apiflask import APIFlask

from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import Browser, MakeApp, client_of


@pytest.fixture
def served(make_app: MakeApp, simulated_spotify: str) -> APIFlask:
    """Return an application that uses the simulated Spotify."""
    return make_app(simulated_spotify)


@pytest.fixture
def operator(served: APIFlask) -> Browser:
    """Return the operator's browser."""
    return client_of(served)
