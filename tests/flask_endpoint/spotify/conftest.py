import pytest

from flask_endpoint.context import Endpoint
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.spotify.tokens import HOUR, store_token
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import MakeApp, endpoint_of


@pytest.fixture
def endpoint(make_app: MakeApp, faults: FaultySpotify) -> Endpoint:
    """Return an endpoint whose Spotify's answers the test defines."""
    return endpoint_of(make_app(faults.url))


@pytest.fixture
def ana(endpoint: Endpoint) -> str:
    """Return the id of a listener whose access token is valid for an hour."""
    store_token(endpoint, expires_in=HOUR)
    return "ana"
