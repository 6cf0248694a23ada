import pytest
from apiflask import APIFlask

from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, page
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import Browser, MakeApp, client_of


@pytest.fixture
def served(make_app: MakeApp, faults: FaultySpotify) -> APIFlask:
    """An application whose Spotify returns no plays until the test says otherwise."""
    faults.will(RECENT, page())
    return make_app(faults.url, enrichment_per_day=0)


@pytest.fixture
def operator(served: APIFlask) -> Browser:
    """The operator's HTTP client."""
    return client_of(served)
