"""Names made comparable, and the provisional ids that stand in where Spotify's are not known."""

import unicodedata
from functools import lru_cache
from hashlib import sha256

SEPARATOR = "\x1f"  # U+001F between joined names: no name contains it.
HASH_LENGTH = 32  # hex digits of the SHA-256 kept in a provisional id
CACHED = 50_000  # distinct names; listeners repeat themselves, so most rows hit


@lru_cache(CACHED)
def normalise(name: str | None) -> str | None:
    """NFC, Unicode case fold, NFC, white space to single spaces, trimmed; None when nothing is left."""
    if name is None:
        return None
    if name.isascii():
        folded = name.lower()
    else:
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return " ".join(folded.split()) or None


@lru_cache(CACHED)
def hash_of(*keys: str) -> str:
    """Hash normalised names, in the contract's order: artist, then title or album."""
    return sha256(SEPARATOR.join(keys).encode()).hexdigest()[:HASH_LENGTH]


def names_id(artist_key: str | None, title_key: str | None) -> str | None:
    """Name a pair of names; two rows have the same names when this is equal and not None."""
    return hash_of(artist_key, title_key) if artist_key and title_key else None


def provisional_id(kind: str, *keys: str | None) -> str:
    """Stand in for an id of Spotify's: `kind` is track, artist, album, episode or chapter."""
    return f"x:{kind}:{hash_of(*(key or '' for key in keys))}"
