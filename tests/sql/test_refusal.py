"""audit.publish refuses a load that was not checked, failed a check or has other columns, and waits for no lock forever."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.sql.conftest import migrate
from tests.sql.loads import begin, play, plays, publish, role


def test_load_with_candidates_of_another_type_is_rejected(etl: psycopg.Connection, main_url: str) -> None:
    begin(etl, 1, {"bob": 7})
    with psycopg.connect(main_url) as owner:
        owner.execute("ALTER TABLE candidate.fct_play ALTER COLUMN hour TYPE text")
    try:
        status, reason, *_ = publish(etl, 1)
    finally:
        migrate("main", main_url)
    assert status == "rejected"
    assert reason == (
        "The candidates of core.fct_play have other columns than the tables: run make migrate, then the load again."
    )


def test_failed_check_rejects_the_load_and_keeps_published_rows(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": 1})
    play(etl, 1)
    publish(etl, 1)
    begin(etl, 2, {"bob": 2})
    play(etl, 2, ms_played=-1)
    with role(etl, "gate"):
        etl.execute("INSERT INTO audit.check_result VALUES (2, 'core.fct_play', 'no play is negative', 'fail', 1, 1)")
    status, reason, *written = publish(etl, 2)
    assert (status, written) == ("rejected", [0, 0, 0])
    assert reason == "The gate failed on core.fct_play: no play is negative (1 rows)."
    assert plays(etl) == [("p1", 60_000, 1)]
    assert etl.execute("SELECT version FROM audit.listener_version").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("DELETE FROM audit.check_result", "The gate has not run on load 1: run it, then publish."),
        (
            "DELETE FROM audit.check_result WHERE table_name = 'core.fct_play'",
            "The gate has not checked core.fct_play: run it again, then publish.",
        ),
        (
            "UPDATE audit.check_result SET outcome = 'error' WHERE table_name = 'core.coverage'",
            "The gate failed on core.coverage",
        ),
        ("DELETE FROM candidate.complete", "The candidates of load 1 are incomplete"),
        ("UPDATE candidate.complete SET load_id = 2", "The candidates of load 1 are incomplete"),
    ],
)
def test_publish_rejects_unchecked_or_incomplete_load(etl: psycopg.Connection, spoil: str, reason: str) -> None:
    begin(etl, 1, {"bob": 1})
    play(etl, 1)
    with role(etl, "postgres"):
        etl.execute(spoil)
    status, shown, *_ = publish(etl, 1)
    assert status == "rejected" and str(shown).startswith(reason)
    assert plays(etl) == []


def test_publish_accepts_load_with_warning(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": 1})
    with role(etl, "gate"):
        etl.execute("UPDATE audit.check_result SET outcome = 'warn'")
    assert publish(etl, 1)[0] == "published"


def test_rejected_load_is_published_after_its_gate_passes(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": 1})
    play(etl, 1)
    with role(etl, "gate"):
        etl.execute("UPDATE audit.check_result SET outcome = 'fail'")
    publish(etl, 1)
    with role(etl, "gate"):
        etl.execute("UPDATE audit.check_result SET outcome = 'pass'")
    assert publish(etl, 1) == ("published", None, 1, 0, 0)


def test_failed_load_is_not_published(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": 1})
    etl.execute("UPDATE audit.load SET status = 'failed', reason = 'broke'")
    assert publish(etl, 1)[:2] == ("failed", "broke")


def test_publish_raises_error_for_unknown_load(etl: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=r"Load 9 does not exist: start one first\."):
        publish(etl, 9)


@pytest.fixture
def impatient(main_url: str) -> Iterator[None]:
    """Shorten the lock time-out of audit.publish for this test."""
    with psycopg.connect(main_url, autocommit=True, connect_timeout=10) as owner:
        owner.execute("ALTER FUNCTION audit.publish(bigint) SET lock_timeout = '50ms'")
        yield
        owner.execute("ALTER FUNCTION audit.publish(bigint) SET lock_timeout = '60s'")


@pytest.mark.parametrize("lock", ["audit.load_lock()", "audit.candidate_lock()"])
def test_publish_gives_up_when_a_lock_is_held(
    etl: psycopg.Connection, main_url: str, impatient: None, lock: str
) -> None:
    begin(etl, 1, {"bob": 1})
    with psycopg.connect(main_url, connect_timeout=10) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({lock})")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            publish(etl, 1)
    assert publish(etl, 1)[0] == "published"
