"""The content of a session: the tracks or episodes to play, in order."""

from dataclasses import dataclass
from datetime import date

from simulated_spotify.listening.listeners import Listener, Slot
from simulated_spotify.listening.taste import Taste
from simulated_spotify.music.dice import Dice, Weighted
from simulated_spotify.music.items import Episode, Track, spotify_id

STOPPED_EARLY_SHARE = 0.25  # of the albums are not played to the end
PLAYLIST_COUNT = 12  # per listener


@dataclass(frozen=True, slots=True)
class Turn:
    """One track or episode to play, and the album, artist or playlist it is played from."""

    item: Track | Episode
    context_uri: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """The turns of a session, and how they are played."""

    turns: tuple[Turn, ...]
    skips: float  # the probability that a play is skipped
    shuffle: bool


def session(dice: Dice, who: Listener, taste: Taste, slot: Slot, day: date) -> Session:
    """Return a session for the slot. Fall back to a mix if the style finds no released album or discovery."""
    styles, weights = zip(*slot.styles, strict=True)
    style, count = dice.draw(Weighted(styles, weights)), dice.between(slot.fewest, slot.most)
    artist = taste.obsession(day) or dice.draw(taste.artists(day))
    if style == "podcast":
        return _podcast(dice, taste, count)
    if style == "album":
        album = _album(dice, taste, artist if dice.chance(0.5) else dice.draw(taste.artists(day)), day)
        if album:
            return album
    if style == "artist":
        return _of_artists(dice, taste, [artist], day, count, f"spotify:artist:{artist}")
    found = taste.discoveries(day)
    if style == "discover" and found:
        return _of_artists(dice, taste, found, day, min(count, 8), None)
    return _mix(dice, who, taste, day, count)


def obsession_turn(dice: Dice, taste: Taste, day: date) -> Turn | None:
    """Return a track by the artist of the current obsession, if any, to start the day with: it creates streaks."""
    artist = taste.obsession(day)
    track = taste.track(dice, artist, day) if artist else None
    return Turn(track, f"spotify:artist:{artist}") if track else None


def _album(dice: Dice, taste: Taste, artist: str, day: date) -> Session | None:
    album = taste.album(dice, artist, day)
    if album is None:
        return None
    heard = dice.between(2, len(album.tracks) - 1) if dice.chance(STOPPED_EARLY_SHARE) else len(album.tracks)
    turns = tuple(Turn(track, f"spotify:album:{album.id}") for track in album.tracks[:heard])
    return Session(turns, skips=0.02, shuffle=False)


def _of_artists(dice: Dice, taste: Taste, artists: list[str], day: date, count: int, context: str | None) -> Session:
    picked = [taste.track(dice, dice.pick(artists), day) for _ in range(count)]
    return Session(tuple(Turn(track, context) for track in _without_repeats(picked)), skips=0.08, shuffle=False)


def _mix(dice: Dice, who: Listener, taste: Taste, day: date, count: int) -> Session:
    number = dice.between(0, PLAYLIST_COUNT)
    playlist = f"spotify:playlist:{spotify_id(taste.seed, 'playlist', who.id, number)}"
    context = None if number == PLAYLIST_COUNT else playlist
    artists = taste.artists(day)
    picked = [taste.track(dice, dice.draw(artists), day) for _ in range(count)]
    turns = tuple(Turn(track, context) for track in _without_repeats(picked))
    return Session(turns, skips=who.skips, shuffle=dice.chance(who.shuffles))


def _podcast(dice: Dice, taste: Taste, count: int) -> Session:
    episodes = [dice.pick(taste.episodes) for _ in range(1 + (count > 8))]
    return Session(tuple(Turn(episode, None) for episode in episodes), skips=0.25, shuffle=False)


def _without_repeats(tracks: list[Track | None]) -> list[Track]:
    """Return the tracks without missing ones and without consecutive repeats of a title."""
    kept: list[Track] = []
    for track in tracks:
        if track and not (kept and kept[-1].title == track.title):
            kept.append(track)
    return kept
