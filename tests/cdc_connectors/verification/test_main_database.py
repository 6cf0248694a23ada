"""The objects that change data capture uses in a migrated main: publication, replica identity, markers, load lock."""

import json
from pathlib import Path

import psycopg
import pytest

from cdc_connectors.errors import NotCaughtUp
from cdc_connectors.verification.catch_up import write_marker
from cdc_connectors.verification.verify import load_lock
from common.waiting import Deadline

PROJECT = Path(__file__).parents[3]
PUBLISHED = "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = 'cdc'"
CAPTURED = "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') "
CAPTURED += "AND relnamespace::regnamespace::text = ANY (ARRAY['core', 'mart', 'audit', 'cdc'])"


def values(connection: psycopg.Connection, query: str) -> set[str]:
    return {row[0] for row in connection.execute(query)}


def test_publication_contains_exactly_the_captured_tables(main: psycopg.Connection) -> None:
    assert values(main, PUBLISHED) == values(main, CAPTURED)
    assert not any(name.startswith("candidate.") for name in values(main, PUBLISHED))


def test_publication_includes_table_created_later(main: psycopg.Connection) -> None:
    main.execute("CREATE TABLE mart.created_later (id int PRIMARY KEY)")
    try:
        assert "mart.created_later" in values(main, PUBLISHED)
    finally:
        main.execute("DROP TABLE mart.created_later")


def test_captured_tables_have_replica_identity_full(main: psycopg.Connection) -> None:
    assert values(main, f"{CAPTURED} AND relreplident <> 'f'") == set()


# These arrive equal. Others do not: unbounded numeric loses zeros, varbit is padded, a time with zone changes it; arrays of dates, points and
# identity columns stop the sink. double precision does while it is a finite number.
FAITHFUL = {
    "smallint",
    "integer",
    "bigint",
    "boolean",
    "text",
    "date",
    "timestamp with time zone",
    "text[]",
    "jsonb",
    "uuid",
    "double precision",
}
TYPES = f"""
    SELECT attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod) FROM pg_attribute
     WHERE attrelid IN (SELECT to_regclass(name) FROM ({CAPTURED.replace("oid::regclass::text", "oid::regclass::text AS name")}) AS captured)
       AND attnum > 0 AND NOT attisdropped
"""


def unfaithful(main: psycopg.Connection) -> set[str]:
    """Return the captured columns whose values do not arrive equal in the replica."""
    found = main.execute(TYPES).fetchall()
    return {f"{column} {kind}" for column, kind in found if kind not in FAITHFUL and not kind.startswith("numeric(")}


def test_values_of_captured_columns_arrive_equal(main: psycopg.Connection) -> None:
    assert unfaithful(main) == set()


@pytest.mark.parametrize(
    "kind", ["numeric", "real", "time with time zone", "bit varying", "date[]", "timestamp without time zone"]
)
def test_type_that_does_not_arrive_equal_is_found(main: psycopg.Connection, kind: str) -> None:
    with main.transaction(force_rollback=True):
        main.execute(f"CREATE TABLE mart.unfaithful (id integer PRIMARY KEY, value {kind})")
        assert unfaithful(main) == {f"mart.unfaithful.value {kind}"}


def test_publication_covers_every_operation_and_can_be_applied_again(main: psycopg.Connection) -> None:
    main.execute((PROJECT / "sql/main/publication.sql").read_text())
    flags = main.execute(
        "SELECT pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot FROM pg_publication WHERE pubname = 'cdc'"
    )
    assert flags.fetchone() == (True, True, True, True, True)


VARIABLE_COLUMNS = """
    SELECT c.oid::regclass::text, c.relnatts, con.conkey = array_agg(a.attnum ORDER BY a.attnum),
           substring(obj_description(con.oid, 'pg_constraint') FROM '<= ([0-9]+)$')::int
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen = -1
       AND NOT (a.atttypid = 'numeric'::regtype AND a.atttypmod <> -1)
      LEFT JOIN pg_constraint con ON con.conrelid = c.oid AND con.conname = 'row_fits_message'
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text = ANY (ARRAY['core', 'mart', 'audit', 'cdc'])
     GROUP BY c.oid, con.oid
"""
COPIES = 3  # of a row in a change: before, after, key
JSON_BYTES = 6  # for one byte of text, at most
# of a column in a change, at most: its description and name three times, and a value of fixed length
OTHER_BYTES = 2_000


