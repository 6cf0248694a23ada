"""`make test`: run every suite in the environment of the code under test, fast ones first, then the whole stack.

The suites share one throwaway PostgreSQL (the test stack's main); each creates its own databases. The stack's tests run
the demo on the test stack. The test stack has its own ports and folder, so the main stack is not affected.
"""

import os
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from common.exit_codes import ExitCode
from runtime.containers import engine
from runtime.definition.stack import JARS, LOCAL, PROJECT, Stack, current_stack, program_path, python
from runtime.errors import OperatorError
from runtime.local import prepare, starter
from runtime.operations.databases import owner_url
from runtime.output.progress import console, report_slow
from runtime.runtimes import all_runtimes

SHORT_FAULTS = ("tests/faults/test_lost_changes.py", "tests/faults/test_refused.py")  # under three minutes
_SHARED_BY_TESTS = ("tests/imports.py", "tests/new_metric.py", "tests/running_stack.py")
_TEMPLATES = ("runtime/metric/template/spark_scripts", "runtime/metric/template/tests")
SUITE_TIMEOUT = 1800  # seconds: far above any suite, to end a hang


@dataclass(frozen=True)
class Suite:
    """A group of tests: `command` runs it.

    `needs_stack`: it uses the whole stack, so it runs alone. `is_on_request`: it runs only if it is named.
    """

    name: str
    command: tuple[str, ...]
    needs_stack: bool = False
    needs_docker: bool = False
    is_on_request: bool = False


def all_suites() -> list[Suite]:
    """Return the suites in the order in which they run."""
    ruff = str(python("test").parent / "ruff")
    npm = ("npm", "--prefix", "dashboard", "run")
    cdc = ("sql", "cdc_connectors", "common")
    return [
        Suite("lint", (ruff, "check", ".")),
        Suite("format", (ruff, "format", "--check", ".")),
        _types("runtime", "runtime", "bench/imports.py", *_own_modules(), "tests/runtime", "tests/containers"),
        _types("cdc", "cdc", *cdc, *(f"tests/{folder}" for folder in (*cdc, "faults"))),
        _types("soda", "soda", "soda", "tests/soda"),
        _types("spark", "spark", "spark_scripts", "tests/spark_scripts", *_TEMPLATES),
        _types("dags", "airflow", "dags", "tests/dags"),
        _types("flask", "flask", "flask_endpoint", "tests/flask_endpoint"),
        _types("simulator", "flask", "simulated_spotify", "tests/simulated_spotify"),
        _types("bench", "bench", "bench", "tests/bench"),
        _types("tests", "test", "tests/shape", "tests/stack", *_SHARED_BY_TESTS),
        Suite("dashboard types", (*npm, "typecheck")),
        Suite("shape", _pytest("test", "tests/shape")),
        Suite("runtime", _pytest("runtime", "tests/runtime")),
        Suite("common", _pytest("cdc", "tests/common")),
        Suite("spotify", _pytest("flask", "tests/simulated_spotify")),
        Suite("sql", _pytest("cdc", "tests/sql")),
        Suite("cdc", _pytest("cdc", "tests/cdc_connectors")),
        Suite("soda", _pytest("soda", "tests/soda")),
        Suite("dags", _pytest("airflow", "tests/dags")),
        Suite("flask", _pytest("flask", "tests/flask_endpoint")),
        Suite("spark", _pytest("spark", "tests/spark_scripts")),
        Suite("bench", _pytest("bench", "tests/bench")),
        Suite("dashboard lint", (*npm, "lint")),
        Suite("dashboard", (*npm, "test")),
        Suite("stack", _pytest("test", "--timeout=1200", "tests/stack"), needs_stack=True),
        Suite("faults", _pytest("cdc", "--timeout=1200", *SHORT_FAULTS), needs_stack=True),
        Suite(
            "all faults", _pytest("cdc", "-v", "--timeout=1200", "tests/faults"), needs_stack=True, is_on_request=True
        ),
        Suite(
            "containers",
            _pytest("runtime", "-v", "--timeout=3600", "tests/containers"),
            needs_stack=True,
            needs_docker=True,
            is_on_request=True,
        ),
    ]


