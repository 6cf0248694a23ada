"""A verification of changed rows compares what loads changed since the last proof, and finds every row that the replica missed."""

import json
from collections.abc import Iterator
from types import SimpleNamespace

import psycopg
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cdc_connectors.verification import changed
from cdc_connectors.verification import verify as command
from cdc_connectors.verification.changed import ChangedRows, Changes, Unknown, changes_since_proof
from cdc_connectors.verification.compare import Comparison, Scope, compare, open_for_comparison
from cdc_connectors.verification.tables import tables
from cdc_connectors.verification.verify import compare_databases

LISTENERS, PLAYS_EACH = 10, 200
# DELETE is faster than TRUNCATE for so few rows.
EMPTY = "SELECT string_agg(format('DELETE FROM %I.%I', schemaname, tablename), '; ') FROM pg_tables"
EMPTY += " WHERE schemaname IN ('core', 'mart', 'audit') OR tablename = 'resync'"
PLAY = """
    INSERT INTO core.fct_play (play_id, listener_id, ended_at, listened_ms_is_estimate, started_at, played_on, iso_weekday, hour, kind,
                               is_private, is_counted, track_id, origin, load_id)
    SELECT id, listener, '2024-01-01', false, '2024-01-01', '2024-01-01', 1, 0, 'track', false, true, 't', 'extended', 1
"""
PLAYS = f"""{PLAY} FROM (SELECT format('l%s-%s', l, n) AS id, 'l' || l AS listener
    FROM generate_series(0, {LISTENERS - 1}) AS l, generate_series(1, {PLAYS_EACH}) AS n)"""
ROWS = f"""
    {PLAYS};
    INSERT INTO audit.listener_version SELECT 'l' || l, 1, 1, NULL FROM generate_series(0, {LISTENERS - 1}) AS l;
    INSERT INTO core.dim_track (track_id, title, load_id) VALUES ('t', 'T', 1), ('u', 'U', 1);
"""
LOAD = """
    INSERT INTO audit.load
    SELECT %(id)s, %(id)s::text, now() - interval '1 day', now() - %(age)s::interval, %(status)s, NULL, %(kind)s, %(count)s,
           (SELECT coalesce(jsonb_object_agg(id, 2), '{}') FROM unnest(%(listeners)s::text[]) AS id), 0, 0, 0
"""
CHECK = """
    INSERT INTO audit.replica_check (check_id, started_at, duration_ms, outcome)
    VALUES (gen_random_uuid()::text, %s::timestamptz - %s::interval, 1000 * extract(epoch FROM %s::interval), %s)
"""


class Sides:
    """main and replica, equal at the start of a test: proven equal an hour ago, then load 2 recomputed the listener l0."""

    def __init__(self, main: psycopg.Connection, replica: psycopg.Connection, urls: tuple[str, str]) -> None:
        self.main, self.replica, self.urls = main, replica, urls
        [(self.now,)] = main.execute("SELECT now()").fetchall()
        self.empty()
        self.both(ROWS)
        self.check("1 hour")
        self.load(1, "2 hours", [f"l{number}" for number in range(LISTENERS)])
        self.load(2, "5 minutes", ["l0"])

    def empty(self) -> None:
        for side in (self.main, self.replica):
            side.execute(side.execute(EMPTY).fetchone()[0])  # type: ignore[index]

    def both(self, statement: str, values: object = None) -> None:
        for side in (self.main, self.replica):
            side.execute(statement, values)  # type: ignore[call-overload]

    def check(self, age: str, outcome: str = "equal", duration: str = "1 s") -> None:
        self.main.execute(CHECK, (self.now, age, duration, outcome))
        self.replica.execute("DELETE FROM audit.replica_check")
        for row in self.main.execute("TABLE audit.replica_check"):
            self.replica.execute(f"INSERT INTO audit.replica_check VALUES ({', '.join(['%s'] * len(row))})", row)

    def load(self, load_id: int, age: str | None, listeners: list[str], **values: object) -> None:
        given = {"id": load_id, "age": age, "listeners": listeners, "status": "published", "kind": "incremental"}
        self.main.execute(LOAD, given | {"count": len(listeners)} | values)
        self.replica.execute("DELETE FROM audit.load")
        for row in self.main.execute("SELECT l::text FROM audit.load AS l"):
            self.replica.execute("INSERT INTO audit.load SELECT (%s::audit.load).*", row)

    def compare(self, scope: Scope = "changed") -> Comparison:
        return compare_databases(*self.urls, scope)

    def found(self, scope: Scope = "changed") -> dict[str, list[tuple[str, str]]]:
        """Return the differing keys of each table that differs."""
        return {result.table: [*result.keys] for result in self.compare(scope).results if not result.is_equal}


