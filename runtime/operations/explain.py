"""`make explain METRIC=listening_streak LISTENER=ana`: where a listener's rows of a metric come from."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from runtime.errors import OperatorError
from runtime.operations.databases import ask

METRICS = """
    SELECT c.relname, n.nspname || '.' || c.relname, obj_description(c.oid, 'pg_class')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('core', 'mart') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'listener_id' AND NOT a.attisdropped)
     ORDER BY n.nspname DESC, c.relname
"""
COLUMNS = """
    SELECT attname, coalesce(col_description(attrelid, attnum), '') FROM pg_attribute
     WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('listener_id', 'load_id')
     ORDER BY attnum
"""
LOADS_OF_ROWS = """
    SELECT rows.load_id, rows.count, load.kind, load.finished_at, load.run_id, input.version
      FROM (SELECT load_id, count(*) FROM {table} WHERE listener_id = %(listener)s GROUP BY load_id) AS rows
      JOIN audit.load USING (load_id)
      LEFT JOIN audit.load_input AS input ON input.load_id = rows.load_id AND input.listener_id = %(listener)s
     ORDER BY rows.load_id DESC
"""
LAST_LOAD = """
    SELECT load.load_id, load.finished_at, input.version FROM audit.load JOIN audit.load_input AS input USING (load_id)
     WHERE load.status = 'published' AND input.listener_id = %s ORDER BY load.load_id DESC LIMIT 1
"""
CHECKS = """
    SELECT check_name, outcome, rows_failed FROM audit.lineage WHERE load_id = %s AND table_name = %s ORDER BY check_name
"""
LISTENERS = "SELECT listener_id FROM core.dim_listener ORDER BY listener_id"
SHOWN_LOADS = 10

Settings = Mapping[str, str]


def explain(settings: Settings, metric: str, listener: str, out: Console | None = None) -> None:
    """Print what the metric is, which loads wrote the listener's rows, and how the last one was checked. Raises OperatorError."""
    out = out or Console(highlight=False)
    table, definition = _metric(settings, metric)
    _require_known_listener(settings, listener)
    out.print(f"{table}. {definition}", markup=False)
    out.print(_columns(settings, table))
    last = ask(settings, "main", LAST_LOAD, (listener,))
    loads = ask(settings, "main", LOADS_OF_ROWS.format(table=table), {"listener": listener})
    out.print(_loads(table, listener, loads))
    if not last:
        return
    load_id, finished_at, version = last[0]
    out.print(
        f"Load {load_id} was the last to recompute {listener}, from version {version} of their history in source, published "
        f"{_moment(finished_at)}. It wrote only rows that differed: later loads computed the same values for the older rows above."
    )
    out.print(_checks(settings, load_id, table))


def _metric(settings: Settings, metric: str) -> tuple[str, str]:
    """Return the table's full name and its definition."""
    known = {name: (table, definition) for name, table, definition in ask(settings, "main", METRICS)}
    if metric not in known:
        wanted = f"There is no metric {metric!r}" if metric else "Name a metric, METRIC=listener_summary"
        raise OperatorError(f"{wanted}; there are: {', '.join(known)}.")
    return known[metric]


def _require_known_listener(settings: Settings, listener: str) -> None:
    """Raise OperatorError with the known listeners if main does not have this one."""
    known = [name for (name,) in ask(settings, "main", LISTENERS)]
    if listener not in known:
        wanted = f"There is no listener {listener!r}" if listener else "Name a listener, LISTENER=ana"
        there_are = f"there are: {', '.join(known)}" if known else "main has none yet, run make pipeline first"
        raise OperatorError(f"{wanted}; {there_are}.")


def _columns(settings: Settings, table: str) -> Table:
    shown = Table("column", "means", box=None)
    for name, comment in ask(settings, "main", COLUMNS, (table,)):
        shown.add_row(name, comment)
    return shown


def _loads(table: str, listener: str, loads: list[tuple[Any, ...]]) -> Table | str:
    if not loads:
        return f"{listener} has no rows in {table}."
    total = sum(load[1] for load in loads)
    title = f"{total:,} rows of {listener}, by the load that last changed them"
    shown = Table("load", "rows", "kind", "published", "source version", "run", title=title, title_justify="left")
    for load_id, count, kind, finished_at, run_id, version in loads[:SHOWN_LOADS]:
        shown.add_row(str(load_id), f"{count:,}", kind, _moment(finished_at), str(version), run_id)
    if older := loads[SHOWN_LOADS:]:
        shown.add_row("older", f"{sum(load[1] for load in older):,}", "", "", "", f"{len(older)} loads")
    return shown


def _checks(settings: Settings, load_id: int, table: str) -> Table:
    shown = Table("check", "verdict", "rows failed", title=f"Its checks of {table}", title_justify="left")
    for name, outcome, failed in ask(settings, "main", CHECKS, (load_id, table)):
        shown.add_row(name, outcome, "" if failed is None else f"{failed:,}")
    return shown


def _moment(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "not yet"
