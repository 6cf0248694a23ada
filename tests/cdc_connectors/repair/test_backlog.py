"""A replica that is far behind is copied, but only if that is faster."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest

from cdc_connectors.connectors.rest import Connect
from cdc_connectors.repair import backlog, following
from cdc_connectors.repair.backlog import is_copy_faster
from cdc_connectors.repair.chain import Chain
from cdc_connectors.settings import Settings
from tests.cdc_connectors.conftest import SECRET
from tests.cdc_connectors.repair.kafka_positions import PARTITION, Positions

# The end of a topic of which more than LEAST_BYTES are unread.
LAST = backlog.LEAST_BYTES // backlog.BYTES_OF_CHANGE + 8


@pytest.fixture
def chain(
    settings: Callable[..., Settings], main: psycopg.Connection, replica_url: str
) -> Iterator[Callable[..., Chain]]:
    """Return a function that returns a chain whose replica has a heartbeat of an age, and whose Kafka has changes up to a number."""
    with psycopg.connect(replica_url, autocommit=True) as replica:

        def behind(lag: float, end: int, repair: str = "auto") -> Chain:
            replica.execute("DELETE FROM cdc.heartbeat")
            replica.execute("INSERT INTO cdc.heartbeat (id, at) VALUES (1, now() - %s)", (timedelta(seconds=lag),))
            kafka = Positions(end={PARTITION: end})
            given = settings(CDC_REPAIR=repair)
            return Chain(given, main, replica, Connect("http://127.0.0.1:9", SECRET), kafka)  # type: ignore[arg-type]

        yield behind
        replica.execute("DELETE FROM cdc.heartbeat")


@pytest.mark.parametrize(
    ("lag", "end", "is_faster"),
    [(61, LAST, True), (59, LAST, False), (61, LAST - 10, False), (100_000, 9, False)],
)
def test_copy_is_faster_if_much_is_unread_for_a_while(
    chain: Callable[..., Chain], lag: int, end: int, is_faster: bool
) -> None:
    assert is_copy_faster(chain(lag, end)) == is_faster


def test_copy_of_large_tables_is_not_faster_than_few_changes(
    monkeypatch: pytest.MonkeyPatch, chain: Callable[..., Chain]
) -> None:
    monkeypatch.setattr(backlog, "SIZE", f"SELECT {backlog.LEAST_BYTES * 5}::bigint WHERE %s::text[] IS NOT NULL")
    assert not is_copy_faster(chain(61, LAST))


def test_before_the_first_heartbeat_nothing_is_known(chain: Callable[..., Chain]) -> None:
    late = chain(61, LAST)
    late.replica.execute("DELETE FROM cdc.heartbeat")
    assert not is_copy_faster(late)


@pytest.mark.parametrize(("repair", "copies"), [("auto", [following.FAR_BEHIND]), ("manual", [])])
def test_only_an_automatic_repair_copies(
    monkeypatch: pytest.MonkeyPatch, chain: Callable[..., Chain], repair: str, copies: list[str]
) -> None:
    found: list[str] = []
    monkeypatch.setattr(Chain, "fault", lambda _: None)
    monkeypatch.setattr(following, "_copy", lambda _, reason: found.append(reason))
    monkeypatch.setattr(following, "_resume", lambda _: None)
    following.ensure_following(chain(61, LAST, repair))
    assert found == copies
