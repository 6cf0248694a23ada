"""A play as the simulated Spotify knows it: more than it tells by either of its two doors."""

from dataclasses import dataclass

COUNTS_AFTER_MS = 30_000  # the Web API lists a play only when more than this was heard
SKIPPING_ENDS = frozenset({"fwdbtn", "backbtn", "endplay"})


@dataclass(frozen=True, slots=True)
class Play:
    """One time one listener heard one thing. Instants are milliseconds since 1970, UTC."""

    started_at: int
    ended_at: int
    ms_played: int  # less than the span when the listener paused
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
    received_at: int  # when Spotify learned of it: later than ended_at for late uploads
    copies: int  # rows in the export: exact duplicates do occur there

    @property
    def skipped(self) -> bool:
        return self.reason_end in SKIPPING_ENDS

    @property
    def is_listed(self) -> bool:
        """Whether recently-played shows it: no episodes, nothing private, nothing short."""
        return self.track_id is not None and not self.is_private and self.ms_played > COUNTS_AFTER_MS
