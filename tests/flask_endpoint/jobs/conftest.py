import pytest

from tests.flask_endpoint.polled_plays import RECENT, page
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import client_of


@pytest.fixture
def served(make_app, faults):
    """An application whose Spotify returns no plays until the test says otherwise."""
    faults.will(RECENT, page())
    return make_app(faults.url, enrichment_per_day=0)


@pytest.fixture
def operator(served):
    """The operator's HTTP client."""
    return client_of(served)
