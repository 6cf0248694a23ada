"""audit.publish replaces the ids of deleted listeners in the records of loads."""

import re

import psycopg
from psycopg.types.json import Jsonb

from tests.sql.loads import begin, publish


def test_audit_forgets_deleted_listeners_and_keeps_their_loads(etl: psycopg.Connection, main_url: str) -> None:
    versions: dict[int, dict[str, int | None]] = {1: {"ana": 1, "bob": 3}, 2: {"bob": None}}
    for load_id, read in versions.items():
        begin(etl, load_id, read)
        etl.execute("UPDATE audit.load SET listener_versions = %s WHERE load_id = %s", (Jsonb(read), load_id))
        if load_id == 1:
            assert publish(etl, 1)[0] == "published"
            # bob differed once. cleo was deleted after a load that failed, so nothing of cleo was ever published.
            with psycopg.connect(main_url) as owner:
                owner.execute("INSERT INTO audit.difference VALUES (1, 'core.fct_play', 'bob', 0, 1, 0, now())")
                owner.execute(
                    "INSERT INTO audit.load VALUES (0, 'run 0', now(), now(), 'failed', NULL, 'incremental', 1, %s, 0, 0, 0)",
                    (Jsonb({"cleo": 1}),),
                )
    assert publish(etl, 2)[0] == "published"
    [(bob,)] = etl.execute("SELECT listener_id FROM audit.difference").fetchall()
    (_, cleo, _), *others = etl.execute("SELECT * FROM audit.load_input ORDER BY load_id, version").fetchall()
    assert others == [(1, "ana", 1), (1, bob, 3), (2, bob, None)]
    assert bob != cleo and all(re.fullmatch(r"deleted:[0-9a-f-]{36}", name) for name in (bob, cleo))
