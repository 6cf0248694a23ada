"""Pagination of lists: `before` says where a page starts, and `next_before` where the next page starts."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

Position = TypeVar("Position", int, str)
Row = TypeVar("Row")


class PageIn(BaseModel, Generic[Position]):
    """The query parameters of every list."""

    before: Position | None = Field(None, description="`next_before` of the previous page; without it, the first page.")
    limit: int = Field(50, ge=1, le=200, description="The most rows of a page.")

    @property
    def rows_to_fetch(self) -> int:
        """Return the limit plus one: the extra row says that there is a next page."""
        return self.limit + 1

    def page(self, name: str, fetched: Sequence[Row], position_of: Callable[[Row], Position]) -> dict[str, Any]:
        """Return the rows of the page under `name`, and the position of its last row as `next_before` if more rows follow."""
        rows = list(fetched[: self.limit])
        return {name: rows, "next_before": position_of(rows[-1]) if len(fetched) > self.limit else None}


class PageOut(BaseModel, Generic[Position]):
    """The part that every list's answer has."""

    next_before: Position | None = Field(description="`before` of the next page; null on the last page.")
