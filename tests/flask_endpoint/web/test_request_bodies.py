"""Request bodies: an upload is refused before its body is read, other bodies are small, and deep JSON is an error of the client."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from flask_endpoint.errors import SpotifyUnavailable
from flask_endpoint.exports.files import read_files
from flask_endpoint.exports.sources import find_sources
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.web.request_bodies import LARGEST_BODY
from tests.flask_endpoint.exports.files import EXTENDED, NOW
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, add_connected_listener
from tests.flask_endpoint.web_stack import OPERATOR, Browser, MakeApp, client_of, csrf_token, endpoint_of

DEEP = b"[" * 200_000 + b"]" * 200_000
MULTIPART = "multipart/form-data; boundary=x"
PUBLISHED = "0.0.0.0"  # noqa: S104


class UnreadBody(io.RawIOBase):
    """A body that fails the test when it is read."""

    def readinto(self, _buffer: object) -> int:
        raise AssertionError("the body was read")

    def read(self, _size: int = -1) -> bytes:
        raise AssertionError("the body was read")


def send(
    client: Browser, path: str, *, length: int | None = 100_000_000, content_type: str = MULTIPART, **others: Any
) -> TestResponse:
    """Send a request whose body cannot be read. Without a length, it is chunked."""
    framing = {"wsgi.input_terminated": True} if length is None else {"CONTENT_LENGTH": str(length)}
    body = {"wsgi.input": UnreadBody(), "CONTENT_TYPE": content_type}
    return client.post(path, environ_overrides={**body, **framing}, **others)


@pytest.mark.parametrize("path", ["/v1/imports", "/v1/catalog"])
def test_upload_without_key_is_refused_unread(client: Browser, path: str) -> None:
    assert send(client, path).status_code == 401
    assert send(client, path, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_uploaded_form_of_others_is_refused_unread(make_app: MakeApp, simulated_spotify: str) -> None:
    published = client_of(make_app(simulated_spotify, listen_host=PUBLISHED))
    refused = send(published, "/imports")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Basic realm="operator"')


def test_uploaded_form_without_loaded_page_is_refused_unread(client: Browser) -> None:
    refused = send(client, "/imports")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (400, "stale_form")


def test_large_or_unmeasured_upload_is_refused_unread(client: Browser) -> None:
    limit = 1024 * 2**20
    large = send(client, "/v1/imports", headers=OPERATOR, length=limit + 1)
    assert (large.status_code, "larger than 1024 MiB" in large.get_json()["error"]["message"]) == (413, True)
    unmeasured = send(client, "/v1/imports", headers=OPERATOR, length=None)
    assert (unmeasured.status_code, unmeasured.get_json()["error"]["code"]) == (411, "length_required")


def test_only_uploads_may_be_large(client: Browser) -> None:
    headers = {"X-CSRFToken": csrf_token(client)}
    for path, type_, others in (
        ("/logout", MULTIPART, headers),
        ("/jobs/1/cancel", MULTIPART, headers),
        ("/v1/batches/1/refuse", "application/json", OPERATOR),
        ("/v1/imports", "application/x-www-form-urlencoded", OPERATOR),
    ):
        refused = send(client, path, content_type=type_, length=LARGEST_BODY + 1, headers=others)
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (413, "too_large"), path
        assert "larger than 1 MiB" in refused.get_json()["error"]["message"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/batches/1/refuse"), ("PATCH", "/v1/listeners/ana")])
def test_deep_json_in_request_is_refused(client: Browser, method: str, path: str) -> None:
    refused = client.open(path, method=method, data=DEEP, content_type="application/json", headers=OPERATOR)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (400, "bad_input")
    assert "nested too deeply" in refused.get_json()["error"]["message"]


@pytest.mark.parametrize("body", [DEEP, json.dumps({"items": []}).encode()[:-1] + b', "x": ' + DEEP + b"}"])
def test_deep_answer_of_spotify_is_reported(make_app: MakeApp, faults: FaultySpotify, body: bytes) -> None:
    app = make_app(faults.url)
    add_connected_listener(endpoint_of(app), "ana")
    for status in (200, 400, 500):
        faults.will(RECENT, Answer(status, body.decode()))
        with pytest.raises(SpotifyUnavailable):
            endpoint_of(app).spotify("ana").recently_played()


def test_deep_row_in_a_zip_is_rejected_alone(tmp_path: Path) -> None:
    path = tmp_path / "my.zip"
    with zipfile.ZipFile(path, "w") as archive:
        deep = b'{"ts": ' + b"[" * 900 + b"]" * 900 + b"}"
        archive.writestr("endsong_0.json", b"[" + json.dumps(EXTENDED).encode() + b"," + deep + b"]")
    [rows] = [list(export.rows) for export in read_files(find_sources([path]), Horizon(NOW), "ana")]
    assert [isinstance(row, str) for row in rows] == [True, False]
