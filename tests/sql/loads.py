"""Write a load for a test: its candidates, the rows it may replace, and the gate's verdicts."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg

PLAY = {
    "play_id": "p1", "listener_id": "bob", "ended_at": "2026-01-01T10:00:00Z", "ms_played": 60_000, "listened_ms": 60_000,
    "listened_ms_is_estimate": False, "started_at": "2026-01-01T09:59:00Z", "played_on": "2026-01-01", "iso_weekday": 4,
    "hour": 10, "kind": "track", "is_private": False, "is_counted": True, "track_id": "t1", "origin": "extended",
}  # fmt: skip


def begin(
    etl: psycopg.Connection,
    load_id: int,
    touched: dict[str, int | None],
    items: Iterable[tuple[str, str]] = (),
    definitions: str = "these",
) -> None:
    """Start a load with empty, complete candidates for these listeners and items, and a passed check of each table."""
    tables = [name for (name,) in etl.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'candidate'")]
    etl.execute("TRUNCATE " + ", ".join(f"candidate.{name}" for name in tables))
    etl.execute(
        "INSERT INTO audit.load VALUES (%s, %s, clock_timestamp(), NULL, 'running', NULL, 'incremental', 0, '{}', 0, 0, 0)",
        (load_id, f"run {load_id}"),
    )
    for listener, version in touched.items():
        etl.execute("INSERT INTO candidate.touched VALUES (%s, %s, %s, %s)", (listener, version, load_id, definitions))
    for kind, item in items:
        etl.execute("INSERT INTO candidate.touched_id VALUES (%s, %s)", (kind, item))
    etl.execute("INSERT INTO candidate.complete VALUES (%s, clock_timestamp())", (load_id,))
    with role(etl, "gate"):
        etl.execute(
            "INSERT INTO audit.check_result SELECT %s, schemaname || '.' || tablename, 'is in order', 'pass', 0, 0 "
            "FROM pg_tables WHERE schemaname IN ('core', 'mart')",
            (load_id,),
        )


@contextmanager
def role(etl: psycopg.Connection, name: str) -> Iterator[None]:
    """Run the block as another role of main."""
    etl.execute(f"SET ROLE {name}")
    try:
        yield
    finally:
        etl.execute("SET ROLE etl")


def candidate(etl: psycopg.Connection, table: str, load_id: int, **row: object) -> None:
    """Insert one row into a candidate table."""
    row = row | {"load_id": load_id}
    etl.execute(
        f"INSERT INTO candidate.{table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", list(row.values())
    )


def play(etl: psycopg.Connection, load_id: int, **changes: object) -> None:
    """Insert PLAY with `changes` into the candidates."""
    candidate(etl, "fct_play", load_id, **(PLAY | changes))


def publish(etl: psycopg.Connection, load_id: int) -> tuple[str, str | None, int, int, int]:
    """Publish; return status, reason, and the numbers of rows inserted, updated and deleted."""
    query = "SELECT status, reason, rows_inserted, rows_updated, rows_deleted FROM audit.publish(%s)"
    [outcome] = etl.execute(query, (load_id,)).fetchall()
    return outcome


def plays(etl: psycopg.Connection) -> list[tuple[str, int, int]]:
    """Return each published play, its ms_played and the load that wrote it."""
    return etl.execute("SELECT play_id, ms_played, load_id FROM core.fct_play ORDER BY play_id").fetchall()
