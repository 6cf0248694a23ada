from collections.abc import Iterator

import psycopg
import pytest

from tests.cdc_connectors.verification.two_sides import Sides


@pytest.fixture
def sides(main: psycopg.Connection, main_url: str, replica_url: str) -> Iterator[Sides]:
    with psycopg.connect(replica_url, autocommit=True, connect_timeout=10) as replica:
        sides = Sides(main, replica, (main_url, replica_url))
        yield sides
        sides.empty()  # Other tests use the same databases.
