"""Comments of an existing database: a migration updates those whose wording changed."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from sql.comments import update_comments
from tests.sql.conftest import ROOT


def test_migrating_again_updates_changed_comments(main_url: str) -> None:
    statement = (
        "SELECT obj_description('mart.artist_streak'::regclass), col_description('mart.artist_streak'::regclass, 1)"
    )
    with psycopg.connect(main_url, autocommit=True, connect_timeout=10) as owner:
        written = owner.execute(statement).fetchone()
        owner.execute(
            "COMMENT ON TABLE mart.artist_streak IS 'old'; COMMENT ON COLUMN mart.artist_streak.listener_id IS NULL"
        )
        command = [os.environ.get("MIGRATE_PYTHON", sys.executable), "-m", "sql.migrate", "main", "--url", main_url]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)

        assert owner.execute(statement).fetchone() == written


def test_comment_on_dropped_object_is_skipped(main_url: str, tmp_path: Path) -> None:
    file = tmp_path / "gone.sql"
    file.write_text(
        "COMMENT ON TABLE mart.gone IS 'It''s gone.';\nCOMMENT ON COLUMN mart.artist_streak.gone IS 'Gone.';\n"
    )

    with psycopg.connect(main_url, connect_timeout=10) as owner:
        update_comments(owner, [file])


def test_last_comment_on_an_object_wins(main_url: str, tmp_path: Path) -> None:
    file = tmp_path / "twice.sql"
    file.write_text(
        "COMMENT ON TABLE cdc.marker IS 'First.';\nCOMMENT ON TABLE cdc.marker IS\n    'It''s the second.';\n"
    )

    with psycopg.connect(main_url, connect_timeout=10) as owner:
        update_comments(owner, [file])
        assert owner.execute("SELECT obj_description('cdc.marker'::regclass)").fetchone() == ("It's the second.",)
        owner.rollback()
