"""The container runtime: every service is a container of the compose files, with its data in named volumes.

Commands run in one-off containers of a service's image. HTTP and SQL requests use the published ports, which are the same as in the
local runtime.
"""

import os
import re
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from runtime.compose import Service, with_dependencies
from runtime.containers import engine, images
from runtime.errors import OperatorError, StageError
from runtime.log_lines import readable
from runtime.ports import require_free_ports
from runtime.progress import report, report_slow, show_log
from runtime.results import last_json_line
from runtime.stack import COMPOSE, PROJECT, Stack, simulated_spotify

GIB = 1024**3
START_TIMEOUT = 420  # seconds until every service must be healthy
STOP_TIMEOUT = 30  # seconds until a service that does not stop is killed
LOG_TAIL = 15  # lines shown of a failed service's log
OF_PROJECT = "com.docker.compose.project"
ENVIRONMENTS = "/opt/env"  # As in the compose files.
INBOX = "/var/lib/listening/files"  # In a one-off container: the command's input files.


class Containers:
    """The runtime `docker`. See `runtime.runtimes.Runtime`."""

    name = "docker"

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    @property
    def project(self) -> str:
        """The project name of containers, volumes and network. Existing ones keep the name they were made with."""
        if self._marker.exists():
            return self._marker.read_text().strip()
        name = self.stack.setting("COMPOSE_PROJECT_NAME") or "listening"
        return name if self.stack.name == "use" else f"{name}-{self.stack.name}"

    @property
    def _marker(self) -> Path:
        """File that exists if this checkout may have containers or volumes. Contains their project name."""
        return self.stack.state / "containers"

    def prepare(self, wanted: Sequence[str] = ()) -> None:
        services = self._check(wanted)
        if to_build := images.missing(service.image for service in services):
            engine.require_suitable(to_build=True)
            images.build(to_build, report_slow)

    def start(self, wanted: Sequence[str] = ()) -> None:
        services = self._check(wanted)
        self._marker.parent.mkdir(parents=True, exist_ok=True)
        self._marker.write_text(self.project)
        long_lived = [service.name for service in services if not service.is_one_shot]
        waited_for = set(with_dependencies(self.stack.services(), long_lived)) if long_lived else set()
        if long_lived:
            self._up(sorted({service.definition for service in services if not service.is_one_shot}), waited_for)
        for service in services:
            if service.is_one_shot and service.name not in waited_for:
                self._run_one_shot(service)

    def _check(self, wanted: Sequence[str]) -> list[Service]:
        """Return the wanted services and their dependencies in start order. Raises OperatorError if they cannot be started."""
        engine.require_suitable(to_build=False)
        self._require_own_project()
        self.stack.require_settings_of_data(has_data=self._marker.exists())
        services = self.stack.services()
        needed = [services[name] for name in with_dependencies(services, list(wanted))]
        running = {
            services[name].definition
            for name, (state, _) in self._found().items()
            if state == "running" and name in services
        }
        # More replicas of a running service get any free port of the range: Docker does not choose in order.
        require_free_ports([service for service in needed if service.definition not in running], self.stack)
        return needed

    def _require_own_project(self) -> None:
        """Raise OperatorError if another checkout owns containers or volumes of this name."""
        if self._marker.exists():
            return
        label = f"label={OF_PROJECT}={self.project}"
        if engine.ask("ps", "-aq", "--filter", label) or engine.ask("volume", "ls", "-q", "--filter", label):
            raise OperatorError(
                f"Containers or volumes named {self.project} exist that another checkout made. Remove them with `make clean` there "
                f"(or `docker compose -p {self.project} down --volumes`), or set another COMPOSE_PROJECT_NAME in .env."
            )

    def _require_engine(self, done: str) -> None:
        """Raise OperatorError if the engine does not answer: its containers still exist and must not be forgotten."""
        if found := engine.problem():
            raise OperatorError(
                f"The containers and volumes named {self.project} cannot be {done}. {found} If they no longer exist, delete {self._marker}."
            )

    def _up(self, definitions: Sequence[str], names: Iterable[str]) -> None:
        """Run `docker compose up --wait` and report each service when it becomes ready."""
        arguments = ["up", "--detach", "--wait", "--wait-timeout", str(START_TIMEOUT), *definitions]
        started, reported = time.monotonic(), set[str]()
        with tempfile.TemporaryFile("w+") as out:
            command = ["docker", *self._compose(), *arguments]
            with subprocess.Popen(
                command, env=os.environ | self._variables(), stdout=out, stderr=out, stdin=subprocess.DEVNULL
            ) as starting:
                while starting.poll() is None:
                    self._report_ready(names, reported, started)
                    time.sleep(1)
            self._report_ready(names, reported, started)
            if starting.returncode:
                out.seek(0)
                self._fail(names, out.read())

    def _report_ready(self, names: Iterable[str], reported: set[str], started: float) -> None:
        for name, (state, status) in self._found().items():
            if (
                name in names
                and name not in reported
                and (_word(state, status) == "healthy" or status.startswith("Exited (0)"))
            ):
                reported.add(name)
                report(name, "ready", time.monotonic() - started)

    def _fail(self, names: Iterable[str], output: str) -> None:
        """Raise StageError with the first unhealthy service and its last log lines, else with Docker's output."""
        for name, (state, status) in self._found().items():
            if name in names and (
                _word(state, status) in ("unhealthy", "restarting")
                or (status.startswith("Exited (") and "(0)" not in status)
            ):
                raise StageError(
                    f"The service {name} did not become healthy ({status}). Read its log: make logs S={name}.",
                    self._log_tail(name),
                )
        lines = output.strip().splitlines()
        raise StageError(
            f"docker compose up failed: {lines[-1] if lines else 'no output'}", "\n".join(lines[-LOG_TAIL:])
        )

    def _run_one_shot(self, service: Service) -> None:
        started = time.monotonic()
        done = subprocess.run(
            ["docker", *self._compose(), "run", "--rm", "--no-deps", "-T", service.definition],
            env=os.environ | self._variables(),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise StageError(
                f"The job {service.name} failed.",
                "\n".join(map(readable, (done.stdout + done.stderr).splitlines()[-LOG_TAIL:])),
            )
        report(service.name, "ready", time.monotonic() - started)

    def stop(self) -> None:
        if self._marker.exists():
            self._require_engine("stopped")
            engine.run([*self._compose(), "down", "--timeout", str(STOP_TIMEOUT)], self._variables())

    def remove(self) -> None:
        """Remove containers, volumes and network by label: this works without a valid settings file."""
        if not self._marker.exists():
            return
        self._require_engine("removed")
        label = f"label={OF_PROJECT}={self._marker.read_text().strip()}"
        for listing, removal in (
            (["ps", "-aq", "--filter", label], ["rm", "--force", "--volumes"]),
            (["volume", "ls", "-q", "--filter", label], ["volume", "rm", "--force"]),
            (["network", "ls", "-q", "--filter", label], ["network", "rm"]),
        ):
            if found := engine.ask(*listing).split():
                engine.run([*removal, *found])
        self._marker.unlink()
        if self.stack.name == "use":
            images.remove()

    def has_data(self) -> bool:
        return self._marker.exists()

    def is_running(self) -> bool:
        return self._marker.exists() and any(state == "running" for state, _ in self._found().values())

    def states(self) -> dict[str, str]:
        found = self._found()
        return {
            service.name: _word(*found[service.name]) if service.name in found else "stopped"
            for service in self.stack.services().values()
            if not service.is_one_shot
        }

    def memory(self) -> str:
        """Return the containers' memory as `docker stats` counts it: without reclaimable file cache."""
        ids = engine.ask("ps", "-q", "--filter", f"label={OF_PROJECT}={self.project}").split()
        usages = engine.ask("stats", "--no-stream", "--format", "{{.MemUsage}}", *ids) if ids else ""
        used = sum(_bytes(line.split("/")[0].strip()) for line in usages.splitlines())
        return f"{used / GIB:.2f} GiB (all containers, as docker stats counts it)"

    def show_logs(self, service: str, follow: bool) -> None:
        services = self.stack.services()
        if service and service not in services:
            raise OperatorError(f"There is no service {service!r}; services: {', '.join(services)}.")
        chosen = [services[service].definition] if service else []
        arguments = ["logs", "--tail", "40", "--no-log-prefix", *(["--follow"] if follow else []), *chosen]
        show_log(["docker", *self._compose(), *arguments], os.environ | self._variables(), with_service=not service)

    def call(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> int:
        with _packed(files) as inbox:
            command = self._one_off(service, environment, arguments, files)
            return subprocess.call(command, stdin=inbox, env=os.environ | self._variables(), cwd=PROJECT)

    def call_json(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> Any:
        with _packed(files) as inbox:
            command = self._one_off(service, environment, arguments, files)
            return last_json_line(command, arguments, inbox, env=os.environ | self._variables(), cwd=PROJECT)

    def _one_off(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path]) -> list[str]:
        """Return the command that runs Python in a new container of a service. The files are sent through its standard input."""
        command = [f"{ENVIRONMENTS}/{environment}/bin/python", *arguments]
        if files:
            unpack = f'mkdir {INBOX} && tar -xf - -C {INBOX} && exec "$@"'
            inside = [f"{INBOX}/{number}/{file.name}" for number, file in enumerate(files)]
            command = ["sh", "-c", unpack, "sh", *command, *inside]
        return [
            "docker",
            *self._compose(),
            "run",
            "--rm",
            "--no-deps",
            "-T",
            self.stack.services()[service].definition,
            *command,
        ]

    def _compose(self) -> list[str]:
        return ["compose", "-f", str(COMPOSE), "-p", self.project]

    def _variables(self) -> dict[str, str]:
        """Return the values of the compose files' variables for containers. Hosts stay unset: service names are the defaults."""
        settings = self.stack.settings()
        spotify = simulated_spotify(settings, "spotify")
        ours = {
            "COMPOSE_PROFILES": "simulated" if spotify["SPOTIFY_IS_SIMULATED"] == "true" else "",
            "IMAGE_TAG": images.tag(),
        }
        if self.stack.spotify_clock.exists():
            ours["SPOTIFY_CLOCK"] = self.stack.spotify_clock.read_text().strip()
        local_only = {name: "" for name in self.stack.variables() if name not in settings}
        return local_only | settings | spotify | ours

    def _found(self) -> dict[str, tuple[str, str]]:
        """Return state and status of our containers as `docker ps` prints them, by service name."""
        one = '{{.Label "com.docker.compose.service"}}\t{{.Label "com.docker.compose.container-number"}}\t{{.State}}\t{{.Status}}'
        listing = engine.ask(
            "ps",
            "-a",
            "--filter",
            f"label={OF_PROJECT}={self.project}",
            "--filter",
            "label=com.docker.compose.oneoff=False",
            "--format",
            one,
        )
        found = {}
        for line in listing.splitlines():
            name, number, state, status = line.split("\t")
            found[name if number == "1" else f"{name}-{number}"] = (state, status)
        return found

    def _log_tail(self, name: str) -> str:
        done = subprocess.run(
            [
                "docker",
                *self._compose(),
                "logs",
                "--no-log-prefix",
                "--tail",
                str(LOG_TAIL),
                self.stack.services()[name].definition,
            ],
            env=os.environ | self._variables(),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        return "\n".join(map(readable, done.stdout.splitlines()))


@contextmanager
def _packed(files: Sequence[Path]) -> Iterator[IO[bytes] | int]:
    """Yield the files as a tar stream, readable by the container's user. A pipe bounds its memory.

    Raises OperatorError if a file is missing or not readable.
    """
    for file in files:
        if not file.is_file() or not os.access(file, os.R_OK):
            raise OperatorError(f"{file} is not a readable file. Check FILES.")
    if not files:
        yield subprocess.DEVNULL
        return
    readable_end, writable_end = os.pipe()

    def pack() -> None:
        with (
            os.fdopen(writable_end, "wb") as out,
            suppress(BrokenPipeError),
            tarfile.open(fileobj=out, mode="w|") as tar,
        ):
            for number, file in enumerate(files):
                tar.add(file.resolve(), f"{number}/{file.name}", filter=_plain)

    packing = threading.Thread(target=pack, daemon=True)
    with os.fdopen(readable_end, "rb") as inbox:
        packing.start()
        yield inbox
    packing.join()


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return the tar entry readable by everyone and without the local owner."""
    member.mode, member.uid, member.gid, member.uname, member.gname = 0o644, 0, 0, "", ""
    return member


def _word(state: str, status: str) -> str:
    for mark, word in (("(healthy)", "healthy"), ("(unhealthy)", "unhealthy"), ("(health: starting)", "starting")):
        if mark in status:
            return word
    return "stopped" if state in ("exited", "created", "dead") else state


def _bytes(text: str) -> float:
    """Return Docker's size text (`512.3MiB`) in bytes."""
    units = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": GIB}
    match = re.fullmatch(r"([\d.]+)\s*([KMG]?i?B)", text)
    return float(match[1]) * units.get(match[2], 1) if match else 0.0
