"""Reference implementation, part 2: match the items of the three origins one to one, pass by pass."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.flask_endpoint.reconciliation.reference_items import Item, Received, instant, items_of, names, same_names

Pairs = list[tuple[Item, Item]]
ItemOrder = Callable[[Item, Item], tuple[Any, ...]]


@dataclass(eq=False)
class Play:
    """One play: its richest item and the account and API items that joined it."""

    richest: Item
    account: Item | None = None
    api: Item | None = None
    is_pass_4: bool = False


def reconcile(rows: Iterable[Received]) -> list[Play]:
    """Return all plays that the rows make."""
    items = items_of(rows)
    extended, account, api = (
        [item for item in items if item.origin == origin] for origin in ("extended", "account", "api")
    )
    extended_api = _match_extended_api(extended, api)
    extended_account = _match_extended_account(extended, account)
    used = [item for pair in (*extended_api, *((e, a) for e, a, _ in extended_account)) for item in pair]
    account_api = _match_account_api([a for a in account if a not in used], [p for p in api if p not in used])
    return _plays(items, extended_api, extended_account, account_api)


def _match_extended_api(extended: list[Item], api: list[Item]) -> Pairs:
    near = [
        (e, p)
        for e in extended
        for p in api
        if abs(_seconds(e.ended_at, p.ended_at)) <= 2
        and ((e.own_id is not None and e.own_id == p.own_id) or _either_names(e, p))
    ]
    return _choose(near, lambda e, p: (abs(_seconds(e.ended_at, p.ended_at)), e.ended_at, p.ended_at, e.order, p.order))


def _match_extended_account(extended: list[Item], account: list[Item]) -> list[tuple[Item, Item, int]]:
    """Return the pairs of passes 1 to 4, each with the number of its pass."""
    matched: list[tuple[Item, Item, int]] = []

    def unmatched_pairs() -> Pairs:
        used = [item for e, a, _ in matched for item in (e, a)]
        return [
            (e, a) for e in extended for a in account if e.ms_played == a.ms_played and e not in used and a not in used
        ]

    for number, limit in ((1, 60), (2, 65)):
        near = [
            (e, a) for e, a in unmatched_pairs() if same_names(e, a) and any(0 <= lag < limit for lag in _lags(e, a))
        ]
        chosen = _choose(near, lambda e, a: (e.ended_at, a.ended_at, e.order, a.order))
        matched += [(e, a, number) for e, a in chosen]
    near = [
        (e, a)
        for e, a in unmatched_pairs()
        if e.ms_played and (_is_identified(e) or _is_identified(a)) and any(0 <= lag < 65 for lag in _lags(e, a))
    ]
    matched += [(e, a, 3) for e, a in _only_candidates(near)]
    near = [(e, a) for e, a in unmatched_pairs() if same_names(e, a) and _fits_pass_4(e, a)]
    return matched + [(e, a, 4) for e, a in _only_candidates(near)]


def _match_account_api(account: list[Item], api: list[Item]) -> Pairs:
    matched: Pairs = []
    for limit in (60, 65):
        used = [item for pair in matched for item in pair]
        near = [
            (a, p)
            for a in account
            for p in api
            if a not in used and p not in used and _either_names(a, p) and 0 <= _seconds(p.ended_at, a.ended_at) < limit
        ]
        matched += _choose(near, lambda a, p: (p.ended_at, -(a.ms_played or 0), a.ended_at, p.order, a.order))
    return matched


def _choose(pairs: Pairs, order: ItemOrder) -> Pairs:
    """Choose pairs in the given order, each item at most once."""
    chosen: Pairs = []
    for left, right in sorted(pairs, key=lambda pair: order(*pair)):
        if all(left is not a and right is not b for a, b in chosen):
            chosen.append((left, right))
    return chosen


def _only_candidates(pairs: Pairs) -> Pairs:
    """Return the pairs in which each item is the only candidate of the other."""
    return [(a, b) for a, b in pairs if sum(x is a for x, _ in pairs) == 1 and sum(y is b for _, y in pairs) == 1]


def _either_names(one: Item, api: Item) -> bool:
    """Return whether a title is equal and `one` names the first credited or the album's artist with it."""
    by_album_artist = {(received.row.album_artist_key, received.row.title_key) for received in api.rows}
    return same_names(one, api) or bool(names(one) & by_album_artist)


def _is_identified(item: Item) -> bool:
    assert item.representative is not None
    return item.representative.kind is not None


def _seconds(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds()


def _lags(extended: Item, account: Item) -> list[float]:
    assert extended.representative is not None
    return [_seconds(end, account.ended_at) for end in (instant(extended.representative.ts), extended.ended_at)]


def _fits_pass_4(extended: Item, account: Item) -> bool:
    row = extended.representative
    assert row is not None
    reason = row.reason_end or ""
    is_late = row.offline is True or reason.startswith("unexpected-exit") or reason == "logout"
    limit = timedelta(hours=24 if is_late else 1).total_seconds()
    if 0 <= _seconds(instant(row.ts), account.ended_at) <= limit:
        return True
    return (
        row.is_end_computed
        and _seconds(account.ended_at, extended.ended_at) > -60
        and _seconds(instant(row.ts), account.ended_at) >= 0
    )


def _plays(
    items: list[Item], extended_api: Pairs, extended_account: list[tuple[Item, Item, int]], account_api: Pairs
) -> list[Play]:
    """Return one play per item that joined no other, if one of its items names it."""
    plays = {id(item): Play(item) for item in items}
    for e, p in extended_api:
        plays[id(e)].api = p
        del plays[id(p)]
    for e, a, number in extended_account:
        plays[id(e)].account, plays[id(e)].is_pass_4 = a, number == 4
        del plays[id(a)]
    for a, p in account_api:
        plays[id(a)].api = p
        del plays[id(p)]
    return [
        play
        for play in plays.values()
        if _is_identified(play.richest) or (play.account and _is_identified(play.account))
    ]
