"""Tracked text files avoid the phrases that `docs/writing.md` rules out."""

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
EXCLUDED = {"docs/writing.md", "tests/shape/test_writing.py"}
BANNED = re.compile(
    r"\b(?:whom|in\s+vain|of\s+which\s+none|that\s+is\s+none|anew|heretofore|thereby|is\s+no\s+matter\s+of)\b",
    re.IGNORECASE,
)
LINE_BREAK_IN_COMMENT = re.compile(r"\n\s*(?:#|--|//|\*)?\s*")  # A phrase can continue on the next comment line.


def text_files() -> list[str]:
    """Return the tracked files that are UTF-8 text, as paths relative to the project."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.split("\0") if name and name not in EXCLUDED]
    return [name for name in names if (PROJECT / name).is_file() and b"\0" not in (PROJECT / name).read_bytes()]


def violations(text: str) -> list[str]:
    """Return the banned phrases in the text, each as it is written there."""
    return BANNED.findall(LINE_BREAK_IN_COMMENT.sub(" ", text))


@pytest.mark.parametrize(
    "text",
    [
        "Listeners of whom plays are known.",
        "# A check that failed is no\n# matter of another try.",
        "-- rows of which\n-- none is new",
        "Anew.",
    ],
)
def test_banned_phrase_is_found(text: str) -> None:
    assert violations(text)


@pytest.mark.parametrize("text", ["a new load", "in vainglory", "somewhom", "The result is not a number."])
def test_similar_text_is_accepted(text: str) -> None:
    assert not violations(text)


def test_tracked_files_contain_no_banned_phrase() -> None:
    found = {name: violations((PROJECT / name).read_text(errors="replace")) for name in text_files()}
    assert not "\n".join(f"{name}: {', '.join(phrases)}" for name, phrases in found.items() if phrases)
