"""The start page in a real browser: a listener uploads an export, and the page shows the progress of the import."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.running_stack import owner_url

LISTENER = "at-the-start-page"
PAGE_TIMEOUT = 120_000  # milliseconds, on a machine that is busy with the rest of the stack
UNREADABLE = 10_500  # rows: the import stores rejected rows in batches of 10,000, but reports progress earlier
READABLE = 25  # rows
BLOCK_READING = "LOCK TABLE landing.rejected IN ACCESS EXCLUSIVE MODE"
BLOCK_RECONCILING = "SELECT pg_advisory_xact_lock(hashtextextended('id map', 0))"


@pytest.fixture
def address() -> str:
    return f"http://127.0.0.1:{os.environ['FLASK_PORT']}/"


@pytest.fixture
def export(address: str, tmp_path: Path) -> Iterator[Path]:
    """Write an export for a new listener, and delete the listener after the test."""
    readable = [
        {
            "ts": f"2024-05-01T12:{minute:02}:00Z",
            "ms_played": 60_000,
            "master_metadata_track_name": "Gloria",
            "master_metadata_album_artist_name": "Patti Smith",
        }
        for minute in range(READABLE)
    ]
    unreadable = [{"ts": "2024-05-01T10:00:00Z", "ms_played": -1}] * UNREADABLE
    file = tmp_path / "endsong_0.json"
    file.write_text(json.dumps(readable + unreadable))  # An import stops at unreadable rows before the first play.
    yield file
    key = {"Authorization": f"Bearer {os.environ['OPERATOR_KEY']}"}
    gone = requests.delete(f"{address}v1/listeners/{LISTENER}?origin=all", headers=key, timeout=60)
    assert gone.status_code == 200, gone.text


@pytest.fixture
def blockers() -> Iterator[list[psycopg.Connection]]:
    """Open two sessions that block an import: the first while it reads, the second while it reconciles."""
    url = owner_url("source")
    with psycopg.connect(url) as reading, psycopg.connect(url) as reconciling:
        reading.execute(BLOCK_READING)
        reconciling.execute(BLOCK_RECONCILING)
        yield [reading, reconciling]


def upload(page: Page, address: str, export: Path) -> list[str]:
    """Submit the import form. Return a list that collects the browser's errors."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address, timeout=PAGE_TIMEOUT)
    page.fill("#import-listener", LISTENER)
    page.set_input_files("#import-files", export)
    page.get_by_role("button", name="Import").click()
    return errors


def test_progress_and_result_appear_without_reload(
    browser: Browser, address: str, export: Path, blockers: list[psycopg.Connection]
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        errors = upload(page, address, export)
        page.evaluate("window.wasNotReloaded = true")
        bar = page.locator("#live-jobs progress")
        expect(page.locator("#live-jobs")).to_contain_text("reading endsong_0.json: 5,000 rows", timeout=PAGE_TIMEOUT)
        assert 0 < float(bar.get_attribute("value") or 0) <= float(bar.get_attribute("max") or 0)
        blockers[0].rollback()
        expect(page.locator("#live-jobs")).to_contain_text("checking and reconciling", timeout=PAGE_TIMEOUT)
        assert bar.get_attribute("value") is None
        blockers[1].rollback()
        done = page.locator("#live-imports tr", has_text=LISTENER)
        expect(done).to_contain_text("promoted", timeout=PAGE_TIMEOUT)
        expect(done).to_contain_text(f"{UNREADABLE + READABLE:,}")
        expect(page.locator(f"tr[data-listener={LISTENER}]")).to_contain_text(str(READABLE))
        expect(bar).to_have_count(0)
        assert page.evaluate("window.wasNotReloaded")
        assert errors == []


def test_without_scripts_link_reloads_page(browser: Browser, address: str, tmp_path: Path) -> None:
    (tmp_path / "no_export.json").write_text('{"theme": "dark"}')
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        upload(page, address, tmp_path / "no_export.json")
        page.get_by_role("link", name="Load this page again").click()
        expect(page.locator("#live-jobs tr[data-status]").first).to_contain_text("import")
