import csv
import io

import pytest

from flask_endpoint.catalog.files import load_catalog_file
from tests.flask_endpoint.catalog.songs import ROW
from tests.flask_endpoint.web_stack import *  # noqa: F403


@pytest.fixture
def load(endpoint_settings, tmp_path):
    """Return a function that writes rows to a file and loads it."""

    def load(*rows, columns=tuple(ROW), is_dry_run=False):
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows([row if row.keys() - ROW.keys() else ROW | row for row in rows])
        file = tmp_path / "songs.csv"
        file.write_text(text.getvalue())
        return load_catalog_file(endpoint_settings, file, is_dry_run=is_dry_run)

    return load


@pytest.fixture
def load_bytes(endpoint_settings, tmp_path):
    """Return a function that loads a file with the given content."""

    def load(content, name="songs.csv"):
        file = tmp_path / name
        file.write_bytes(content)
        return load_catalog_file(endpoint_settings, file)

    return load
