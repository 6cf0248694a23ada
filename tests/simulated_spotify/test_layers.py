"""Each layer of the simulator imports only the layers that it may import, and the commands do not need Flask."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import imported_layers, layers_of

PACKAGE = Path(__file__).parents[2] / "simulated_spotify"
DATA = {"clock", "music", "listening", "settings"}
# What the modules of each layer may import, in addition to their own layer.
LAYERS = {
    "clock": set(),
    "music": set(),
    "listening": {"music"},
    "settings": {"clock", "listening"},
    "exports": DATA,
    "truth": DATA,
    "accounts": DATA | {"control", "server"},
    "web_api": DATA | {"accounts", "control", "server"},
    "control": DATA | {"server"},
    "server": DATA | {"accounts", "web_api", "control"},
    "app": DATA | {"accounts", "web_api", "control", "server"},
}


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_imports_only_allowed_layers(layer: str) -> None:
    assert imported_layers(PACKAGE, layer) <= LAYERS[layer]


def test_every_module_belongs_to_a_layer() -> None:
    assert layers_of(PACKAGE) == LAYERS.keys()


@pytest.mark.parametrize("command", ["exports", "truth"])
def test_command_does_not_import_flask(command: str) -> None:
    program = f"import sys, simulated_spotify.{command}; sys.exit('flask' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent, env=os.environ, timeout=60)
    assert done.returncode == 0
