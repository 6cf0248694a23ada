"""The simulated time is stored in a file and changes only with the file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.settings import SettingsError, load_settings
from simulated_spotify.clock import ClockError, read_clock
from simulated_spotify.settings import Settings


def test_clock_is_written_on_first_use_and_does_not_advance(tmp_path: Path) -> None:
    path = tmp_path / "not yet" / "now"
    first = read_clock(path)
    assert abs((datetime.now(UTC) - first).total_seconds()) < 60
    assert read_clock(path) == first
    assert [file.name for file in path.parent.iterdir()] == ["now"]


def test_instant_is_converted_to_utc(tmp_path: Path) -> None:
    path = tmp_path / "now"
    path.write_text("2026-11-25T10:00:00+01:00\n")
    assert read_clock(path) == datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize("content", ["", "yesterday", "2026-11-25T10:00:00"])
def test_error_for_invalid_clock_shows_an_example(tmp_path: Path, content: str) -> None:
    path = tmp_path / "now"
    path.write_text(content)
    with pytest.raises(ClockError, match="2026-11-25T09:00:00Z"):
        read_clock(path)


def test_error_names_missing_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPOTIFY_CLOCK_FILE", raising=False)
    with pytest.raises(SettingsError, match="SPOTIFY_CLOCK_FILE"):
        load_settings(Settings)
