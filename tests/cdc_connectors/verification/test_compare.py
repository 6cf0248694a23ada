"""Comparison of two databases, table by table; differing rows are named by their key."""

import json
from collections.abc import Callable

import psycopg
import pytest
from rich.console import Console

from cdc_connectors.verification.compare import SHOWN_KEYS, Comparison, TableResult
from cdc_connectors.verification.verify import as_json, compare_databases, print_results

TABLE = """
    CREATE TABLE mart.daily (
        listener_id text COLLATE "C" NOT NULL, played_on date NOT NULL, at timestamptz, share numeric(9,8), genres text[], detail jsonb,
        play_count integer NOT NULL, PRIMARY KEY (listener_id, played_on)
    );
    INSERT INTO mart.daily
    SELECT 'ana', date '2024-01-01' + n, '2024-01-01 00:00:00.123456+00', 0.5, ARRAY['a, "b"', NULL], '{"n": 1}', n
    FROM generate_series(1, 500) AS n;
"""


class Pair:
    """main and replica, equal at the start of a test."""

    def __init__(self, main: str, replica: str) -> None:
        self.main, self.replica = main, replica

    def both(self, statement: str) -> None:
        self.run(self.main, statement)
        self.run(self.replica, statement)

    @staticmethod
    def run(url: str, statement: str) -> None:
        with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement)

    def compare(self) -> list[TableResult]:
        return self.comparison().results

    def comparison(self) -> Comparison:
        return compare_databases(self.main, self.replica)

    def only(self) -> TableResult:
        (result,) = self.compare()
        return result


@pytest.fixture(scope="session")
def urls(new_database: Callable[[str], str]) -> tuple[str, str]:
    return new_database("main"), new_database("replica")


@pytest.fixture
def pair(urls: tuple[str, str]) -> Pair:
    pair = Pair(*urls)
    pair.both("DROP SCHEMA IF EXISTS core, mart, audit, cdc CASCADE")
    pair.both(f"CREATE SCHEMA core; CREATE SCHEMA mart; CREATE SCHEMA audit; CREATE SCHEMA cdc; {TABLE}")
    return pair


def test_compare_counts_rows_of_equal_tables(pair: Pair) -> None:
    assert pair.only() == TableResult("mart.daily", 500, 500)


def test_compare_reads_tables_from_catalog_and_skips_cdc_schema(pair: Pair) -> None:
    pair.both(
        "CREATE TABLE core.b (id int PRIMARY KEY); CREATE TABLE audit.a (id int PRIMARY KEY); CREATE TABLE cdc.heartbeat (id int)"
    )
    assert [result.table for result in pair.compare()] == ["core.b", "mart.daily", "audit.a"]


def test_compare_names_differing_rows_by_key_and_kind(pair: Pair) -> None:
    pair.run(pair.replica, "UPDATE mart.daily SET play_count = 0 WHERE played_on = '2024-02-01'")
    pair.run(pair.replica, "DELETE FROM mart.daily WHERE played_on = '2024-02-02'")
    pair.run(pair.main, "DELETE FROM mart.daily WHERE played_on = '2024-02-03'")
    assert pair.only().keys == [
        ('{"played_on": "2024-02-01", "listener_id": "ana"}', "differs"),
        ('{"played_on": "2024-02-02", "listener_id": "ana"}', "missing in replica"),
        ('{"played_on": "2024-02-03", "listener_id": "ana"}', "only in replica"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "share = 0.50000001",
        "genres = ARRAY['a', 'b', NULL]",
        "genres = NULL",
        "detail = '{\"n\": 2}'",
    ],
)
def test_compare_detects_smallest_change_of_each_type(pair: Pair, change: str) -> None:
    pair.run(pair.replica, f"UPDATE mart.daily SET {change} WHERE played_on = '2024-03-01'")
    assert pair.only().keys == [('{"played_on": "2024-03-01", "listener_id": "ana"}', "differs")]


def test_compare_detects_swapped_values(pair: Pair) -> None:
    pair.run(
        pair.replica,
        "UPDATE mart.daily SET play_count = CASE play_count WHEN 10 THEN 20 ELSE 10 END WHERE play_count IN (10, 20)",
    )
    assert len(pair.only().keys) == 2


