"""Whom a listener likes, and how that changes: by season, by month, by discovery.

Everything depends on the calendar and on nothing that came before, so that one day can be made up alone.
"""

from datetime import date
from functools import lru_cache

from simulated_spotify.catalog import catalog_of
from simulated_spotify.dice import Dice, Weighted
from simulated_spotify.music import Album, Track

OLD_FAVOURITES = 14  # artists known from the start; the others are discovered, month by month
CYCLE = 48  # months until the discoveries begin anew: longer than a history, so that there is always one to make
NOVELTY = (3.0, 2.0, 1.4, 1.0, 0.7, 0.5, 0.35, 0.25, 0.2, 0.15)  # weight by months since the discovery
STAYING = 0.3  # the weight after that of those that stay, ...
STAYS = 0.2  # ... and their part
SEASONAL = (0.3, 1.0, 1.0, 2.4)
PLAYED_THROUGH_ABOVE = 0.6  # of the liking of albums, 0 to 1
SPELL = 12  # days: each spell has one artist that is heard on several days running


class Taste:
    """One listener's likings over one catalog."""

    def __init__(self, seed: str, listener_id: str) -> None:
        self.seed, self.listener_id, self.catalog = seed, listener_id, catalog_of(seed)
        dice = Dice(seed, "taste", listener_id)
        self.ranked = dice.shuffled(list(self.catalog.artists))
        self.albums = {artist: self.catalog.albums_of(artist) for artist in self.ranked}
        self.tracks = {artist: self._liked_tracks(artist) for artist in self.ranked}
        self.episodes = list(self.catalog.episodes.values())
        self.album_liking = {album: dice.unit() for album in self.catalog.albums}
        self._months: dict[tuple[int, int], Weighted[str]] = {}

    def _liked_tracks(self, artist: str) -> Weighted[Track]:
        """A few tracks liked much and many liked little; least of all the second issue of an earlier track."""
        dice = Dice(self.seed, "tracks", self.listener_id, artist)
        seen, tracks, weights = set[str](), [], []
        for album in self.albums[artist]:
            for track in album.tracks:
                liking = dice.unit()
                tracks.append(track)
                weights.append((0.004 + liking * liking * liking * liking) * (0.2 if track.title in seen else 1.0))
                seen.add(track.title)
        return Weighted(tracks, weights)

    def artists(self, day: date) -> Weighted[str]:
        """The artists of the day's month with their weights."""
        month = (day.year, day.month)
        if month not in self._months:
            weights = [self._weight(rank, artist, *month) for rank, artist in enumerate(self.ranked)]
            self._months[month] = Weighted(self.ranked, weights)
        return self._months[month]

    def _weight(self, rank: int, artist: str, year: int, month: int) -> float:
        season = Dice(self.seed, "season", self.listener_id, artist, month % 12 // 3).pick(SEASONAL)
        wobble = 0.5 + Dice(self.seed, "month", self.listener_id, artist, year, month).unit()
        if rank < OLD_FAVOURITES:
            return season * wobble * 6.0 / (rank + 2)
        age = self.months_known(rank, year, month)
        if age < 0:
            return 0.0
        if age < len(NOVELTY):
            return wobble * NOVELTY[age]
        return wobble * STAYING if Dice(self.seed, "stays", self.listener_id, artist).chance(STAYS) else 0.0

    def months_known(self, rank: int, year: int, month: int) -> int:
        """Months since this discovery; negative while it lies ahead."""
        discovered = (rank - OLD_FAVOURITES) * CYCLE // (len(self.ranked) - OLD_FAVOURITES)
        return (year * 12 + month) % CYCLE - discovered

    def discoveries(self, day: date) -> list[str]:
        """The artists first met in the day's month."""
        later = range(OLD_FAVOURITES, len(self.ranked))
        return [self.ranked[rank] for rank in later if self.months_known(rank, day.year, day.month) == 0]

    def obsession(self, day: date) -> str | None:
        """The artist of the current spell, heard on each of its first days."""
        spell, within = divmod(day.toordinal(), SPELL)
        dice = Dice(self.seed, "spell", self.listener_id, spell)
        lasts = dice.between(2, SPELL - 1)
        artist = dice.draw(self.artists(date.fromordinal(spell * SPELL)))
        return artist if within < lasts else None

    def track(self, dice: Dice, artist: str, day: date) -> Track | None:
        """A track of the artist that is out by then; None when there is none."""
        for _ in range(6):
            track = dice.draw(self.tracks[artist])
            if self.catalog.albums[track.album_id].released_on < day:
                return track
        return None

    def album(self, dice: Dice, artist: str, day: date) -> Album | None:
        """An album of the artist that is liked enough to be played through; None when none such is out."""
        liked = [album for album in self.albums[artist] if self.album_liking[album.id] > PLAYED_THROUGH_ABOVE]
        out = [album for album in liked if album.released_on < day and len(album.tracks) > 3]
        return dice.pick(out) if out else None


@lru_cache(maxsize=8)
def taste_of(seed: str, listener_id: str) -> Taste:
    return Taste(seed, listener_id)
