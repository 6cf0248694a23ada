"""Repair invalid text in JSON: bytes that are not UTF-8, and escaped surrogates without a partner. Both become U+FFFD."""

import codecs
import re

REPLACEMENT = rb"\ufffd"  # U+FFFD as a JSON escape
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")  # the start of an escaped surrogate
# Matches every escape, so that the second half of an escaped backslash never counts as the start of an escape.
# Group 1 is a surrogate pair, group 2 an unpaired surrogate.
ESCAPE = re.compile(
    rb"\\(?:(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
# An escape, or a first surrogate, at the end of a piece. The next piece may continue it.
UNFINISHED = re.compile(
    rb"(?<!\\)(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3}|u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?)?)\Z"
)
SEARCHED_END = 64  # bytes: an unfinished escape has at most 11; the rest is for backslashes before it


def replace_unpaired_surrogates(data: bytes) -> bytes:
    """Return the JSON with U+FFFD in place of each escaped surrogate that has no partner."""
    if not SURROGATE.search(data):
        return data
    return ESCAPE.sub(lambda escape: REPLACEMENT if escape[2] else escape[0], data)


class StreamRepair:
    """Repairs JSON that arrives in pieces. A piece may end inside a character or an escape."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = b""

    def repair(self, piece: bytes) -> bytes:
        """Return the repaired text up to the last complete escape. An empty piece ends the stream and returns the rest."""
        text = self._rest + self._decoder.decode(piece, final=not piece).encode()
        end = UNFINISHED.search(text, max(0, len(text) - SEARCHED_END)) if piece else None
        self._rest = text[end.start(1) :] if end else b""
        return replace_unpaired_surrogates(text[: len(text) - len(self._rest)])
