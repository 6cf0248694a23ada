"""Promotion apart from the matching rules: retries, refusals, polls, versions and concurrency."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest

from flask_endpoint.database import connect
from flask_endpoint.errors import Conflict, NotFound
from flask_endpoint.landing.batches import land_poll
from flask_endpoint.listeners.listeners import ensure_listener
from flask_endpoint.reconciliation.forget import delete_simulated
from flask_endpoint.reconciliation.promote import Balance, promote
from flask_endpoint.reconciliation.undo import undo_import
from tests.flask_endpoint.reconciliation.listening import Listening, account, extended, item


def test_second_promotion_returns_same_balance_and_changes_nothing(ana: Listening) -> None:
    _, batch_id = ana.land(extended(10), extended(20, ms=-1))
    first = promote(ana.connection, batch_id)
    state, version = ana.state(), ana.version()
    assert promote(ana.connection, batch_id) == first
    assert (first.rows_read, first.rows_added, first.rows_rejected) == (2, 1, 1)
    assert (ana.state(), ana.version()) == (state, version)


def test_missing_and_undone_batches_are_refused(ana: Listening) -> None:
    with pytest.raises(NotFound, match="There is no batch 987654321"):
        promote(ana.connection, 987654321)
    import_id, batch_id = ana.land(extended(10))
    undo_import(ana.connection, import_id)
    with pytest.raises(Conflict, match="is undone"):
        promote(ana.connection, batch_id)


def test_undo_refuses_missing_and_undone_imports(ana: Listening) -> None:
    with pytest.raises(NotFound, match="There is no import 987654321"):
        ana.undo(987654321)
    ana.import_(extended(10))
    ana.undo()
    with pytest.raises(Conflict, match="was undone already"):
        ana.undo()


def test_received_rows_show_their_play(ana: Listening) -> None:
    ana.import_(extended(61), extended(500, title=None), account(1))
    rows = ana.connection.execute(
        "SELECT r.origin, r.kind, p.play_id IS NOT NULL FROM raw.received AS r LEFT JOIN raw.play AS p USING (play_id) "
        "WHERE r.listener_id = 'ana' ORDER BY r.origin, r.ended_at"
    ).fetchall()
    assert rows == [("account", "track", True), ("extended", "track", True), ("extended", None, False)]


def test_page_polled_twice_is_kept_once(ana: Listening) -> None:
    page = [item(offset) for offset in range(0, 100, 10)]
    assert ana.poll(*page).rows_added == 10
    again = ana.poll(*page, item(500))
    assert (again.rows_added, again.rows_repeated) == (1, 10)
    assert ana.connection.execute("SELECT count(*) FROM raw.received").fetchone() == (11,)


def test_play_polled_after_newer_play_is_added(ana: Listening) -> None:
    ana.poll(item(1000))
    assert ana.poll(item(10), item(1000)).rows_added == 1


def test_invalid_poll_items_are_counted_as_rejected(ana: Listening) -> None:
    balance = ana.poll(item(10), {"track": {}}, None, item(20) | {"track": None})
    assert (balance.rows_read, balance.rows_added, balance.rows_rejected) == (4, 1, 3)


def test_version_rises_only_when_data_of_listener_changed(ana: Listening, listener: Callable[[str], Listening]) -> None:
    bob, before = listener("bob"), ana.version()
    ana.import_(extended(10))
    assert ana.version() == before + 1
    ana.import_(extended(10))
    assert ana.version() == before + 1
    assert bob.version() == 1


def test_concurrent_promotions_of_one_listener_add_each_play_once(source_database: str) -> None:
    listener_id, count = "concurrent", 4
    with connect(source_database) as connection:
        ensure_listener(connection, listener_id)
        batches = [
            land_poll(connection, listener_id, [item(10), item(20 + n)], polled_at=datetime(2024, 6, 1, tzinfo=UTC))
            for n in range(count)
        ]

    def promote_batch(batch_id: int) -> Balance:
        with connect(source_database) as connection:
            return promote(connection, batch_id)

    try:
        with ThreadPoolExecutor(count) as pool:
            balances = list(pool.map(promote_batch, batches))
        assert sum(balance.rows_added for balance in balances) == count + 1
        with psycopg.connect(source_database) as connection:
            plays = connection.execute(
                "SELECT count(*) FROM raw.play WHERE listener_id = %s", (listener_id,)
            ).fetchone()
        assert plays == (count + 1,)
    finally:
        with connect(source_database) as connection:
            connection.execute("UPDATE raw.listener SET is_simulated = true WHERE listener_id = %s", (listener_id,))
            delete_simulated(connection)
