"""Random worlds for the oracle, reproducible from a seed. Few tracks and times make ties, gaps and missing values frequent."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.spark_scripts.support.oracle import World
from tests.spark_scripts.support.oracle_marts import PLATFORMS, Row

ZONES = (
    "UTC",
    "Europe/Madrid",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/St_Johns",
)
EDGE_TIMES = (  # Around clock changes and, for Apia, a day that was skipped.
    datetime(2011, 12, 29, 20, tzinfo=UTC),
    datetime(2026, 3, 28, 22, tzinfo=UTC),
    datetime(2026, 10, 24, 22, tzinfo=UTC),
    datetime(2018, 11, 4, 1, tzinfo=UTC),
    datetime(2009, 11, 1, 1, tzinfo=UTC),  # In St John's, clocks went back at 00:01, so November started twice.
    datetime(2025, 12, 31, 2, tzinfo=UTC),
    datetime(2024, 2, 28, 20, tzinfo=UTC),
)
STEPS = (
    0, 1, 999, 1_000, 40_000, 299_999, 300_000, 331_000, 1_799_999, 1_800_000, 1_800_001, 3_599_999, 3_600_000, 43_200_000,
    86_400_000,
)  # ms  # fmt: skip
LENGTHS = (None, None, 0, 1, 29_999, 30_000, 31_000, 200_000, 1_000_000)  # ms played


def random_world(seed: int, listeners: int) -> World:
    """Return a world with this many listeners and their plays."""
    random = Random(seed)  # noqa: S311
    world: World = {name: [] for name in ("listener", "play", "id_map", "coverage")} | random_catalog(random)
    world["id_map"] = [{"provisional_id": f"x:track:{n}", "spotify_id": f"T{n}"} for n in range(0, 12, 3)]
    world["id_map"] += [
        {"provisional_id": "x:artist:1", "spotify_id": "R1"},
        {"provisional_id": "x:album:2", "spotify_id": "A2"},
    ]
    for number in range(listeners):
        add_listener(world, random, f"l{number}")
    return world


def random_catalog(random: Random) -> World:
    tracks = [
        {
            "track_id": f"T{n}", "title": f"Title {n}", "album_id": random.choice(["A0", "A1", "A9", None]),
            "artist_ids": random.choice([["R0"], ["R1", "R0"], ["R2", "R7"], []]),
            "duration_ms": random.choice([None, 50_000, 179_999, 180_000, 299_999, 300_000]),
            "explicit": random.choice([None, True, False]), "popularity": random.choice([None, 0, 9, 10, 89, 90, 99, 100]),
            "isrc": None, "track_number": n, "disc_number": 1,
        }
        for n in range(0, 12, 2)
    ]  # fmt: skip
    albums = [
        {
            "album_id": f"A{n}", "title": f"Album {n}", "artist_ids": random.choice([["R5"], []]), "album_type": "album",
            "total_tracks": random.choice([None, 0, 1, 2, 3, 7]), "release_date": released,
            "release_precision": released and "day", "label": None, "popularity": None, "image_url": None,
        }
        for n, released in enumerate((date(1999, 12, 31), None, date(2000, 1, 1)))
    ]  # fmt: skip
    artists = [
        {
            "artist_id": f"R{n}",
            "name": f"Artist {n}",
            "popularity": 5,
            "followers": 9,
            "genres": ["a", "b,'c\""],
            "image_url": None,
        }
        for n in (0, 5)
    ]
    return {"catalog_track": tracks, "catalog_album": albums, "catalog_artist": artists}


def add_listener(world: World, random: Random, listener_id: str) -> None:
    world["listener"].append(
        {
            "listener_id": listener_id, "display_name": listener_id.upper(), "time_zone": random.choice(ZONES),
            "counts_private": random.random() < 0.3, "tenant_id": "default", "is_simulated": False, "version": 1,
        }
    )  # fmt: skip
    now = random.choice(EDGE_TIMES)
    if random.random() < 0.5:
        world["coverage"].append(
            {"listener_id": listener_id, "started_at": now, "ended_at": now + timedelta(1), "basis": "polled"}
        )
    for _ in range(random.choice([0, 1, 2, 10, 30])):
        now += timedelta(milliseconds=random.choice(STEPS))
        add_play(world, random, listener_id, now)


def add_play(world: World, random: Random, listener_id: str, ended_at: datetime) -> None:
    number = random.randrange(12)
    kind = random.choice(["track"] * 9 + ["episode"])
    track_id = random.choice([f"T{number}", f"x:track:{number}"])
    play: Row = {
        "listener_id": listener_id, "ended_at": ended_at, "ms_played": random.choice(LENGTHS), "kind": kind,
        "track_id": track_id if kind == "track" else f"E{number}",
        "artist_id": random.choice([None, "R1", f"x:artist:{number % 3}"]) if kind == "track" else None,
        "album_id": random.choice([None, "A2", f"x:album:{number % 3}"]) if kind == "track" else None,
        "track_title": random.choice([None, f"title {number}", f"TITLE {number}", f"títle {number}"]),
        "artist_name": random.choice([None, "Name", "name"]), "album_title": random.choice([None, "Disc", "disc"]),
        "is_private": random.random() < 0.2, "skipped": random.choice([None, True, False]),
        "shuffle": random.choice([None, True, False]), "offline": None, "platform": random.choice(list(PLATFORMS)),
        "country": "ES", "context_uri": None, "origin": "extended",
    }  # fmt: skip
    text = f"{listener_id}|{ended_at.isoformat()}|{track_id}|{play['ms_played']}|{kind}"
    play["play_id"] = hashlib.sha256(text.encode()).hexdigest()
    if all(other["play_id"] != play["play_id"] for other in world["play"][-40:]):
        world["play"].append(play)


def change(world: World, seed: int, listeners: list[str]) -> None:
    """Change a world.

    These listeners get and lose plays and change their settings, and the first of them is removed. The catalog is extended.
    """
    random = Random(seed)  # noqa: S311
    changed: set[str] = set(listeners)
    world["play"] = [play for play in world["play"] if play["listener_id"] not in changed or random.random() < 0.7]
    for listener in (row for row in world["listener"] if row["listener_id"] in changed):
        listener["time_zone"] = random.choice(ZONES)
        listener["counts_private"] = not listener["counts_private"]
        for _ in range(3):
            add_play(
                world,
                random,
                listener["listener_id"],
                random.choice(EDGE_TIMES) + timedelta(milliseconds=random.choice(STEPS)),
            )
    removed = listeners[0]
    for name in ("listener", "play", "coverage"):
        world[name] = [row for row in world[name] if row["listener_id"] != removed]
    world["id_map"].append({"provisional_id": "x:track:1", "spotify_id": "T1"})
    next(row for row in world["catalog_album"] if row["album_id"] == "A1")["total_tracks"] = 2
    next(row for row in world["catalog_track"] if row["track_id"] == "T4")["artist_ids"] = ["R8", "R0"]
    changed |= listeners_of(world, {"x:track:1", "T1", "x:track:4", "T4"}, {"A1"})
    for listener in world["listener"]:
        listener["version"] += listener["listener_id"] in changed


def listeners_of(world: World, tracks: set[str], albums: set[str]) -> set[str]:
    """Return the listeners of these tracks, named by their ids in source, and of tracks that core can assign to these albums."""
    on_album = {row["track_id"] for row in world["catalog_track"] if row["album_id"] in albums}
    on_album |= {row["provisional_id"] for row in world["id_map"] if row["spotify_id"] in on_album}
    return {
        play["listener_id"]
        for play in world["play"]
        if play["track_id"] in tracks | on_album or play["album_id"] in albums
    }
