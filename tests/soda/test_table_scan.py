"""Scans of several tables in parallel."""

import threading
from concurrent.futures.process import _ExecutorManagerThread

import pytest
import table_scan
from conftest import kill_this_process
from gate_errors import ScanProblem


class SlowGroups(list):
    """Groups of which the second one comes after the process that scans the first has died."""

    def __iter__(self):
        first, *others = super().__iter__()
        yield first
        for manager in threading.enumerate():
            if isinstance(manager, _ExecutorManagerThread):  # It ends when it has seen that the process died.
                manager.join(30)
        yield from others


def test_process_that_is_killed_before_all_scans_have_started_is_reported(monkeypatch):
    monkeypatch.setattr(table_scan, "scan", kill_this_process)
    with pytest.raises(ScanProblem, match="was killed"):
        table_scan.scan_in_parallel("postgresql://", "candidate", SlowGroups([[], []]), {}, {})
