"""exit_on_error ends a command that could not run."""

import sys

import pytest

from common.exit_codes import ExitCode, exit_on_error


class Expected(Exception):
    pass


def exit_code_and_reports(error: BaseException | None) -> tuple[object, list[str]]:
    reports: list[str] = []
    try:
        with exit_on_error(reports.append, Expected):
            if error:
                raise error
    except SystemExit as stop:
        return stop.code, reports
    return None, reports


def test_expected_error_is_reported_by_its_message() -> None:
    assert exit_code_and_reports(Expected("Start it.")) == (ExitCode.COULD_NOT_RUN, ["Start it."])


def test_unexpected_error_is_reported_with_its_traceback() -> None:
    code, [report] = exit_code_and_reports(KeyError("load_id"))
    assert code == ExitCode.COULD_NOT_RUN
    assert report.startswith("Traceback") and "KeyError: 'load_id'" in report


def test_block_without_error_continues() -> None:
    assert exit_code_and_reports(None) == (None, [])


def test_exit_code_of_the_block_is_kept() -> None:
    with pytest.raises(SystemExit) as stop, exit_on_error(print):
        sys.exit(ExitCode.NO)
    assert stop.value.code == ExitCode.NO
