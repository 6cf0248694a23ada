"""The contract's reconciliation once more: slow, by comparing everything with everything, from the rows as parsed.

Written from the contract, not from the SQL. It knows nothing of databases; a test compares both.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_endpoint.plays.names import provisional_id
from flask_endpoint.plays.row import PlayRow


@dataclass(frozen=True)
class Received:
    """A row held: `batch` is the import or poll that it came with."""

    batch: str
    row: PlayRow
    is_poll: bool = False


@dataclass(eq=False)
class Item:
    """What the rows of one origin with equal end, id and ms_played are."""

    origin: str
    ended_at: datetime
    own_id: str | None
    ms_played: int | None
    rows: list[Received] = field(default_factory=list)
    speaker: PlayRow | None = None
    reach: datetime | None = None
    play: "Play | None" = None

    @property
    def order(self) -> tuple[Any, ...]:
        """Earliest first; then by what it is, null last."""
        return self.ended_at, self.own_id is None, self.own_id or "", self.ms_played is None, self.ms_played or 0


@dataclass(eq=False)
class Play:
    """One play and the items in it."""

    leader: Item
    account: Item | None = None
    api: Item | None = None
    is_pass_4: bool = False


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def seconds(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds()


def items_of(rows: Iterable[Received]) -> list[Item]:
    """Group the rows; the import that reaches furthest speaks."""
    rows = list(rows)
    reach: dict[tuple[str, str], datetime] = {}
    for held in rows:
        if not held.is_poll:
            key = (held.batch, held.row.origin)
            end = max(instant(held.row.ts), instant(held.row.ended_at))
            reach[key] = max(reach.get(key, end), end)
    items: dict[tuple[Any, ...], Item] = {}
    for held in rows:
        row = held.row
        key = (row.origin, instant(row.ended_at), row.track_id, row.ms_played)
        items.setdefault(key, Item(*key)).rows.append(held)
    for item in items.values():

        def reach_of(held: Received, item: Item = item) -> datetime:
            return reach.get((held.batch, item.origin), datetime.min.replace(tzinfo=item.ended_at.tzinfo))

        speaks = max(item.rows, key=reach_of)
        item.speaker, item.reach = speaks.row, reach_of(speaks)
    return merge_renamed(merge_without_id(sorted(items.values(), key=lambda item: (item.origin, item.order))))


def has_spotify_id(item: Item) -> bool:
    return item.own_id is not None and not item.own_id.startswith("x:")


def merge_without_id(items: list[Item]) -> list[Item]:
    """An extended row without Spotify's id is the one with it that has the same end, length, kind and names; the smallest id."""
    gone: list[Item] = []
    for item in items:
        assert item.speaker is not None
        if item.origin != "extended" or item.own_id is None or has_spotify_id(item):
            continue
        same = [
            other
            for other in items
            if other.origin == "extended"
            and has_spotify_id(other)
            and (other.ended_at, other.ms_played) == (item.ended_at, item.ms_played)
            and other.speaker is not None
            and other.speaker.kind == item.speaker.kind
            and same_names(other.speaker, item.speaker)
        ]
        if same:
            min(same, key=lambda other: other.own_id or "").rows.extend(item.rows)
            gone.append(item)
    return [item for item in items if item not in gone]


def merge_renamed(items: list[Item]) -> list[Item]:
    def imports(item: Item) -> set[str]:
        return {held.batch for held in item.rows if not held.is_poll}

    def candidates(item: Item) -> list[Item]:
        return [
            other
            for other in items
            if other is not item
            and (other.origin, other.ended_at, other.ms_played) == (item.origin, item.ended_at, item.ms_played)
            and item.ms_played
            and not imports(item) & imports(other)
        ]

    def worth(item: Item) -> tuple[Any, ...]:
        assert item.speaker is not None
        return item.speaker.kind is not None, has_spotify_id(item), item.reach

    gone: list[Item] = []
    for item in items:
        mine = candidates(item)
        if len(mine) == 1 and len(candidates(mine[0])) == 1:
            best = max((item, mine[0]), key=worth)
            worse = mine[0] if best is item else item
            if worse not in gone:
                gone.append(worse)
                best.rows.extend(worse.rows)
    return [item for item in items if item not in gone]


def pair_off(pairs: list[tuple[Item, Item]], order: Callable[[Item, Item], tuple[Any, ...]]) -> list[tuple[Item, Item]]:
    """Take pairs one by one, each item once."""
    taken: list[tuple[Item, Item]] = []
    for left, right in sorted(pairs, key=lambda pair: order(*pair)):
        if all(left is not a and right is not b for a, b in taken):
            taken.append((left, right))
    return taken


def only_candidates(pairs: list[tuple[Item, Item]]) -> list[tuple[Item, Item]]:
    return [(a, b) for a, b in pairs if sum(x is a for x, _ in pairs) == 1 and sum(y is b for _, y in pairs) == 1]


def same_names(left: PlayRow, right: PlayRow) -> bool:
    return None not in (left.artist_key, left.title_key) and (left.artist_key, left.title_key) == (
        right.artist_key,
        right.title_key,
    )


def either_names(one: PlayRow, api: PlayRow) -> bool:
    """Same title and either artist: the first credited or the album's."""
    return same_names(one, api) or (
        None not in (one.title_key, one.artist_key)
        and one.title_key == api.title_key
        and one.artist_key == api.album_artist_key
    )


def lags(extended: Item, account: Item) -> list[float]:
    assert extended.speaker is not None
    return [seconds(end, account.ended_at) for end in (instant(extended.speaker.ts), extended.ended_at)]


