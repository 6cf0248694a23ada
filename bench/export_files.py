"""Generate extended exports of any size: ten years of one listener's plays, in files named and structured like Spotify's."""

import json
import random
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

ROWS_PER_FILE = 15_500  # as in Spotify's files, which are about 12 MB each
FIRST_PLAY = datetime(2014, 1, 1, tzinfo=UTC)
ARTISTS, ALBUMS, TRACKS = 6_000, 15_000, 45_000
BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
SYLLABLES = ("la", "mé", "no", "rü", "sta", "vi", "ko", "den", "ri", "ña", "tu", "bel", "os", "qua", "fi", "zen")
PLATFORMS = ("android", "ios", "windows", "osx", "not_applicable", "Android OS 9 API 28 (samsung, SM-G960F)")
REASONS = ("trackdone", "fwdbtn", "endplay", "logout", "unexpected-exit-while-paused")
Row = dict[str, Any]


def write_export(folder: Path, rows: int, seed: int = 1) -> list[Path]:
    """Write this many rows as `Streaming_History_Audio_<year>_<n>.json`, and return the files, earliest first."""
    rng = random.Random(seed)  # noqa: S311 - not used for secrets
    folder.mkdir(parents=True, exist_ok=True)
    plays, files = _plays(rng), []
    for number, first in enumerate(range(0, rows, ROWS_PER_FILE)):
        part = [next(plays) for _ in range(min(ROWS_PER_FILE, rows - first))]
        file = folder / f"Streaming_History_Audio_{part[0]['ts'][:4]}_{number}.json"
        file.write_text(json.dumps(part, indent=2, ensure_ascii=False), encoding="utf-8")
        files.append(file)
    return files


def _plays(rng: random.Random) -> Iterator[Row]:
    """Yield plays in order of their end, without limit. Tracks with smaller numbers are played more often."""
    tracks = _tracks(rng)
    weights = list(accumulate(1 / (number + 30) for number in range(TRACKS)))
    now = FIRST_PLAY
    while True:
        is_short = rng.random() < 0.2
        ms_played = rng.randrange(0, 30_000) if is_short else rng.randrange(60_000, 330_000)
        now += timedelta(milliseconds=ms_played, seconds=rng.choice((0, 0, 0, 1, 2, 900)))
        yield _row(rng, now, ms_played, tracks[bisect(weights, rng.random() * weights[-1])])


def _row(rng: random.Random, ended_at: datetime, ms_played: int, track: tuple[str, str, str, str]) -> Row:
    uri, title, artist, album = track
    is_offline, reason = rng.random() < 0.03, rng.choice(REASONS)
    started_at = ended_at - timedelta(milliseconds=ms_played)
    return {
        "ts": f"{ended_at:%Y-%m-%dT%H:%M:%SZ}",
        "platform": rng.choice(PLATFORMS),
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
        "reason_start": rng.choice(REASONS[:3]),
        "reason_end": reason,
        "shuffle": rng.random() < 0.5,
        "skipped": reason in ("fwdbtn", "endplay"),
        "offline": is_offline,
        "offline_timestamp": int(started_at.timestamp()),
        "incognito_mode": rng.random() < 0.01,
    }


def _tracks(rng: random.Random) -> list[tuple[str, str, str, str]]:
    """Return (URI, title, artist, album) of every track."""
    artists = [_name(rng, 2).title() for _ in range(ARTISTS)]
    albums = [(rng.choice(artists), _name(rng, 3).capitalize()) for _ in range(ALBUMS)]
    tracks = []
    for _ in range(TRACKS):
        artist, album = rng.choice(albums)
        tracks.append((f"spotify:track:{''.join(rng.choices(BASE62, k=22))}", _name(rng, 3), artist, album))
    return tracks


def _name(rng: random.Random, max_words: int) -> str:
    words = rng.randint(1, max_words)
    return " ".join("".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(words))
