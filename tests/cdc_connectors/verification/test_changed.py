"""A verification of changed rows compares what loads changed since the last proof, and finds every row that the replica missed."""

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdc_connectors.verification import changed
from cdc_connectors.verification.changed import ChangedRows, Changes
from cdc_connectors.verification.compare import compare, open_for_comparison
from cdc_connectors.verification.tables import tables
from tests.cdc_connectors.verification.two_sides import LISTENERS, PLAY, PLAYS, PLAYS_EACH, Sides


def test_equal_rows_of_the_changed_listener_are_enough(sides: Sides) -> None:
    comparison = sides.compare()
    rows = {result.table: (result.main_rows, result.replica_rows) for result in comparison.results}
    assert (comparison.is_equal, comparison.scope, comparison.reason) == (True, "changed", "")
    assert rows["core.fct_play"] == (PLAYS_EACH, PLAYS_EACH)
    assert rows["core.dim_track"] == (2, 2)
    assert sides.compare("all").results[0].table == comparison.results[0].table


@pytest.mark.parametrize(
    ("statement", "key", "kind"),
    [
        ("UPDATE core.fct_play SET hour = 5 WHERE play_id = 'l0-7'", "l0-7", "differs"),
        ("DELETE FROM core.fct_play WHERE play_id = 'l0-7'", "l0-7", "missing in replica"),
        (f"{PLAY} FROM (VALUES ('new', 'l0')) AS new (id, listener)", "new", "only in replica"),
        (f"{PLAY} FROM (VALUES ('old', 'gone')) AS old (id, listener)", "old", "only in replica"),
        ("UPDATE core.fct_play SET listener_id = 'other' WHERE play_id = 'l0-7'", "l0-7", "differs"),
    ],
)
def test_differing_missing_and_surplus_rows_are_found(sides: Sides, statement: str, key: str, kind: str) -> None:
    sides.replica.execute(statement)
    assert sides.found() == {"core.fct_play": [(f'{{"play_id": "{key}"}}', kind)]}


def test_listener_that_the_replica_lacks_is_found_without_a_load(sides: Sides) -> None:
    sides.main.execute("INSERT INTO core.dim_listener VALUES ('new', 'New', 'UTC', false, 'default', false, 2)")
    assert sides.found() == {"core.dim_listener": [('{"listener_id": "new"}', "missing in replica")]}


def test_row_of_another_listener_that_changed_in_the_replica_alone_is_left_to_a_complete_verification(
    sides: Sides,
) -> None:
    sides.replica.execute("UPDATE core.fct_play SET hour = 5 WHERE play_id = 'l1-7'")
    assert sides.found() == {}
    assert sides.found("all") == {"core.fct_play": [('{"play_id": "l1-7"}', "differs")]}


def test_rows_of_other_listeners_are_not_read(sides: Sides) -> None:
    sides.both("TRUNCATE core.fct_play")  # DELETE leaves dead rows, which would be read, too.
    listeners = 60
    sides.both(PLAYS.replace(f"(0, {LISTENERS - 1})", f"(0, {listeners - 1})"))
    sides.both("ANALYZE core.fct_play")
    read = "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relid = 'core.fct_play'::regclass"
    with open_for_comparison(sides.urls[0]) as main, open_for_comparison(sides.urls[1]) as replica:
        assert compare(main, replica, "changed").is_equal
        for side in (main, replica):
            [(by_scan, by_index)] = side.execute(read).fetchall()
            assert by_scan == 0
            assert PLAYS_EACH <= by_index <= PLAYS_EACH + listeners


@pytest.mark.parametrize(
    ("change_main", "kind", "key"),
    [
        ("INSERT INTO core.dim_track (track_id, load_id) VALUES ('v', 2)", "missing in replica", "v"),
        ("UPDATE core.dim_track SET title = 'V', load_id = 2 WHERE track_id = 'u'", "differs", "u"),
        ("DELETE FROM core.dim_track WHERE track_id = 'u'", "only in replica", "u"),
    ],
)
def test_change_of_a_large_table_without_listeners_is_found_by_its_load(
    sides: Sides, monkeypatch: pytest.MonkeyPatch, change_main: str, kind: str, key: str
) -> None:
    monkeypatch.setattr(changed, "SMALL_TABLE", 0)
    [rows] = [result.main_rows for result in sides.compare().results if result.table == "core.dim_track"]
    assert rows == 0
    sides.main.execute(change_main)
    assert sides.found() == {"core.dim_track": [(f'{{"track_id": "{key}"}}', kind)]}


