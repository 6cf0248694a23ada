"""Extract catalog objects from Spotify's answers, in which any value may be null."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class CatalogObjects:
    """Spotify's JSON objects by id. `full_tracks` have all details, `tracks` are simplified."""

    full_tracks: dict[str, Json]
    tracks: dict[str, Json]
    albums: dict[str, Json]
    artists: dict[str, Json]


def objects_in_plays(items: Iterable[Any]) -> CatalogObjects:
    """Return the objects inside the items of recently-played: tracks, most with all details, and simplified albums and artists."""
    tracks = by_id(item.get("track") for item in items if isinstance(item, dict))
    albums = by_id(track.get("album") for track in tracks.values())
    return CatalogObjects(
        full_tracks={track_id: track for track_id, track in tracks.items() if "external_ids" in track},
        tracks={track_id: track for track_id, track in tracks.items() if "external_ids" not in track},
        albums=albums,
        artists=by_id(credited((*tracks.values(), *albums.values()))),
    )


def credited(things: Iterable[Json]) -> Iterator[Any]:
    """Yield the artists of tracks or albums."""
    for thing in things:
        artists = thing.get("artists")
        yield from artists if isinstance(artists, list) else ()


def by_id(found: Iterable[Any]) -> dict[str, Json]:
    """Return the objects that have an id and a name, by id. Local files have no Spotify id."""
    return {
        thing["id"]: thing
        for thing in found
        if isinstance(thing, dict) and isinstance(thing.get("id"), str) and isinstance(thing.get("name"), str)
    }
