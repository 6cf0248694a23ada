"""Make the texts of files and of Spotify's answers safe to store: every text that is read passes `repair_text`.

Text without a limit would reach main and then Kafka, which refuses large records, so that one title could stop the replica.
"""

from typing import Annotated

from msgspec import Meta

from common.texts import LONGEST_TEXT

REPLACEMENT = "\ufffd"
# A text of an export row. msgspec refuses a longer one, and the row is then decoded leniently, which repairs its texts.
LimitedText = Annotated[str, Meta(max_length=LONGEST_TEXT)] | None


def repair_text(text: str) -> str:
    """Replace characters that PostgreSQL cannot store, NUL and unpaired surrogates, and cut a text that is too long.

    A cut text ends with U+FFFD: like other repaired text it is counted, and yields to the same row with the whole text.
    """
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - len(REPLACEMENT)] + REPLACEMENT
    return text.replace("\x00", REPLACEMENT).encode("utf-8", "replace").decode()