def rules(sides: Sides) -> dict[str, str]:
    sides.both("CREATE TABLE mart.unindexed (id text PRIMARY KEY, listener_id text NOT NULL)")
    sides.both("INSERT INTO mart.unindexed VALUES ('a', 'l1')")
    try:
        with open_for_comparison(sides.urls[0]) as main, open_for_comparison(sides.urls[1]) as replica:
            rows = ChangedRows(main, replica, Changes(frozenset(), frozenset()))
            return {name: rows.rule(table) for name, table in tables(main).items()}
    finally:
        sides.both("DROP TABLE mart.unindexed")


def test_catalog_decides_how_a_table_is_compared(sides: Sides) -> None:
    sides.both("INSERT INTO audit.check_result VALUES (1, 'core.fct_play', 'is in order', 'pass', 0, 0)")
    found = rules(sides)
    whole = {name for name, rule in found.items() if rule == "whole"}
    assert {name for name, rule in found.items() if rule == "by load"} == set()
    assert whole == {
        "core.bridge_track_artist", "core.dim_album", "core.dim_artist", "core.dim_track", "mart.unindexed",
        "audit.check_result", "audit.difference", "audit.load", "audit.replica_check"
    }  # fmt: skip


def test_large_tables_without_listeners_are_compared_by_load(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed, "SMALL_TABLE", -1)
    found = rules(sides)
    assert {name for name, rule in found.items() if rule == "by load"} == {
        "core.bridge_track_artist", "core.dim_album", "core.dim_artist", "core.dim_track", "audit.check_result"
    }  # fmt: skip
    assert {name for name, rule in found.items() if rule == "whole"} == {
        "mart.unindexed", "audit.difference", "audit.load", "audit.replica_check"
    }  # fmt: skip


def test_table_is_not_compared_by_listener_while_the_replica_lacks_the_index(sides: Sides) -> None:
    [(name, definition)] = sides.replica.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = 'core.fct_play'::regclass AND pg_get_indexdef(indexrelid, 1, true) = 'listener_id'"
    ).fetchall()
    sides.replica.execute(f"DROP INDEX {name}")
    try:
        assert rules(sides)["core.fct_play"] == "whole"
    finally:
        sides.replica.execute(definition)


# Each change of a load: its kind, its row, and whether the replica gets it.
CHANGE = st.tuples(
    st.sampled_from(["insert", "update", "delete"]),
    st.sampled_from(["play", "track"]),
    st.integers(0, 2),
    st.integers(0, 3),
    st.booleans(),
)


def test_every_change_of_a_load_that_the_replica_missed_is_found(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed, "SMALL_TABLE", -1)
    sides.load(3, "1 minute", ["l1", "l2"])

    @given(st.lists(CHANGE, max_size=8))
    @settings(max_examples=60, deadline=None)
    def is_found(steps: list[tuple[str, str, int, int, bool]]) -> None:
        with sides.main.transaction(force_rollback=True), sides.replica.transaction(force_rollback=True):
            for number, (kind, table, listener, row, arrives) in enumerate(steps):
                statement = statement_of(kind, table, f"l{listener}", row, 2 + number % 2, number)
                for side in (sides.main, sides.replica) if arrives else (sides.main,):
                    side.execute(statement)
            comparison = compare(sides.main, sides.replica, "changed")
            assert comparison.scope == "changed"
            assert comparison.is_equal == compare(sides.main, sides.replica).is_equal

    is_found()


def statement_of(kind: str, table: str, listener: str, row: int, load: int, number: int) -> str:
    """Return what a load does to one row. An insert of a row that main has does nothing."""
    play = SimpleNamespace(table="core.fct_play", key=f"play_id = '{listener}-{row}'", insert=PLAY)
    play.insert += f" FROM (VALUES ('{listener}-{row}', '{listener}')) AS new (id, listener)"
    track = SimpleNamespace(table="core.dim_track", key=f"track_id = '{'tuvw'[row]}'")
    track.insert = f"INSERT INTO core.dim_track (track_id, load_id) VALUES ('{'tuvw'[row]}', {load})"
    target = play if table == "play" else track
    column = "track_title" if table == "play" else "title"
    return {
        "insert": f"{target.insert} ON CONFLICT DO NOTHING",
        "update": f"UPDATE {target.table} SET {column} = 'v{number}', load_id = {load} WHERE {target.key}",
        "delete": f"DELETE FROM {target.table} WHERE {target.key}",
    }[kind]
