"""The result of bench-dashboard: pages in time, percentiles, ratios and the printed table."""

import gzip
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from click.testing import CliRunner

from bench import dashboard
from bench.dashboard import addresses, cpu_seconds, main
from bench.viewers import VIEWERS, Opened, Visits, fetch, visit
from bench.warehouse import BenchError
from common.exit_codes import ExitCode

HTML = b"<p>page</p>" * 100


class Pages(BaseHTTPRequestHandler):
    """Answers `/page` with a compressed page and anything else with 503."""

    def do_GET(self) -> None:
        body = gzip.compress(HTML)
        self.send_response(200 if self.path == "/page" else 503)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        Thread(target=server.serve_forever).start()
        yield server.server_address[1]
        server.shutdown()


def visits(seconds: list[float], cpu_per_page: float = 0.02) -> Visits:
    return Visits([Opened(each, 400_000, 60_000) for each in seconds], cpu_per_page)


def test_page_is_counted_with_and_without_compression(port: int) -> None:
    sent, html = fetch(port, "/page")
    assert html == HTML
    assert len(sent) < len(HTML)


def test_answer_without_a_page_ends_the_benchmark(port: int) -> None:
    with pytest.raises(ConnectionError, match="status 503"):
        fetch(port, "/other")


def test_each_viewer_opens_the_pages_of_the_run(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.viewers.PAUSE", 0.01)
    used = iter((1.0, 3.0))
    result = visit(port, ["/page"], seconds=0.02, cpu_seconds=lambda: next(used), seed=1)
    assert len(result.pages) == 2 * VIEWERS
    assert result.cpu_per_page == 2.0 / (2 * VIEWERS)
    assert result.html_bytes == len(HTML)


def test_percentiles_are_measured_pages() -> None:
    run = visits([number / 100 for number in range(100, -1, -1)])
    assert (run.percentile(0.5), run.percentile(0.95), run.percentile(1)) == (0.5, 0.95, 1.0)


def test_addresses_are_all_time_and_every_year_with_plays() -> None:
    shown = [address for address in addresses(30_000) if "l000000" in address]
    assert shown[0] == "/?listener=l000000"
    assert [address[-4:] for address in shown[1:]] == [str(year) for year in range(2016, 2025)]


def test_cpu_time_of_a_process_grows() -> None:
    before = cpu_seconds(os.getpid())
    sum(number * number for number in range(2_000_000))
    assert cpu_seconds(os.getpid()) > before


@pytest.mark.parametrize(("slowest", "verdict"), [(0.149, "reached"), (0.150, "not reached")])
def test_table_has_ratios_and_says_whether_the_goal_is_reached(
    monkeypatch: pytest.MonkeyPatch, slowest: float, verdict: str
) -> None:
    runs = {"static file": visits([0.01], 0.01), "cold page": visits([1.0], 0.3), "warm page": visits([slowest], 0.02)}
    monkeypatch.setenv("TEST_POSTGRES_URL", "postgresql://unused")
    monkeypatch.setattr(dashboard, "measure", lambda server, plays, seconds: runs)
    done = CliRunner().invoke(main, [])
    assert done.exit_code == ExitCode.DONE
    assert "| cold page | 1 | 1000 ms | 1000 ms | 100.0 | 300 ms | 30.0 | 400 kB | 60 kB |" in done.output
    assert f"under 150 ms: {verdict}." in done.output


def test_failed_start_and_wrong_options_have_their_own_exit_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(server: str, plays: int, seconds: int) -> None:
        raise BenchError("The dashboard did not become healthy within 60 s.")

    monkeypatch.setenv("TEST_POSTGRES_URL", "postgresql://unused")
    monkeypatch.setattr(dashboard, "measure", fail)
    assert CliRunner().invoke(main, []).exit_code == ExitCode.COULD_NOT_RUN
    assert CliRunner().invoke(main, ["--plays", "10"]).exit_code == ExitCode.USAGE
