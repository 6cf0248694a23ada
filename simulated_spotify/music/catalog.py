"""The generated music: 60 artists, 150 albums and about 1,500 tracks."""

from dataclasses import dataclass, replace
from functools import lru_cache

from simulated_spotify.music import words
from simulated_spotify.music.dice import Dice, digest
from simulated_spotify.music.items import Album, Artist, Catalog, Episode, Track, spotify_id

ARTIST_COUNT = 60
LATEST_DEBUT = 2023
LATEST_RELEASE = 2026
ARTIST_WITHOUT_IMAGE = 7  # Some artists at Spotify have no image.
ARTIST_WITH_YEAR_ONLY = 11  # The release date of this artist's first album is just '1975'.
FEATURED_SHARE = 0.15
EPISODES_PER_SHOW = 40


@dataclass(frozen=True)
class ReleaseKind:
    """A kind of release: Spotify's album type and the number of tracks."""

    album_type: str
    fewest: int
    most: int


LONG_PLAYER, SINGLE, EXTENDED_PLAY = (
    ReleaseKind("album", 7, 14),
    ReleaseKind("single", 1, 2),
    ReleaseKind("single", 4, 6),
)
DOUBLE, BEST_OF = ReleaseKind("album", 18, 18), ReleaseKind("compilation", 14, 18)
CAREERS = (
    (LONG_PLAYER, LONG_PLAYER),
    (LONG_PLAYER, LONG_PLAYER, SINGLE),
    (LONG_PLAYER, EXTENDED_PLAY),
    (LONG_PLAYER, LONG_PLAYER, LONG_PLAYER),
    (LONG_PLAYER, DOUBLE),
    (LONG_PLAYER, LONG_PLAYER, BEST_OF),
)


@lru_cache(maxsize=4)
def catalog_of(seed: str) -> Catalog:
    """Return the catalog of a seed, generated once per process."""
    artists = _artists(seed)
    albums = [album for number in range(ARTIST_COUNT) for album in _discography(seed, number, artists)]
    return Catalog(
        artists={artist.id: artist for artist in artists},
        albums={album.id: album for album in albums},
        tracks={track.id: track for album in albums for track in album.tracks},
        episodes={episode.id: episode for episode in _episodes(seed)},
    )


def image_name(*key: object) -> str:
    """Return 40 hex digits, the format of Spotify's image names."""
    return digest("image", *key).hex()[:40]


def _artists(seed: str) -> list[Artist]:
    dice, names = Dice(seed, "artists"), dict[str, None]()
    while len(names) < ARTIST_COUNT:
        names[_artist_name(dice)] = None
    artists = []
    for number, name in enumerate(names):
        popularity = dice.between(8, 92)
        image = None if number == ARTIST_WITHOUT_IMAGE else image_name(seed, "artist", number)
        followers = popularity * popularity * dice.between(40, 900)
        genres = dice.pick(words.GENRES)
        artists.append(Artist(spotify_id(seed, "artist", number), name, genres, popularity, followers, image))
    return artists


def _artist_name(dice: Dice) -> str:
    if dice.chance(0.45):
        return f"{dice.pick(words.GIVEN)} {dice.pick(words.FAMILY)}"
    band = f"{dice.pick(words.COLOURS)} {dice.pick(words.BANDS)}"
    return f"The {band}" if dice.chance(0.35) else band


def _discography(seed: str, number: int, artists: list[Artist]) -> list[Album]:
    """Return an artist's releases in order. Compilations and singles repeat earlier tracks under new ids."""
    dice = Dice(seed, "discography", number)
    career = CAREERS[number % len(CAREERS)]
    debut = max(dice.between(1966, LATEST_DEBUT), dice.between(1966, LATEST_DEBUT))
    year = 1975 if number == ARTIST_WITH_YEAR_ONLY else debut
    titles, albums = dict[str, None](), list[Album]()
    for place, kind in enumerate(career):
        day = "1975" if number == ARTIST_WITH_YEAR_ONLY and place == 0 else _release_date(dice, year)
        key = (seed, number, place)
        albums.append(_album(dice, key, kind, day, titles, albums, artists))
        year = min(LATEST_RELEASE, year + dice.between(1, 4))
    return albums


def _release_date(dice: Dice, year: int) -> str:
    """Return a date in the year, some only as year or month."""
    precision = dice.unit()
    if precision < 0.08:
        return str(year)
    month = f"{year}-{dice.between(1, 12):02}"
    return month if precision < 0.14 else f"{month}-{dice.between(1, 28):02}"


