"""Extended exports of any size, made up: ten years of one listener's plays, in the files and with the keys of Spotify's own."""

import json
import random
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

ROWS_PER_FILE = 15_500  # as many as Spotify's files of some 12 MB hold
FIRST_PLAY = datetime(2014, 1, 1, tzinfo=UTC)
ARTISTS, ALBUMS, TRACKS = 6_000, 15_000, 45_000
BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SYLLABLES = ("la", "mé", "no", "rü", "sta", "vi", "ko", "den", "ri", "ña", "tu", "bel", "os", "qua", "fi", "zen")
PLATFORMS = ("android", "ios", "windows", "osx", "not_applicable", "Android OS 9 API 28 (samsung, SM-G960F)")
REASONS = ("trackdone", "fwdbtn", "endplay", "logout", "unexpected-exit-while-paused")
Row = dict[str, Any]


def write_export(folder: Path, rows: int, seed: int = 1) -> list[Path]:
    """Write so many rows as `Streaming_History_Audio_<year>_<n>.json`; returns the files, earliest first."""
    dice = random.Random(seed)  # noqa: S311 - nothing secret is drawn
    folder.mkdir(parents=True, exist_ok=True)
    plays, files = _plays(dice), []
    for number, first in enumerate(range(0, rows, ROWS_PER_FILE)):
        part = [next(plays) for _ in range(min(ROWS_PER_FILE, rows - first))]
        file = folder / f"Streaming_History_Audio_{part[0]['ts'][:4]}_{number}.json"
        file.write_text(json.dumps(part, indent=2, ensure_ascii=False), encoding="utf-8")
        files.append(file)
    return files


def _plays(dice: random.Random) -> Iterator[Row]:
    """Endless plays in order of their end; a track is the more played the smaller its number is."""
    tracks = _tracks(dice)
    odds = list(accumulate(1 / (number + 30) for number in range(TRACKS)))
    now = FIRST_PLAY
    while True:
        is_short = dice.random() < 0.2
        ms_played = dice.randrange(0, 30_000) if is_short else dice.randrange(60_000, 330_000)
        now += timedelta(milliseconds=ms_played, seconds=dice.choice((0, 0, 0, 1, 2, 900)))
        yield _row(dice, now, ms_played, tracks[bisect(odds, dice.random() * odds[-1])])


def _row(dice: random.Random, ended_at: datetime, ms_played: int, track: tuple[str, str, str, str]) -> Row:
    uri, title, artist, album = track
    is_offline, reason = dice.random() < 0.03, dice.choice(REASONS)
    started_at = ended_at - timedelta(milliseconds=ms_played)
    return {
        "ts": f"{ended_at:%Y-%m-%dT%H:%M:%SZ}",
        "platform": dice.choice(PLATFORMS),
        "ms_played": ms_played,
        "conn_country": "ES",
        "ip_addr": "192.0.2.31",
        "master_metadata_track_name": title,
        "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": album,
        "spotify_track_uri": uri,
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "audiobook_title": None,
        "audiobook_uri": None,
        "audiobook_chapter_uri": None,
        "audiobook_chapter_title": None,
        "reason_start": dice.choice(REASONS[:3]),
        "reason_end": reason,
        "shuffle": dice.random() < 0.5,
        "skipped": reason in ("fwdbtn", "endplay"),
        "offline": is_offline,
        "offline_timestamp": int(started_at.timestamp()),
        "incognito_mode": dice.random() < 0.01,
    }


def _tracks(dice: random.Random) -> list[tuple[str, str, str, str]]:
    """(URI, title, artist, album) of every track there is."""
    artists = [_name(dice, 2).title() for _ in range(ARTISTS)]
    albums = [(dice.choice(artists), _name(dice, 3).capitalize()) for _ in range(ALBUMS)]
    tracks = []
    for _ in range(TRACKS):
        artist, album = dice.choice(albums)
        tracks.append((f"spotify:track:{''.join(dice.choices(BASE62, k=22))}", _name(dice, 3), artist, album))
    return tracks


def _name(dice: random.Random, most_words: int) -> str:
    words = dice.randint(1, most_words)
    return " ".join("".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))) for _ in range(words))
