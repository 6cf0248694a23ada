"""Read recorded imports, and count the rejected rows of each by reason."""

from datetime import datetime
from typing import Literal

from psycopg import Connection
from pydantic import BaseModel, Field
from sqlalchemy import select

from flask_endpoint.database import only_row
from flask_endpoint.errors import NotFound
from flask_endpoint.plays.row import UNIDENTIFIED
from flask_endpoint.queries import fetch_records, source_table


class ImportRecord(BaseModel):
    """An import. The counts are null until it is promoted."""

    import_id: int
    listener_id: str
    started_at: datetime
    finished_at: datetime | None
    status: Literal["running", "landed", "promoted", "refused", "undone"]
    files: list[str]
    rows_read: int | None = Field(description="The sum of the other four counts.")
    rows_added: int | None = Field(description="Plays after the import minus plays before it.")
    rows_matched: int | None = Field(description="Rows that joined a play of another row.")
    rows_repeated: int | None = Field(description="Rows that an earlier batch already contained.")
    rows_rejected: int | None
    reason: str | None


IMPORT = source_table("raw", "import", ImportRecord.model_fields)


def list_imports(
    connection: Connection,
    listener_id: str | None = None,
    *,
    before: int | None = None,
    limit: int | None = None,
    import_id: int | None = None,
) -> list[ImportRecord]:
    """Return recorded imports, newest first.

    Each argument that is not None narrows the result: to one listener, to ids below `before`, to the first `limit`, to
    one id.
    """
    query = select(IMPORT).order_by(IMPORT.c.import_id.desc()).limit(limit)
    if listener_id is not None:
        query = query.where(IMPORT.c.listener_id == listener_id)
    if before is not None:
        query = query.where(IMPORT.c.import_id < before)
    if import_id is not None:
        query = query.where(IMPORT.c.import_id == import_id)
    return fetch_records(connection, query, ImportRecord)


def find_import(connection: Connection, import_id: int) -> tuple[ImportRecord, dict[str, int]]:
    """Return one import, and the number of its rejected rows by reason. Raises NotFound."""
    found = list_imports(connection, import_id=import_id)
    if not found:
        raise NotFound(f"There is no import {import_id}.")
    batch = connection.execute("SELECT batch_id FROM landing.batch WHERE import_id = %s", (import_id,)).fetchone()
    if batch is None or found[0].status == "undone":
        return found[0], {}
    return found[0], rejected_by_reason(connection, batch[0], found[0].rows_rejected)


def rejected_by_reason(connection: Connection, batch_id: int, rows_rejected: int | None) -> dict[str, int]:
    """Return the number of rejected rows of a batch by reason.

    `rows_rejected` is the total of the batch's balance, or None until the batch is promoted. The total includes
    unidentified rows, which are not in landing.rejected.
    """
    counts: dict[str, int] = dict(
        connection.execute(
            "SELECT reason, count(*) FROM landing.rejected WHERE batch_id = %s GROUP BY reason ORDER BY reason",
            (batch_id,),
        ).fetchall()
    )
    unidentified = 0 if rows_rejected is None else rows_rejected - sum(counts.values())
    return counts | ({UNIDENTIFIED: unidentified} if unidentified else {})


def count_repaired_texts(connection: Connection, batch_id: int) -> int:
    """Return the number of names in a batch that contain U+FFFD, which replaces what is not valid text."""
    (count,) = only_row(
        connection,
        "SELECT count(*) FILTER (WHERE strpos(title, U&'\\FFFD') > 0) + count(*) FILTER (WHERE strpos(artist_name, U&'\\FFFD') > 0) "
        "+ count(*) FILTER (WHERE strpos(album_title, U&'\\FFFD') > 0) FROM landing.play WHERE batch_id = %s",
        (batch_id,),
    )
    return int(count)
