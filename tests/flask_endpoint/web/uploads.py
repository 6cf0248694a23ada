"""Upload export files to the endpoint, and find the files that it stores."""

import io
import json
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient

from tests.flask_endpoint.web_stack import OPERATOR, endpoint_of


def export(*endings: str) -> bytes:
    """Return an extended export with one play of one track per end time."""
    return json.dumps(
        [
            {
                "ts": ending,
                "ms_played": 200_000,
                "master_metadata_track_name": "Gloria",
                "master_metadata_album_artist_name": "Patti Smith",
                "master_metadata_album_album_name": "Horses",
                "spotify_track_uri": "spotify:track:0000000000000000000001",
            }
            for ending in endings
        ]
    ).encode()


def form_files(*files: tuple[bytes, str]) -> list[tuple[io.BytesIO, str]]:
    """Return the files, each its content and name, as the test client sends them in a form."""
    return [(io.BytesIO(content), name) for content, name in files]


def upload(operator: FlaskClient, *files: tuple[bytes, str], **form: str) -> Any:
    """Upload files for ana. Keyword arguments set other fields of the form. Return the response."""
    data = {"listener_id": "ana", **form, "files": form_files(*files)}
    return operator.post("/v1/imports", data=data, headers=OPERATOR)


def stored_uploads(app: APIFlask) -> list[Path]:
    """Return the files and folders below the upload folder."""
    folder = endpoint_of(app).settings.upload_dir
    return sorted(folder.rglob("*")) if folder.exists() else []
