"""Expected rows of the marts of one listener, in plain Python, from the expected rows of core."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Table = dict[tuple[Any, ...], Row]

MS = timedelta(milliseconds=1)
DAY = timedelta(days=1)
PLATFORMS = {  # The platform names in random worlds, classified by hand.
    None: "unknown", "": "unknown", "Unknown": "unknown", "not_applicable": "unknown", "iOS 13.1.3 (iPhone8,2)": "mobile",
    " Android OS 9 API 28 ": "mobile", "Android_TV Sony": "other", "web_player windows 10": "web", "WebPlayer (os x)": "web",
    "Windows Phone 8": "mobile", "Windows 10 (10.0.19044; x64)": "desktop", "OS X 10.15.7": "desktop", "ChromeOS": "desktop",
    "Partner sonos_ppc Sonos": "other", "Linux [x86-64 0]": "desktop", "cast tv": "other",
}  # fmt: skip


def listener_marts(listener: Row, mine: list[Row], dims: dict[str, Table]) -> dict[str, list[Row]]:
    albums = dims["dim_album"]
    counted = [play | {"month": play["played_on"].replace(day=1)} for play in mine if play["is_counted"]]
    found = sessions([p for p in mine if p["kind"] == "track" and (listener["counts_private"] or not p["is_private"])])
    return {
        "daily_listening": [
            {"played_on": day} | measures(plays) for day, plays in grouped(counted, "played_on").items()
        ],
        "artist_streak": [
            {"artist_id": artist} | run
            for artist, plays in grouped(counted, "artist_id").items()
            for run in runs(plays)
            if run["day_count"] >= 2
        ],
        "album_completion": [completion(album, plays, albums) for album, plays in grouped(counted, "album_id").items()],
        "listening_session": found,
        "listener_summary": [summary(counted, found)] if counted else [],
        "listening_streak": runs(counted),
        "listening_clock": clock(counted),
        "break_distribution": shares([{"month": m, "break_class": c} for m, c in breaks(counted)], "break_count"),
        "popularity_distribution": shares([brackets(play, dims) for play in counted], "play_count"),
        "listening_preference": preferences(counted, dims),
        "top_item": top_items(counted),
        "discovery": discoveries(counted),
    }


def grouped(plays: list[Row], name: str) -> dict[Any, list[Row]]:
    groups = defaultdict(list)
    for play in plays:
        if play[name] is not None:
            groups[play[name]].append(play)
    return groups


def distinct(plays: list[Row], name: str) -> int:
    return len({play[name] for play in plays} - {None})


def listened(plays: list[Row]) -> int:
    return sum(play["listened_ms"] or 0 for play in plays)


def measures(plays: list[Row]) -> Row:
    counts = {"track_count": distinct(plays, "track_id"), "artist_count": distinct(plays, "artist_id")}
    return {"play_count": len(plays), "listened_ms": listened(plays)} | counts


def runs(plays: list[Row]) -> list[Row]:
    days = grouped(plays, "played_on")
    found = []
    for start in days:
        if start - DAY in days:
            continue
        end = start
        while end + DAY in days:
            end += DAY
        inside = [play for play in plays if start <= play["played_on"] <= end]
        found.append(
            {"started_on": start, "ended_on": end, "day_count": (end - start).days + 1, "play_count": len(inside)}
        )
    return found


def completion(album_id: str, plays: list[Row], albums: Table) -> Row:
    total = albums[(album_id,)]["total_tracks"]
    days = sorted(play["played_on"] for play in plays)
    reached = [
        day for day in days if total and distinct([p for p in plays if p["played_on"] <= day], "track_id") >= total
    ]
    played = distinct(plays, "track_id")
    return {
        "album_id": album_id,
        "tracks_played": played,
        "total_tracks": total,
        "completion": rounded(min(Fraction(1), Fraction(played, total))) if total else None,
        "first_played_on": days[0],
        "completed_on": reached[0] if reached else None,
    }


def rounded(share: Fraction) -> Decimal:
    exact = Decimal(share.numerator * 10**9 // share.denominator)  # One digit more than the result, truncated.
    return (exact.scaleb(-9)).quantize(Decimal("1e-8"), ROUND_HALF_UP)


def sessions(plays: list[Row]) -> list[Row]:
    found: list[list[Row]] = []
    for play in sorted(plays, key=lambda p: (p["started_at"], p["ended_at"], p["play_id"])):
        if found and play["started_at"] - max(p["ended_at"] for p in found[-1]) <= timedelta(minutes=30):
            found[-1].append(play)
        else:
            found.append([play])
    return [
        {
            "started_at": session[0]["started_at"],
            "ended_at": max(play["ended_at"] for play in session),
            "counted_count": sum(play["is_counted"] for play in session),
            "skip_count": sum(play["skipped"] is True for play in session),
        }
        | measures(session)
        for session in found
    ]


def summary(counted: list[Row], found: list[Row]) -> Row:
    days = {day: listened(plays) for day, plays in grouped(counted, "played_on").items()}
    ends = [play["ended_at"] for play in counted]
    return measures(counted) | {
        "first_played_at": min(ends),
        "last_played_at": max(ends),
        "album_count": distinct(counted, "album_id"),
        "day_count": len(days),
        "longest_streak_days": max(run["day_count"] for run in runs(counted)),
        "longest_session_ms": max((session["ended_at"] - session["started_at"]) // MS for session in found),
        "busiest_day": min(days, key=lambda day: (-days[day], day)),
    }


def clock(counted: list[Row]) -> list[Row]:
    cells = {(play["month"], play["iso_weekday"], play["hour"]) for play in counted}
    found = []
    for month, weekday, hour in cells:
        inside = [p for p in counted if (p["month"], p["iso_weekday"], p["hour"]) == (month, weekday, hour)]
        cell = {"month": month, "iso_weekday": weekday, "hour": hour}
        found.append(cell | {"play_count": len(inside), "listened_ms": listened(inside)})
    return found


def breaks(counted: list[Row]) -> list[tuple[date, str]]:
    """Return the month and the class of each break."""
    found = []
    in_order = sorted(counted, key=lambda p: (p["started_at"], p["ended_at"], p["play_id"]))
    for index, play in enumerate(in_order[1:], start=1):
        length = max(timedelta(0), play["started_at"] - max(p["ended_at"] for p in in_order[:index]))
        is_short = length < timedelta(hours=1)
        found.append(
            (play["month"], "continuous" if length < timedelta(minutes=5) else "short" if is_short else "long")
        )
    return found


def shares(items: list[Row], count: str) -> list[Row]:
    """Return each distinct item with its count and its share of its month."""
    found = []
    for item in {tuple(item.items()) for item in items}:
        row = dict(item)
        times, of = items.count(row), sum(other["month"] == row["month"] for other in items)
        found.append(row | {count: times, "share": rounded(Fraction(times, of))})
    return found


def brackets(play: Row, dims: dict[str, Table]) -> Row:
    popularity = dims["dim_track"][(play["track_id"],)]["popularity"]
    return {"month": play["month"], "popularity_bracket": -1 if popularity is None else min(popularity // 10, 9)}


def preferences(counted: list[Row], dims: dict[str, Table]) -> list[Row]:
    found = []
    for month, plays in grouped(counted, "month").items():
        for dimension in buckets(plays[0], dims):
            for bucket in {buckets(play, dims)[dimension] for play in plays}:
                inside = [play for play in plays if buckets(play, dims)[dimension] == bucket]
                row = {
                    "month": month,
                    "dimension": dimension,
                    "bucket": bucket,
                    "share": rounded(Fraction(len(inside), len(plays))),
                }
                found.append(row | {"play_count": len(inside), "listened_ms": listened(inside)})
    return found


def buckets(play: Row, dims: dict[str, Table]) -> dict[str, str]:
    track = dims["dim_track"][(play["track_id"],)]
    released = dims["dim_album"].get((play["album_id"],), {}).get("release_date")
    length, lengths = track["duration_ms"], ["short", "medium", "long"]
    return {
        "explicit": {True: "explicit", False: "clean", None: "unknown"}[track["explicit"]],
        "duration": "unknown" if length is None else lengths[(length >= 180_000) + (length >= 300_000)],
        "release_year": str(released.year) if released else "unknown",
        "weekpart": "weekend" if play["played_on"].strftime("%a") in ("Sat", "Sun") else "weekday",
        "daypart": ["night", "morning", "afternoon", "evening"][play["hour"] // 6],
        "season": ["winter", "spring", "summer", "autumn"][play["month"].month % 12 // 3],
        "shuffle": {True: "on", False: "off", None: "unknown"}[play["shuffle"]],
        "platform": PLATFORMS[play["platform"]],
    }


def top_items(counted: list[Row]) -> list[Row]:
    found = []
    for kind in ("track", "artist", "album"):
        for period in ("month", "year", "all"):
            starts = [(period_start(period, play), play) for play in counted]
            for start in {start for start, _ in starts}:
                plays = [play for other, play in starts if other == start]
                items = [(item, len(mine), listened(mine)) for item, mine in grouped(plays, f"{kind}_id").items()]
                items.sort(key=lambda item: (-item[1], -item[2], item[0]))
                for rank, (item, count, ms) in enumerate(items[:100], start=1):
                    row = {"period": period, "period_start": start, "item_kind": kind, "rank": rank}
                    found.append(row | {"item_id": item, "play_count": count, "listened_ms": ms})
    return found


def period_start(period: str, play: Row) -> date:
    month: date = play["month"]
    return {"month": month, "year": month.replace(month=1), "all": date(1970, 1, 1)}[period]


def discoveries(counted: list[Row]) -> list[Row]:
    in_order = sorted(counted, key=lambda play: play["ended_at"])
    track_month: dict[str, date] = {}
    artist_month: dict[str, date] = {}
    for play in in_order:
        track_month.setdefault(play["track_id"], play["month"])
        if play["artist_id"] is not None:
            artist_month.setdefault(play["artist_id"], play["month"])
    return [
        {
            "month": month,
            "new_track_count": list(track_month.values()).count(month),
            "new_artist_count": list(artist_month.values()).count(month),
            "play_count": len(plays),
            "plays_of_new_tracks": sum(track_month[play["track_id"]] == month for play in plays),
        }
        for month, plays in grouped(counted, "month").items()
    ]
