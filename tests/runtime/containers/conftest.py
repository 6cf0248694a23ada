"""Fixtures of the container runtime's tests: a fake Docker engine and a fake `docker` program. No test needs Docker."""

import contextlib
import json
from types import SimpleNamespace

import pytest

from runtime.containers import engine, project
from runtime.containers.project import PROJECT_LABEL
from runtime.definition.stack import Stack

RECORDER = """#!{python}
import json, os, sys
with open({calls!r}, "a") as calls:
    print(json.dumps({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}), file=calls)
"""


class FakeThing:
    """A container, volume or network of the fake engine."""

    def __init__(self, collection, labels, attributes, memory_stats, log):
        self.collection, self.labels, self.attrs = collection, labels, attributes
        self.memory_stats, self.log = memory_stats, log

    def remove(self, **options):
        self.collection.things.remove(self)

    def logs(self, tail):
        return "\n".join(self.log.splitlines()[-tail:]).encode()

    def stats(self, **options):
        return {"memory_stats": self.memory_stats}


class FakeCollection:
    """The containers, volumes or networks of the fake engine."""

    def __init__(self):
        self.things = []

    def add(self, labels, status="running", health="", exit_code=0, restart_count=0, memory_stats=None, log=""):
        state = {"Status": status, "ExitCode": exit_code} | ({"Health": {"Status": health}} if health else {})
        self.things.append(
            FakeThing(self, labels, {"State": state, "RestartCount": restart_count}, memory_stats or {}, log)
        )

    def list(self, all=False, filters=None, **options):
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

    def __init__(self):
        self.containers, self.volumes, self.networks = FakeCollection(), FakeCollection(), FakeCollection()

    def add_service(self, name, number=1, project="listening-test", one_off="False", **state):
        labels = {
            PROJECT_LABEL: project,
            "com.docker.compose.service": name,
            "com.docker.compose.container-number": str(number),
            "com.docker.compose.oneoff": one_off,
        }
        self.containers.add(labels, **state)


@pytest.fixture
def docker_engine(monkeypatch):
    """Return a fake engine, which the code under test finds when it connects."""
    fake = FakeEngine()
    monkeypatch.setattr(project, "connection", lambda: contextlib.nullcontext(fake))
    monkeypatch.setattr(engine, "problem", lambda: None)
    monkeypatch.setattr(engine, "require_suitable", lambda to_build: None)
    return fake


@pytest.fixture
def docker_program(tmp_path, monkeypatch):
    """Put a fake `docker` on PATH. `set_script(script)` sets what it does in sh, `calls()` returns its calls."""
    folder, log = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    recorder = folder / "record"
    recorder.write_text(RECORDER.format(python="/usr/bin/env python3", calls=str(log)))
    recorder.chmod(0o755)

    def set_script(script=""):
        program = folder / "docker"
        program.write_text(f'#!/bin/sh\n{recorder} "$@"\n{script}\n')
        program.chmod(0o755)

    def calls():
        lines = log.read_text().splitlines() if log.exists() else []
        return [SimpleNamespace(**json.loads(line)) for line in lines]

    set_script()
    monkeypatch.setenv("PATH", f"{folder}:/usr/local/bin:/usr/bin:/bin")
    return SimpleNamespace(set_script=set_script, calls=calls)


@pytest.fixture
def stack(tmp_path, monkeypatch):
    """Return a test stack with a folder and settings file of its own."""
    for name in ("RUNTIME", "COMPOSE_PROJECT_NAME", "SPOTIFY_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    return Stack("test", tmp_path, tmp_path / "settings.env", 20_000)
