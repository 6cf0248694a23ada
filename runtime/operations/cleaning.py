"""`make clean`: stop everything and remove what was made. The data of real listeners is deleted only on confirmation."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from common.database import connect
from runtime.containers import engine, images
from runtime.definition.stack import LOCAL, PROJECT, Stack, test_stack
from runtime.operations.databases import APPLICATION, owner_url
from runtime.output.progress import note
from runtime.runtimes import DOCKER, Runtime, all_runtimes

# What a stack needs to go on with its data: databases and Kafka, uploads, and what is remembered about the runtimes.
DATA = ("data", "connect", "uploads", "containers", "runtime", "spotify_clock")
# The environment of this program: the next `make clean` needs it to ask again, or to delete Docker's volumes.
OWN_TOOLS = ("runtime", "runtime.stamp", "uv")
BUILT = ("node_modules", ".next", "generated", "next-env.d.ts", "tsconfig.tsbuildinfo")
REAL_LISTENERS = "SELECT listener_id FROM raw.listener WHERE NOT is_simulated ORDER BY listener_id"


def clean(stack: Stack, confirmed: bool) -> None:
    """Remove the stack, the test stack, and all tools and builds. Keep real listeners' data unless `confirmed`.

    Data that cannot be examined counts as real. Simulated listeners' data needs no confirmation.
    """
    if stack.name == "test":
        _remove(stack)
        return
    _remove(test_stack())
    runtimes = sorted(all_runtimes(stack), key=lambda runtime: not runtime.is_running())
    reasons = {} if confirmed else _reasons_to_keep(runtimes)
    if reasons:
        _remove_all_but_data(runtimes, reasons)
        _delete(_build_outputs())
        _delete(_tools(stack))
        note(_report(stack, reasons))
        return
    _remove(stack)
    _delete([*_build_outputs(), stack.settings_file])
    shutil.rmtree(LOCAL, ignore_errors=True)  # This program's own packages too: nothing is imported after this line.


def reason_to_keep(runtime: Runtime) -> str | None:
    """Return why the runtime's data must stay, in a clause, or None if only simulated listeners are in it.

    Starts the database source if it does not run.
    """
    if not runtime.has_data():
        return None
    try:
        runtime.stack.require_settings_of_data(has_data=True)
        runtime.start(["source"])
        listeners = real_listeners(owner_url(runtime.stack.settings(), "source"))
    except Exception as error:  # Whatever prevents the answer: deleting a history by mistake cannot be undone.
        cause = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return f"whether it belongs to real listeners cannot be determined ({cause})"
    if not listeners:
        return None
    more = f" and {len(listeners) - 3} more" if len(listeners) > 3 else ""
    return f"it belongs to real listeners ({', '.join(listeners[:3])}{more})"


def real_listeners(server: str, database: str = "source") -> list[str]:
    """Return the ids of the listeners that are not simulated. A database that no migration has reached yet has none.

    `server` is the URL of a superuser's connection to any database of the server.
    """
    with connect(_of_database(server, "postgres"), APPLICATION) as connection:
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", (database,)).fetchall():
            return []
    with connect(_of_database(server, database), APPLICATION) as connection:
        if connection.execute("SELECT to_regclass('raw.listener') IS NULL").fetchall() == [(True,)]:
            return []
        return [listener_id for (listener_id,) in connection.execute(REAL_LISTENERS)]


def _of_database(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _reasons_to_keep(runtimes: Sequence[Runtime]) -> dict[str, str]:
    """Return the reason by runtime name. Each runtime is stopped after the question: the next one needs the same ports."""
    reasons = {}
    for runtime in runtimes:
        if reason := reason_to_keep(runtime):
            reasons[runtime.name] = reason
        if runtime.name != DOCKER or runtime.is_running():  # Local processes can outlive their supervisor.
            runtime.stop()
    return reasons


def _remove_all_but_data(runtimes: Sequence[Runtime], reasons: dict[str, str]) -> None:
    for runtime in runtimes:
        if runtime.name in reasons:
            continue
        if runtime.name == DOCKER:
            runtime.remove()
        else:  # Not `remove`: the stack's folder also remembers the containers and their volumes.
            _delete([runtime.stack.state / name for name in ("data", "connect", "uploads")])
    if DOCKER in reasons and engine.problem() is None:
        images.remove()


def _remove(stack: Stack) -> None:
    for runtime in all_runtimes(stack):
        runtime.remove()


def _tools(stack: Stack) -> Iterator[Path]:
    """Everything in the stack's folder except its data and the environment of this program."""
    for entry in _entries(stack.state):
        if entry.name not in (*DATA, "env"):
            yield entry
    for entry in _entries(stack.state / "env"):
        if entry.name not in OWN_TOOLS:
            yield entry


def _build_outputs() -> list[Path]:
    compiled = [folder for folder in PROJECT.glob("*/**/__pycache__") if not folder.is_relative_to(LOCAL)]
    return [*(PROJECT / "dashboard" / name for name in BUILT), *compiled]


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def _delete(paths: Iterator[Path] | Sequence[Path]) -> None:
    for path in paths:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _report(stack: Stack, reasons: dict[str, str]) -> str:
    """Say what is kept, why, and how to delete it."""
    places = {DOCKER: "the Docker volumes"}
    kept = "; ".join(
        f"kept {places.get(name, f'the data in {stack.state.name}/')}: {reason}" for name, reason in reasons.items()
    )
    return (
        f"Removed tools and builds; {kept}. {stack.settings_file.name} is kept as well: its keys open the data. "
        "Run make up to go on with it, or make clean CONFIRM=1 to delete it for good."
    )
