"""What a verification of changed rows compares: the rows that loads may have changed since the replica was last proven equal.

A load recomputes whole listeners, and `audit.load` lists them. The catalog decides how a table is compared:

| the table | compared rows | how a row that only the replica kept is found |
|---|---|---|
| has an index led by `listener_id` | those of the loads' listeners | by the ids of all listeners, which a loose index scan reads |
| is large, and its `load_id` says which load last changed a row | those of the loads | by the number of all rows |
| any other | all | |

The loads' own records in `audit` change without a load when a listener is deleted, so they are compared whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import psycopg
from psycopg import sql

from cdc_connectors.tuning import MAX_CHANGED_SHARE, SMALL_TABLE
from cdc_connectors.verification.tables import Table

Rule = Literal["by listener", "by load", "whole"]
EVERY_ROW = sql.SQL("true")

# The order is that in which they ended: each ends under the load lock, but may have waited for it after its start.
NEWEST_CHECK = """
    SELECT outcome = 'equal', started_at FROM audit.replica_check
    WHERE outcome IN ('equal', 'different')
    ORDER BY started_at + duration_ms * interval '1 ms' DESC LIMIT 1
"""
HAS_RESYNC_SINCE = "SELECT EXISTS (SELECT FROM cdc.resync WHERE started_at >= %s)"

# A load that ran during the check ends after its start. The margin is for a clock that was set back a little.
LOADS_SINCE = """
    SELECT load_id, kind, status = 'published', listeners_touched, ARRAY(SELECT jsonb_object_keys(listener_versions))
    FROM audit.load WHERE finished_at IS NULL OR finished_at >= %s::timestamptz - interval '10 minutes'
"""
LISTENER_COUNT = "SELECT count(*) FROM audit.listener_version"

# NULL would be invisible to the loose index scan. Size: of the rows with their long values, without indexes.
CATALOG = """
    SELECT n.nspname || '.' || c.relname,
           coalesce((SELECT sum(pg_table_size(relid)) FROM pg_partition_tree(c.oid)), pg_table_size(c.oid))::bigint,
           EXISTS (
               SELECT FROM pg_index i
               JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
               JOIN pg_class x ON x.oid = i.indexrelid
               JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree'
               WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND a.attname = 'listener_id' AND a.attnotnull
           )
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('core', 'mart', 'audit')
"""

# Reads one row of each listener: the cost grows with the listeners, not with their rows. DISTINCT would read every row.
LISTENER_IDS = sql.SQL("""
    WITH RECURSIVE found (id) AS (
        (SELECT listener_id FROM {table} ORDER BY listener_id LIMIT 1)
        UNION ALL
        SELECT (SELECT listener_id FROM {table} WHERE listener_id > found.id ORDER BY listener_id LIMIT 1)
        FROM found WHERE found.id IS NOT NULL
    )
    SELECT id FROM found WHERE id IS NOT NULL
""")


@dataclass(frozen=True)
class Changes:
    """The listeners and the loads whose rows may have changed in main since the replica was last proven equal."""

    listeners: frozenset[str]
    loads: frozenset[int]


@dataclass(frozen=True)
class Unknown:
    """Why the changed rows are not known, or not worth selecting. Then all rows must be compared."""

    reason: str


def changes_since_proof(main: psycopg.Connection) -> Changes | Unknown:
    """Return what changed in main since the last proof. The caller holds the load lock.

    A verification that could not compare is passed over: it says nothing about the rows.
    """
    newest = main.execute(NEWEST_CHECK).fetchone()
    if newest is None:
        return Unknown("The replica was not compared with main before.")
    is_equal, started_at = newest
    if not is_equal:
        return Unknown("The last verification found a difference.")
    [(has_resync,)] = main.execute(HAS_RESYNC_SINCE, (started_at,)).fetchall()
    if has_resync:
        return Unknown("Main was copied to the replica since the last verification.")
    return _changes_of_loads(main, main.execute(LOADS_SINCE, (started_at,)).fetchall())


def _changes_of_loads(
    main: psycopg.Connection, loads: list[tuple[int, str, bool, int, list[str]]]
) -> Changes | Unknown:
    listeners: set[str] = set()
    for load_id, kind, is_published, listener_count, ids in loads:
        if not is_published:
            continue  # It changed its own records only.
        if kind == "rebuild":
            return Unknown(f"Load {load_id} was a rebuild.")
        if listener_count != len(ids):
            return Unknown(f"Load {load_id} does not list its {listener_count:,} listeners.")
        listeners.update(ids)
    [(count,)] = main.execute(LISTENER_COUNT).fetchall()
    if len(listeners) > MAX_CHANGED_SHARE * count:
        return Unknown(f"Loads recomputed {len(listeners):,} of {count:,} listeners since the last verification.")
    return Changes(frozenset(listeners), frozenset(load_id for load_id, *_ in loads))


class ChangedRows:
    """Selects the rows of each table to compare, in the two databases' open transactions."""

    def __init__(self, main: psycopg.Connection, replica: psycopg.Connection, changes: Changes) -> None:
        self._main, self._replica, self._changes = main, replica, changes
        catalogs = [{name: (size, is_led) for name, size, is_led in side.execute(CATALOG)} for side in (main, replica)]
        self._sizes = {name: size for name, (size, _) in catalogs[0].items()}
        self._led_by_listener = set.intersection(
            *({name for name, (_, is_led) in catalog.items() if is_led} for catalog in catalogs)
        )

    def conditions(self, table: Table) -> Iterator[sql.Composable]:
        """Yield conditions on the rows of a table. If the rows of one are equal, so are all rows; else try the next one."""
        rule = self.rule(table)
        if rule == "by listener":
            listeners = self._changes.listeners | (
                self._listeners(self._main, table) ^ self._listeners(self._replica, table)
            )
            yield sql.SQL("listener_id = ANY ({})").format(sql.Literal(sorted(listeners)))
            return
        if rule == "by load" and self._count(self._main, table) == self._count(self._replica, table):
            # Whether a row differs or is missing shows only in all rows: the replica's row may be of an older load.
            yield sql.SQL("load_id = ANY ({})").format(sql.Literal(sorted(self._changes.loads)))
        yield EVERY_ROW

    def rule(self, table: Table) -> Rule:
        """Return how the table is compared."""
        columns = {name for name, _ in table.columns}
        if table.full_name in self._led_by_listener:
            return "by listener"
        if self._sizes[table.full_name] <= SMALL_TABLE or "load_id" not in columns:
            return "whole"
        # In core and mart, load_id is the load that last changed a row. In audit it is the load to which a row belongs: that row
        # changes only while the load runs, unless it is the load's own or names a listener, who can be deleted later.
        is_of_a_load = "load_id" in table.key and len(table.key) > 1 and "listener_id" not in columns
        return "whole" if table.schema == "audit" and not is_of_a_load else "by load"

    @staticmethod
    def _listeners(connection: psycopg.Connection, table: Table) -> set[str]:
        return {listener for (listener,) in connection.execute(LISTENER_IDS.format(table=table.identifier))}

    @staticmethod
    def _count(connection: psycopg.Connection, table: Table) -> int:
        [(count,)] = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table.identifier)).fetchall()
        return int(count)
