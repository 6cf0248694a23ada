"""The rows of the extended export, with the fields and field order of the current export format."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from simulated_spotify.listening.history import Setting, exported
from simulated_spotify.listening.listeners import LISTENERS, Listener
from simulated_spotify.listening.plays import Play
from simulated_spotify.music.catalog import catalog_of
from simulated_spotify.music.items import Catalog

Row = dict[str, Any]


def rows_of(setting: Setting, listener_id: str) -> Iterator[Row]:
    """Yield the rows of a listener's export in the order of `ts`, including exact duplicates."""
    catalog, who = catalog_of(setting.seed), LISTENERS[listener_id]
    plays = list(exported(setting, listener_id))
    plays.sort(key=lambda play: play.received_at // 1000)  # stable: late uploads share a second
    for play in plays:
        row = export_row(catalog, who, play)
        for _ in range(play.copies):
            yield row


def export_row(catalog: Catalog, who: Listener, play: Play) -> Row:
    """Return one row. `ts` is when Spotify received the play; `offline_timestamp` is its start by the device's clock."""
    received = datetime.fromtimestamp(play.received_at // 1000, UTC)
    return {
        "ts": f"{received:%Y-%m-%dT%H:%M:%SZ}",
        "platform": play.platform,
        "ms_played": play.ms_played,
        "conn_country": play.country,
        "ip_addr": who.ip_address,
        **_names(catalog, play),
        "audiobook_title": None,
        "audiobook_uri": None,
        "audiobook_chapter_uri": None,
        "audiobook_chapter_title": None,
        "reason_start": play.reason_start,
        "reason_end": play.reason_end,
        "shuffle": play.shuffle,
        "skipped": play.skipped,
        "offline": play.offline,
        "offline_timestamp": play.started_at // 1000,
        "incognito_mode": play.is_private,
    }


def _names(catalog: Catalog, play: Play) -> Row:
    track = catalog.tracks[play.track_id] if play.track_id else None
    album = catalog.albums[track.album_id] if track else None
    episode = catalog.episodes[play.episode_id] if play.episode_id else None
    return {
        "master_metadata_track_name": track.title if track else None,
        "master_metadata_album_artist_name": catalog.artists[album.artist_id].name if album else None,
        "master_metadata_album_album_name": album.title if album else None,
        "spotify_track_uri": f"spotify:track:{track.id}" if track else None,
        "episode_name": episode.title if episode else None,
        "episode_show_name": episode.show if episode else None,
        "spotify_episode_uri": f"spotify:episode:{episode.id}" if episode else None,
    }
