"""A play with everything that the simulator knows, more than the Web API or the export contains."""

from dataclasses import dataclass

LISTED_AFTER_MS = 30_000  # the Web API lists only longer plays
SKIP_REASONS = frozenset({"fwdbtn", "backbtn", "endplay"})


@dataclass(frozen=True, slots=True)
class Play:
    """One play of one track or episode by one listener. Instants are milliseconds since 1970, UTC."""

    started_at: int
    ended_at: int
    ms_played: int  # shorter than the interval if the listener paused
    track_id: str | None
    episode_id: str | None
    context_uri: str | None
    reason_start: str
    reason_end: str
    shuffle: bool
    offline: bool
    is_private: bool
    platform: str
    country: str
    received_at: int  # when Spotify received the play; after ended_at for late uploads
    copies: int  # number of rows in the export, which can contain exact duplicates

    @property
    def skipped(self) -> bool:
        return self.reason_end in SKIP_REASONS

    @property
    def is_listed(self) -> bool:
        """Return whether recently-played can list the play: not an episode, not private, not too short."""
        return self.track_id is not None and not self.is_private and self.ms_played > LISTED_AFTER_MS
