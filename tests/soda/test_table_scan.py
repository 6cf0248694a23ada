"""Scans of several tables in parallel."""

import threading
from collections.abc import Iterator
from concurrent.futures.process import _ExecutorManagerThread
from typing import Any

import pytest
import table_scan
from conftest import kill_this_process
from gate_errors import ScanProblem


class SlowGroups(list[list[dict[str, Any]]]):
    """Groups of which the second one comes after the process that scans the first has died."""

    def __iter__(self) -> Iterator[list[dict[str, Any]]]:
        first, *others = super().__iter__()
        yield first
        for manager in threading.enumerate():
            if isinstance(manager, _ExecutorManagerThread):  # It ends when it has seen that the process died.
                manager.join(30)
        yield from others


def test_process_that_is_killed_before_all_scans_have_started_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_scan, "scan", kill_this_process)
    with pytest.raises(ScanProblem, match="was killed"):
        table_scan.scan_in_parallel("postgresql://", "candidate", SlowGroups([[], []]), {}, {})
