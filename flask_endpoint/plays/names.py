"""Normalise names for comparison, and derive provisional ids from them while Spotify's ids are unknown."""

import unicodedata
from functools import lru_cache
from hashlib import sha256

PROVISIONAL_PREFIX = "x:"  # No id of Spotify starts with it.
SEPARATOR = "\x1f"  # U+001F joins names, because no name contains it.
HASH_LENGTH = 32  # hex digits of SHA-256 in a provisional id
CACHED_NAMES = 50_000  # Listeners repeat tracks, so most rows are cache hits.


@lru_cache(CACHED_NAMES)
def normalise(name: str | None) -> str | None:
    """Return the name in Unicode NFC and case-folded, with single spaces between words; None if nothing is left."""
    if name is None:
        return None
    if name.isascii():
        folded = name.lower()
    else:
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return " ".join(folded.split()) or None


@lru_cache(CACHED_NAMES)
def hash_of(*keys: str) -> str:
    """Return the hash of normalised names, in the order of the data contract: artist, then title or album."""
    return sha256(SEPARATOR.join(keys).encode()).hexdigest()[:HASH_LENGTH]


def names_id(artist_key: str | None, title_key: str | None) -> str | None:
    """Return the hash of a pair of names, None if one is missing. Two rows have the same names if their hashes are equal."""
    return hash_of(artist_key, title_key) if artist_key and title_key else None


def provisional_id(kind: str, *keys: str | None) -> str:
    """Return the id used until Spotify's id is known. `kind` is track, artist, album, episode or chapter."""
    return f"{PROVISIONAL_PREFIX}{kind}:{hash_of(*(key or '' for key in keys))}"
