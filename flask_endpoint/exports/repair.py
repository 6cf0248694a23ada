"""What is no text in a file: bytes that are no UTF-8, and escapes of half a surrogate pair. They become U+FFFD and cost no row."""

import codecs
import re

REPLACEMENT = rb"\ufffd"  # as JSON writes it
HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # the beginning of an escape that may be half a pair
# Every escape, so that an escaped backslash is never taken for the beginning of one: a pair, half of one, any other.
ESCAPE = re.compile(
    rb"\\(?:(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
# An escape at the end of a piece that the next piece may go on with.
UNFINISHED = re.compile(
    rb"(?<!\\)(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3}|u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?)?)\Z"
)
LONGEST_END = 64  # bytes: an unfinished escape has 11, and few titles end in more backslashes than that leaves


def with_whole_pairs(data: bytes) -> bytes:
    """The same JSON, half a surrogate pair replaced wherever one is escaped."""
    return ESCAPE.sub(lambda escape: REPLACEMENT if escape[2] else escape[0], data) if HALF.search(data) else data


class Mender:
    """Mends a file that comes in pieces, which may end within a letter or an escape."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = b""

    def mend(self, piece: bytes) -> bytes:
        """What is certain of the text so far; the rest is given with the next piece, and with an empty one at the end."""
        text = self._rest + self._decoder.decode(piece, final=not piece).encode()
        end = UNFINISHED.search(text, max(0, len(text) - LONGEST_END)) if piece else None
        self._rest = text[end.start(1) :] if end else b""
        return with_whole_pairs(text[: len(text) - len(self._rest)])
