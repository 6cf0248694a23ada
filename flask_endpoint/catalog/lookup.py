"""Read stored items of the catalog."""

from typing import Any

from psycopg import Connection, sql
from psycopg.rows import dict_row

from flask_endpoint.catalog.store import Kind


def stored_item(connection: Connection, kind: Kind, item_id: str) -> dict[str, Any]:
    """Return the stored columns of a track, album or artist, without those that are only used for matching names."""
    query = sql.SQL("SELECT * FROM {} WHERE {} = %s").format(
        sql.Identifier("raw", f"catalog_{kind}"), sql.Identifier(f"{kind}_id")
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        [row] = cursor.execute(query, (item_id,)).fetchall()
    return {name: value for name, value in row.items() if not name.endswith("_key")}
