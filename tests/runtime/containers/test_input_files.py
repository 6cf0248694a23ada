"""Input files reach a container's command through its standard input."""

import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime.containers import input_files
from runtime.containers.input_files import packed, unpacking
from runtime.errors import OperatorError


@pytest.fixture
def exports(tmp_path: Path) -> list[Path]:
    """Return two files of the same name."""
    files = [tmp_path / folder / "my data.zip" for folder in ("ana", "bob")]
    for file in files:
        file.parent.mkdir()
        file.write_text(f"plays of {file.parent.name}")
    return files


@contextmanager
def opened(files: list[Path]) -> Iterator[tarfile.TarFile]:
    """Yield the archive that a container receives."""
    with packed(files) as inbox:
        assert not isinstance(inbox, int)
        with tarfile.open(fileobj=inbox, mode="r|") as tar:
            yield tar


def content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file
    return file.read()


def test_files_of_the_same_name_stay_apart(exports: list[Path]) -> None:
    with opened(exports) as tar:
        found = {member.name: content(tar, member) for member in tar}
    assert found == {"0/my data.zip": b"plays of ana", "1/my data.zip": b"plays of bob"}


def test_container_user_can_read_files_that_only_the_owner_may_read(exports: list[Path]) -> None:
    exports[0].chmod(0o600)
    with opened(exports[:1]) as tar:
        (member,) = tar
    assert (member.mode, member.uid, member.uname) == (0o644, 0, "")


def test_command_that_ends_early_does_not_block(tmp_path: Path) -> None:
    large = tmp_path / "large.zip"
    large.write_bytes(b"x" * 10**6)
    with packed([large]) as inbox:
        assert subprocess.call(["true"], stdin=inbox) == 0


def test_command_without_files_gets_an_empty_input() -> None:
    with packed([]) as inbox:
        assert subprocess.run(["cat"], stdin=inbox, capture_output=True, check=True).stdout == b""
    assert unpacking(["python", "-m", "sql.migrate"], []) == ["python", "-m", "sql.migrate"]


def test_missing_file_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(OperatorError, match=r"missing\.zip is not a readable file\. Check FILES"),
        packed([tmp_path / "missing.zip"]),
    ):
        pass


def test_command_gets_the_paths_of_the_unpacked_files(
    exports: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inbox").mkdir()
    monkeypatch.setattr(input_files, "INBOX", str(tmp_path / "inbox"))
    command = unpacking(["cat"], exports)
    with packed(exports) as inbox:
        done = subprocess.run(command, stdin=inbox, capture_output=True, text=True, check=True)
    assert done.stdout == "plays of anaplays of bob"
