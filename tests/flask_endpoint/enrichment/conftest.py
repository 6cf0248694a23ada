from collections.abc import Callable
from typing import Any

import pytest

from flask_endpoint.context import Endpoint
from flask_endpoint.polling.sync import sync
from tests.flask_endpoint.enrichment.answers import key_of
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, TRACKS, add_connected_listener, no_wait, page, play, promote_all
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import MakeApp, endpoint_of


@pytest.fixture
def make_endpoint(make_app: MakeApp, faults: FaultySpotify) -> Callable[..., Endpoint]:
    """Return a function that makes an endpoint. Its catalog is empty.

    Its listener played the third track three times, the second twice and the first once.
    """

    def make(**settings: Any) -> Endpoint:
        endpoint = endpoint_of(make_app(faults.url, **{"enrichment_per_day": 0, **settings}))
        add_connected_listener(endpoint, "ana")
        plays = [play(TRACKS[n], f"2026-11-20T1{n}:0{m}:00.000Z") for n in range(3) for m in range(n + 1)]
        faults.will(RECENT, page(*plays))
        with endpoint.pool.connection() as connection:
            promote_all(
                endpoint,
                sync(endpoint_of(make_app(faults.url, enrichment_per_day=0, token_key=key_of(endpoint))), no_wait),
            )
            for kind in ("track", "album", "artist"):
                connection.execute(f"DELETE FROM raw.catalog_{kind}")
        faults.asked.clear()
        return endpoint

    return make
