"""The objects that every request needs. `create_app` creates them once per app."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app

from simulated_spotify.accounts.tokens import TokenMaker
from simulated_spotify.control.faults import Faults
from simulated_spotify.listening.history import Setting
from simulated_spotify.music.items import Catalog
from simulated_spotify.settings import Settings
from simulated_spotify.web_api.shapes import Shapes

EXTENSION = "simulated-spotify"


@dataclass(frozen=True)
class Server:
    """Settings, data and state of the running simulator."""

    settings: Settings
    catalog: Catalog
    shapes: Shapes
    tokens: TokenMaker
    now: Callable[[], datetime]  # the real time, by which tokens expire
    # code -> its expiry in seconds since 1970
    used_codes: dict[str, float] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    # consent (account, client id, time) -> number of its newest refresh token
    rotations: dict[tuple[str, str, float], int] = field(default_factory=dict)

    def setting(self) -> Setting:
        return self.settings.setting()


def server() -> Server:
    """Return the Server of the current app."""
    found: Server = current_app.extensions[EXTENSION]
    return found