def run_suites(wanted: Sequence[str]) -> int:
    """Run the wanted suites (default: all that need no Docker). Return the exit code: NO if any failed."""
    os.environ["STACK"] = "test"
    stack = current_stack()
    suites = all_suites()
    if unknown := set(wanted) - {suite.name for suite in suites}:
        raise OperatorError(
            f"There is no suite {', '.join(sorted(unknown))}; there are: {', '.join(suite.name for suite in suites)}."
        )
    chosen = [suite for suite in suites if (suite.name in wanted if wanted else not suite.is_on_request)]
    if any(suite.needs_docker for suite in chosen):
        engine.require_suitable(to_build=True)
    _remove(stack)
    prepare.prepare(stack.services().values(), report_slow, with_tests=True, with_benchmarks=True)
    if not all(suite.needs_docker for suite in chosen):
        starter.start(stack, ["main"])
    environment = environment_of_tests(stack)
    try:
        failed = _run_all(chosen, environment)
    finally:
        _keep_logs(stack)
        _remove(stack)
    console.print(
        f"{len(chosen) - len(failed)} suites passed, {len(failed)} failed{': ' + ', '.join(failed) if failed else ''}."
    )
    return ExitCode.NO if failed else ExitCode.DONE


def _run_all(suites: Sequence[Suite], environment: dict[str, str]) -> list[str]:
    """Run component suites two at a time, then suites on the stack. Return the names of those that failed."""
    parts = [suite for suite in suites if not suite.needs_stack]
    with ThreadPoolExecutor(max_workers=2) as pool:
        failed = [
            suite.name
            for suite, code in zip(parts, pool.map(lambda suite: _run(suite, environment), parts), strict=True)
            if code
        ]
    for suite in suites:
        if suite.needs_stack and _run(suite, environment):
            failed.append(suite.name)
    return failed


def _run(suite: Suite, environment: dict[str, str]) -> int:
    started = time.monotonic()
    output = None if suite.needs_stack else subprocess.PIPE
    try:
        done = subprocess.run(
            suite.command,
            cwd=PROJECT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SUITE_TIMEOUT,
            stdin=subprocess.DEVNULL,
        )
        code, text = done.returncode, done.stdout or ""
    except subprocess.TimeoutExpired as error:
        code, text = 1, f"{error.output or ''}\nnot finished within {SUITE_TIMEOUT} s"
    verdict = "[red]failed[/red]" if code else "[green]passed[/green]"
    console.print(f"[bold]{suite.name}[/bold]: {verdict} in {time.monotonic() - started:.0f} s")
    if text.strip():
        console.print(text.strip() if code else text.strip().splitlines()[-1], markup=False)
    return code


def environment_of_tests(stack: Stack) -> dict[str, str]:
    """Return the environment variables of suites and benchmarks."""
    settings = stack.settings()
    url = urlsplit(owner_url(settings, "main"))._replace(path="/postgres").geturl()
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return inherited | {
        "PYTHONPATH": str(PROJECT),
        "PYTHONPYCACHEPREFIX": str(LOCAL / "pycache"),  # Not next to the sources.
        "PATH": os.pathsep.join([*program_path(), os.environ["PATH"]]),
        "STACK": "test",
        "TEST_POSTGRES_URL": url,
        "MIGRATE_PYTHON": str(python("cdc")),
        "GATE_PYTHON": str(python("soda")),
        "RUNTIME_PYTHON": str(python("runtime")),
        "SPARK_JDBC_JAR": str(JARS / "spark" / "postgresql-42.7.14.jar"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(LOCAL / "hypothesis"),
        "RUFF_CACHE_DIR": str(LOCAL / "ruff"),
    }


def _own_modules() -> list[str]:
    """Return the modules of `runtime/`, relative to the project, without the templates of a metric."""
    modules = sorted(file.relative_to(PROJECT) for file in (PROJECT / "runtime").rglob("*.py"))
    return [str(module) for module in modules if "template" not in module.parts]


def _types(name: str, environment: str, *paths: str) -> Suite:
    """Check the types of `paths`. Each suite has its own cache: mypy crashes when two processes write to one."""
    cache = str(LOCAL / "mypy" / name)
    mypy = (str(python("test")), "-m", "mypy", "--cache-dir", cache, "--python-executable", str(python(environment)))
    # These folders, and those of their tests, are not packages: their modules import each other by their file names.
    search_path = ("env", f"MYPYPATH={name}:tests/{name}") if name in ("soda", "dags") else ()
    return Suite(f"types {name}", (*search_path, *mypy, *paths))


def _pytest(environment: str, *arguments: str) -> tuple[str, ...]:
    return (str(python(environment)), "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)


def _keep_logs(stack: Stack) -> None:
    """Keep the logs of the last run after its stack is removed, to diagnose failures."""
    kept = LOCAL / "logs" / "test"
    subprocess.run(["rm", "-rf", str(kept)], check=True)
    if stack.logs.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        stack.logs.rename(kept)


def _remove(stack: Stack) -> None:
    for runtime in all_runtimes(stack):
        runtime.remove()