@pytest.fixture
def sides(main, main_url, replica_url) -> Iterator[Sides]:
    with psycopg.connect(replica_url, autocommit=True, connect_timeout=10) as replica:
        sides = Sides(main, replica, (main_url, replica_url))
        yield sides
        sides.empty()  # Other tests use the same databases.


def test_equal_rows_of_the_changed_listener_are_enough(sides):
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
def test_differing_missing_and_surplus_rows_are_found(sides, statement, key, kind):
    sides.replica.execute(statement)
    assert sides.found() == {"core.fct_play": [(f'{{"play_id": "{key}"}}', kind)]}


def test_listener_that_the_replica_lacks_is_found_without_a_load(sides):
    sides.main.execute("INSERT INTO core.dim_listener VALUES ('new', 'New', 'UTC', false, 'default', false, 2)")
    assert sides.found() == {"core.dim_listener": [('{"listener_id": "new"}', "missing in replica")]}


def test_row_of_another_listener_that_changed_in_the_replica_alone_is_left_to_a_complete_verification(sides):
    sides.replica.execute("UPDATE core.fct_play SET hour = 5 WHERE play_id = 'l1-7'")
    assert sides.found() == {}
    assert sides.found("all") == {"core.fct_play": [('{"play_id": "l1-7"}', "differs")]}


def test_rows_of_other_listeners_are_not_read(sides):
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
def test_change_of_a_large_table_without_listeners_is_found_by_its_load(sides, monkeypatch, change_main, kind, key):
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


def test_catalog_decides_how_a_table_is_compared(sides):
    sides.both("INSERT INTO audit.check_result VALUES (1, 'core.fct_play', 'is in order', 'pass', 0, 0)")
    found = rules(sides)
    whole = {name for name, rule in found.items() if rule == "whole"}
    assert {name for name, rule in found.items() if rule == "by load"} == set()
    assert whole == {
        "core.bridge_track_artist", "core.dim_album", "core.dim_artist", "core.dim_track", "mart.unindexed",
        "audit.check_result", "audit.difference", "audit.load", "audit.replica_check"
    }  # fmt: skip


def test_large_tables_without_listeners_are_compared_by_load(sides, monkeypatch):
    monkeypatch.setattr(changed, "SMALL_TABLE", -1)
    found = rules(sides)
    assert {name for name, rule in found.items() if rule == "by load"} == {
        "core.bridge_track_artist", "core.dim_album", "core.dim_artist", "core.dim_track", "audit.check_result"
    }  # fmt: skip
    assert {name for name, rule in found.items() if rule == "whole"} == {
        "mart.unindexed", "audit.difference", "audit.load", "audit.replica_check"
    }  # fmt: skip


def test_table_is_not_compared_by_listener_while_the_replica_lacks_the_index(sides):
    name, definition = sides.replica.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = 'core.fct_play'::regclass AND pg_get_indexdef(indexrelid, 1, true) = 'listener_id'"
    ).fetchone()
    sides.replica.execute(f"DROP INDEX {name}")
    try:
        assert rules(sides)["core.fct_play"] == "whole"
    finally:
        sides.replica.execute(definition)


def changes(sides: Sides) -> Changes | Unknown:
    return changes_since_proof(sides.main)


