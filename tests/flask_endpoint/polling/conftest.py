import pytest

from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import endpoint_of


@pytest.fixture
def endpoint(make_app, faults):
    """Return an endpoint that polls and does not enrich. The test defines Spotify's answers."""
    return endpoint_of(make_app(faults.url, enrichment_per_day=0))