def _album(
    dice: Dice,
    key: tuple[str, int, int],
    kind: ReleaseKind,
    day: str,
    titles: dict[str, None],
    earlier: list[Album],
    artists: list[Artist],
) -> Album:
    seed, number, place = key
    artist, album_id = artists[number], spotify_id(seed, "album", number, place)
    count = dice.between(kind.fewest, kind.most)
    known = dice.shuffled([track for album in earlier for track in album.tracks])
    reissued = known[:count] if kind is BEST_OF else known[:1] if kind is SINGLE else []
    tracks = []
    for at in range(count):
        own = reissued[at] if at < len(reissued) else _track(dice, artist, titles, artists, day)
        disc, on_disc = divmod(at, 9) if kind is DOUBLE else (0, at)
        tracks.append(
            replace(
                own,
                id=spotify_id(seed, "track", number, place, at),
                album_id=album_id,
                track_number=on_disc + 1,
                disc_number=disc + 1,
            )
        )
    return Album(
        id=album_id,
        title=_album_title(dice, kind, artist, tracks, {album.title for album in earlier}),
        artist_id=artist.id,
        album_type=kind.album_type,
        release_date=day,
        label=dice.pick(words.LABELS),
        popularity=max(0, artist.popularity - dice.between(0, 20)),
        upc=f"2{dice.between(0, 10**11 - 1):011}",
        image=image_name(seed, "album", number, place),
        tracks=tuple(tracks),
    )


def _album_title(dice: Dice, kind: ReleaseKind, artist: Artist, tracks: list[Track], earlier: set[str]) -> str:
    if kind is BEST_OF:
        return f"The Best of {artist.name}"
    if kind is SINGLE:
        return tracks[0].title
    noun = dice.pick(words.NOUNS)
    title = f"{dice.pick(words.ADJECTIVES)} {noun}" if dice.chance(0.6) or noun in earlier else noun
    return f"{title} - EP" if kind is EXTENDED_PLAY else title


def _track(dice: Dice, artist: Artist, titles: dict[str, None], artists: list[Artist], day: str) -> Track:
    title = _track_title(dice)
    while title in titles:
        title = _track_title(dice)
    titles[title] = None
    credited = [artist.id]
    if dice.chance(FEATURED_SHARE):
        guests = [other for other in artists if other.id != artist.id]
        credited += [guest.id for guest in dice.shuffled(guests)[: dice.between(1, 2)]]
    return Track(
        id="",
        title=title,
        album_id="",
        artist_ids=tuple(credited),
        duration_ms=_duration(dice),
        explicit=dice.chance(0.3 if "hip hop" in artist.genres else 0.08),
        popularity=min(100, max(0, artist.popularity + dice.between(-35, 12))),
        isrc=f"ZZSIM{day[2:4]}{dice.between(0, 99999):05}",  # ZZ is not a country code, so the ISRC is not in use
        track_number=0,
        disc_number=0,
    )


def _track_title(dice: Dice) -> str:
    """Return a title from one of six patterns."""
    noun, adjective = dice.pick(words.NOUNS), dice.pick(words.ADJECTIVES)
    verb, place, tail = dice.pick(words.VERBS), dice.pick(words.PLACES), dice.pick(words.TAILS)
    patterns = (
        f"{adjective} {noun}",
        noun,
        f"{verb} the {noun}",
        f"{noun} in {place}",
        f"{adjective} {noun} {tail}",
        f"{verb} Me {tail}",
    )
    return dice.pick(patterns)


def _duration(dice: Dice) -> int:
    """Return a duration in milliseconds: mostly 2 to 6 minutes, sometimes about 1 minute or 7 to 12 minutes."""
    kind = dice.unit()
    if kind < 0.03:
        return dice.between(45_000, 95_000)
    if kind < 0.06:
        return dice.between(420_000, 720_000)
    return int(dice.around(226_000, 110_000))


def _episodes(seed: str) -> list[Episode]:
    dice, episodes = Dice(seed, "episodes"), list[Episode]()
    for show in words.SHOWS:
        for number in range(1, EPISODES_PER_SHOW + 1):
            title = f"{number}. {dice.pick(words.ADJECTIVES)} {dice.pick(words.NOUNS)}"
            length = dice.between(18 * 60_000, 75 * 60_000)
            episodes.append(Episode(spotify_id(seed, "episode", show, number), title, show, length))
    return episodes
