"""The types of the catalog: artists, albums, tracks and podcast episodes."""

from dataclasses import dataclass
from datetime import date

from simulated_spotify.music.dice import digest

BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ID_LENGTH = 22


@dataclass(frozen=True, slots=True)
class Artist:
    id: str
    name: str
    genres: tuple[str, ...]
    popularity: int
    followers: int
    image: str | None


@dataclass(frozen=True, slots=True)
class Track:
    id: str
    title: str
    album_id: str
    artist_ids: tuple[str, ...]
    duration_ms: int
    explicit: bool
    popularity: int
    isrc: str
    track_number: int
    disc_number: int


@dataclass(frozen=True, slots=True)
class Album:
    id: str
    title: str
    artist_id: str
    album_type: str
    release_date: str  # '1975', '1981-12' or '1999-02-05', depending on the precision
    label: str
    popularity: int
    upc: str
    image: str
    tracks: tuple[Track, ...]

    @property
    def release_precision(self) -> str:
        return ("year", "month", "day")[self.release_date.count("-")]

    @property
    def released_on(self) -> date:
        """Return the first day of the release year, month or day."""
        year, month, day = [*self.release_date.split("-"), "1", "1"][:3]
        return date(int(year), int(month), int(day))


@dataclass(frozen=True, slots=True)
class Episode:
    id: str
    title: str
    show: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Catalog:
    artists: dict[str, Artist]
    albums: dict[str, Album]
    tracks: dict[str, Track]
    episodes: dict[str, Episode]

    def albums_of(self, artist_id: str) -> list[Album]:
        return [album for album in self.albums.values() if album.artist_id == artist_id]


def spotify_id(*key: object) -> str:
    """Return an id in Spotify's format: 128 bits as 22 base-62 digits."""
    number, digits = int.from_bytes(digest("id", *key)[:16], "big"), ""
    for _ in range(ID_LENGTH):
        number, digit = divmod(number, len(BASE62))
        digits = BASE62[digit] + digits
    return digits
