"""The reconciliation as SQL, one step a file, run in order by `recompute`; no row passes through Python."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from psycopg import Connection

STEPS = Path(__file__).parent / "steps"
WORK_MEM = "64MB"  # per sort or hash; sorts beyond it go to disk
STATISTICS = "10"  # ANALYZE's sample: plans need a table's size, and whether a value is frequent
TEMP_TABLES = (
    "subject, batch_held, held, renamed, candidate, extended_account, extended_api, account_api, account_item, api_item, "
    "extended_item, extended_minute, chosen, partner, became, relinked, affected, silent, follower, "
    "changed, touched, evidence, used, mapped, covered"
)
# What a pass chose goes into the table of its two sides.
PASSES = (
    ("40_extended_api", "INSERT INTO extended_api SELECT l, r FROM chosen"),
    ("51_extended_account_pass_1", "INSERT INTO extended_account SELECT l, r, 'pass 1' FROM chosen"),
    ("52_extended_account_pass_2", "INSERT INTO extended_account SELECT l, r, 'pass 2' FROM chosen"),
    ("53_extended_account_pass_3", "INSERT INTO extended_account SELECT l, r, 'pass 3' FROM chosen"),
    ("54_extended_account_pass_4", "INSERT INTO extended_account SELECT l, r, 'pass 4' FROM chosen"),
    ("61_account_api_pass_1", "INSERT INTO account_api SELECT l, r, 'account pass 1' FROM chosen"),
    ("62_account_api_pass_2", "INSERT INTO account_api SELECT l, r, 'account pass 2' FROM chosen"),
)


@cache
def step(name: str) -> bytes:
    """Return a step's SQL."""
    return (STEPS / f"{name}.sql").read_bytes()


def recompute(
    connection: Connection, listener_id: str, batch_id: int | None, passed: Callable[[], None] | None = None
) -> dict[str, int]:
    """Compute the listener's plays from all rows held and those of the batch; return how many rows each write changed.

    `passed` is called before the id map is locked: what it raises ends it.
    """
    _begin(connection, listener_id, batch_id)
    connection.execute(step("05_known"))
    _expect_many_rows(connection, True)
    for name in ("10_held", "20_renamed", "30_sides"):
        connection.execute(step(name))
    for name, keep in PASSES:
        connection.execute(step(name))
        connection.execute(step("pair_off"))
        connection.execute(keep)
    for name in ("70_partners", "72_link_received", "80_write_plays"):
        connection.execute(step(name))
    _expect_many_rows(connection, False)
    for name in ("90_ids", "92_coverage"):
        connection.execute(step(name))
    if passed is not None:
        passed()
    lock_id_map(connection)
    map_ids(connection)
    connection.execute(step("93_version"))
    return {what: count for what, count in connection.execute("SELECT what, row_count FROM changed").fetchall()}


def _expect_many_rows(connection: Connection, is_many: bool) -> None:
    """Keep the planner from nested loops and from sorting to merge: its statistics know nothing yet of what this transaction and
    the last wrote."""
    for way in ("nestloop", "mergejoin"):
        connection.execute(f"SELECT set_config('enable_{way}', %s, true)", ("off" if is_many else "on",))


def lock_id_map(connection: Connection) -> None:
    """Let one transaction at a time change the id map and the versions, to its end. Taken after a listener's lock, never before."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('id map', 0))")


def map_ids(connection: Connection) -> None:
    """Bring the id map up to date with `touched`."""
    connection.execute(step("91_id_map"))


def _begin(connection: Connection, listener_id: str, batch_id: int | None) -> None:
    tables = ", ".join(f"pg_temp.{table}" for table in TEMP_TABLES.split(", "))
    connection.execute(b"DROP VIEW IF EXISTS pg_temp.play, pg_temp.speaking")
    connection.execute(f"DROP TABLE IF EXISTS {tables}".encode())
    connection.execute("SELECT set_config('work_mem', %s, true)", (WORK_MEM,))
    connection.execute("SELECT set_config('default_statistics_target', %s, true)", (STATISTICS,))
    # Processes that share a hash table need shared memory, of which a container has little.
    connection.execute("SELECT set_config('enable_parallel_hash', 'off', true)")
    connection.execute("CREATE TEMP TABLE subject (listener_id text, batch_id bigint) ON COMMIT DROP")
    connection.execute("INSERT INTO subject VALUES (%s, %s)", (listener_id, batch_id))
    connection.execute(
        "CREATE TEMP TABLE batch_held ON COMMIT DROP AS "
        "SELECT b.batch_id FROM landing.batch AS b JOIN subject USING (listener_id) WHERE b.status = 'promoted'"
    )
    connection.execute("ANALYZE subject, batch_held")
