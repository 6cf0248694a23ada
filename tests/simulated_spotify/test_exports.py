"""The export has Spotify's file names, fields, order and irregularities."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from common.exit_codes import ExitCode
from simulated_spotify.exports import FOLDER, main, write_exports
from simulated_spotify.listening.history import Setting

FIELDS = """
    ts platform ms_played conn_country ip_addr master_metadata_track_name master_metadata_album_artist_name
    master_metadata_album_album_name spotify_track_uri episode_name episode_show_name spotify_episode_uri
    audiobook_title audiobook_uri audiobook_chapter_uri audiobook_chapter_title reason_start reason_end shuffle
    skipped offline offline_timestamp incognito_mode
"""


@pytest.fixture(scope="module")
def archives(setting: Setting, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_exports(setting, tmp_path_factory.mktemp("exports"))


@pytest.fixture(scope="module")
def rows(archives: dict[str, Path]) -> dict[str, list[dict[str, object]]]:
    return {listener: [row for part in parts(path).values() for row in part] for listener, path in archives.items()}


def parts(path: Path) -> dict[str, list[dict[str, object]]]:
    with zipfile.ZipFile(path) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def test_each_listener_has_one_archive_of_numbered_files(archives: dict[str, Path]) -> None:
    assert {listener: path.name for listener, path in archives.items()} == dict.fromkeys(
        ("ana", "ben", "chie"), "my_spotify_data.zip"
    )
    named = parts(archives["ana"])
    assert list(named) == [
        f"{FOLDER}/Streaming_History_Audio_2024-2026_0.json",
        f"{FOLDER}/Streaming_History_Audio_2026_1.json",
    ]
    assert len(next(iter(named.values()))) == 15_000


def test_same_clock_gives_same_bytes(setting: Setting, archives: dict[str, Path], tmp_path: Path) -> None:
    again = write_exports(setting, tmp_path)
    for listener, path in archives.items():
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(again[listener].read_bytes()).digest()


def test_rows_have_current_fields_and_are_sorted_by_ts(
    rows: dict[str, list[dict[str, object]]],
) -> None:
    for own in rows.values():
        assert {tuple(row) for row in own} == {tuple(FIELDS.split())}
        assert [row["ts"] for row in own] == sorted(str(row["ts"]) for row in own)


def test_json_is_indented_by_two(archives: dict[str, Path]) -> None:
    with zipfile.ZipFile(archives["chie"]) as archive:
        text = archive.read(archive.namelist()[-1]).decode()
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False)


def test_skipped_depends_on_reason_end(rows: dict[str, list[dict[str, object]]]) -> None:
    for own in rows.values():
        assert all(row["skipped"] == (row["reason_end"] in {"fwdbtn", "backbtn", "endplay"}) for row in own)


def test_row_has_either_track_or_episode(rows: dict[str, list[dict[str, object]]]) -> None:
    for own in rows.values():
        assert all((row["spotify_track_uri"] is None) != (row["spotify_episode_uri"] is None) for row in own)
        assert all((row["spotify_track_uri"] is None) == (row["master_metadata_track_name"] is None) for row in own)


def test_export_contains_exact_duplicates(rows: dict[str, list[dict[str, object]]]) -> None:
    for own in rows.values():
        assert 10 < len(own) - len({json.dumps(row) for row in own}) < 100


def test_late_offline_rows_share_same_ts(rows: dict[str, list[dict[str, object]]]) -> None:
    late = [row["ts"] for row in rows["ben"] if row["offline"]]
    assert len(late) - len(set(late)) > 50


def test_command_describes_listeners_on_its_last_line(
    monkeypatch: pytest.MonkeyPatch, clock_file: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPOTIFY_CLOCK_FILE", str(clock_file))
    done = CliRunner().invoke(main, ["--out", str(tmp_path)])
    assert done.exit_code == 0
    ana = json.loads(done.stdout.splitlines()[-1])[0]
    assert Path(ana.pop("export")).is_file()
    assert ana == {"listener_id": "ana", "display_name": "Ana", "time_zone": "Europe/Madrid", "account": "ana"}


def test_command_names_missing_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SPOTIFY_CLOCK_FILE", raising=False)
    done = CliRunner().invoke(main, ["--out", str(tmp_path)])
    assert done.exit_code == ExitCode.COULD_NOT_RUN
    assert "SPOTIFY_CLOCK_FILE" in done.stderr


def test_command_names_folder_it_cannot_write(
    monkeypatch: pytest.MonkeyPatch, clock_file: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPOTIFY_CLOCK_FILE", str(clock_file))
    (tmp_path / "file").write_text("not a folder")
    done = CliRunner().invoke(main, ["--out", str(tmp_path / "file")])
    assert done.exit_code == ExitCode.COULD_NOT_RUN
    assert str(tmp_path / "file") in done.stderr and "--out" in done.stderr
