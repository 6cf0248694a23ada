"""The endpoint's start page in a real browser: an export is handed in, and the page shows by itself how far its import is."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests
from playwright.sync_api import Browser, Page, expect

LISTENER = "at-the-start-page"
PATIENCE = 120_000  # milliseconds, on a machine that is busy with the rest of the stack
UNREADABLE, READABLE = 10_500, 25  # rows: the unreadable ones are written down after 10,000, and told of before
HOLD_READING = "LOCK TABLE landing.rejected IN ACCESS EXCLUSIVE MODE"
HOLD_RECONCILING = "SELECT pg_advisory_xact_lock(hashtextextended('id map', 0))"


@pytest.fixture
def address() -> str:
    return f"http://127.0.0.1:{os.environ['FLASK_PORT']}/"


@pytest.fixture
def export(address: str, tmp_path: Path) -> Iterator[Path]:
    """An export of a listener's own, who is gone afterwards."""
    rows = [{"ts": "2024-05-01T10:00:00Z", "ms_played": -1}] * UNREADABLE + [
        {
            "ts": f"2024-05-01T12:{minute:02}:00Z",
            "ms_played": 60_000,
            "master_metadata_track_name": "Gloria",
            "master_metadata_album_artist_name": "Patti Smith",
        }
        for minute in range(READABLE)
    ]
    file = tmp_path / "endsong_0.json"
    file.write_text(json.dumps(rows))
    yield file
    key = {"Authorization": f"Bearer {os.environ['OPERATOR_KEY']}"}
    gone = requests.delete(f"{address}v1/listeners/{LISTENER}?origin=all", headers=key, timeout=60)
    assert gone.status_code == 200, gone.text


@pytest.fixture
def held() -> Iterator[list[psycopg.Connection]]:
    """Two sessions that hold an import up: while it reads, and while it reconciles."""
    url = f"postgresql://postgres:{os.environ['POSTGRES_PASSWORD']}@127.0.0.1:{os.environ['SOURCE_PORT']}/source"
    with psycopg.connect(url) as reading, psycopg.connect(url) as reconciling:
        reading.execute(HOLD_READING)
        reconciling.execute(HOLD_RECONCILING)
        yield [reading, reconciling]


def hand_in(page: Page, address: str, export: Path) -> list[str]:
    """Fill in the form; what the browser complains about from then on."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address, timeout=PATIENCE)
    page.fill("#import-listener", LISTENER)
    page.set_input_files("#import-files", export)
    page.get_by_role("button", name="Import").click()
    return complaints


def test_the_bar_moves_and_the_outcome_appears_without_loading_the_page_again(
    browser: Browser, address: str, export: Path, held: list[psycopg.Connection]
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        complaints = hand_in(page, address, export)
        page.evaluate("window.isTheSame = true")
        bar = page.locator("#live-jobs progress")
        expect(page.locator("#live-jobs")).to_contain_text("reading endsong_0.json: 5,000 rows", timeout=PATIENCE)
        assert 0 < float(bar.get_attribute("value") or 0) <= float(bar.get_attribute("max") or 0)
        held[0].rollback()
        expect(page.locator("#live-jobs")).to_contain_text("checking and reconciling", timeout=PATIENCE)
        assert bar.get_attribute("value") is None
        held[1].rollback()
        done = page.locator("#live-imports tr", has_text=LISTENER)
        expect(done).to_contain_text("promoted", timeout=PATIENCE)
        expect(done).to_contain_text(f"{UNREADABLE + READABLE:,}")
        expect(page.locator(f"tr[data-listener={LISTENER}]")).to_contain_text(str(READABLE))
        expect(bar).to_have_count(0)
        assert page.evaluate("window.isTheSame")
        assert complaints == []


def test_without_scripts_a_link_loads_the_page_again(browser: Browser, address: str, tmp_path: Path) -> None:
    (tmp_path / "no_export.json").write_text('{"theme": "dark"}')
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        hand_in(page, address, tmp_path / "no_export.json")
        page.get_by_role("link", name="Load this page again").click()
        expect(page.locator("#live-jobs tr[data-status]").first).to_contain_text("import")
