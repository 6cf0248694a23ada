"""What an app in development mode does not get (since 2026): fields left out of Spotify's objects, at any depth."""

from typing import Any

LEFT_OUT = {
    "track": {"available_markets", "linked_from", "popularity"},
    "album": {"album_group", "available_markets", "label", "popularity"},
    "artist": {"followers", "popularity"},
    "user": {"country", "email", "explicit_content", "followers", "product"},
}


def for_development(value: Any) -> Any:
    """The same answer for an app in development mode."""
    if isinstance(value, list):
        return [for_development(one) for one in value]
    if not isinstance(value, dict):
        return value
    left_out = LEFT_OUT.get(value.get("type", ""), set())
    return {key: for_development(one) for key, one in value.items() if key not in left_out}
