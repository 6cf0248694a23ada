"""Build the images that `docker/bake.hcl` defines, each if its sources changed since its last build.

Docker's cache decides what is rebuilt. A stamp file avoids the call if nothing changed.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from runtime.containers import engine
from runtime.definition.stack import LOCAL, PROJECT, STAMPS
from runtime.errors import OperatorError, StageError
from runtime.output.progress import Report

BAKE = PROJECT / "docker" / "bake.hcl"
SOURCES = (
    "cdc_connectors",
    "common",
    "dags",
    "dashboard",
    "docker",
    "flask_endpoint",
    "runtime",
    "simulated_spotify",
    "soda",
    "spark_scripts",
    "sql",
)
GENERATED = {"__pycache__", "node_modules", ".next", "generated", "next-env.d.ts"}
BUILD_TIMEOUT = 3600  # seconds for all images with cold caches and a slow network
LABEL = "org.opencontainers.image.title=listening"  # As docker/bake.hcl sets it.
# The base image for arm64, on an engine that stores one platform per tag.
ARM_BASE = "debian:trixie-slim-arm64"
LOG = LOCAL / "logs" / "docker-build.log"


def missing(names: Iterable[str]) -> list[str]:
    """Return the images that are missing or not built from the current sources."""
    sources = fingerprint()
    return [
        name
        for name in sorted(set(names))
        if _stamp(name).get("image") != _id(name) or _stamp(name).get("sources") != sources
    ]


def build(names: Sequence[str], report: Report) -> None:
    """Build images with bake, in parallel. Raises StageError with the end of the log if one cannot be built."""
    sources = fingerprint()
    _bake([*names], report)
    STAMPS.mkdir(parents=True, exist_ok=True)
    for name in names:
        _stamp_file(name).write_text(json.dumps({"sources": sources, "image": _id(name)}))
    _remove_untagged()


def build_arm(names: Sequence[str], report: Report) -> None:
    """Build images for linux/arm64, tagged `-arm64`."""
    base = (
        [f"--set=*.contexts.debian:trixie-slim=docker-image://{ARM_BASE}"]
        if engine.ask("images", "-q", ARM_BASE)
        else []
    )
    _bake(["--set=*.platform=linux/arm64", *base, *names], report, {"IMAGE_TAG": f"{tag()}-arm64"})


def all_images() -> list[str]:
    """Return the names of the final images, in the order of the definition."""
    definition = engine.ask("buildx", "bake", "-f", str(BAKE), "--print")
    if not definition:
        raise OperatorError(
            "docker buildx bake cannot read docker/bake.hcl: try `docker buildx bake -f docker/bake.hcl --print`."
        )
    return list(json.loads(definition)["group"]["default"]["targets"])


def remove() -> None:
    """Remove the images and their stamps."""
    found = engine.ask("images", "-q", "--filter", f"reference=listening/*:{tag()}").split()
    if found:
        engine.run(["image", "rm", "--force", *sorted(set(found))])
    _remove_untagged()
    for stamp in STAMPS.glob("image-*"):
        stamp.unlink()


def tag() -> str:
    """Return the tag of the images: IMAGE_TAG, or `dev`."""
    return os.environ.get("IMAGE_TAG") or "dev"


def fingerprint() -> str:
    """Return a digest of the images' sources."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for file in sorted((PROJECT / folder).rglob("*")):
            if file.is_file() and not GENERATED & set(file.relative_to(PROJECT).parts):
                digest.update(str(file.relative_to(PROJECT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _remove_untagged() -> None:
    """Remove our images that a newer build replaced and that no container uses."""
    engine.run(["image", "prune", "--force", "--filter", f"label={LABEL}"])


def _bake(arguments: Sequence[str], report: Report, variables: dict[str, str] | None = None) -> None:
    """Run bake. On a terminal Docker shows the progress; otherwise print one line per image and log the rest."""
    command = ["docker", "buildx", "bake", "-f", str(BAKE)]
    # Without BUILDX_NO_DEFAULT_LOAD, each shared stage would remain as an untagged image.
    environment = os.environ | {"IMAGE_TAG": tag(), "BUILDX_NO_DEFAULT_LOAD": "1"} | (variables or {})
    if sys.stderr.isatty():
        code = subprocess.run([*command, *arguments], cwd=PROJECT, env=environment, timeout=BUILD_TIMEOUT).returncode
        tail = ""
    else:
        code, tail = _bake_quietly([*command, "--progress=plain", *arguments], environment, report)
    if code:
        raise StageError(
            "The images could not be built. Read the output above."
            if not tail
            else f"The images could not be built. Read {LOG.relative_to(PROJECT)}.",
            tail,
        )


def _bake_quietly(command: Sequence[str], environment: dict[str, str], report: Report) -> tuple[int, str]:
    """Run bake with its output in the log. Return the exit code and, if it failed, the end of the log."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    started_at = time.monotonic()
    report("images", "starting", 0.0)
    with (
        LOG.open("w") as log,
        subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as baking,
    ):
        for line in baking.stdout or ():
            log.write(line)
            if built := re.search(r"naming to \S*/listening/(\S+?):\S+ .*done", line):
                report(f"image {built[1]}", "ready", time.monotonic() - started_at)
    return baking.returncode, "\n".join(LOG.read_text().splitlines()[-25:]) if baking.returncode else ""


def _id(name: str) -> str:
    """Return the id of an image, or "" if it is missing."""
    return engine.ask("image", "inspect", "--format", "{{.Id}}", f"listening/{name}:{tag()}")


def _stamp(name: str) -> dict[str, str]:
    """Return what was stored when the image was built: its id, and the digest of its sources."""
    file = _stamp_file(name)
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _stamp_file(name: str) -> Path:
    return STAMPS / f"image-{name}"
