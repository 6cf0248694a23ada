"""Progress output: one line per step with its seconds, without colors if the output is not a terminal."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console

from runtime.output.log_lines import readable

CLEAR_LINE = "\x1b[2K"  # Compose starts each log line with it, even without a terminal.
GIB = 1024**3  # bytes
Report = Callable[[str, str, float], None]  # (service, part or image, its state, seconds it took)
console = Console(stderr=True, highlight=False, soft_wrap=True)


class Stages:
    """The stages of a long command and the seconds of each."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        console.print(f"[bold]{title}[/bold]")
        started = time.monotonic()
        self.current = title
        yield
        self.seconds[title] = time.monotonic() - started
        console.print(f"  [green]done[/green] in {self.seconds[title]:.0f} s")


def report(name: str, state: str, seconds: float) -> None:
    """Print the progress of a part or service, with its seconds once it is ready."""
    if state == "ready":
        console.print(f"  [green]✓[/green] {name} ({seconds:.0f} s)")
    elif state != "starting":
        console.print(f"  {name}: {state}")


def report_slow(name: str, state: str, seconds: float) -> None:
    """Like `report`, but also print when a part starts: fetching and building can take minutes."""
    if state == "starting":
        console.print(f"  … {name}: fetching and building")
    else:
        report(name, state, seconds)


def note(message: str) -> None:
    console.print(f"  {message}")


def show_log(command: Sequence[str], environment: Mapping[str, str] | None = None, with_service: bool = False) -> None:
    """Run a command that prints logs and print them for people, optionally with the service of each line."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, errors="replace") as showing:
        for line in showing.stdout or ():
            print(readable(line.rstrip("\n").removeprefix(CLEAR_LINE), with_service), flush=True)
