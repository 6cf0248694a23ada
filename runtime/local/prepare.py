"""Fetch and build what the services need: Python environments, Kafka and Debezium, the dashboard.

A part is made again when its input files change; a stamp file stores their digest.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from runtime.definition.compose import Service
from runtime.definition.stack import ENVIRONMENTS, JARS, LOCAL, PROJECT, STAMPS, program_path
from runtime.errors import OperatorError, StageError
from runtime.output.progress import Report
from runtime.private_files import private_folder

COMPONENTS = {
    "flask": "flask_endpoint",
    "spark": "spark_scripts",
    "soda": "soda",
    "airflow": "dags",
    "cdc": "cdc_connectors",
}
TEST_TOOLS = PROJECT / "tests" / "requirements.txt"
PART_TIMEOUT = 1800  # seconds for one part, with cold caches and a slow network
MIN_JAVA, FIRST_UNTESTED_JAVA = 17, 22
POM = PROJECT / "cdc_connectors" / "pom.xml"
APT_PACKAGES = {"java": "openjdk-17-jre-headless", "mvn": "maven", "chromium": "chromium"}


@dataclass(frozen=True)
class Part:
    """Something to prepare. `make` is called if `inputs` changed since its last call, or if `result` is missing.

    A service needs the part if its command or settings contain the path `path_in_use`.
    """

    name: str
    inputs: tuple[Path, ...]
    result: Path
    path_in_use: str
    make: Callable[[], None]

    @property
    def stamp(self) -> Path:
        return STAMPS / self.name.replace(" ", "-")

    def fingerprint(self) -> str:
        digest = hashlib.sha256(sys.version.encode())
        for file in self.inputs:
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def is_needed_by(self, service: Service) -> bool:
        return any(
            self.path_in_use in text for text in (*service.command, *service.path, *service.environment.values())
        )

    def is_ready(self) -> bool:
        return self.result.exists() and self.stamp.exists() and self.stamp.read_text() == self.fingerprint()


def prepare(
    services: Iterable[Service], report: Report, with_tests: bool = False, with_benchmarks: bool = False
) -> None:
    """Prepare every part that the services need and that is not ready, in parallel. Raises OperatorError or StageError."""
    services = list(services)
    needed = [part for part in _parts() if any(part.is_needed_by(service) for service in services)]
    tests = [_environment("test", PROJECT / "tests" / "requirements-end-to-end.txt")] if with_tests else []
    benchmarks = [_environment("bench", PROJECT / "bench" / "requirements.txt", TEST_TOOLS)] if with_benchmarks else []
    parts = [part for part in (*needed, *tests, *benchmarks) if not part.is_ready()]
    if not parts:
        return
    _install_missing_programs(parts, with_tests)
    STAMPS.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=3) as pool:
        for outcome in [pool.submit(_make, part, report) for part in parts]:
            outcome.result()


def _make(part: Part, report: Report) -> None:
    started_at = time.monotonic()
    report(part.name, "starting", 0.0)
    part.stamp.unlink(missing_ok=True)
    fingerprint = part.fingerprint()
    part.make()
    part.stamp.write_text(fingerprint)
    report(part.name, "ready", time.monotonic() - started_at)


def _parts() -> list[Part]:
    """Return the parts that services need."""
    dashboard = PROJECT / "dashboard"
    parts = [
        Part(
            "dashboard",
            # Its types are generated from the table definitions.
            (*_sources(dashboard), *sorted((PROJECT / "sql" / "main").glob("*/*.sql"))),
            dashboard / ".next" / "standalone" / "server.js",
            "dashboard/.next/",
            _build_dashboard,
        ),
        Part("Kafka and Debezium", (POM, POM.with_name("jars.sha256")), JARS / "lib", str(JARS), _fetch_jars),
    ]
    for name, folder in COMPONENTS.items():
        requirements = PROJECT / folder / "requirements.txt"
        parts.append(_environment(name, requirements, TEST_TOOLS))
    return parts


def _environment(name: str, *requirements: Path) -> Part:
    folder = ENVIRONMENTS / name

    def make() -> None:
        uv = str(ENVIRONMENTS / "uv" / "bin" / "uv")
        environment = {"UV_PYTHON_DOWNLOADS": "never"}
        _run(
            f"environment {name}",
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
            environment,
        )
        files = [argument for file in requirements for argument in ("-r", str(file))]
        _run(
            f"environment {name}",
            [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "--require-hashes", *files],
            environment,
        )

    return Part(f"environment {name}", requirements, folder / "bin" / "python", f"{folder}/", make)


def _fetch_jars() -> None:
    new = JARS.with_name("jars.new")
    shutil.rmtree(new, ignore_errors=True)
    _run("Kafka and Debezium", [str(PROJECT / "docker" / "bin" / "fetch-jars"), str(POM), str(new)], {})
    shutil.rmtree(JARS, ignore_errors=True)
    new.rename(JARS)


def _build_dashboard() -> None:
    environment = {"PATH": os.pathsep.join([*program_path(), os.environ["PATH"]]), "NEXT_TELEMETRY_DISABLED": "1"}
    dashboard = PROJECT / "dashboard"
    _run("dashboard", ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], environment, dashboard)
    _run("dashboard", ["npm", "run", "build"], environment, dashboard)


def _sources(folder: Path) -> Iterable[Path]:
    """Yield the dashboard's files that are not generated."""
    generated = {"node_modules", ".next", "generated", "next-env.d.ts"}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not generated & set(file.relative_to(folder).parts) and file.suffix != ".tsbuildinfo":
            yield file


