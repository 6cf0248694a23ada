"""The demo's sample data: three simulated listeners, connected and imported like real ones."""

import html
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from runtime.definition.stack import PROJECT, Stack
from runtime.errors import StageError
from runtime.output.results import last_json_line
from runtime.private_files import private_folder
from runtime.runtimes import Runtime

TIMEOUT = 30  # seconds for one request


@dataclass(frozen=True)
class SampleListener:
    """A simulated listener with its export file."""

    listener_id: str
    display_name: str
    time_zone: str
    account: str
    export: Path


def set_clock(stack: Stack, moment: str | None = None) -> None:
    """Set the simulated Spotify's clock once, to `moment` (ISO 8601) or now. A second demo must find the same plays."""
    if not stack.spotify_clock.exists():
        stack.state.mkdir(parents=True, exist_ok=True)
        now = datetime.fromisoformat(moment) if moment else datetime.now(UTC).replace(second=0, microsecond=0)
        stack.spotify_clock.write_text(now.isoformat())


def write_exports(stack: Stack) -> list[SampleListener]:
    """Write each simulated listener's export and return the listeners."""
    folder = private_folder(stack.state / "sample")
    listeners = _ask_spotify(stack, "simulated_spotify.exports", "--out", str(folder))
    return [SampleListener(export=Path(listener.pop("export")), **listener) for listener in listeners]


def truth(stack: Stack) -> dict[str, dict[str, Any]]:
    """Return the simulated Spotify's own counts by listener, made from its list of plays."""
    return _ask_spotify(stack, "simulated_spotify.truth")  # type: ignore[no-any-return]


def _ask_spotify(stack: Stack, module: str, *arguments: str) -> Any:
    """Run a module of the simulation. It is a function of its clock, so it agrees with the running server."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "SPOTIFY_CLOCK_FILE": str(stack.spotify_clock)}
    command = [sys.executable, "-m", module, *arguments]
    return last_json_line(command, command[1:], env=environment, cwd=PROJECT)


def connect(stack: Stack, listener: SampleListener) -> None:
    """Connect a listener by OAuth like a person in a browser: log in, approve, return. Raises StageError."""
    flask = f"http://127.0.0.1:{stack.settings()['FLASK_PORT']}"
    browser = requests.Session()
    body = {"listener_id": listener.listener_id, "time_zone": listener.time_zone, "display_name": listener.display_name}
    consent = browser.get(f"{flask}/login", params=body, timeout=TIMEOUT)
    if not consent.ok:
        raise StageError(
            f"{listener.display_name} could not be connected: {consent.url} answered {consent.status_code}.",
            consent.text[:500],
        )
    fields = dict(_hidden_fields(consent.text)) | {"account": listener.account}
    back = browser.post(consent.url, data=fields, timeout=TIMEOUT)
    if not back.ok:
        raise StageError(
            f"{listener.display_name} could not be connected: {back.url.split('?')[0]} answered {back.status_code}.",
            back.text[:500],
        )


def import_export(runtime: Runtime, listener_id: str, time_zone: str | None, files: list[Path]) -> dict[str, Any]:
    """Import export files and return the row counts."""
    zone = ["--time-zone", time_zone] if time_zone else []
    arguments = ["-m", "flask_endpoint", "import", "--listener", listener_id, *zone, "--json"]
    return runtime.call_json("flask", "flask", arguments, files)  # type: ignore[no-any-return]


def _hidden_fields(page: str) -> Iterator[tuple[str, str]]:
    for tag in re.findall(r"<input[^>]*type=[\"']hidden[\"'][^>]*>", page):
        attributes = dict(re.findall(r"(\w+)=[\"']([^\"']*)[\"']", tag))
        yield attributes["name"], html.unescape(attributes.get("value", ""))
