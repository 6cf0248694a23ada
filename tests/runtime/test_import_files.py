"""The files named on the command line."""

from pathlib import Path

import pytest

from runtime.commands.imports import _files
from runtime.errors import OperatorError


def test_quoted_name_with_spaces_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my data (1).zip").touch()
    (tmp_path / "b.json").touch()
    assert _files("'my data (1).zip' b.json") == [tmp_path / "my data (1).zip", tmp_path / "b.json"]


def test_unquoted_name_with_spaces_is_refused_with_advice_on_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my data (1).zip").touch()
    with pytest.raises(
        OperatorError, match=r"^my does not exist\. If a file name contains spaces, put quotes around it"
    ):
        _files("my data (1).zip")
