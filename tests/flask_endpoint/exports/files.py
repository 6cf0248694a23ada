"""Write and read generated export files."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask_endpoint.exports.reading import ExportFile, read_export
from flask_endpoint.exports.sources import Archives, find_sources
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.row import PlayRow

NOW = datetime(2024, 6, 1, tzinfo=UTC)
EXTENDED: dict[str, Any] = {
    "ts": "2022-05-01T12:00:00Z",
    "ms_played": 1000,
    "master_metadata_track_name": "Song",
    "master_metadata_album_artist_name": "Band",
}
ACCOUNT: dict[str, Any] = {"endTime": "2022-05-01 12:00", "artistName": "Band", "trackName": "Song", "msPlayed": 1000}


def write_zip(path: Path, members: dict[str, Any]) -> Path:
    """Write a zip. A member's content is bytes, or another value that is written as JSON."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    path.write_bytes(buffer.getvalue())
    return path


def read(*paths: Path) -> list[tuple[ExportFile, list[Any]]]:
    """Return the exports at the paths, each with a list of its rows."""
    found = []
    for source in find_sources(list(paths)):
        with Archives() as archives, source.open(archives) as file:
            if export := read_export(source, file, Horizon(NOW)):
                found.append((export, list(export.rows)))
    return found


def outcome(rows: list[Any]) -> list[str]:
    """Return each row's kind, or the reason for its rejection."""
    return [str(row.kind) if isinstance(row, PlayRow) else str(row) for row in rows]
