"""A small gzipped catalog file causes little work."""

import gzip
from pathlib import Path

import psycopg
import pytest

from flask_endpoint.catalog.files import load_catalog_file
from flask_endpoint.errors import NotACatalog
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import MakeSettings


def test_expansion_of_gzipped_file_is_limited(
    settings: MakeSettings, source: psycopg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "songs.csv.gz"
    path.write_bytes(gzip.compress(b"track_id,track_name\n" + b"x,\n" * 1_000_000))
    with pytest.raises(NotACatalog, match=r"songs\.csv\.gz unpacks to more than 200 times its size"):
        load_catalog_file(settings("http://127.0.0.1:1"), path)
    assert source.execute("SELECT FROM raw.catalog_track").fetchall() == []
