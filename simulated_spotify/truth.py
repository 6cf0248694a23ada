"""Print the figures that a warehouse must find, as one line of JSON: `python -m simulated_spotify.truth`.

The figures describe one import of a listener's export and one poll, by the data contract's definitions. They are
counted from the simulator's own plays, without any matching and without any code of the warehouse, so that tests can
compare the two. Artists and albums are those of Spotify, as after enrichment.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from operator import itemgetter
from typing import Any

import click

from common.exit_codes import exit_on_error
from common.settings import SettingsError, load_settings
from simulated_spotify.clock import ClockError, instant
from simulated_spotify.listening.history import Setting, exported, recently_played
from simulated_spotify.listening.listeners import LISTENERS
from simulated_spotify.listening.plays import Play
from simulated_spotify.music.catalog import catalog_of
from simulated_spotify.music.items import Catalog
from simulated_spotify.settings import Settings

COUNTED_FROM_MS = 30_000


@dataclass(frozen=True)
class ExpectedPlay:
    """A play that must be in the warehouse once, with the end that the warehouse can know."""

    ended_at: int  # milliseconds since 1970
    play: Play
    played_on: date

    @property
    def is_counted(self) -> bool:
        play = self.play
        return play.track_id is not None and not play.is_private and play.ms_played >= COUNTED_FROM_MS


def truth_of(setting: Setting, listener_id: str) -> dict[str, Any]:
    """Return the figures of one listener."""
    in_export = list(exported(setting, listener_id))
    shown = recently_played(setting, listener_id)
    known = set(in_export)
    newer = [play for play in shown if play not in known]
    expected = _expected_plays(listener_id, in_export, newer)
    counted = [one for one in expected if one.is_counted]
    rows = sum(play.copies for play in in_export)
    return {
        "time_zone": LISTENERS[listener_id].time_zone,
        "export_rows": rows,
        "export_repeated_rows": rows - len({_identity(play) for play in in_export}),
        "api_plays": len(shown),
        "api_plays_in_export": len(shown) - len(newer),
        "plays": len(expected),
        "counted_plays": len(counted),
        **_summary(catalog_of(setting.seed), counted),
    }


def end_in_export(play: Play) -> int:
    """Return the end of a play in milliseconds as the export shows it.

    For online plays that is `ts`, in whole seconds. For offline plays it is the start plus the time played.
    """
    return play.started_at // 1000 * 1000 + play.ms_played if play.offline else play.received_at // 1000 * 1000


def _identity(play: Play) -> tuple[int, str | None, int]:
    return end_in_export(play), play.track_id or play.episode_id, play.ms_played


def _expected_plays(listener_id: str, in_export: Iterable[Play], newer: Iterable[Play]) -> list[ExpectedPlay]:
    """Return the distinct plays of the export and the newer plays of the Web API, ordered by their end."""
    zone = LISTENERS[listener_id].zone
    ends = {_identity(play): (end_in_export(play), play) for play in in_export}
    merged = sorted([*ends.values(), *((play.ended_at, play) for play in newer)], key=itemgetter(0))
    return [ExpectedPlay(end, play, datetime.fromtimestamp(end // 1000, zone).date()) for end, play in merged]


def _summary(catalog: Catalog, counted: list[ExpectedPlay]) -> dict[str, Any]:
    if not counted:
        return {}
    tracks = [catalog.tracks[one.play.track_id or ""] for one in counted]
    artist_days, album_tracks = defaultdict[str, set[date]](set), defaultdict[str, set[str]](set)
    for one, track in zip(counted, tracks, strict=True):
        artist_days[track.artist_ids[0]].add(one.played_on)
        album_tracks[track.album_id].add(track.id)
    complete = [album for album, heard in album_tracks.items() if len(heard) == len(catalog.albums[album].tracks)]
    days = {one.played_on for one in counted}
    return {
        "first_played_at": instant(counted[0].ended_at),
        "last_played_at": instant(counted[-1].ended_at),
        "day_count": len(days),
        "track_count": len({track.id for track in tracks}),
        "artist_count": len(artist_days),
        "album_count": len(album_tracks),
        "completed_album_count": len(complete),
        "longest_streak_days": longest_run(days),
        "artist_streak_count": sum(sum(run > 1 for run in runs(days)) for days in artist_days.values()),
        "longest_artist_streak_days": max(longest_run(days) for days in artist_days.values()),
    }


def runs(days: Iterable[date]) -> list[int]:
    """Return the lengths of the runs of consecutive days."""
    lengths, previous = list[int](), None
    for day in sorted(set(days)):
        if previous and day - previous == timedelta(days=1):
            lengths[-1] += 1
        else:
            lengths.append(1)
        previous = day
    return lengths


def longest_run(days: Iterable[date]) -> int:
    return max(runs(days), default=0)


@click.command()
def main() -> None:
    """Print the expected figures of every listener as one line of JSON."""
    with exit_on_error(partial(click.echo, err=True), SettingsError, ClockError):
        setting = load_settings(Settings).setting()
        click.echo(json.dumps({listener_id: truth_of(setting, listener_id) for listener_id in LISTENERS}))


if __name__ == "__main__":
    main()
