"""Recompute a listener's plays from all accepted rows, in SQL.

Each step is a file in `steps/`. No row passes through Python.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from psycopg import Connection

from flask_endpoint.locks import lock_id_map

STEPS = Path(__file__).parent / "steps"
WORK_MEM = "64MB"  # per sort or hash; larger ones go to disk
STATISTICS_TARGET = "10"  # small samples: the planner only needs a table's size, and whether a value is frequent
TEMP_VIEWS = "richest_row, computed_play"
TEMP_TABLES = (
    "parameters, promoted_batch, counter, received_row, merged_item, other_name, candidate_pair, chosen_pair, "
    "extended_account, extended_api, account_api, account_item, api_item, extended_item, extended_minute, matched_play, "
    "item_play, changed_link, affected_play, unused_row, joined_row, touched, current_evidence, used_id, covered_span, "
    "mapped"
)
KEEP_EXTENDED_API = "INSERT INTO extended_api SELECT left_number, right_number FROM chosen_pair"
KEEP_EXTENDED_ACCOUNT = "INSERT INTO extended_account SELECT left_number, right_number, %s FROM chosen_pair"
KEEP_ACCOUNT_API = "INSERT INTO account_api SELECT left_number, right_number, %s FROM chosen_pair"
# Each pass: the step that lists its candidates, the statement that keeps the chosen pairs, and its parameters.
MATCHING_PASSES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("40_extended_api", KEEP_EXTENDED_API, ()),
    ("51_extended_account_pass_1", KEEP_EXTENDED_ACCOUNT, ("pass 1",)),
    ("52_extended_account_pass_2", KEEP_EXTENDED_ACCOUNT, ("pass 2",)),
    ("53_extended_account_pass_3", KEEP_EXTENDED_ACCOUNT, ("pass 3",)),
    ("54_extended_account_pass_4", KEEP_EXTENDED_ACCOUNT, ("pass 4",)),
    ("61_account_api_pass_1", KEEP_ACCOUNT_API, ("account pass 1",)),
    ("62_account_api_pass_2", KEEP_ACCOUNT_API, ("account pass 2",)),
)


@dataclass(frozen=True)
class Changes:
    """What a recomputation changed, and what it found in the rows of the batch. Read from the temporary table `counter`.

    `rows_repeated` and `rows_without_play` count rows of the batch that are kept: those whose item was known before,
    and those that no row names. The `dropped_rows_*` count the same among the poll items that were dropped because they
    were known.
    """

    plays_inserted: int
    plays_updated: int
    plays_deleted: int
    spans_changed: int
    rows_repeated: int
    rows_without_play: int
    dropped_rows_repeated: int
    dropped_rows_without_play: int


@cache
def step(name: str) -> bytes:
    """Return the SQL of a step, named by its path in `steps/` without `.sql`."""
    return (STEPS / f"{name}.sql").read_bytes()


def recompute(
    connection: Connection, listener_id: str, batch_id: int | None, wait_for_gate: Callable[[], None] | None = None
) -> Changes:
    """Recompute the listener's plays from all promoted batches. Return what changed.

    `batch_id` is the batch that is being promoted, if any. `wait_for_gate` is called before the id map is locked. An
    exception that it raises propagates. The caller holds the listener's lock and commits.
    """
    _prepare_session(connection, listener_id, batch_id)
    connection.execute(step("05_known_poll_items"))
    _set_nestloop_and_mergejoin(connection, "off")
    for name in ("10_received_rows", "20_merged_items", "30_matching_inputs"):
        connection.execute(step(name))
    for name, keep, parameters in MATCHING_PASSES:
        connection.execute(step(f"matching/{name}"))
        connection.execute(step("matching/choose_pairs"))
        connection.execute(keep.encode(), parameters)
    for name in ("70_matched_plays", "72_row_links", "80_write_plays"):
        connection.execute(step(name))
    _set_nestloop_and_mergejoin(connection, "on")
    for name in ("90_ids", "91_coverage"):
        connection.execute(step(name))
    if wait_for_gate is not None:
        wait_for_gate()
    lock_id_map(connection)
    map_ids(connection)
    connection.execute(step("93_version"))
    return Changes(**dict(connection.execute("SELECT name, value FROM counter").fetchall()))


def map_ids(connection: Connection) -> None:
    """Update the id map for the provisional ids in the temporary table `touched`.

    The caller holds the lock on the id map.
    """
    connection.execute(step("92_id_map"))


def _prepare_session(connection: Connection, listener_id: str, batch_id: int | None) -> None:
    """Drop what an earlier call left in the same transaction, configure the planner, and create the parameter tables."""
    views, tables = (", ".join(f"pg_temp.{name}" for name in names.split(", ")) for names in (TEMP_VIEWS, TEMP_TABLES))
    connection.execute(f"DROP VIEW IF EXISTS {views}".encode())
    connection.execute(f"DROP TABLE IF EXISTS {tables}".encode())
    connection.execute("SELECT set_config('work_mem', %s, true)", (WORK_MEM,))
    connection.execute("SELECT set_config('default_statistics_target', %s, true)", (STATISTICS_TARGET,))
    # A parallel hash join needs shared memory, and a container has little.
    connection.execute("SELECT set_config('enable_parallel_hash', 'off', true)")
    connection.execute("CREATE TEMP TABLE parameters (listener_id text, batch_id bigint) ON COMMIT DROP")
    connection.execute("INSERT INTO parameters VALUES (%s, %s)", (listener_id, batch_id))
    connection.execute(
        "CREATE TEMP TABLE promoted_batch ON COMMIT DROP AS "
        "SELECT b.batch_id FROM landing.batch AS b JOIN parameters USING (listener_id) WHERE b.status = 'promoted'"
    )
    connection.execute("ANALYZE parameters, promoted_batch")


def _set_nestloop_and_mergejoin(connection: Connection, value: Literal["on", "off"]) -> None:
    """Enable or disable nested loop joins and merge joins until the transaction ends.

    The planner has no statistics of the rows that this transaction and the previous one wrote. It takes them for few
    and would choose these joins, which are slow for many rows.
    """
    for join in ("nestloop", "mergejoin"):
        connection.execute(f"SELECT set_config('enable_{join}', %s, true)", (value,))
