"""The query that `make metric` writes computes the metric in DuckDB."""

from pathlib import Path

import duckdb

from bench.baseline import tables_in_order
from tests.new_metric import NAME, copy_with_metric

PLAYS = """
    CREATE TABLE fct_play AS SELECT * FROM (VALUES
        ('bob', DATE '2026-01-01', 40000, true), ('bob', DATE '2026-01-31', NULL, true),
        ('bob', DATE '2026-02-01', 50000, true), ('bob', DATE '2026-02-01', 10000, false)
    ) AS play (listener_id, played_on, listened_ms, is_counted)
"""


def test_baseline_includes_a_new_metric(tmp_path: Path) -> None:
    copy = copy_with_metric(tmp_path, NAME)
    assert NAME in tables_in_order(copy / "sql/main", copy / "bench/sql")["mart"]
    with duckdb.connect() as duck:
        duck.execute(PLAYS)
        query = (copy / f"bench/sql/{NAME}.sql").read_text()
        found = duck.execute(f"SELECT month::text, play_count, listened_ms FROM ({query}) ORDER BY month").fetchall()
    assert found == [("2026-01-01", 2, 40_000), ("2026-02-01", 1, 50_000)]
