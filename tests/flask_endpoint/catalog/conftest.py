import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from flask_endpoint.catalog.files import CatalogLoad, load_catalog_file
from flask_endpoint.settings import Settings
from tests.flask_endpoint.catalog.songs import ROW
from tests.flask_endpoint.web_stack import *  # noqa: F403


@pytest.fixture
def load(endpoint_settings: Settings, tmp_path: Path) -> Callable[..., CatalogLoad]:
    """Return a function that writes rows to a file and loads it."""

    def load(*rows: dict[str, str], columns: tuple[str, ...] = tuple(ROW), is_dry_run: bool = False) -> CatalogLoad:
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows([row if row.keys() - ROW.keys() else ROW | row for row in rows])
        file = tmp_path / "songs.csv"
        file.write_text(text.getvalue())
        return load_catalog_file(endpoint_settings, file, is_dry_run=is_dry_run)

    return load


@pytest.fixture
def load_bytes(endpoint_settings: Settings, tmp_path: Path) -> Callable[..., CatalogLoad]:
    """Return a function that loads a file with the given content."""

    def load(content: bytes, name: str = "songs.csv") -> CatalogLoad:
        file = tmp_path / name
        file.write_bytes(content)
        return load_catalog_file(endpoint_settings, file)

    return load
