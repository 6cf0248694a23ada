"""Any order, any overlap, any repetition: the same plays, those of the slow implementation; every import balances; undo restores."""

import itertools
import os
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_endpoint.reconciliation.promote import Balance
from flask_endpoint.reconciliation.recompute import recompute
from tests.flask_endpoint.reconciliation.listening import (
    ROW,
    Listening,
    account,
    extended,
    item,
    obvious_plays,
    parsed,
    spotify_id,
)
from tests.flask_endpoint.reconciliation.obvious import Received, instant, reconcile

# Few values, close to every threshold: rows must meet.
OFFSETS = [0, 1, 2, 3, 58, 59, 60, 61, 63, 64, 65, 66, 119, 120, 124, 3600, 3660, 3661, 86_460]
TITLES = ["Song", "Other", "Sóng"]
LENGTHS = [0, 30_000, 60_000]
STARTED = 1_709_294_400  # START, as seconds of the epoch
DEVICE_STARTS = [None, 1, STARTED, STARTED + 60, STARTED * 1000 + 61_500]

titles = st.sampled_from(TITLES)


@st.composite
def extended_rows(draw: st.DrawFn) -> dict[str, Any]:
    title = draw(st.sampled_from([*TITLES, None]))
    has_uri = draw(st.booleans())
    return extended(
        draw(st.sampled_from(OFFSETS)),
        title,
        ms=draw(st.sampled_from(LENGTHS)),
        spotify_track_uri=f"spotify:track:{spotify_id(title)}" if title and has_uri else None,
        offline=draw(st.sampled_from([None, False, True])),
        reason_end=draw(st.sampled_from(["trackdone", "unexpected-exit", "logout"])),
        offline_timestamp=draw(st.sampled_from(DEVICE_STARTS)),
    )


