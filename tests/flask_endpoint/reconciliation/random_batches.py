"""Hypothesis strategies for random imports and polls, with rows close to every threshold of the matching."""

from typing import Any

from hypothesis import strategies as st

from tests.flask_endpoint.reconciliation.listening import START, account, extended, item, parsed, spotify_id
from tests.flask_endpoint.reconciliation.reference_items import instant

Row = dict[str, Any]
Batches = list[tuple[str, list[Row]]]

# Few values, so that random rows often match.
OFFSETS = [0, 1, 2, 3, 58, 59, 60, 61, 63, 64, 65, 66, 119, 120, 124, 3600, 3660, 3661, 86_460]
TITLES = ["Song", "Other", "Sóng", "S\ufffdng"]
IDS = [spotify_id("Song"), spotify_id("Other")]
LENGTHS = [0, 30_000, 60_000]
START_SECONDS = int(START.timestamp())
DEVICE_STARTS = [None, 1, START_SECONDS, START_SECONDS + 60, START_SECONDS * 1000 + 61_500]

titles = st.sampled_from(TITLES)


@st.composite
def extended_rows(draw: st.DrawFn) -> dict[str, Any]:
    title = draw(st.sampled_from([*TITLES, None]))
    track_id = draw(st.sampled_from([None, spotify_id(title or ""), *IDS]))  # Spotify renames titles of an id.
    return extended(
        draw(st.sampled_from(OFFSETS)),
        title,
        ms=draw(st.sampled_from(LENGTHS)),
        spotify_track_uri=f"spotify:track:{track_id}" if title and track_id else None,
        master_metadata_album_album_name=draw(st.sampled_from(["Record", "Rec\ufffdrd"])) if title else None,
        offline=draw(st.sampled_from([None, False, True])),
        reason_end=draw(st.sampled_from(["trackdone", "unexpected-exit", "logout"])),
        offline_timestamp=draw(st.sampled_from(DEVICE_STARTS)),
    )


account_rows = st.builds(account, st.sampled_from([0, 1, 2, 60, 61, 1441]), titles, ms=st.sampled_from(LENGTHS))


def _with_id(polled: Row, track_id: str | None) -> Row:
    """Return the item with this track id, if there is one."""
    return polled | {"track": polled["track"] | {"id": track_id}} if track_id else polled


_api_items = st.builds(
    item,
    st.sampled_from([0, 0.5, 1, 2, 3, 59.5, 60, 61, 64.5, 65, 120, 3600]),
    titles,
    st.sampled_from(["Band", "Other band"]),
    st.sampled_from([None, "Band"]),
)
api_items = st.builds(_with_id, _api_items, st.sampled_from([None, None, *IDS]))
_batches = st.lists(
    st.one_of(
        st.tuples(st.just("import"), st.lists(st.one_of(extended_rows(), account_rows), min_size=1, max_size=7)),
        st.tuples(st.just("poll"), st.lists(api_items, min_size=1, max_size=5)),
    ),
    min_size=1,
    max_size=4,
)


def _named(drawn: Batches) -> Batches:
    """Name the batches, and give each import a different latest end, so that it is defined which import's names win."""
    named = []
    for number, (kind, rows) in enumerate(drawn):
        if kind == "import":
            far = 200_000 + 10_000 * number
            rows = [*rows, extended(far, f"End {number}"), account(far // 60 + 30, f"Account end {number}")]
        named.append((f"{kind} {number}", unambiguous(kind, rows)))
    return named


def unambiguous(kind: str, rows: list[Row]) -> list[Row]:
    """Keep one row per identity in a batch, because it is not defined which of two such rows wins."""
    kept: dict[Any, Row] = {}
    for row in rows:
        one = parsed(row)
        kept.setdefault(
            (one.origin, instant(one.ended_at), one.track_id, one.ms_played)
            if kind == "import"
            else (instant(one.ended_at), one.track_id),
            row,
        )
    return list(kept.values())


def _once_per_poll_item(drawn: Batches) -> Batches:
    """Give a play that is polled twice the fields of its first page, as the API does."""
    seen: dict[Any, Row] = {}
    result = []
    for name, rows in drawn:
        if name.startswith("poll"):
            rows = [seen.setdefault((parsed(row).ended_at, parsed(row).track_id), row) for row in rows]
        result.append((name, rows))
    return result


named_batches = _batches.map(_named).map(_once_per_poll_item)
