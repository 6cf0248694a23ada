"""The Docker engine: check that it is suitable, and run its command line."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from runtime.errors import OperatorError
from runtime.output.progress import GIB

# The compose files and `docker/bake.hcl` need: `start_interval` (engine 25), `include` and inline `configs` (Compose 2.23.1),
# targets as contexts of other targets (buildx 0.8).
MIN_ENGINE, MIN_COMPOSE, MIN_BUILDX = (25, 0), (2, 24), (0, 8)
MIN_MEMORY = 5  # GiB: the most that the idle stack takes
MIN_DISK = 3  # GiB, for a start
MIN_DISK_TO_BUILD = 9  # GiB: the images and the build cache took 7.6.
ANSWER_TIMEOUT = 30  # seconds for one Docker command that only reads
ADVICE = "or use RUNTIME=local, which needs no Docker"


def problem() -> str | None:
    """Return a sentence that says why Docker cannot be used, or None if a suitable engine runs."""
    return _problem_of(_info())


def _info() -> dict[str, Any]:
    """Return what the engine says about itself, or {} if there is no answer."""
    text = ask("info", "--format", "{{json .}}")
    return dict(json.loads(text)) if text.startswith("{") else {}


def _problem_of(info: Mapping[str, Any]) -> str | None:
    if not shutil.which("docker"):
        return f"There is no command docker: install Docker Engine {MIN_ENGINE[0]} or newer with its Compose and buildx plugins, {ADVICE}."
    if not info.get("ServerVersion"):
        reason = (info.get("ServerErrors") or ["it does not answer"])[0].splitlines()[0]
        return f"The Docker engine cannot be used ({reason}): start it, {ADVICE}."
    for name, found, minimum in (
        ("Docker engine", info["ServerVersion"], MIN_ENGINE),
        ("Compose plugin", ask("compose", "version", "--short"), MIN_COMPOSE),
        ("buildx plugin", ask("buildx", "version"), MIN_BUILDX),
    ):
        version = _version(found)
        if version is None:
            return f"Docker's {name} is missing: install it, {ADVICE}."
        if version < minimum:
            return f"The {name} is version {'.'.join(map(str, version))}; {'.'.join(map(str, minimum))} or newer is needed: update it, {ADVICE}."
    return None


def require_suitable(to_build: bool) -> None:
    """Raise OperatorError if no suitable engine runs, or if it has too little memory or disk space. Changes nothing."""
    info = _info()
    if found := _problem_of(info):
        raise OperatorError(found)
    if 0 < info["MemTotal"] < MIN_MEMORY * GIB:
        raise OperatorError(
            f"Docker has {info['MemTotal'] / GIB:.1f} GiB of memory, and the stack needs {MIN_MEMORY}: give it more."
        )
    root, needed = Path(info["DockerRootDir"]), MIN_DISK_TO_BUILD if to_build else MIN_DISK
    free = _free(root)
    if free is not None and free < needed * GIB:
        raise OperatorError(
            f"{root}, where Docker keeps its data, has {free / GIB:.1f} GiB free and {needed} are needed: make room there, "
            "for example with docker system prune."
        )


def ask(*arguments: str) -> str:
    """Return the output of `docker arguments`, or "" if it fails."""
    try:
        done = subprocess.run(
            ["docker", *arguments], capture_output=True, text=True, timeout=ANSWER_TIMEOUT, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    # If the engine does not answer, `docker info` reports it in its output, with exit code 1 in some versions.
    return done.stdout.strip() if done.returncode == 0 or arguments[0] == "info" else ""


def run(arguments: Sequence[str], variables: Mapping[str, str] | None = None) -> None:
    """Run `docker arguments`. Raises OperatorError with its last output line if it fails."""
    done = subprocess.run(
        ["docker", *arguments],
        env=os.environ | (variables or {}),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise OperatorError(f"docker {' '.join(arguments[:2])} failed: {lines[-1]}")


def _version(text: str) -> tuple[int, int] | None:
    match = re.search(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else None


def _free(folder: Path) -> int | None:
    """Return the free bytes of the engine's data folder, or None if it is on another machine."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
