"""Expected rows of core and mart for a small world, in plain Python: slow, and written from the contract, not from the Spark code.

A world maps each table of source to its rows: listener, play, id_map, catalog_track, catalog_album, catalog_artist, coverage. The
result maps each published table to its rows by key.
"""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.spark_scripts.support.oracle_marts import MS, Row, Table, listener_marts

World = dict[str, list[Row]]

DEFINITIONS = Path(__file__).parents[3] / "sql" / "main"
PRIMARY_KEYS = {
    file.stem: re.findall(r"\w+", file.read_text().split("PRIMARY KEY (")[1].split(")")[0])
    for schema in ("core", "mart")
    for file in (DEFINITIONS / schema).glob("*.sql")
}


def expected(world: World) -> dict[str, Table]:
    """Return the expected rows of each published table that this oracle computes. A new metric may be missing."""
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
    return tables | {name: keyed(rows, *PRIMARY_KEYS[name]) for name, rows in marts.items()}


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
    known: int | None = raw["ms_played"]
    if known is not None or duration is None:
        return known
    ends = [play["ended_at"] for play in plays if play["listener_id"] == raw["listener_id"]]
    earlier = [end for end in ends if end < raw["ended_at"]]
    return min(duration, (raw["ended_at"] - max(earlier)) // MS) if earlier else duration


def dims(world: World, plays: list[Row]) -> dict[str, Table]:
    catalog = {
        kind: {row[f"{kind}_id"]: row for row in world[f"catalog_{kind}"]} for kind in ("track", "album", "artist")
    }
    tracks, credits = tracks_and_credits(plays, catalog["track"])
    albums = [album(row_id, plays, catalog["album"]) for row_id in ids("album_id", plays, tracks)]
    artists = [artist(row_id, plays, catalog["artist"]) for row_id in ids("artist_id", plays, tracks, credits, albums)]
    return {
        "dim_track": keyed(tracks, "track_id"),
        "bridge_track_artist": keyed(credits, "track_id", "position"),
        "dim_album": keyed(albums, "album_id"),
        "dim_artist": keyed(artists, "artist_id"),
    }


def ids(name: str, *tables: list[Row]) -> set[str]:
    return {row[name] for table in tables for row in table} - {None}


def tracks_and_credits(plays: list[Row], catalog: dict[str, Row]) -> tuple[list[Row], list[Row]]:
    tracks: list[Row] = []
    credits: list[Row] = []
    for track_id in ids("track_id", plays):
        title, artist_id, album_id = latest(plays, "track_id", track_id, "track_title", "artist_id", "album_id")
        known = catalog.get(track_id) or {}
        artist_ids = known.get("artist_ids") or ([artist_id] if artist_id else [])
        row = {
            "track_id": track_id,
            "title": known.get("title") or title,
            "artist_id": artist_ids[0] if artist_ids else None,
            "album_id": known.get("album_id") or album_id,
        }
        names = ("duration_ms", "explicit", "popularity", "isrc", "track_number", "disc_number")
        tracks.append(row | {name: known.get(name) for name in names})
        credits += [{"track_id": track_id, "position": n, "artist_id": credit} for n, credit in enumerate(artist_ids)]
    return tracks, credits


def album(album_id: str, plays: list[Row], catalog: dict[str, Row]) -> Row:
    title, artist_id = latest(plays, "album_id", album_id, "album_title", "artist_id")
    known = catalog.get(album_id) or {}
    row = {
        "album_id": album_id,
        "title": known.get("title") or title,
        "artist_id": (known.get("artist_ids") or [artist_id])[0],
    }
    names = ("album_type", "total_tracks", "release_date", "release_precision", "label", "popularity", "image_url")
    return row | {name: known.get(name) for name in names}


def artist(artist_id: str, plays: list[Row], catalog: dict[str, Row]) -> Row:
    known = catalog.get(artist_id) or {}
    name = known.get("name") or latest(plays, "artist_id", artist_id, "artist_name")[0]
    row = {"artist_id": artist_id, "name": name}
    return row | {name: known.get(name) for name in ("popularity", "followers", "genres", "image_url")}


def latest(plays: list[Row], key: str, value: str, *columns: str) -> tuple[Any, ...]:
    """Return the columns of the item's latest play with a name; of several, the smallest values, with nulls last."""
    mine = [play for play in plays if play[key] == value]
    mine = [play for play in mine if play[columns[0]] is not None] or mine
    last = max((play["ended_at"] for play in mine), default=None)
    answers = [tuple(play[name] for name in columns) for play in mine if play["ended_at"] == last]
    return min(
        answers, key=lambda answer: [(item is None, item or "") for item in answer], default=(None,) * len(columns)
    )
