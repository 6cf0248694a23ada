"""Property tests with random batches: plays equal the reference in any order, imports balance, and undo restores."""

import itertools
import os
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_endpoint.reconciliation.promote import Balance
from flask_endpoint.reconciliation.recompute import recompute
from tests.flask_endpoint.reconciliation.listening import Listening, expected_plays, parsed
from tests.flask_endpoint.reconciliation.random_batches import (
    Batches,
    account_rows,
    extended_rows,
    named_batches,
    unambiguous,
)
from tests.flask_endpoint.reconciliation.reference_items import Received, instant
from tests.flask_endpoint.reconciliation.reference_matching import reconcile
from tests.flask_endpoint.reconciliation.reference_plays import PLAY_COLUMNS

# PROMOTION_EXAMPLES=300 runs 300 examples, different ones each time.
EXAMPLES = os.environ.get("PROMOTION_EXAMPLES")
EXAMPLE_SETTINGS = settings(
    max_examples=int(EXAMPLES or 12),
    deadline=None,
    derandomize=EXAMPLES is None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def add_batch(listener: Listening, name: str, rows: list[dict[str, Any]]) -> Balance:
    """Poll or import the rows. Return the balance."""
    return listener.poll(*rows) if name.startswith("poll") else listener.import_(*rows)


def empty_listener(connection: psycopg.Connection) -> Listening:
    """Roll back the previous example and return a new listener."""
    connection.rollback()
    return Listening(connection, "ana")


def test_plays_equal_reference_in_any_order(connection: psycopg.Connection) -> None:
    @EXAMPLE_SETTINGS
    @given(named_batches, st.randoms(use_true_random=False))
    def same(batches: Batches, random: Any) -> None:
        expected = expected_plays(*batches)
        for order in (batches, random.sample(batches, len(batches))):
            ana = empty_listener(connection)
            for name, rows in order:
                add_batch(ana, name, random.sample(rows, len(rows)))
            assert sorted(ana.plays(PLAY_COLUMNS), key=repr) == expected

    same()


def test_incremental_result_equals_full_recomputation(connection: psycopg.Connection) -> None:
    @EXAMPLE_SETTINGS
    @given(named_batches)
    def same(batches: Batches) -> None:
        ana = empty_listener(connection)
        for name, rows in itertools.chain(batches, batches[:1]):
            add_batch(ana, name, rows)
            before, version = ana.state(), ana.version()
            recompute(connection, "ana", None)
            assert ana.state() == before
            assert ana.version() == version

    same()


def test_imports_balance_and_undo_restores_earlier_state(connection: psycopg.Connection) -> None:
    @EXAMPLE_SETTINGS
    @given(named_batches)
    def balances(batches: Batches) -> None:
        ana = empty_listener(connection)
        known: list[Received] = []
        for name, rows in batches:
            before, plays_before = ana.state(), len(ana.plays())
            balance = add_batch(ana, name, rows)
            if not name.startswith("poll"):
                ana.undo()
                assert ana.state() == before
                balance = add_batch(ana, name, rows)
            new = [Received(name, parsed(row), name.startswith("poll")) for row in rows]
            assert balance == expected_balance(known, new, plays_before)
            known += [one for one in new if not (one.is_poll and identity(one) in map(identity, known))]

    balances()


def test_grouping_of_files_into_imports_does_not_change_plays(connection: psycopg.Connection) -> None:
    @EXAMPLE_SETTINGS
    @given(st.lists(st.one_of(extended_rows(), account_rows), min_size=1, max_size=9), st.data())
    def same(drawn: list[dict[str, Any]], data: st.DataObject) -> None:
        rows = without_renames(drawn)
        number = st.integers(0, 3)
        groups = [[data.draw(number) for _ in rows], [data.draw(number) for _ in rows]]
        plays = []
        for group in groups:
            ana = empty_listener(connection)
            for import_ in sorted(set(group)):
                ana.import_(*(row for row, place in zip(rows, group, strict=True) if place == import_))
            plays.append(ana.plays("*"))
        assert plays[0] == plays[1]
        assert sorted(ana.plays(PLAY_COLUMNS), key=repr) == expected_plays(("import", rows))

    same()


def without_renames(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep one name and one Spotify id per origin, end and length.

    Only renames depend on how rows are grouped into imports.
    """
    names: dict[Any, Any] = {}
    ids: dict[Any, Any] = {}
    kept = []
    for row in unambiguous("import", drawn):
        one = parsed(row)
        slot = (one.origin, instant(one.ended_at), one.ms_played)
        is_provisional = one.track_id is None or one.track_id.startswith("x:")
        if names.setdefault(slot, (one.title_key, one.artist_key)) == (one.title_key, one.artist_key) and (
            is_provisional or ids.setdefault(slot, one.track_id) == one.track_id
        ):
            kept.append(row)
    return kept


def expected_balance(known: list[Received], new: list[Received], plays_before: int) -> Balance:
    """Return the balance of the new rows by the rules of docs/data-contract.md, from the reference plays."""
    plays = reconcile([*known, *new])
    with_play = {
        identity(one)
        for play in plays
        for member in (play.richest, play.account, play.api)
        if member
        for one in member.rows
    }
    known_identities = {identity(one) for one in known}
    rejected = sum(identity(one) not in with_play for one in new)
    repeated = sum(identity(one) in with_play and identity(one) in known_identities for one in new)
    added = len(plays) - plays_before
    return Balance(len(new), added, len(new) - added - repeated - rejected, repeated, rejected)


def identity(received: Received) -> tuple[Any, ...]:
    row = received.row
    return row.origin, row.ended_at, row.track_id, row.ms_played


def test_repeated_imports_change_no_play(connection: psycopg.Connection) -> None:
    @EXAMPLE_SETTINGS
    @given(named_batches)
    def repeated(batches: Batches) -> None:
        ana = empty_listener(connection)
        for name, rows in batches:
            add_batch(ana, name, rows)
        before, version = ana.plays("*"), ana.version()
        for name, rows in itertools.chain(batches, reversed(batches)):
            balance = add_batch(ana, name, rows)
            assert (balance.rows_added, balance.rows_matched) == (0, 0)
        assert ana.plays("*") == before
        assert ana.version() == version

    repeated()


def test_undo_in_any_order_leaves_plays_of_remaining_batches(connection: psycopg.Connection) -> None:
    @EXAMPLE_SETTINGS
    @given(named_batches, st.randoms(use_true_random=False))
    def undone(batches: Batches, random: Any) -> None:
        ana, ids = empty_listener(connection), {}
        for name, rows in batches:
            add_batch(ana, name, rows)
            if not name.startswith("poll"):
                ids[name] = ana.last_import
        for name in random.sample(sorted(ids), len(ids)):
            ana.undo(ids[name])
            batches = [batch for batch in batches if batch[0] != name]
            assert sorted(ana.plays(PLAY_COLUMNS), key=repr) == expected_plays(*batches)

    undone()
