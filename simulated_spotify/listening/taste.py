"""Which artists, albums and tracks a listener likes, and how that changes by season, month and discovery.

All values depend only on the calendar, never on earlier plays, so each day can be generated independently.
"""

from datetime import date
from functools import lru_cache

from simulated_spotify.music.catalog import catalog_of
from simulated_spotify.music.dice import Dice, Weighted
from simulated_spotify.music.items import Album, Track

OLD_FAVOURITES = 14  # artists known from the start; the listener discovers the others month by month
DISCOVERY_CYCLE = 48  # months until discoveries repeat: longer than a history, so new artists appear in every month
NOVELTY_WEIGHTS = (3.0, 2.0, 1.4, 1.0, 0.7, 0.5, 0.35, 0.25, 0.2, 0.15)  # weight by months since the discovery
LASTING_WEIGHT = 0.3  # later weight of the discoveries that the listener keeps playing
LASTING_SHARE = 0.2  # of the discoveries
SEASON_WEIGHTS = (0.3, 1.0, 1.0, 2.4)
WHOLE_ALBUM_LIKING = 0.6  # the listener plays whole albums that they like more than this (0 to 1)
OBSESSION_PERIOD = 12  # days: in each period the listener plays one artist on several consecutive days


class Taste:
    """How much one listener likes the artists, albums and tracks of a catalog."""

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
        """Return an artist's tracks with weights: high for a few, low for most, and lower for reissued tracks."""
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
        """Return the artists with their weights in the month of the day."""
        month = (day.year, day.month)
        if month not in self._months:
            weights = [self._weight(rank, artist, *month) for rank, artist in enumerate(self.ranked)]
            self._months[month] = Weighted(self.ranked, weights)
        return self._months[month]

    def _weight(self, rank: int, artist: str, year: int, month: int) -> float:
        season = Dice(self.seed, "season", self.listener_id, artist, month % 12 // 3).pick(SEASON_WEIGHTS)
        variation = 0.5 + Dice(self.seed, "month", self.listener_id, artist, year, month).unit()
        if rank < OLD_FAVOURITES:
            return season * variation * 6.0 / (rank + 2)
        age = self.months_known(rank, year, month)
        if age < 0:
            return 0.0
        if age < len(NOVELTY_WEIGHTS):
            return variation * NOVELTY_WEIGHTS[age]
        return (
            variation * LASTING_WEIGHT
            if Dice(self.seed, "stays", self.listener_id, artist).chance(LASTING_SHARE)
            else 0.0
        )

    def months_known(self, rank: int, year: int, month: int) -> int:
        """Return the months since the listener discovered the artist; negative before the discovery."""
        discovered = (rank - OLD_FAVOURITES) * DISCOVERY_CYCLE // (len(self.ranked) - OLD_FAVOURITES)
        return (year * 12 + month) % DISCOVERY_CYCLE - discovered

    def discoveries(self, day: date) -> list[str]:
        """Return the artists that the listener discovers in the month of the day."""
        later = range(OLD_FAVOURITES, len(self.ranked))
        return [self.ranked[rank] for rank in later if self.months_known(rank, day.year, day.month) == 0]

    def obsession(self, day: date) -> str | None:
        """Return the artist of the current obsession, or None after its last day."""
        period, day_of_period = divmod(day.toordinal(), OBSESSION_PERIOD)
        dice = Dice(self.seed, "spell", self.listener_id, period)
        length = dice.between(2, OBSESSION_PERIOD - 1)
        artist = dice.draw(self.artists(date.fromordinal(period * OBSESSION_PERIOD)))
        return artist if day_of_period < length else None

    def track(self, dice: Dice, artist: str, day: date) -> Track | None:
        """Return a track of the artist released before the day, or None if six draws find none."""
        for _ in range(6):
            track = dice.draw(self.tracks[artist])
            if self.catalog.albums[track.album_id].released_on < day:
                return track
        return None

    def album(self, dice: Dice, artist: str, day: date) -> Album | None:
        """Return a released album of the artist that the listener likes enough to play completely, or None."""
        liked = [album for album in self.albums[artist] if self.album_liking[album.id] > WHOLE_ALBUM_LIKING]
        released = [album for album in liked if album.released_on < day and len(album.tracks) > 3]
        return dice.pick(released) if released else None


@lru_cache(maxsize=8)
def taste_of(seed: str, listener_id: str) -> Taste:
    return Taste(seed, listener_id)