def test_loads_that_ended_since_the_check_started_are_compared(sides):
    sides.load(3, "59 minutes", ["l1"])  # It ran during the check.
    sides.load(4, "3 hours", ["l2"])
    sides.load(5, None, ["l3"], status="running")
    sides.load(6, "1 minute", ["l4"], status="failed")
    assert changes(sides) == Changes(frozenset({"l0", "l1"}), frozenset({2, 3, 5, 6}))


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda sides: sides.main.execute("TRUNCATE audit.replica_check"), "was not compared with main before"),
        (lambda sides: sides.check("30 minutes", "different"), "last verification found a difference"),
        # It started before the equal one, waited, and ended after it.
        (lambda sides: sides.check("70 minutes", "different", "1 hour"), "last verification found a difference"),
        (lambda sides: sides.main.execute("INSERT INTO cdc.resync VALUES (1, 'r', 'k', now())"), "Main was copied"),
        (lambda sides: sides.load(3, "1 minute", ["l1"], kind="rebuild"), "Load 3 was a rebuild."),
        (lambda sides: sides.load(3, "1 minute", ["l1"], count=7), "Load 3 does not list its 7 listeners."),
        (lambda sides: sides.load(3, "1 minute", ["l1", "l2", "l3"]), "Loads recomputed 4 of 10 listeners"),
    ],
)
def test_all_rows_are_compared_if_the_changed_ones_are_unknown_or_many(sides, prepare, reason):
    prepare(sides)
    sides.replica.execute("UPDATE core.fct_play SET hour = 5 WHERE play_id = 'l9-7'")
    comparison = sides.compare()
    assert comparison.scope == "all" and reason in comparison.reason
    assert "core.fct_play" in [result.table for result in comparison.results if result.keys]


@pytest.mark.parametrize(("options", "scope"), [([], "all"), (["--changed"], "changed")])
def test_command_says_why_it_compared_all_rows(monkeypatch, options, scope):
    asked = []

    def answer(*arguments: object) -> Comparison:
        asked.append(arguments[-1])
        return Comparison([], "all", "Load 3 was a rebuild.")

    monkeypatch.setattr(command, "load_settings", lambda _: None)
    monkeypatch.setattr(command, "verify", answer)
    done = CliRunner().invoke(command.main, [*options, "--json"])
    assert (asked, done.stderr) == ([scope], "Load 3 was a rebuild. So all rows were compared.\n")
    assert json.loads(done.stdout) == {"equal": True, "scope": "all", "tables": []}


def test_verification_that_could_not_compare_is_passed_over(sides):
    sides.check("30 minutes", "not_compared")
    assert changes(sides) == Changes(frozenset({"l0"}), frozenset({2}))


def test_without_a_load_since_the_proof_only_ids_numbers_and_small_tables_are_compared(sides, monkeypatch):
    monkeypatch.setattr(changed, "SMALL_TABLE", -1)
    sides.both("DELETE FROM audit.load")
    comparison = sides.compare()
    assert (comparison.is_equal, comparison.scope) == (True, "changed")
    assert {result.table for result in comparison.results if result.main_rows} == {"audit.replica_check"}
    sides.replica.execute("DELETE FROM core.fct_play WHERE listener_id = 'l1'")
    assert [*sides.found()] == ["core.fct_play"]


def test_rebuild_that_was_not_published_changed_no_rows(sides):
    sides.load(3, "1 minute", ["l1"], kind="rebuild", status="failed")
    assert changes(sides) == Changes(frozenset({"l0"}), frozenset({2, 3}))


# Each change of a load: its kind, its row, and whether the replica gets it.
CHANGE = st.tuples(
    st.sampled_from(["insert", "update", "delete"]),
    st.sampled_from(["play", "track"]),
    st.integers(0, 2),
    st.integers(0, 3),
    st.booleans(),
)


def test_every_change_of_a_load_that_the_replica_missed_is_found(sides, monkeypatch):
    monkeypatch.setattr(changed, "SMALL_TABLE", -1)
    sides.load(3, "1 minute", ["l1", "l2"])

    @given(st.lists(CHANGE, max_size=8))
    @settings(max_examples=60, deadline=None)
    def is_found(steps):
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