account_rows = st.builds(account, st.sampled_from([0, 1, 2, 60, 61, 1441]), titles, ms=st.sampled_from(LENGTHS))
api_items = st.builds(
    item,
    st.sampled_from([0, 0.5, 1, 2, 3, 59.5, 60, 61, 64.5, 65, 120, 3600]),
    titles,
    st.sampled_from(["Band", "Other band"]),
    st.sampled_from([None, "Band"]),
)
batches = st.lists(
    st.one_of(
        st.tuples(st.just("import"), st.lists(st.one_of(extended_rows(), account_rows), min_size=1, max_size=7)),
        st.tuples(st.just("poll"), st.lists(api_items, min_size=1, max_size=5)),
    ),
    min_size=1,
    max_size=4,
)
# PROMOTION_EXAMPLES=300 searches on, with examples of its own each time.
EXAMPLES = os.environ.get("PROMOTION_EXAMPLES")
FEW = settings(
    max_examples=int(EXAMPLES or 12),
    deadline=None,
    derandomize=EXAMPLES is None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
Batches = list[tuple[str, list[dict[str, Any]]]]


def numbered(drawn: Batches) -> Batches:
    """Name the batches; give every import rows that no other reaches as far as, so that it is clear whose names stand."""
    named = []
    for number, (kind, rows) in enumerate(drawn):
        if kind == "import":
            far = 200_000 + 10_000 * number
            rows = [*rows, extended(far, f"End {number}"), account(far // 60 + 30, f"Account end {number}")]
        named.append((f"{kind} {number}", unambiguous(kind, rows)))
    return named


def unambiguous(kind: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row of each identity a batch: which of two that differ elsewhere speaks is not laid down."""
    kept: dict[Any, dict[str, Any]] = {}
    for row in rows:
        one = parsed(row)
        kept.setdefault(
            (one.origin, instant(one.ended_at), one.track_id, one.ms_played)
            if kind == "import"
            else (instant(one.ended_at), one.track_id),
            row,
        )
    return list(kept.values())


def take(listening: Listening, name: str, rows: list[dict[str, Any]]) -> Any:
    return listening.poll(*rows) if name.startswith("poll") else listening.import_(*rows)


def once_per_poll_item(drawn: Batches) -> Batches:
    """A play polled twice is the same object: the first page that has it decides."""
    seen: dict[Any, dict[str, Any]] = {}
    result = []
    for name, rows in drawn:
        if name.startswith("poll"):
            rows = [seen.setdefault((parsed(row).ended_at, parsed(row).track_id), row) for row in rows]
        result.append((name, rows))
    return result


def fresh(connection: psycopg.Connection) -> Listening:
    connection.rollback()
    return Listening(connection, "ana")


def test_any_order_gives_the_plays_of_the_slow_implementation(connection):
    @FEW
    @given(batches, st.randoms(use_true_random=False))
    def same(drawn: Batches, random: Any) -> None:
        named = once_per_poll_item(numbered(drawn))
        expected = obvious_plays(*named)
        for order in (named, random.sample(named, len(named))):
            ana = fresh(connection)
            for name, rows in order:
                take(ana, name, random.sample(rows, len(rows)))
            assert sorted(ana.plays(ROW), key=repr) == expected

    same()


def test_what_a_batch_changes_is_what_computing_everything_anew_would(connection):
    @FEW
    @given(batches)
    def same(drawn: Batches) -> None:
        ana = fresh(connection)
        named = once_per_poll_item(numbered(drawn))
        for name, rows in itertools.chain(named, named[:1]):
            take(ana, name, rows)
            before, version = ana.state(), ana.version()
            recompute(connection, "ana", None)
            assert ana.state() == before
            assert ana.version() == version

    same()


def test_every_import_balances_and_undoing_it_restores_the_state_before(connection):
    @FEW
    @given(batches)
    def balances(drawn: Batches) -> None:
        ana, held = fresh(connection), []
        for name, rows in once_per_poll_item(numbered(drawn)):
            before, plays_before = ana.state(), len(ana.plays())
            balance = take(ana, name, rows)
            if not name.startswith("poll"):
                ana.undo()
                assert ana.state() == before
                balance = take(ana, name, rows)
            new = [Received(name, parsed(row), name.startswith("poll")) for row in rows]
            assert balance == expected_balance(held, new, plays_before)
            held += [one for one in new if not (one.is_poll and identity(one) in map(identity, held))]

    balances()


def test_how_files_are_grouped_into_imports_changes_no_play(connection):
    @FEW
    @given(st.lists(st.one_of(extended_rows(), account_rows), min_size=1, max_size=9), st.data())
    def same(drawn: list[dict[str, Any]], data: st.DataObject) -> None:
        rows = without_renames(drawn)
        number = st.integers(0, 3)
        groups = [[data.draw(number) for _ in rows], [data.draw(number) for _ in rows]]
        plays = []
        for group in groups:
            ana = fresh(connection)
            for import_ in sorted(set(group)):
                ana.import_(*(row for row, place in zip(rows, group, strict=True) if place == import_))
            plays.append(ana.plays("*"))
        assert plays[0] == plays[1]
        assert sorted(ana.plays(ROW), key=repr) == obvious_plays(("import", rows))

    same()


def without_renames(drawn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of one origin, end and length have one name: only a rename depends on what came together."""
    names: dict[Any, Any] = {}
    kept = []
    for row in unambiguous("import", drawn):
        one = parsed(row)
        slot = (one.origin, instant(one.ended_at), one.ms_played)
        if names.setdefault(slot, (one.title_key, one.artist_key)) == (one.title_key, one.artist_key):
            kept.append(row)
    return kept


def expected_balance(held: list[Received], new: list[Received], plays_before: int) -> Balance:
    """Count as the contract says, from the slow implementation's plays."""
    plays = reconcile([*held, *new])
    with_play = {
        identity(one)
        for play in plays
        for member in (play.leader, play.account, play.api)
        if member
        for one in member.rows
    }
    known = {identity(one) for one in held}
    rejected = sum(identity(one) not in with_play for one in new)
    repeated = sum(identity(one) in with_play and identity(one) in known for one in new)
    added = len(plays) - plays_before
    return Balance(len(new), added, len(new) - added - repeated - rejected, repeated, rejected)


def identity(held: Received) -> tuple[Any, ...]:
    return held.row.origin, held.row.ended_at, held.row.track_id, held.row.ms_played


def test_repeating_imports_changes_no_play(connection):
    @FEW
    @given(batches)
    def repeated(drawn: Batches) -> None:
        ana = fresh(connection)
        named = once_per_poll_item(numbered(drawn))
        for name, rows in named:
            take(ana, name, rows)
        before, version = ana.plays("*"), ana.version()
        for name, rows in itertools.chain(named, reversed(named)):
            balance = take(ana, name, rows)
            assert (balance.rows_added, balance.rows_matched) == (0, 0)
        assert ana.plays("*") == before
        assert ana.version() == version

    repeated()


def test_undoing_imports_in_any_order_leaves_what_the_rest_makes(connection):
    @FEW
    @given(batches, st.randoms(use_true_random=False))
    def undone(drawn: Batches, random: Any) -> None:
        ana, ids = fresh(connection), {}
        named = once_per_poll_item(numbered(drawn))
        for name, rows in named:
            take(ana, name, rows)
            if not name.startswith("poll"):
                ids[name] = ana.last_import
        for name in random.sample(sorted(ids), len(ids)):
            ana.undo(ids[name])
            named = [batch for batch in named if batch[0] != name]
            assert sorted(ana.plays(ROW), key=repr) == obvious_plays(*named)

    undone()
