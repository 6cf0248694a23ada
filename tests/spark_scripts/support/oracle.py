"""Expected rows of core and mart for a small world, in plain Python: slow, and written from the contract, not from the Spark code.

A world maps each table of source to its rows: listener, play, id_map, catalog_track, catalog_album, catalog_artist, coverage. The
result maps each published table to its rows by key.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
World = dict[str, list[Row]]
Table = dict[tuple[Any, ...], Row]

MS = timedelta(milliseconds=1)
DAY = timedelta(days=1)
PLATFORMS = {  # The platform names in random worlds, classified by hand.
    None: "unknown", "": "unknown", "Unknown": "unknown", "not_applicable": "unknown", "iOS 13.1.3 (iPhone8,2)": "mobile",
    " Android OS 9 API 28 ": "mobile", "Android_TV Sony": "other", "web_player windows 10": "web", "WebPlayer (os x)": "web",
    "Windows Phone 8": "mobile", "Windows 10 (10.0.19044; x64)": "desktop", "OS X 10.15.7": "desktop", "ChromeOS": "desktop",
    "Partner sonos_ppc Sonos": "other", "Linux [x86-64 0]": "desktop", "cast tv": "other",
}  # fmt: skip


def expected(world: World) -> dict[str, Table]:
    """Return the expected rows of every published table."""
    listeners = {row["listener_id"]: row for row in world["listener"]}
    plays = core_plays(world, listeners)
    tables = dims(world, plays)
    tables["fct_play"] = keyed(plays, "play_id")
    tables["coverage"] = keyed(world["coverage"], "listener_id", "started_at")
    columns = ("listener_id", "display_name", "time_zone", "counts_private", "tenant_id", "is_simulated")
    tables["dim_listener"] = keyed([{name: row[name] for name in columns} for row in listeners.values()], "listener_id")
    marts: dict[str, list[Row]] = defaultdict(list)
    for listener in listeners.values():
        mine = [play for play in plays if play["listener_id"] == listener["listener_id"]]
        for name, rows in listener_marts(listener, mine, tables).items():
            marts[name] += [{"listener_id": listener["listener_id"]} | row for row in rows]
    keys = {
        "daily_listening": ["played_on"], "artist_streak": ["artist_id", "started_on"], "album_completion": ["album_id"],
        "listening_session": ["started_at"], "listener_summary": [], "listening_streak": ["started_on"],
        "listening_clock": ["month", "iso_weekday", "hour"], "break_distribution": ["month", "break_class"],
        "popularity_distribution": ["month", "popularity_bracket"], "discovery": ["month"],
        "listening_preference": ["month", "dimension", "bucket"], "top_item": ["period", "period_start", "item_kind", "rank"],
    }  # fmt: skip
    return tables | {name: keyed(marts[name], "listener_id", *key) for name, key in keys.items()}


def keyed(rows: list[Row], *key: str) -> Table:
    table = {tuple(row[name] for name in key): row for row in rows}
    assert len(table) == len(rows), f"{key} is not a unique key"
    return table


def core_plays(world: World, listeners: dict[str, Row]) -> list[Row]:
    spotify_ids = {row["provisional_id"]: row["spotify_id"] for row in world["id_map"]}
    tracks = {row["track_id"]: row for row in world["catalog_track"]}
    result = []
    for raw in world["play"]:
        listener = listeners[raw["listener_id"]]
        play = {name: value for name, value in raw.items() if not name.endswith("_key")}
        for name in ("track_id", "artist_id", "album_id"):
            play[name] = spotify_ids.get(play[name], play[name])
        known = tracks.get(play["track_id"]) or {}
        if raw["kind"] == "track":
            play["artist_id"] = (known.get("artist_ids") or [play["artist_id"]])[0]
            play["album_id"] = known.get("album_id") or play["album_id"]
        else:
            play["artist_id"] = play["album_id"] = None
        play["listened_ms"] = length(raw, world["play"], known.get("duration_ms"))
        play["listened_ms_is_estimate"] = raw["ms_played"] is None
        play["started_at"] = raw["ended_at"] - (play["listened_ms"] or 0) * MS
        local = raw["ended_at"].astimezone(ZoneInfo(listener["time_zone"]))
        play |= {"played_on": local.date(), "iso_weekday": local.isoweekday(), "hour": local.hour}
        is_shown = listener["counts_private"] or not raw["is_private"]
        is_long = raw["ms_played"] is None or raw["ms_played"] >= 30_000
        play["is_counted"] = raw["kind"] == "track" and is_shown and is_long
        result.append(play)
    return result


def length(raw: Row, plays: list[Row], duration: int | None) -> int | None:
    if raw["ms_played"] is not None or duration is None:
        return raw["ms_played"]
    ends = [play["ended_at"] for play in plays if play["listener_id"] == raw["listener_id"]]
    earlier = [end for end in ends if end < raw["ended_at"]]
    return min(duration, (raw["ended_at"] - max(earlier)) // MS) if earlier else duration


def dims(world: World, plays: list[Row]) -> dict[str, Table]:
    catalog = {
        kind: {row[f"{kind}_id"]: row for row in world[f"catalog_{kind}"]} for kind in ("track", "album", "artist")
    }
    tracks: list[Row] = []
    credits: list[Row] = []
    for track_id in {play["track_id"] for play in plays}:
        last = latest(plays, "track_id", track_id, "track_title", "artist_id", "album_id")
        known = catalog["track"].get(track_id) or {}
        artists = known.get("artist_ids") or ([last[1]] if last[1] else [])
        row = {
            "track_id": track_id,
            "title": known.get("title") or last[0],
            "artist_id": artists[0] if artists else None,
        }
        row["album_id"] = known.get("album_id") or last[2]
        for name in ("duration_ms", "explicit", "popularity", "isrc", "track_number", "disc_number"):
            row[name] = known.get(name)
        tracks.append(row)
        credits += [{"track_id": track_id, "position": n, "artist_id": artist} for n, artist in enumerate(artists)]
    albums: list[Row] = []
    for album_id in {row["album_id"] for row in plays + tracks} - {None}:
        last = latest(plays, "album_id", album_id, "album_title", "artist_id")
        known = catalog["album"].get(album_id) or {}
        row = {"album_id": album_id, "title": known.get("title") or last[0]}
        row["artist_id"] = (known.get("artist_ids") or [last[1]])[0]
        for name in (
            "album_type",
            "total_tracks",
            "release_date",
            "release_precision",
            "label",
            "popularity",
            "image_url",
        ):
            row[name] = known.get(name)
        albums.append(row)
    artists_: list[Row] = []
    for artist_id in {row["artist_id"] for row in plays + tracks + credits + albums} - {None}:
        known = catalog["artist"].get(artist_id) or {}
        row = {
            "artist_id": artist_id,
            "name": known.get("name") or latest(plays, "artist_id", artist_id, "artist_name")[0],
        }
        artists_.append(row | {name: known.get(name) for name in ("popularity", "followers", "genres", "image_url")})
    return {
        "dim_track": keyed(tracks, "track_id"),
        "bridge_track_artist": keyed(credits, "track_id", "position"),
        "dim_album": keyed(albums, "album_id"),
        "dim_artist": keyed(artists_, "artist_id"),
    }


def latest(plays: list[Row], key: str, value: str, *columns: str) -> tuple[Any, ...]:
    """Return the columns of the item's latest play with a name; of several, the smallest values, with nulls last."""
    mine = [play for play in plays if play[key] == value]
    mine = [play for play in mine if play[columns[0]] is not None] or mine
    last = max((play["ended_at"] for play in mine), default=None)
    answers = [tuple(play[name] for name in columns) for play in mine if play["ended_at"] == last]
    return min(
        answers, key=lambda answer: [(item is None, item or "") for item in answer], default=(None,) * len(columns)
    )


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
        found.append(
            {
                "month": month,
                "iso_weekday": weekday,
                "hour": hour,
                "play_count": len(inside),
                "listened_ms": listened(inside),
            }
        )
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
    length = track["duration_ms"]
    return {
        "explicit": {True: "explicit", False: "clean", None: "unknown"}[track["explicit"]],
        "duration": "unknown"
        if length is None
        else "short"
        if length < 180_000
        else "medium"
        if length < 300_000
        else "long",
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
    return {"month": play["month"], "year": play["month"].replace(month=1), "all": date(1970, 1, 1)}[period]


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


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)
