"""Progress as people read it: one line a step with its seconds, plain where the output is no terminal."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console

from runtime.log_lines import readable

CLEAR_LINE = "\x1b[2K"  # Compose begins each line of a log with it, on a terminal or not.
console = Console(stderr=True, highlight=False, soft_wrap=True)


class Stages:
    """The stages of a long command and how many seconds each took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        console.print(f"[bold]{title}[/bold]")
        began = time.monotonic()
        self.current = title
        yield
        self.seconds[title] = time.monotonic() - began
        console.print(f"  [green]done[/green] in {self.seconds[title]:.0f} s")


def report(name: str, state: str, seconds: float) -> None:
    """A part's or service's progress: what has begun, and when it is ready how long that took."""
    if state == "ready":
        console.print(f"  [green]✓[/green] {name} ({seconds:.0f} s)")
    elif state != "starting":
        console.print(f"  {name}: {state}")


def report_slow(name: str, state: str, seconds: float) -> None:
    """Like `report`, for parts that may be fetched: says at the start what is being prepared."""
    if state == "starting":
        console.print(f"  … {name}: fetching and building")
    else:
        report(name, state, seconds)


def note(message: str) -> None:
    console.print(f"  {message}")


def show_log(command: Sequence[str], environment: Mapping[str, str] | None = None, with_service: bool = False) -> None:
    """Print what a command prints of logs, in the form for people; of several services with the name of each."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, errors="replace") as showing:
        for line in showing.stdout or ():
            print(readable(line.rstrip("\n").removeprefix(CLEAR_LINE), with_service), flush=True)
