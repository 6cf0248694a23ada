"""Long lists a page at a time, those of what happened newest first: `before` says where a page begins, `next_before` what to ask for after it."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

Place = TypeVar("Place", int, str)
Row = dict[str, Any]


class PageIn(BaseModel, Generic[Place]):
    """What every list takes."""

    before: Place | None = Field(None, description="`next_before` of the page before; without it, the first page.")
    limit: int = Field(50, ge=1, le=200)

    @property
    def rows_to_fetch(self) -> int:
        """One more than are shown: it tells whether there is a next page."""
        return self.limit + 1

    def page(self, name: str, fetched: Sequence[Row], place_of: Callable[[Row], Place]) -> Row:
        """The answer: the page's rows under `name`, and where the next page begins."""
        shown = list(fetched[: self.limit])
        return {name: shown, "next_before": place_of(shown[-1]) if len(fetched) > self.limit else None}


class PageOut(BaseModel, Generic[Place]):
    """What every list gives."""

    next_before: Place | None = Field(description="`before` of the next page; null on the last.")