def test_compare_limits_number_of_reported_keys(pair: Pair) -> None:
    pair.run(pair.replica, "TRUNCATE mart.daily")
    result = pair.only()
    assert (result.main_rows, result.replica_rows, len(result.keys)) == (500, 0, SHOWN_KEYS)
    assert result.keys[0] == ('{"played_on": "2024-01-02", "listener_id": "ana"}', "missing in replica")


def test_compare_ignores_column_order(pair: Pair) -> None:
    pair.run(pair.replica, "ALTER TABLE mart.daily RENAME share TO old; ALTER TABLE mart.daily ADD share numeric(9,8)")
    pair.run(pair.replica, "UPDATE mart.daily SET share = old; ALTER TABLE mart.daily DROP old")
    assert pair.only().is_equal


@pytest.mark.parametrize("change", ["ADD extra int", "DROP detail", "ALTER play_count TYPE bigint"])
def test_compare_reports_differing_columns(pair: Pair, change: str) -> None:
    pair.run(pair.replica, f"ALTER TABLE mart.daily {change}")
    assert pair.only().fault in ("columns differ: extra", "columns differ: detail", "columns differ: play_count")


def test_compare_reports_missing_tables(pair: Pair) -> None:
    pair.run(pair.main, "CREATE TABLE core.new (id int PRIMARY KEY)")
    pair.run(pair.replica, "CREATE TABLE audit.old (id int PRIMARY KEY)")
    faults = {result.table: result.fault for result in pair.compare()}
    assert faults == {
        "core.new": "the table is missing in the replica", "mart.daily": "", "audit.old": "the table is missing in main"
    }  # fmt: skip


def test_compare_supports_empty_tables_and_tables_without_key(pair: Pair) -> None:
    pair.both("CREATE TABLE core.empty (id int PRIMARY KEY); CREATE TABLE core.bare (a int, b text)")
    pair.both("INSERT INTO core.bare VALUES (1, NULL), (1, NULL), (2, 'two')")
    assert all(result.is_equal for result in pair.compare())
    pair.run(pair.replica, "DELETE FROM core.bare WHERE a = 2")
    assert [result.keys for result in pair.compare() if result.keys] == [
        [('{"a": 2, "b": "two"}', "missing in replica")]
    ]


def test_compare_ignores_time_zone_and_date_style_of_server(pair: Pair) -> None:
    with psycopg.connect(pair.replica, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(
            f"ALTER DATABASE {name} SET TimeZone = 'Asia/Tokyo'; ALTER DATABASE {name} SET DateStyle = 'German'"
        )
    try:
        assert pair.only().is_equal
    finally:
        pair.run(pair.replica, f"ALTER DATABASE {name} RESET ALL")


def test_compare_treats_partitioned_table_as_one_table(pair: Pair) -> None:
    pair.both("CREATE TABLE core.play (id int PRIMARY KEY) PARTITION BY HASH (id)")
    pair.both(
        "CREATE TABLE core.play_0 PARTITION OF core.play FOR VALUES WITH (MODULUS 1, REMAINDER 0); INSERT INTO core.play VALUES (1)"
    )
    assert [(result.table, result.main_rows) for result in pair.compare()] == [("core.play", 1), ("mart.daily", 500)]


def test_json_report_names_each_difference(pair: Pair) -> None:
    pair.run(pair.replica, "UPDATE mart.daily SET play_count = 0 WHERE played_on = '2024-02-01'")
    assert json.loads(as_json(pair.comparison())) == {
        "equal": False,
        "scope": "all",
        "tables": [
            {
                "table": "mart.daily",
                "main_rows": 500,
                "replica_rows": 500,
                "equal": False,
                "fault": "",
                "differences": [{"key": {"listener_id": "ana", "played_on": "2024-02-01"}, "difference": "differs"}],
            }
        ],
    }


def test_printed_report_names_each_difference(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    pair.run(pair.replica, "DELETE FROM mart.daily WHERE played_on = '2024-02-01'")
    print_results(Console(width=100), pair.comparison())
    assert 'mart.daily {"played_on": "2024-02-01", "listener_id": "ana"}: missing in replica' in capsys.readouterr().out
