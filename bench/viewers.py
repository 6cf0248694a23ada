"""Viewers of the dashboard: each opens a page every few seconds, whether or not the last one was slow."""

import gzip
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection

VIEWERS = 20
PAUSE = 5.0  # seconds from opening one page to opening the next
ANSWER_TIMEOUT = 120.0  # seconds


@dataclass(frozen=True)
class Opened:
    """One page: the seconds until its last byte, and its bytes before and after compression."""

    seconds: float
    html_bytes: int
    sent_bytes: int


@dataclass(frozen=True)
class Visits:
    """All pages of one run, and the CPU time that the server took for each, in seconds."""

    pages: Sequence[Opened]
    cpu_per_page: float

    def percentile(self, share: float) -> float:
        """Return the seconds within which this share of the pages had arrived."""
        return sorted(page.seconds for page in self.pages)[int(share * (len(self.pages) - 1))]

    @property
    def html_bytes(self) -> float:
        return sum(page.html_bytes for page in self.pages) / len(self.pages)

    @property
    def sent_bytes(self) -> float:
        return sum(page.sent_bytes for page in self.pages) / len(self.pages)


def visit(port: int, paths: Sequence[str], seconds: float, cpu_seconds: Callable[[], float], seed: int) -> Visits:
    """Let all viewers open random ones of the paths for this long. The same seed gives the same order."""
    pages = max(1, int(seconds / PAUSE))
    before, start = cpu_seconds(), time.monotonic()

    def one_viewer(number: int) -> list[Opened]:
        rng = random.Random(seed * VIEWERS + number)  # noqa: S311 - not used for secrets
        first = start + number * PAUSE / VIEWERS  # Viewers do not all open their pages in the same moment.
        return [open_page(port, rng.choice(paths), first + page * PAUSE) for page in range(pages)]

    with ThreadPoolExecutor(VIEWERS) as pool:
        opened = [page for own in pool.map(one_viewer, range(VIEWERS)) for page in own]
    return Visits(opened, (cpu_seconds() - before) / len(opened))


def open_page(port: int, path: str, due: float) -> Opened:
    """Open a page at a moment of the monotonic clock. A page that starts late counts from the moment it was due."""
    time.sleep(max(0.0, due - time.monotonic()))
    sent, html = fetch(port, path)
    return Opened(time.monotonic() - due, len(html), len(sent))


def fetch(port: int, path: str) -> tuple[bytes, bytes]:
    """Return an answer's body as it was sent, and without its compression. Raises ConnectionError for any status but 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_TIMEOUT)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise ConnectionError(f"The dashboard answered {path} with status {answer.status}.")
    return body, gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body
