"""The `docker compose` command line of one project, and the variables of its compose files."""

import os
from dataclasses import dataclass

from runtime.containers import engine, images
from runtime.containers.input_files import INBOX
from runtime.definition.stack import COMPOSE, Stack, simulated_spotify


@dataclass(frozen=True)
class ComposeCommand:
    """`docker compose` for the containers of `stack`, named `project`."""

    stack: Stack
    project: str

    def line(self, *arguments: str) -> list[str]:
        """Return the command line `docker compose ... arguments`."""
        return ["docker", "compose", "-f", str(COMPOSE), "-p", self.project, *arguments]

    def one_off(self, definition: str, *command: str, with_inbox: bool = False) -> list[str]:
        """Return the command line that runs `command` (default: the service's own) in a new container of a service.

        The inbox is an empty volume that Docker removes with the container.
        """
        inbox = ["--volume", INBOX] if with_inbox else []
        return self.line("run", "--rm", "--no-deps", "-T", *inbox, definition, *command)

    def environment(self) -> dict[str, str]:
        """Return this process's environment with the variables of the compose files."""
        return os.environ | self.variables()

    def variables(self) -> dict[str, str]:
        """Return the values of the compose files' variables. Hosts stay unset, because their defaults are the service names."""
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

    def down(self, timeout: int) -> None:
        """Stop and remove the containers, but not the volumes. After `timeout` seconds a container is killed."""
        engine.run(self.line("down", "--timeout", str(timeout))[1:], self.variables())
