import pytest

from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import client_of


@pytest.fixture
def served(make_app, simulated_spotify):
    """Return an application that uses the simulated Spotify."""
    return make_app(simulated_spotify)


@pytest.fixture
def operator(served):
    """Return the operator's browser."""
    return client_of(served)
