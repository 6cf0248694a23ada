"""Fields that an app in development mode does not receive since 2026, at any depth of a response."""

from typing import Any

REMOVED_FIELDS = {
    "track": {"available_markets", "linked_from", "popularity"},
    "album": {"album_group", "available_markets", "label", "popularity"},
    "artist": {"followers", "popularity"},
    "user": {"country", "email", "explicit_content", "followers", "product"},
}


def for_development(value: Any) -> Any:
    """Return the JSON value without the fields that development mode removes."""
    if isinstance(value, list):
        return [for_development(one) for one in value]
    if not isinstance(value, dict):
        return value
    removed = REMOVED_FIELDS.get(value.get("type", ""), set())
    return {key: for_development(one) for key, one in value.items() if key not in removed}
