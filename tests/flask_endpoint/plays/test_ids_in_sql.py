"""SQL and Python compute the same ids. The endpoint uses both."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_endpoint.plays.names import normalise, provisional_id
from flask_endpoint.plays.row import item_id
from tests.flask_endpoint.source_database import *  # noqa: F403

stored_text = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
name_keys = stored_text.map(normalise).filter(bool)
with_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(scope="module")
def source(source_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(source_database, autocommit=True, connect_timeout=10) as connection:
        yield connection


@with_fixture
@given(artist=name_keys)
def test_sql_and_python_agree_on_provisional_artist_ids(source: psycopg.Connection, artist: str) -> None:
    [(in_sql,)] = source.execute("SELECT raw.provisional_id('artist', %s)", (artist,))
    assert in_sql == provisional_id("artist", artist)


@with_fixture
@given(kind=st.sampled_from(["track", "album"]), artist=name_keys, name=name_keys)
def test_sql_and_python_agree_on_provisional_track_and_album_ids(
    source: psycopg.Connection, kind: str, artist: str, name: str
) -> None:
    [(in_sql,)] = source.execute("SELECT raw.provisional_id(%s, %s, %s)", (kind, artist, name))
    assert in_sql == provisional_id(kind, artist, name)


@with_fixture
@given(
    listener=st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True),
    origin=st.sampled_from(["extended", "account", "api"]),
    ended_at=st.datetimes(datetime(2008, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    track_id=st.none() | stored_text.filter(bool),
    ms_played=st.none() | st.integers(0, 86_400_000),
)
def test_sql_and_python_agree_on_play_ids(
    source: psycopg.Connection,
    listener: str,
    origin: str,
    ended_at: datetime,
    track_id: str | None,
    ms_played: int | None,
) -> None:
    moment = ended_at.replace(tzinfo=UTC).isoformat()
    [(in_sql,)] = source.execute(
        "SELECT raw.play_id(%s, %s, %s::timestamptz, %s, %s::integer)", (listener, origin, moment, track_id, ms_played)
    )
    assert in_sql == item_id(listener, origin, moment, track_id, ms_played)


def test_missing_name_gives_no_provisional_id(source: psycopg.Connection) -> None:
    assert source.execute("SELECT raw.provisional_id('track', 'adele', NULL)").fetchone() == (None,)


def test_id_functions_are_inlined(source: psycopg.Connection) -> None:
    """A function call for each row would slow down an import."""
    plan = source.execute(
        "EXPLAIN (VERBOSE) SELECT raw.provisional_id('album', artist_key, album_key), "
        "raw.play_id(listener_id, origin, ended_at, track_id, ms_played) FROM raw.received"
    ).fetchall()
    text = " ".join(line for (line,) in plan)
    assert "sha256" in text
    assert "provisional_id" not in text
    assert "play_id(" not in text
