"""The JSON objects of the Web API, with the fields and key order that an app in extended quota mode receives."""

from typing import Any
from urllib.parse import urlencode

from simulated_spotify.clock import instant
from simulated_spotify.listening.listeners import Listener
from simulated_spotify.listening.plays import Play
from simulated_spotify.music.items import Album, Artist, Catalog, Track

Json = dict[str, Any]
MARKETS = ["ES", "JP", "US"]
IMAGE_SIZES = (640, 300, 64)
OPEN = "https://open.spotify.com"


class Shapes:
    """Builds the JSON objects of one catalog, with links to `base_url`."""

    def __init__(self, catalog: Catalog, base_url: str) -> None:
        self.catalog, self.base_url = catalog, base_url

    def user(self, who: Listener, scopes: set[str]) -> Json:
        private = {"country": who.country, "product": "premium"} if "user-read-private" in scopes else {}
        filters = {"filter_enabled": False, "filter_locked": False}
        explicit = {"explicit_content": filters} if private else {}
        email = {"email": f"{who.id}@example.com"} if "user-read-email" in scopes else {}
        user_id = f"simulated-{who.id}"
        return {
            "account_id": who.account_id,
            "display_name": who.display_name,
            "external_urls": {"spotify": f"{OPEN}/user/{user_id}"},
            "href": f"{self.base_url}/v1/users/{user_id}",
            "id": user_id,
            "images": [],
            "type": "user",
            "uri": f"spotify:user:{user_id}",
            "followers": {"href": None, "total": 0},
            **private,
            **explicit,
            **email,
        }

    def simple_artist(self, artist_id: str) -> Json:
        artist = self.catalog.artists[artist_id]
        return {**self._links("artist", artist.id), "name": artist.name, **_type_and_uri("artist", artist.id)}

    def artist(self, artist: Artist) -> Json:
        links = self._links("artist", artist.id)
        return {
            "external_urls": links["external_urls"],
            "followers": {"href": None, "total": artist.followers},
            "genres": list(artist.genres),
            "href": links["href"],
            "id": artist.id,
            "images": self._images(artist.image),
            "name": artist.name,
            "popularity": artist.popularity,
            **_type_and_uri("artist", artist.id),
        }

    def simple_album(self, album: Album) -> Json:
        return {
            "album_type": album.album_type,
            "artists": [self.simple_artist(album.artist_id)],
            "available_markets": MARKETS,
            **self._links("album", album.id),
            "images": self._images(album.image),
            "name": album.title,
            "release_date": album.release_date,
            "release_date_precision": album.release_precision,
            "total_tracks": len(album.tracks),
            **_type_and_uri("album", album.id),
        }

    def album(self, album: Album) -> Json:
        simple = self.simple_album(album)
        after_markets = {
            "copyrights": [
                {"text": f"{album.release_date[:4]} {album.label} (simulated)", "type": kind} for kind in ("C", "P")
            ],
            "external_ids": {"upc": album.upc},
            "external_urls": simple.pop("external_urls"),
            "genres": [],
        }
        head = {key: simple.pop(key) for key in ("album_type", "artists", "available_markets")}
        middle = {key: simple.pop(key) for key in ("href", "id", "images")}
        return {
            **head,
            **after_markets,
            **middle,
            "label": album.label,
            "name": simple.pop("name"),
            "popularity": album.popularity,
            "release_date": simple.pop("release_date"),
            "release_date_precision": simple.pop("release_date_precision"),
            "total_tracks": simple.pop("total_tracks"),
            "tracks": self.album_tracks(album, 0, 50),
            **simple,
        }

    def album_tracks(self, album: Album, offset: int, limit: int) -> Json:
        """Return one page of an album's tracks."""
        path, total = f"{self.base_url}/v1/albums/{album.id}/tracks", len(album.tracks)
        previous = max(0, offset - limit)

        def page(start: int) -> str:
            return f"{path}?{urlencode({'offset': start, 'limit': limit})}"

        return {
            "href": page(offset),
            "items": [self._simple_track(track) for track in album.tracks[offset : offset + limit]],
            "limit": limit,
            "next": page(offset + limit) if offset + limit < total else None,
            "offset": offset,
            "previous": page(previous) if offset else None,
            "total": total,
        }

    def track(self, track: Track) -> Json:
        simple = self._simple_track(track)
        tail = {key: simple.pop(key) for key in ("preview_url", "track_number", "type", "uri")}
        first = ("artists", "available_markets", "disc_number", "duration_ms", "explicit")
        head = {key: simple.pop(key) for key in first}
        return {
            "album": self.simple_album(self.catalog.albums[track.album_id]),
            **head,
            "external_ids": {"isrc": track.isrc},
            **simple,
            "popularity": track.popularity,
            **tail,
        }

    def _simple_track(self, track: Track) -> Json:
        return {
            "artists": [self.simple_artist(artist_id) for artist_id in track.artist_ids],
            "available_markets": MARKETS,
            "disc_number": track.disc_number,
            "duration_ms": track.duration_ms,
            "explicit": track.explicit,
            **self._links("track", track.id),
            "is_local": False,
            "name": track.title,
            "preview_url": None,
            "track_number": track.track_number,
            **_type_and_uri("track", track.id),
        }

    def played(self, play: Play) -> Json:
        track = self.catalog.tracks[play.track_id or ""]
        return {"track": self.track(track), "played_at": instant(play.ended_at), "context": self._context(play)}

    def _context(self, play: Play) -> Json | None:
        if play.context_uri is None:
            return None
        _, kind, own_id = play.context_uri.split(":")
        return {
            "type": kind,
            "external_urls": {"spotify": f"{OPEN}/{kind}/{own_id}"},
            "href": f"{self.base_url}/v1/{kind}s/{own_id}",
            "uri": play.context_uri,
        }

    def _links(self, kind: str, own_id: str) -> Json:
        return {
            "external_urls": {"spotify": f"{OPEN}/{kind}/{own_id}"},
            "href": f"{self.base_url}/v1/{kind}s/{own_id}",
            "id": own_id,
        }

    def _images(self, name: str | None) -> list[Json]:
        """Return the image links, widest first. This server draws the images itself."""
        if name is None:
            return []
        url = f"{self.base_url}/image/{name}"
        return [{"height": size, "url": f"{url}?size={size}", "width": size} for size in IMAGE_SIZES]


def _type_and_uri(kind: str, own_id: str) -> Json:
    return {"type": kind, "uri": f"spotify:{kind}:{own_id}"}
