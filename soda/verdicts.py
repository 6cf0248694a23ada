"""The result of a check, and the report on all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

WORST_FIRST = ("fail", "warn", "pass")
VERB = {"fail": "failed", "warn": "warns", "pass": "passed"}


@dataclass(frozen=True)
class Verdict:
    """The result of one check of one table.

    `rows` shows some of the failing rows. `rows_failed` is None for a check that does not count rows.
    """

    table_name: str
    check_name: str
    outcome: str
    measured: float | None
    rows_failed: int | None
    rows: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return a sentence with the table, the check, its outcome, the number of failing rows and some of them."""
        if self.rows_failed is None:
            found = f" (measured {self.measured:g})" if self.measured is not None else ""
        else:
            found = f" on {self.rows_failed} row{'' if self.rows_failed == 1 else 's'}"
        sample = f": {'; '.join(self.rows)}" if self.rows else ""
        more = "; ..." if self.rows and len(self.rows) < (self.rows_failed or 0) else ""
        return f"{self.table_name}: '{self.check_name}' {VERB[self.outcome]}{found}{sample}{more}"


def worst_outcome(verdicts: Sequence[Verdict]) -> str:
    """Return the worst outcome of the checks."""
    outcomes = {verdict.outcome for verdict in verdicts}
    return next(outcome for outcome in WORST_FIRST if outcome in outcomes)


def report(title: str, verdicts: Sequence[Verdict]) -> str:
    """Return one line for each table, then one sentence for each check that did not pass."""
    tables = sorted({verdict.table_name for verdict in verdicts})
    width = max(len(name) for name in ("table", *tables))
    lines = [title, f"  {'table':<{width}}  checks  pass  warn  fail"]
    for table in tables:
        outcomes = [verdict.outcome for verdict in verdicts if verdict.table_name == table]
        counts = "".join(f"{outcomes.count(outcome):>6}" for outcome in reversed(WORST_FIRST))
        lines.append(f"  {table:<{width}}  {len(outcomes):>6}{counts}")
    not_passed = [verdict for outcome in ("fail", "warn") for verdict in verdicts if verdict.outcome == outcome]
    lines += [f"  {verdict.outcome.upper()}: {verdict.sentence()}" for verdict in not_passed]
    return "\n".join(lines)
