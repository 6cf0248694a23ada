"""Fixtures of the container runtime's tests: a fake Docker engine and a fake `docker` program. No test needs Docker."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.containers import engine, project
from runtime.containers.project import PROJECT_LABEL
from runtime.definition.stack import Stack

RECORDER = """#!{python}
import json, os, sys
with open({calls!r}, "a") as calls:
    print(json.dumps({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}), file=calls)
"""


@dataclass(frozen=True)
class DockerProgram:
    """The fake `docker`: `set_script(script)` sets what it does in sh, `calls()` returns its calls."""

    set_script: Callable[..., None]
    calls: Callable[[], list[SimpleNamespace]]


class FakeThing:
    """A container, volume or network of the fake engine."""

    def __init__(
        self,
        collection: "FakeCollection",
        labels: dict[str, str],
        attributes: dict[str, Any],
        memory_stats: dict[str, Any],
        log: str,
    ) -> None:
        self.collection, self.labels, self.attrs = collection, labels, attributes
        self.memory_stats, self.log = memory_stats, log

    def remove(self, **options: object) -> None:
        self.collection.things.remove(self)

    def logs(self, tail: int) -> bytes:
        return "\n".join(self.log.splitlines()[-tail:]).encode()

    def stats(self, **options: object) -> dict[str, Any]:
        return {"memory_stats": self.memory_stats}


class FakeCollection:
    """The containers, volumes or networks of the fake engine."""

    def __init__(self) -> None:
        self.things: list[FakeThing] = []

    def add(
        self,
        labels: dict[str, str],
        status: str = "running",
        health: str = "",
        exit_code: int = 0,
        restart_count: int = 0,
        memory_stats: dict[str, Any] | None = None,
        log: str = "",
    ) -> None:
        state = {"Status": status, "ExitCode": exit_code} | ({"Health": {"Status": health}} if health else {})
        self.things.append(
            FakeThing(self, labels, {"State": state, "RestartCount": restart_count}, memory_stats or {}, log)
        )

    def list(self, *, filters: dict[str, Any], all: bool = False, **options: object) -> "list[FakeThing]":
        labels = filters["label"]
        wanted = [label.split("=", 1) for label in ([labels] if isinstance(labels, str) else labels)]
        return [
            thing
            for thing in self.things
            if all or thing.attrs["State"]["Status"] == "running"
            if [thing.labels.get(name) for name, _ in wanted] == [value for _, value in wanted]
        ]


class FakeEngine:
    """An engine whose contents a test sets up."""

    def __init__(self) -> None:
        self.containers, self.volumes, self.networks = FakeCollection(), FakeCollection(), FakeCollection()

    def add_service(
        self, name: str, number: int = 1, project: str = "listening-test", one_off: str = "False", **state: Any
    ) -> None:
        labels = {
            PROJECT_LABEL: project,
            "com.docker.compose.service": name,
            "com.docker.compose.container-number": str(number),
            "com.docker.compose.oneoff": one_off,
        }
        self.containers.add(labels, **state)


@pytest.fixture
def docker_engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """Return a fake engine, which the code under test finds when it connects."""
    fake = FakeEngine()
    monkeypatch.setattr(project, "connection", lambda: contextlib.nullcontext(fake))
    monkeypatch.setattr(engine, "problem", lambda: None)
    monkeypatch.setattr(engine, "require_suitable", lambda to_build: None)
    return fake


@pytest.fixture
def docker_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DockerProgram:
    """Put a fake `docker` on PATH."""
    folder, log = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    recorder = folder / "record"
    recorder.write_text(RECORDER.format(python="/usr/bin/env python3", calls=str(log)))
    recorder.chmod(0o755)

    def set_script(script: str = "") -> None:
        program = folder / "docker"
        program.write_text(f'#!/bin/sh\n{recorder} "$@"\n{script}\n')
        program.chmod(0o755)

    def calls() -> list[SimpleNamespace]:
        lines = log.read_text().splitlines() if log.exists() else []
        return [SimpleNamespace(**json.loads(line)) for line in lines]

    set_script()
    monkeypatch.setenv("PATH", f"{folder}:/usr/local/bin:/usr/bin:/bin")
    return DockerProgram(set_script, calls)


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Return a test stack with a folder and settings file of its own."""
    for name in ("RUNTIME", "COMPOSE_PROJECT_NAME", "SPOTIFY_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    return Stack("test", tmp_path, tmp_path / "settings.env", 20_000)
