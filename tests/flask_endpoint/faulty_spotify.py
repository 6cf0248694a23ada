"""A small HTTP server that returns the answers a test gives it, for faults that the simulated Spotify does not produce."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Answer:
    """An HTTP response. A `body` that is not text is sent as JSON. `held_by` delays the response until the event is set."""

    status: int = 200
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    held_by: threading.Event | None = None


@dataclass(frozen=True)
class Asked:
    """A received request."""

    path: str
    authorization: str
    form: dict[str, str]


@dataclass
class FaultySpotify:
    """The queue of answers for each path. The last answer of a queue is repeated. A path without answers returns 404."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def will(self, path: str, *answers: Answer) -> None:
        """Set the answers of a path."""
        self.answers[path] = list(answers)

    def times(self, path: str) -> int:
        """Return the number of requests for a path."""
        return sum(request.path == path for request in self.asked)

    def wait_until_asked(self, path: str, times: int, seconds: float = 60) -> None:
        """Wait until the path was requested so many times. Fails after `seconds`."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.times(path) >= times, timeout=seconds), (
                f"{path} was not requested {times} times within {seconds} s"
            )

    def next_answer(self, path: str) -> Answer:
        queue = self.answers.get(path, [Answer(404, {"error": {"status": 404, "message": "Resource not found"}})])
        return queue.pop(0) if len(queue) > 1 else queue[0]


@contextmanager
def faulty_spotify() -> Iterator[FaultySpotify]:
    """Serve a FaultySpotify on a free port of the loopback address."""
    spotify = FaultySpotify()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            length = int(self.headers.get("Content-Length") or 0)
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
            with spotify.changed:
                spotify.asked.append(Asked(path, self.headers.get("Authorization", ""), form))
                answer = spotify.next_answer(path)
                spotify.changed.notify_all()
            if answer.held_by:
                answer.held_by.wait(60)
            is_text = isinstance(answer.body, str)
            body = (answer.body if is_text else json.dumps(answer.body)).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/plain" if is_text else "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            """Log nothing: tests read `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    spotify.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield spotify
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
