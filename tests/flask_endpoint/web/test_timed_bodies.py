"""A request body must arrive in time, and other connections get their turn while a large one is read."""

import io

import gevent
import gevent.socket
import pytest
from werkzeug.exceptions import RequestTimeout

from flask_endpoint import serving
from flask_endpoint.serving import READ_SIZE, TimedBody


def test_body_that_does_not_arrive_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "IDLE_TIMEOUT", 0)
    _sending, receiving = gevent.socket.socketpair()
    with pytest.raises(RequestTimeout, match="too slowly"):
        TimedBody(receiving.makefile("rb", buffering=0)).read(1)


def test_body_is_read_completely() -> None:
    content = b"line\n" * READ_SIZE
    assert TimedBody(io.BytesIO(content)).read() == content
    body = TimedBody(io.BytesIO(content))
    assert (body.readline(), body.read(7), len(body.read(10 * READ_SIZE))) == (b"line\n", b"line\nli", READ_SIZE)


def test_reading_lets_other_greenlets_run() -> None:
    turns = []
    other = gevent.spawn(lambda: turns.append("other"))
    TimedBody(io.BytesIO(b"x" * 2 * READ_SIZE)).read()
    assert turns == ["other"]
    other.join()
