"""Slow connections do not keep others from being answered, and gunicorn's own errors have the endpoint's shape."""

import json
from contextlib import ExitStack

import psycopg

from tests.flask_endpoint.web.gunicorn_server import *  # noqa: F403
from tests.flask_endpoint.web.gunicorn_server import Server
from tests.flask_endpoint.web_stack import *  # noqa: F403

HOST = b"Host: 127.0.0.1\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n"
KEY = b"Authorization: Bearer the-operators-key\r\n"
FORM = b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n--x\r\n"
SLOW_CONNECTIONS = 48  # many more than a server with a few threads could hold


SLOW_REQUESTS = {
    "no request": b"",
    "part of the headers": b"GET /healthz HTTP/1.1\r\nHost",
    "part of the body": b"POST /v1/imports HTTP/1.1\r\n" + HOST + KEY + FORM,
}
REFUSED_BY_GUNICORN = [
    (b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", 400, "bad_request"),
    (b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\n\r\n", 414, "uri_too_long"),
    (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431, "request_header_fields_too_large"),
    (b"nonsense\r\n\r\n", 400, "bad_request"),
]


def test_request_is_answered_next_to_slow_connections(server: Server) -> None:
    server.answer(HEALTH)  # The processes have started.
    for kind, sent in SLOW_REQUESTS.items():
        with ExitStack() as stack:
            for _ in range(SLOW_CONNECTIONS):
                stack.enter_context(server.connection(sent))
            for _ in range(4):
                head, body = server.answer(HEALTH)
                assert (head.split(b"\r\n")[0], json.loads(body)) == (b"HTTP/1.1 200 OK", {"status": "up"}), kind


def test_requests_that_wait_for_the_database_do_not_keep_others_waiting(
    server: Server, source: psycopg.Connection
) -> None:
    assert server.answer(b"POST /v1/sync HTTP/1.1\r\nConnection: close\r\n" + HOST + KEY + b"\r\n")[0].startswith(
        b"HTTP/1.1 202 "
    )
    waiting = b"GET /v1/listeners HTTP/1.1\r\n" + HOST + KEY + b"\r\n"
    with ExitStack() as stack:
        stack.enter_context(source.transaction())
        source.execute("LOCK TABLE raw.listener IN ACCESS EXCLUSIVE MODE")
        for _ in range(6):  # fewer than the pool has connections
            stack.enter_context(server.connection(waiting))
        for _ in range(8):
            assert server.answer(HEALTH)[0].startswith(b"HTTP/1.1 200 ")


def test_gunicorn_answers_errors_as_json_and_closes_slow_connections(server: Server) -> None:
    for sent, status, code in REFUSED_BY_GUNICORN:
        head, body = server.answer(sent)
        assert int(head.split()[1]) == status
        assert b"Content-Type: application/json" in head
        error = json.loads(body)["error"]
        assert (error["code"], error["detail"], bool(error["message"])) == (code, None, True)
    with server.connection(b"GET /healthz HTTP/1.1\r\n") as connection:
        assert connection.recv(100) == b"", "the headers do not arrive"
