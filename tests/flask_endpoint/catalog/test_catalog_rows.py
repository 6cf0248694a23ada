"""Reading catalog files: which columns are required, and which rows and files are refused."""

import gzip
from collections.abc import Callable

import psycopg
import pytest

from flask_endpoint.catalog import files
from flask_endpoint.catalog.files import CatalogLoad, FileItems
from flask_endpoint.errors import NotACatalog
from tests.flask_endpoint.catalog.songs import ONE, TRACKS, TWO


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"track_id": "spotify:track:x"}, "track_id is not a Spotify id (22 letters and digits)"),
        ({"track_name": " "}, "track_name is empty"),
        ({"track_name": "NA"}, "track_name is empty"),
        ({"track_popularity": "101"}, "track_popularity is not a whole number from 0 to 100"),
        ({"track_popularity": "6.5"}, "track_popularity is not a whole number from 0 to 100"),
        ({"duration_ms": "-1"}, "duration_ms is not a whole number from 0 to 2147483647"),
        ({"duration_ms": "9" * 5000}, "duration_ms is not a whole number from 0 to 2147483647"),
        ({"track_album_release_date": "soon"}, "track_album_release_date is not a date, month or year"),
    ],
)
def test_invalid_row_is_refused_with_its_reason(
    load: Callable[..., CatalogLoad], source: psycopg.Connection, wrong: dict[str, str], reason: str
) -> None:
    loaded = load({"track_id": TWO}, wrong)
    assert (loaded.rows_read, loaded.rows_refused, loaded.refused) == (2, 1, {reason: 1})
    assert source.execute("SELECT track_id FROM raw.catalog_track").fetchall() == [(TWO,)]


def test_only_id_and_title_columns_are_required(load: Callable[..., CatalogLoad], source: psycopg.Connection) -> None:
    assert load({}, columns=("track_name", "track_id")).tracks == FileItems(1, 1, 0)
    assert source.execute(TRACKS).fetchall() == [("Gloria", None, None, None, True)]
    with pytest.raises(NotACatalog, match="has no column track_id: its first line"):
        load({}, columns=("track_name",))


def test_rows_with_invalid_utf8_or_wrong_number_of_fields_are_refused(
    load_bytes: Callable[..., CatalogLoad], source: psycopg.Connection
) -> None:
    loaded = load_bytes(
        b"\xef\xbb\xbftrack_id,track_name\r\n" + ONE.encode() + b",\"Glo\r\nria, \"\"live\"\"\"\r\n"
        + TWO.encode() + b",\xff\r\n" + TWO.encode() + b",a,b\r\n\r\n"
    )  # fmt: skip
    assert loaded.refused == {
        "track_name is not UTF-8": 1,
        "number of fields differs from that of the first line": 2,
    }
    assert [row[0] for row in source.execute(TRACKS)] == ['Glo\r\nria, "live"']


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has no column track_id and track_name"),
        (gzip.compress(b"track_id,track_name\n" * 500)[:-20], "cannot be read"),
        (b"\x1f\x8bnothing", "cannot be read"),
        (b'track_id,track_name\n"' + b"x" * 200_000, "is not valid CSV: field larger than field limit"),
        (b"x" * 2_000_000, "one of its lines is too long"),
    ],
    ids=["empty", "truncated gzip", "invalid gzip", "endless field", "endless line"],
)
def test_unreadable_file_is_refused_as_a_whole(
    load_bytes: Callable[..., CatalogLoad], source: psycopg.Connection, content: bytes, words: str
) -> None:
    with pytest.raises(NotACatalog, match=words):
        load_bytes(content)
    assert source.execute(TRACKS).fetchall() == []


def test_last_row_of_an_id_wins_across_stages(
    load: Callable[..., CatalogLoad], source: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROWS_PER_STAGE", 2)
    loaded = load(*({"track_name": f"Take {n}"} for n in range(5)), {"track_id": TWO})
    assert (loaded.rows_read, loaded.tracks) == (6, FileItems(2, 2, 0))
    assert [row[0] for row in source.execute(TRACKS)] == ["Take 4", "Gloria"]
