"""Lineage: the load of a published row, the load's input and its checks."""

import psycopg
import pytest

from tests.sql.loads import begin, play, publish

FROM_A_ROW = """
    SELECT p.play_id, l.load_id, l.run_id, l.check_name, l.outcome, i.version
      FROM core.fct_play AS p
      JOIN audit.lineage AS l ON l.load_id = p.load_id AND l.table_name = 'core.fct_play'
      JOIN audit.load_input AS i ON i.load_id = p.load_id AND i.listener_id = p.listener_id
     ORDER BY p.play_id
"""


def test_row_leads_to_its_load_the_loads_input_and_checks(etl: psycopg.Connection) -> None:
    for load_id, version in ((1, 7), (2, 8)):
        begin(etl, load_id, {"bob": version})
        etl.execute(
            "UPDATE audit.load SET listener_versions = %s WHERE load_id = %s", (f'{{"bob": {version}}}', load_id)
        )
        play(etl, load_id, play_id="old")
        play(etl, load_id, play_id="changed", ms_played=60_000 + load_id)
        publish(etl, load_id)

    assert etl.execute(FROM_A_ROW).fetchall() == [
        ("changed", 2, "run 2", "is in order", "pass", 8),
        ("old", 1, "run 1", "is in order", "pass", 7),
    ]


def test_deleted_listener_has_null_version_in_load_input(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": None})
    etl.execute("""UPDATE audit.load SET listener_versions = '{"bob": null}'""")
    assert etl.execute("SELECT * FROM audit.load_input").fetchall() == [(1, "bob", None)]


def test_lineage_includes_load_without_checks(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": 1})
    etl.execute("SELECT audit.forget_checks(1)")
    assert etl.execute("SELECT load_id, status, check_name FROM audit.lineage").fetchall() == [(1, "running", None)]


@pytest.mark.parametrize("role", ["reader", "dashboard"])
def test_lineage_views_exist_in_main_and_replica_and_use_the_readers_privileges(
    main_url: str, replica_url: str, role: str
) -> None:
    for url in (main_url, replica_url):
        with psycopg.connect(url, connect_timeout=10, options=f"-c role={role}") as connection:
            for view in ("audit.lineage", "audit.load_input"):
                connection.execute(f"SELECT * FROM {view}")
                options = connection.execute("SELECT reloptions FROM pg_class WHERE oid = %s::regclass", (view,))
                assert options.fetchone() == (["security_invoker=true"],)
