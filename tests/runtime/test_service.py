"""With which rights a service of the local runtime runs."""

import dataclasses
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.definition.stack import test_stack as stack_of_tests
from runtime.local import service as services

READ_EVERY_FILE, READ_AND_WRITE_EVERY_FILE = 1 << 2, 1 << 1  # From capabilities(7).
SHOW_RIGHTS = [
    "sh",
    "-c",
    "id -u; sed -n 's/^CapEff:\\s*//p; s/^CapBnd:\\s*//p; s/^NoNewPrivs:\\s*//p' /proc/self/status",
]


Rights = tuple[int, int, int, int]


@pytest.fixture
def rights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Path], Rights]:
    """Return a function that returns, of a server of a checkout: user id, capabilities it has and can get, 1 if it can get no more."""
    stack = dataclasses.replace(stack_of_tests(), state=tmp_path, settings_file=tmp_path / "settings.env")
    postgres = dataclasses.replace(stack.services()["main"], command=tuple(SHOW_RIGHTS))

    def ask(checkout: Path) -> Rights:
        monkeypatch.setattr(services, "PROJECT", checkout)
        done = subprocess.run(services.command(postgres), capture_output=True, text=True, timeout=30, check=True)
        user, effective, possible, no_more = done.stdout.split()
        return int(user), int(effective, 16), int(possible, 16), int(no_more)

    return ask


def test_server_runs_with_the_least_rights(rights: Callable[[Path], Rights], tmp_path: Path) -> None:
    readable, private = Path("/usr"), tmp_path / "private"
    private.mkdir(mode=0o700)
    if os.geteuid():
        assert rights(readable)[:2] == rights(private)[:2] == (os.geteuid(), 0)
        return
    user = services.unprivileged_user().pw_uid
    assert rights(readable) == (user, 0, 0, 1)
    # Only in a checkout that its user cannot enter may the server read all files.
    found = rights(private)
    assert found in [(user, right, right, 1) for right in (READ_EVERY_FILE, READ_AND_WRITE_EVERY_FILE)]


def test_server_finds_its_own_programs_in_a_private_checkout_not_those_of_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    program = private / "bin" / "cat"  # The system has one too.
    program.parent.mkdir(parents=True)
    private.chmod(0o700)
    program.write_text("#!/bin/sh\necho found\n")
    program.chmod(0o755)
    stack = dataclasses.replace(stack_of_tests(), state=tmp_path, settings_file=tmp_path / "settings.env")
    look_up = ("bash", "-c", f"PATH={program.parent}:$PATH; command -v cat && cat")
    monkeypatch.setattr(services, "PROJECT", private)
    command = services.command(dataclasses.replace(stack.services()["main"], command=look_up))
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == (f"{program}\nfound\n", "")


def test_reading_all_files_needs_no_right_to_write_them_where_the_system_allows_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    status = tmp_path / "status"
    monkeypatch.setattr(services, "STATUS", status)
    status.write_text("CapEff:\t0\nCapBnd:\t000001ffffffffff\n")
    assert services.reading_capability() == "dac_read_search"
    status.write_text("CapEff:\t0\nCapBnd:\t00000000a80425fb\n")  # What Docker allows root by default.
    assert services.reading_capability() == "dac_override"
