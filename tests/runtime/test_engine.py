"""An engine that will not do is refused in one sentence. The commands `docker` here only say what such an engine says."""

import json

import pytest

from runtime.containers import engine
from runtime.errors import OperatorError

GOOD = {
    "info": {"ServerVersion": "26.1.5", "MemTotal": 16 * 2**30, "DockerRootDir": "/"},
    "compose": "2.26.1",
    "buildx": "0.13.1",
}


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """Put a `docker` on the path that tells of an engine as described; without a description there is none."""

    def install(**described):
        told = GOOD | described
        info = json.dumps(told["info"])
        lines = [
            "#!/bin/sh",
            'case "$1 $2" in',
            f"'info --format') echo '{info}' ;;",
            f"'compose version') {_says(told['compose'])} ;;",
            f"'buildx version') {_says(told['buildx'])} ;;",
            "esac",
        ]
        program = tmp_path / "docker"
        program.write_text("\n".join(lines) + "\n")
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(engine, "LEAST_DISK", 0)
    return install


def _says(version):
    return f"echo {version}" if version else "exit 1"


def test_an_engine_that_will_do_is_taken(docker):
    docker()
    assert engine.fault() is None
    engine.refuse_unfit(to_build=False)


def test_no_docker_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engine.fault().startswith("There is no command docker: install Docker Engine")


@pytest.mark.parametrize(
    ("described", "said"),
    [
        (
            {"info": {"ServerErrors": ["Cannot connect to the Docker daemon"]}},
            "Cannot connect to the Docker daemon.*start it",
        ),
        ({"info": {}}, "does not answer.*start it"),
        ({"info": GOOD["info"] | {"ServerVersion": "24.0.9"}}, r"Docker engine is version 24.0; 25.0 or newer"),
        ({"compose": "2.17.3"}, r"Compose plugin is version 2.17; 2.24"),
        ({"compose": ""}, "Compose plugin is missing"),
        ({"buildx": ""}, "buildx plugin is missing"),
        ({"info": GOOD["info"] | {"MemTotal": 2 * 2**30}}, r"has 2.0 GiB of memory.*give it more"),
    ],
)
def test_what_will_not_do_is_said_in_one_sentence(docker, described, said):
    docker(**described)
    with pytest.raises(OperatorError, match=said) as refused:
        engine.refuse_unfit(to_build=False)
    assert "\n" not in str(refused.value)


def test_a_full_disk_is_said_before_anything_is_built(docker, monkeypatch):
    docker()
    monkeypatch.setattr(engine, "LEAST_DISK_TO_BUILD", 10**6)
    with pytest.raises(OperatorError, match="GiB free and 1000000 are needed: make room"):
        engine.refuse_unfit(to_build=True)
