"""Record each verification in `audit.replica_check` of main. Change data capture copies the row to the replica."""

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import psycopg

from cdc_connectors.settings import APPLICATION
from cdc_connectors.verification.compare import SHOWN_KEYS, Comparison, Scope, TableResult
from common.database import DatabaseUnreachable, connect
from common.database_options import first_line

REASON_LENGTH = 2000  # characters
Outcome = Literal["equal", "different", "not_compared"]

INSERT = """
    INSERT INTO audit.replica_check
        (check_id, started_at, duration_ms, outcome, tables_compared, rows_compared, keys_differing, reason, scope)
    VALUES (gen_random_uuid()::text, clock_timestamp() - %(milliseconds)s * interval '1 millisecond', %(milliseconds)s,
            %(outcome)s, %(tables)s, %(rows)s, %(keys)s, left(%(reason)s, %(reason_length)s), %(scope)s)
"""


@dataclass(frozen=True)
class Finding:
    """What a verification found. A count is None when it is unknown. `scope` says which rows it compared."""

    outcome: Outcome
    scope: Scope = "all"
    tables: int | None = None
    rows: int | None = None
    keys: int | None = None
    reason: str | None = None


def finding(comparison: Comparison) -> Finding:
    """Return the finding of a comparison. It names tables that differ, but no keys: these contain listeners' ids."""
    results = comparison.results
    rows = [result.main_rows for result in results if result.main_rows is not None]
    are_keys_known = all(result.is_equal or result.keys for result in results)
    differing = [f"{result.table} ({_difference(result)})" for result in results if not result.is_equal]
    return Finding(
        outcome="different" if differing else "equal",
        scope=comparison.scope,
        tables=len(results),
        rows=sum(rows) if rows else None,
        keys=sum(len(result.keys) for result in results) if are_keys_known else None,
        reason=f"Tables that differ: {', '.join(differing)}." if differing else None,
    )


def _difference(result: TableResult) -> str:
    if result.fault:
        return result.fault
    count = len(result.keys)
    return f"{count}{' or more' if count == SHOWN_KEYS else ''} key{'' if count == 1 else 's'}"


def record(main: psycopg.Connection, started: float, found: Finding) -> None:
    """Store a finding and delete expired records. `started` is the monotonic time at which the verification started."""
    milliseconds = round((time.monotonic() - started) * 1000)
    with main.transaction():
        main.execute(INSERT, vars(found) | {"milliseconds": milliseconds, "reason_length": REASON_LENGTH})
        main.execute("SELECT audit.forget_replica_checks()")


def record_failure(main_url: str, started: float, scope: Scope, error: Exception) -> None:
    """Record why main and the replica could not be compared, if main answers: the error may have closed its connection."""
    reason = first_line(error) if isinstance(error, psycopg.Error) else str(error)
    with suppress(DatabaseUnreachable, psycopg.Error), connect(main_url, APPLICATION, autocommit=True) as main:
        record(main, started, Finding("not_compared", scope, reason=reason))
