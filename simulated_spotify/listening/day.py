"""The plays of one listener on one local day, generated only from the seed and the date."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from simulated_spotify.listening.listeners import LISTENERS, Listener, Slot
from simulated_spotify.listening.plays import Play
from simulated_spotify.listening.sessions import Session, Turn, obsession_turn, session
from simulated_spotify.listening.taste import taste_of
from simulated_spotify.music.dice import Dice
from simulated_spotify.music.items import Episode

MINUTE = 60_000  # milliseconds
PRIVATE_SHARE = 0.02  # of all sessions
OFFLINE_SHARE = 0.08  # of the sessions that may be offline
DUPLICATE_SHARE = 0.002  # of the plays
BREAK_SHARE = 0.04  # of the plays have a break before them, within the session
PAUSE_SHARE = 0.03  # of the plays are paused
UNHEARD_SHARE = 0.012  # of the plays have ms_played 0


@dataclass(frozen=True, slots=True)
class SessionContext:
    """The properties that all plays of a session share."""

    platform: str
    country: str
    offline: bool
    is_private: bool
    shuffle: bool
    skips: float


def plays_of_day(seed: str, listener_id: str, day: date) -> list[Play]:
    """Return, in order, the plays of the sessions that start on the listener's local day.

    The last session may end after midnight.
    """
    who, taste = LISTENERS[listener_id], taste_of(seed, listener_id)
    dice = Dice(seed, "day", listener_id, day)
    if who.is_away(seed, day) or dice.chance(who.quiet(day)):
        return []
    plays: list[Play] = []
    for slot in who.slots(day):
        if not dice.chance(slot.chance):
            continue
        begins = _instant(day, dice.around(slot.hour, slot.spread), who)
        if plays:
            begins = max(begins, plays[-1].ended_at + dice.between(1, 20) * MINUTE)
        content = session(dice, who, taste, slot, day)
        first = None if plays else obsession_turn(dice, taste, day)
        turns = (first, *content.turns) if first else content.turns
        plays += _with_upload_times(
            dice, who, list(_play_in_order(dice, turns, begins, _context_of(dice, who, slot, content)))
        )
    return plays


def _instant(day: date, hour: float, who: Listener) -> int:
    """Return a local hour as milliseconds since 1970."""
    midnight = datetime.combine(day, time(), tzinfo=who.zone)
    local = midnight + timedelta(milliseconds=int(hour * 3_600_000))  # wall-clock time: the time zone adds the offset
    return int(local.timestamp() * 1000)


def _context_of(dice: Dice, who: Listener, slot: Slot, content: Session) -> SessionContext:
    offline = slot.may_be_offline and dice.chance(OFFLINE_SHARE)
    return SessionContext(
        platform=slot.platform,
        country="ZZ" if offline else who.country,
        offline=offline,
        is_private=dice.chance(PRIVATE_SHARE),
        shuffle=content.shuffle,
        skips=content.skips,
    )


def _play_in_order(dice: Dice, turns: tuple[Turn, ...], begins: int, context: SessionContext) -> Iterator[Play]:
    """Yield the plays of the turns one after the other, with skips, breaks and pauses."""
    now, opening = begins, dice.pick(("clickrow", "playbtn", "appload", "remote"))
    for number, turn in enumerate(turns):
        if number and dice.chance(BREAK_SHARE):
            now, opening = now + dice.between(1, 26) * MINUTE, "playbtn"
        ms_played, ending = _listen(dice, turn.item.duration_ms, context.skips, is_last=number == len(turns) - 1)
        pause = dice.between(5, 400) * 1000 if not context.offline and dice.chance(PAUSE_SHARE) else 0
        ended_at = now + ms_played + (pause if ms_played else 0)
        yield _play(dice, turn, now, ended_at, ms_played, (opening, ending), context)
        now = ended_at + dice.between(40, 900)
        opening = ending if ending in ("trackdone", "fwdbtn", "backbtn", "trackerror") else "clickrow"


def _listen(dice: Dice, duration: int, skips: float, is_last: bool) -> tuple[int, str]:
    """Return how many milliseconds are played, and the reason for the end."""
    if dice.chance(UNHEARD_SHARE):
        return 0, dice.pick(("fwdbtn", "trackerror", "clickrow"))
    if dice.chance(skips):
        short = dice.chance(0.65)
        heard = dice.between(700, 29_500) if short else dice.between(31_000, max(31_000, duration * 3 // 4))
        return min(heard, duration - 1), "backbtn" if dice.chance(0.05) else "fwdbtn"
    if is_last and dice.chance(0.5):
        heard = dice.between(min(31_000, duration), duration)
        return heard, dice.pick(("endplay", "logout", "unexpected-exit-while-paused", "remote"))
    return duration, "trackdone"


def _play(
    dice: Dice,
    turn: Turn,
    started_at: int,
    ended_at: int,
    ms_played: int,
    reasons: tuple[str, str],
    context: SessionContext,
) -> Play:
    is_episode = isinstance(turn.item, Episode)
    return Play(
        started_at=started_at,
        ended_at=ended_at,
        ms_played=ms_played,
        track_id=None if is_episode else turn.item.id,
        episode_id=turn.item.id if is_episode else None,
        context_uri=turn.context_uri,
        reason_start=reasons[0],
        reason_end=reasons[1],
        shuffle=context.shuffle,
        offline=context.offline,
        is_private=context.is_private,
        platform=context.platform,
        country=context.country,
        received_at=ended_at,
        copies=2 if dice.chance(DUPLICATE_SHARE) else 1,
    )


def _with_upload_times(dice: Dice, who: Listener, plays: list[Play]) -> list[Play]:
    """Return the plays with the time when Spotify receives them.

    If the listener's device uploads late, all plays of an offline session arrive together when it is online again.
    """
    online_again = plays[-1].ended_at + dice.between(2, 50) * MINUTE if plays else 0
    late = who.uploads_late and bool(plays) and plays[0].offline
    return [replace(play, received_at=online_again) for play in plays] if late else plays
