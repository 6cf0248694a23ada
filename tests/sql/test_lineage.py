"""From any published row to its load, what that load read, and how it was checked."""

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


def test_a_row_leads_to_the_load_that_last_changed_it_what_it_read_and_its_checks(etl):
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


def test_a_listener_who_was_gone_was_read_as_null(etl):
    begin(etl, 1, {"bob": None})
    etl.execute("""UPDATE audit.load SET listener_versions = '{"bob": null}'""")
    assert etl.execute("SELECT * FROM audit.load_input").fetchall() == [(1, "bob", None)]


def test_a_load_without_checks_is_there_too(etl):
    begin(etl, 1, {"bob": 1})
    etl.execute("DELETE FROM audit.check_result")
    assert etl.execute("SELECT load_id, status, check_name FROM audit.lineage").fetchall() == [(1, "running", None)]


@pytest.mark.parametrize("role", ["reader", "dashboard"])
def test_viewers_and_the_replica_have_the_views_and_see_by_their_own_rights(main_url, replica_url, role):
    for url in (main_url, replica_url):
        with psycopg.connect(url, connect_timeout=10, options=f"-c role={role}") as connection:
            for view in ("audit.lineage", "audit.load_input"):
                connection.execute(f"SELECT * FROM {view}")
                options = connection.execute("SELECT reloptions FROM pg_class WHERE oid = %s::regclass", (view,))
                assert options.fetchone() == (["security_invoker=true"],)
