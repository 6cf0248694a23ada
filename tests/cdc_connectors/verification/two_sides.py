"""Main and a replica that are equal but for what a test changes."""

import psycopg

from cdc_connectors.verification.compare import Comparison, Scope
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