def may_pass_4(extended: Item, account: Item) -> bool:
    row = extended.speaker
    assert row is not None
    reason = row.reason_end or ""
    is_late = row.offline is True or reason.startswith("unexpected-exit") or reason == "logout"
    limit = timedelta(hours=24 if is_late else 1).total_seconds()
    if 0 <= seconds(instant(row.ts), account.ended_at) <= limit:
        return True
    return (
        row.is_end_computed
        and seconds(account.ended_at, extended.ended_at) > -60
        and seconds(instant(row.ts), account.ended_at) >= 0
    )


def reconcile(rows: Iterable[Received]) -> list[Play]:
    """All plays that the rows make."""
    items = items_of(rows)
    extended, account, api = (
        [item for item in items if item.origin == origin] for origin in ("extended", "account", "api")
    )
    of_api = pair_off(
        [
            (e, p)
            for e in extended
            for p in api
            if abs(seconds(e.ended_at, p.ended_at)) <= 2
            and ((e.own_id is not None and e.own_id == p.own_id) or either_names(e.speaker, p.speaker))
        ],
        lambda e, p: (abs(seconds(e.ended_at, p.ended_at)), e.ended_at, p.ended_at, e.order, p.order),
    )
    of_account: list[tuple[Item, Item, int]] = []

    def left_pairs() -> list[tuple[Item, Item]]:
        used = [x for a, b, _ in of_account for x in (a, b)]
        return [
            (e, a) for e in extended for a in account if e.ms_played == a.ms_played and e not in used and a not in used
        ]

    def earliest(e: Item, a: Item) -> tuple[Any, ...]:
        return e.ended_at, a.ended_at, e.order, a.order

    for number, limit in ((1, 60), (2, 65)):
        near = [
            (e, a)
            for e, a in left_pairs()
            if same_names(e.speaker, a.speaker) and any(0 <= lag < limit for lag in lags(e, a))
        ]
        of_account += [(e, a, number) for e, a in pair_off(near, earliest)]
    near = [
        (e, a)
        for e, a in left_pairs()
        if e.ms_played and (e.speaker.kind or a.speaker.kind) and any(0 <= lag < 65 for lag in lags(e, a))
    ]
    of_account += [(e, a, 3) for e, a in only_candidates(near)]
    near = [(e, a) for e, a in left_pairs() if same_names(e.speaker, a.speaker) and may_pass_4(e, a)]
    of_account += [(e, a, 4) for e, a in only_candidates(near)]

    account_api: list[tuple[Item, Item]] = []
    for limit in (60, 65):
        used = [x for pair in (*of_api, *((e, a) for e, a, _ in of_account), *account_api) for x in pair]
        near = [
            (a, p)
            for a in account
            for p in api
            if a not in used
            and p not in used
            and either_names(a.speaker, p.speaker)
            and 0 <= seconds(p.ended_at, a.ended_at) < limit
        ]
        account_api += pair_off(near, lambda a, p: (p.ended_at, -a.ms_played, a.ended_at, p.order, a.order))
    return _plays(items, of_api, of_account, account_api)


def _plays(
    items: list[Item],
    of_api: list[tuple[Item, Item]],
    of_account: list[tuple[Item, Item, int]],
    account_api: list[tuple[Item, Item]],
) -> list[Play]:
    plays = {id(item): Play(item) for item in items}
    for e, p in of_api:
        plays[id(e)].api = p
        del plays[id(p)]
    for e, a, number in of_account:
        plays[id(e)].account, plays[id(e)].is_pass_4 = a, number == 4
        del plays[id(a)]
    for a, p in account_api:
        plays[id(a)].api = p
        del plays[id(p)]
    named = [
        play for play in plays.values() if play.leader.speaker.kind or (play.account and play.account.speaker.kind)
    ]
    for play in named:
        for item in (play.leader, play.account, play.api):
            if item is not None:
                item.play = play
    return named


def artist_and_album(*rows: PlayRow) -> tuple[str | None, str | None]:
    """Their ids by rows, the API's first: the API's own, else provisional ones of the best names."""

    def best(name: str) -> Any:
        return next((value for row in rows if (value := getattr(row, name)) is not None), None)

    told = next((row for row in rows if row.origin == "api"), None)
    artist_key, album_key = best("artist_key"), best("album_key")
    of_album = best("album_artist_key") or artist_key
    artist = provisional_id("artist", artist_key) if artist_key else None
    album = provisional_id("album", of_album, album_key) if of_album and album_key else None
    return (told and told.artist_id) or artist, (told and told.album_id) or album


def as_row(play: Play) -> tuple[Any, ...]:
    """A play's fields, best of each origin: what the test compares."""
    lead, account, api = play.leader.speaker, play.account and play.account.speaker, play.api and play.api.speaker
    ended_at = play.leader.ended_at
    if play.is_pass_4:
        ended_at = play.account.ended_at
    elif lead.origin == "account" and api:
        ended_at = instant(api.ended_at)

    def best(name: str, *rows: PlayRow | None) -> Any:
        return next((value for row in rows if row and (value := getattr(row, name)) is not None), None)

    ids = [row.track_id for row in (api, lead, account) if row and row.track_id]
    is_named_by_api = api is not None and not api.track_id.startswith("x:")
    track_id = ids[0] if is_named_by_api else next(row.track_id for row in (lead, account, api) if row and row.track_id)
    kind = best("kind", lead, account)
    return (
        ended_at,
        lead.ms_played,
        kind,
        track_id,
        *(artist_and_album(*(row for row in (api, lead, account) if row)) if kind == "track" else (None, None)),
        best("title", api, lead, account),
        best("artist_name", api, lead, account),
        best("album_title", api, lead),
        lead.is_private,
        lead.skipped,
        lead.shuffle,
        lead.platform,
        best("context_uri", api, lead),
        lead.origin,
    )
