"""The dashboard in a real browser: it shows the data of main, without errors and with little script."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from playwright.sync_api import Browser, Page

PROJECT = Path(__file__).resolve().parents[2]
MARTS = sorted(file.stem for file in (PROJECT / "sql" / "main" / "mart").glob("*.sql"))
MAX_SCRIPT_SIZE = 200_000  # bytes, compressed
# The HTML of a page: the payload for the scripts, which does not grow with the plays, and everything else.
MAX_PAYLOAD_SIZE = 40_000  # bytes
# In bytes: of any page, for each month from the first play to the last one, and for each streak of an artist.
MAX_BASE_SIZE, MAX_SIZE_PER_MONTH, MAX_SIZE_PER_STREAK = 300_000, 3_000, 120
SHOWN_DATA = """
    SELECT extract(year FROM age(max(month), min(month))) * 12 + extract(month FROM age(max(month), min(month))) + 1,
           (SELECT coalesce(sum(streaks), 0) FROM (SELECT count(*) AS streaks FROM mart.artist_streak WHERE listener_id = %(id)s
                                                    GROUP BY artist_id ORDER BY streaks DESC LIMIT 13) AS artists)
    FROM mart.discovery WHERE listener_id = %(id)s
"""
PAYLOAD = re.compile(r"<script[^>]*>\(?self\.__next_f.*?</script>", re.DOTALL)
PAGE_TIMEOUT = 60_000  # milliseconds; the rest of the stack keeps the machine busy

FIRST_LISTENER = """
    SELECT listener.listener_id, listener.display_name, summary.play_count
    FROM core.dim_listener AS listener JOIN mart.listener_summary AS summary USING (listener_id)
    ORDER BY listener.is_simulated, summary.play_count DESC, listener.listener_id LIMIT 1
