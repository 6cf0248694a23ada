"""docker/bin/fetch-jars installs exactly the jars whose hashes are locked."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from runtime.definition.stack import PROJECT

MAVEN = """#!/bin/sh
# Instead of downloading, copy the folder `repository`.
for argument; do case $argument in -Dout=*) out=${argument#-Dout=} ;; esac; done
mkdir -p "$out/.unpacked" && cp -r repository/. "$out"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two jars to download, and their hashes next to the pom."""
    program = tmp_path / "bin" / "mvn"
    program.parent.mkdir()
    program.write_text(MAVEN)
    program.chmod(0o755)
    for name in ("lib/a.jar", "plugins/x/b.jar"):
        file = tmp_path / "repository" / name
        file.parent.mkdir(parents=True)
        file.write_text(name)
    assert fetch(tmp_path, "--lock").returncode == 0
    return tmp_path


def fetch(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    shutil.rmtree(folder / "out", ignore_errors=True)
    return subprocess.run(
        [PROJECT / "docker/bin/fetch-jars", *options, "pom.xml", folder / "out"],
        cwd=folder,
        env=os.environ | {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_lock_has_the_hash_of_each_jar(folder: Path) -> None:
    digests = [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}" for name in ("lib/a.jar", "plugins/x/b.jar")]
    assert (folder / "jars.sha256").read_text().splitlines() == digests


def test_jars_with_the_locked_hashes_are_accepted(folder: Path) -> None:
    done = fetch(folder)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("changed", "content"), [("lib/a.jar", "other"), ("lib/c.jar", "new"), ("lib/a.jar", None)])
def test_different_unknown_or_missing_jar_is_named_and_refused(folder: Path, changed: str, content: str | None) -> None:
    file = folder / "repository" / changed
    file.write_text(content) if content else file.unlink()
    done = fetch(folder)
    assert done.returncode == 1 and changed in done.stderr and "plugins/x/b.jar" not in done.stderr
    assert "Nothing was installed" in done.stderr


def test_lock_of_the_project_has_the_versions_of_its_pom() -> None:
    lock = (PROJECT / "cdc_connectors/jars.sha256").read_text()
    pom = (PROJECT / "cdc_connectors/pom.xml").read_text()
    for jar, version in (("lib/kafka_2.13", "kafka"), ("spark/postgresql", "postgresql")):
        number = pom.partition(f"<{version}.version>")[2].partition("<")[0]
        assert f"  {jar}-{number}.jar\n" in lock
