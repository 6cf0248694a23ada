import pytest

from flask_endpoint.context import Endpoint
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import MakeApp, endpoint_of


@pytest.fixture
def endpoint(make_app: MakeApp, faults: FaultySpotify) -> Endpoint:
    """Return an endpoint that polls and does not enrich. The test defines Spotify's answers."""
    return endpoint_of(make_app(faults.url, enrichment_per_day=0))