"""


class Visit:
    """One page in a browser, with its HTTP status and the errors and warnings of the browser's console."""

    def __init__(self, page: Page, path: str) -> None:
        self.page = page
        self.console_problems: list[str] = []
        page.on(
            "console",
            lambda message: (
                self.console_problems.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        page.on("pageerror", lambda error: self.console_problems.append(str(error)))
        answer = page.goto(os.environ["DASHBOARD_URL"] + path, wait_until="networkidle", timeout=PAGE_TIMEOUT)
        self.status = answer.status if answer else 0


@pytest.fixture(scope="module")
def first_page(browser: Browser) -> Iterator[Visit]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        yield Visit(context.new_page(), "/")


@pytest.fixture(scope="module")
def first_listener() -> tuple[str, str, int]:
    """Return id, name and counted plays of the listener shown by default."""
    with psycopg.connect(os.environ["MAIN_DATABASE_URL"], connect_timeout=10) as main:
        row = main.execute(FIRST_LISTENER).fetchone()
    assert row is not None, "No listener in main has a counted play. Run `make demo` first."
    return row[0], row[1] or row[0], row[2]


def test_play_count_equals_listener_summary(first_page: Visit, first_listener: tuple[str, str, int]) -> None:
    _, name, play_count = first_listener
    shown = first_page.page.get_by_test_id("play-count")
    assert first_page.status == 200
    assert first_page.page.get_by_role("heading", level=1).inner_text() == name
    assert shown.get_attribute("data-value") == str(play_count)
    assert shown.inner_text() == f"{play_count:,}"


@pytest.mark.parametrize("mart", MARTS)
def test_each_mart_has_a_panel_with_data(first_page: Visit, mart: str) -> None:
    panel = first_page.page.locator(f"[data-panel={mart}]")
    assert panel.count() == 1
    assert panel.get_by_role("heading", level=2).inner_text()
    assert panel.locator("[data-state]").count() == 0, panel.inner_text()


def test_browser_console_has_no_errors_or_warnings(first_page: Visit) -> None:
    assert first_page.console_problems == []


def test_page_loads_little_script(first_page: Visit) -> None:
    size = first_page.page.evaluate(
        "performance.getEntriesByType('resource').filter((entry) => entry.initiatorType === 'script')"
        ".reduce((sum, entry) => sum + entry.encodedBodySize, 0)"
    )
    assert 0 < size < MAX_SCRIPT_SIZE


@pytest.fixture(scope="module")
def html(browser: Browser, first_listener: tuple[str, str, int]) -> str:
    with browser.new_context() as context:
        answer = context.request.get(
            f"{os.environ['DASHBOARD_URL']}/?listener={first_listener[0]}", timeout=PAGE_TIMEOUT
        )
        assert answer.status == 200
        return answer.text()


def test_html_has_each_picture_once(html: str) -> None:
    payload, pictures = "".join(PAYLOAD.findall(html)), PAYLOAD.sub("", html)
    tips = re.findall(r'data-tips="([^"]+)"', pictures)
    assert len(tips) >= 6 and "<svg" in pictures and "<td>" in pictures
    assert [text for text in tips if html.count(text) != 1] == []
    # The payload escapes < and quotes, but not names of attributes and the texts of tooltips.
    texts = [tip.strip().splitlines()[-1] for tip in tips]
    assert [text for text in ("data-datum", "data-tips", *texts) if text in payload] == []


def test_html_is_small_for_its_data(html: str, first_listener: tuple[str, str, int]) -> None:
    with psycopg.connect(os.environ["MAIN_DATABASE_URL"], connect_timeout=10) as main:
        row = main.execute(SHOWN_DATA, {"id": first_listener[0]}).fetchone()
    assert row is not None
    months, streaks = int(row[0]), int(row[1])
    assert 0 < sum(map(len, PAYLOAD.findall(html))) < MAX_PAYLOAD_SIZE
    assert len(html) < MAX_BASE_SIZE + MAX_SIZE_PER_MONTH * months + MAX_SIZE_PER_STREAK * streaks


def test_tooltip_shows_the_text_of_the_shape_below_the_pointer(browser: Browser) -> None:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        visit = Visit(context.new_page(), "/")
        visit.page.locator("[data-panel=listening_clock] [data-datum='30']").first.hover()
        assert visit.page.get_by_test_id("tooltip").inner_text().startswith("Tue 06:00: ")
        assert visit.console_problems == []


def test_page_names_newest_published_load(first_page: Visit) -> None:
    with psycopg.connect(os.environ["MAIN_DATABASE_URL"], connect_timeout=10) as main:
        row = main.execute("SELECT max(load_id) FROM audit.load WHERE status = 'published'").fetchone()
    assert f"Load {row[0] if row else None}" in first_page.page.get_by_test_id("freshness").inner_text()


def test_full_page_screenshot_succeeds(first_page: Visit, tmp_path: Path) -> None:
    screenshot = tmp_path / "dashboard.png"
    first_page.page.screenshot(path=screenshot, full_page=True)
    assert screenshot.stat().st_size > 0


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_does_not_scroll_sideways(browser: Browser, width: int, scheme: Literal["light", "dark"]) -> None:
    with browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme) as context:
        visit = Visit(context.new_page(), "/")
        assert visit.page.evaluate("document.documentElement.scrollWidth") == width


def test_address_selects_listener(browser: Browser, first_listener: tuple[str, str, int]) -> None:
    listener, name, play_count = first_listener
    with browser.new_context() as context:
        visit = Visit(context.new_page(), f"/?listener={listener}")
        assert visit.page.title().startswith(name)
        assert visit.page.get_by_test_id("play-count").get_attribute("data-value") == str(play_count)


@pytest.mark.parametrize("path", ["/?listener=nobody-by-that-name", "/?listener=Not%20An%20Id", "/no-such-page"])
def test_unknown_address_shows_404_page(browser: Browser, path: str) -> None:
    with browser.new_context() as context:
        visit = Visit(context.new_page(), path)
        assert visit.status == 404
        assert visit.page.get_by_role("heading", level=1).inner_text() == "We can’t find that page"


def test_localhost_redirects_to_127_0_0_1(browser: Browser) -> None:
    url = os.environ["DASHBOARD_URL"]
    with browser.new_context() as context:
        answer = context.request.get(
            url, headers={"Host": url.replace("http://127.0.0.1", "localhost")}, max_redirects=0
        )
        assert answer.status == 307
        assert answer.headers["location"] == f"{url}/"


def test_health_is_ok_while_database_answers(browser: Browser) -> None:
    with browser.new_context() as context:
        answer = context.request.get(os.environ["DASHBOARD_URL"] + "/healthz")
        assert answer.status == 200
        assert answer.json() == {"status": "ok", "database": "ok"}