def _run(part: str, command: list[str], environment: dict[str, str], folder: Path = PROJECT) -> None:
    log = LOCAL / "logs" / f"prepare-{part.replace(' ', '-')}.log"
    private_folder(log.parent)
    with log.open("ab") as out:
        try:
            code = subprocess.run(
                command,
                cwd=folder,
                env=os.environ | environment,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                timeout=PART_TIMEOUT,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
    if code:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise StageError(
            f"The {part} could not be prepared. Read {log.relative_to(PROJECT)}, then run the command again.", tail
        )


def _install_missing_programs(parts: list[Part], with_tests: bool) -> None:
    """Install Java, Maven and, for the tests, Chromium if they are missing. Raises OperatorError if apt cannot be used."""
    missing = [] if _has_suitable_java() else ["java"]
    if any(part.name == "Kafka and Debezium" for part in parts) and not shutil.which("mvn"):
        missing.append("mvn")
    if with_tests and not shutil.which("chromium"):
        missing.append("chromium")
    if missing:
        install_programs(missing)


def install_programs(names: list[str]) -> None:
    """Install the named programs with apt. Raises OperatorError if that is not possible."""
    packages = [APT_PACKAGES[name] for name in names]
    package_list = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise OperatorError(
            f"These programs are missing: {', '.join(names)} (Java must be 17 or 21). Install them (Debian, Ubuntu: "
            f"sudo apt-get install {package_list}), then run the command again."
        )
    print(f"Installing {package_list}...", file=sys.stderr, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=PART_TIMEOUT, stdin=subprocess.DEVNULL
        )
        if done.returncode and command[1] == "install":
            raise OperatorError(
                f"apt-get could not install {package_list}: {_last_line(done.stderr)} Install the programs by hand (Java 17 or 21), "
                "then run the command again."
            )


def _last_line(output: str) -> str:
    return (output.strip().splitlines() or ["no output."])[-1]


def _has_suitable_java() -> bool:
    """Return whether `java` is a version that the stack is tested with."""
    java = shutil.which("java")
    if not java:
        return False
    try:
        version_text = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30).stderr
        major = int(version_text.split('"')[1].split(".")[0])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        return False
    return MIN_JAVA <= major < FIRST_UNTESTED_JAVA
