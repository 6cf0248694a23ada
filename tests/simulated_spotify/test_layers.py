"""The packages of the simulator import each other in one direction, and the commands do not need Flask."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def imported_layers(layer: str) -> set[str]:
    files = [PACKAGE / f"{layer}.py", *(PACKAGE / layer).rglob("*.py")]
    trees = [ast.parse(file.read_text()) for file in files if file.exists()]
    assert trees, f"simulated_spotify has no {layer}"
    modules = [node.module or "" for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {module.split(".")[1] for module in modules if module.startswith("simulated_spotify.")} - {layer}


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_imports_only_layers_below(layer: str) -> None:
    assert imported_layers(layer) <= LAYERS[layer]


def test_every_module_belongs_to_a_layer() -> None:
    names = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert names - {"__init__", "gunicorn.conf"} == set(LAYERS)


@pytest.mark.parametrize("command", ["exports", "truth"])
def test_command_does_not_import_flask(command: str) -> None:
    program = f"import sys, simulated_spotify.{command}; sys.exit('flask' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent, env=os.environ, timeout=60)
    assert done.returncode == 0
