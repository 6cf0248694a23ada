"""Which rows a verification compares: those that loads changed since the last proof, or all."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from cdc_connectors.verification import changed
from cdc_connectors.verification import verify as command
from cdc_connectors.verification.changed import Changes, Unknown, changes_since_proof
from cdc_connectors.verification.compare import Comparison, Scope
from tests.cdc_connectors.verification.two_sides import Sides


def changes(sides: Sides) -> Changes | Unknown:
    return changes_since_proof(sides.main)


def test_loads_that_ended_since_the_check_started_are_compared(sides: Sides) -> None:
    sides.load(3, "59 minutes", ["l1"])  # It ran during the check.
    sides.load(4, "3 hours", ["l2"])
    sides.load(5, None, ["l3"], status="running")
    sides.load(6, "1 minute", ["l4"], status="failed")
    assert changes(sides) == Changes(frozenset({"l0", "l1"}), frozenset({2, 3, 5, 6}))


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda sides: sides.main.execute("TRUNCATE audit.replica_check"), "was not compared with main before"),
        (lambda sides: sides.check("30 minutes", "different"), "last verification found a difference"),
        # It started before the equal one, waited, and ended after it.
        (lambda sides: sides.check("70 minutes", "different", "1 hour"), "last verification found a difference"),
        (lambda sides: sides.main.execute("INSERT INTO cdc.resync VALUES (1, 'r', 'k', now())"), "Main was copied"),
        (lambda sides: sides.load(3, "1 minute", ["l1"], kind="rebuild"), "Load 3 was a rebuild."),
        (lambda sides: sides.load(3, "1 minute", ["l1"], count=7), "Load 3 does not list its 7 listeners."),
        (lambda sides: sides.load(3, "1 minute", ["l1", "l2", "l3"]), "Loads recomputed 4 of 10 listeners"),
    ],
)
def test_all_rows_are_compared_if_the_changed_ones_are_unknown_or_many(
    sides: Sides, prepare: Callable[[Sides], object], reason: str
) -> None:
    prepare(sides)
    sides.replica.execute("UPDATE core.fct_play SET hour = 5 WHERE play_id = 'l9-7'")
    comparison = sides.compare()
    assert comparison.scope == "all" and reason in comparison.reason
    assert "core.fct_play" in [result.table for result in comparison.results if result.keys]


@pytest.mark.parametrize(("options", "scope"), [([], "all"), (["--changed"], "changed")])
def test_command_says_why_it_compared_all_rows(
    monkeypatch: pytest.MonkeyPatch, options: list[str], scope: Scope
) -> None:
    asked = []

    def answer(*arguments: object) -> Comparison:
        asked.append(arguments[-1])
        return Comparison([], "all", "Load 3 was a rebuild.")

    monkeypatch.setattr(command, "load_settings", lambda _: None)
    monkeypatch.setattr(command, "verify", answer)
    done = CliRunner().invoke(command.main, [*options, "--json"])
    assert (asked, done.stderr) == ([scope], "Load 3 was a rebuild. So all rows were compared.\n")
    assert json.loads(done.stdout) == {"equal": True, "scope": "all", "tables": []}


def test_verification_that_could_not_compare_is_passed_over(sides: Sides) -> None:
    sides.check("30 minutes", "not_compared")
    assert changes(sides) == Changes(frozenset({"l0"}), frozenset({2}))


def test_without_a_load_since_the_proof_only_ids_numbers_and_small_tables_are_compared(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed, "SMALL_TABLE", -1)
    sides.both("DELETE FROM audit.load")
    comparison = sides.compare()
    assert (comparison.is_equal, comparison.scope) == (True, "changed")
    assert {result.table for result in comparison.results if result.main_rows} == {"audit.replica_check"}
    sides.replica.execute("DELETE FROM core.fct_play WHERE listener_id = 'l1'")
    assert [*sides.found()] == ["core.fct_play"]


def test_rebuild_that_was_not_published_changed_no_rows(sides: Sides) -> None:
    sides.load(3, "1 minute", ["l1"], kind="rebuild", status="failed")
    assert changes(sides) == Changes(frozenset({"l0"}), frozenset({2, 3}))