def test_every_change_of_a_captured_row_fits_into_a_message_of_kafka(main: psycopg.Connection) -> None:
    source = json.loads((PROJECT / "cdc_connectors/configs/main-source.json").read_text())
    server = (PROJECT / "cdc_connectors/configs/server.properties").read_text()
    longest_message = int(source["producer.override.max.request.size"])
    assert longest_message < int(server.partition("\nmessage.max.bytes=")[2].split()[0])
    found = main.execute(VARIABLE_COLUMNS).fetchall()
    assert {"core.fct_play", "core.dim_artist", "mart.top_item", "audit.load", "cdc.marker"} <= {
        row[0] for row in found
    }
    for table, columns, is_covered, longest_row in found:
        assert is_covered, f"{table} has a column that its constraint does not limit"
        assert COPIES * JSON_BYTES * longest_row + columns * OTHER_BYTES <= longest_message, table


def test_row_is_limited_to_its_length_in_bytes(main: psycopg.Connection) -> None:
    longest_row = 768 * 1024
    insert = "INSERT INTO core.dim_artist (artist_id, name, genres, load_id) VALUES ('a', %s, %s, 1)"
    genre = "g" * 1000
    with main.transaction(force_rollback=True):
        main.execute(insert, ("n" * (longest_row - 1 - len("{}") - len(genre)), [genre]))
        main.execute("UPDATE core.dim_artist SET load_id = 2")
    for name, genres in (("\U0001f3b5" * (longest_row // 4), None), ("n", [genre] * 800)):
        with pytest.raises(psycopg.errors.CheckViolation, match="row_fits_message"):
            main.execute(insert, (name, genres))


def test_limit_follows_the_columns_of_a_table(main: psycopg.Connection) -> None:
    main.execute("CREATE TABLE mart.created_later (id text PRIMARY KEY, share numeric(9,8))")
    limits = (PROJECT / "sql/main/row_limits.sql").read_text()
    condition = (
        "SELECT pg_get_constraintdef(oid), xmin FROM pg_constraint "
        "WHERE conrelid = 'mart.created_later'::regclass AND conname = 'row_fits_message'"
    )
    try:
        main.execute(limits)
        [first] = main.execute(condition).fetchall()
        assert "octet_length(id)" in first[0] and "share" not in first[0]
        main.execute(limits)
        assert main.execute(condition).fetchall() == [first]
        main.execute("ALTER TABLE mart.created_later ADD COLUMN note jsonb")
        main.execute(limits)
        [changed] = main.execute(condition).fetchall()
        assert "octet_length((note)::text)" in changed[0]
    finally:
        main.execute("DROP TABLE mart.created_later")


def test_marker_is_written_after_returned_position(main: psycopg.Connection) -> None:
    [(before,)] = main.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchall()
    marker, position = write_marker(main)
    [(after,)] = main.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchall()
    assert before <= position < after
    assert main.execute("SELECT count(*) FROM cdc.marker WHERE marker_id = %s", (marker,)).fetchone() == (1,)


def test_write_marker_deletes_old_markers(main: psycopg.Connection) -> None:
    main.execute("INSERT INTO cdc.marker (marker_id, written_at) VALUES ('old', now() - interval '2 days')")
    write_marker(main)
    assert main.execute("SELECT count(*) FROM cdc.marker WHERE marker_id = 'old'").fetchone() == (0,)


def test_load_lock_times_out_while_load_publishes(main: psycopg.Connection, main_url: str) -> None:
    with psycopg.connect(main_url, connect_timeout=10) as load:
        load.execute("SELECT pg_advisory_xact_lock(audit.load_lock())")
        with pytest.raises(NotCaughtUp, match="A load was still publishing"), load_lock(main, Deadline(0.05)):
            pass


def test_load_lock_is_released(main: psycopg.Connection, main_url: str) -> None:
    with load_lock(main, Deadline(5)):
        pass
    with psycopg.connect(main_url, connect_timeout=10) as load:
        assert load.execute("SELECT pg_try_advisory_xact_lock(audit.load_lock())").fetchone() == (True,)
