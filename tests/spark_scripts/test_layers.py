"""Imports between the packages of spark_scripts point one way."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "spark_scripts"
BASICS = {"errors", "settings", "tuning"}
# What the modules of each package may import, in addition to their own package.
LAYERS = {
    "errors": set(),
    "settings": set(),
    "tuning": set(),
    "session": BASICS,
    "database": BASICS,
    "loads": BASICS | {"database"},
    "transformations": set(),
    "tables": BASICS | {"session", "database", "loads", "transformations"},
    "begin": BASICS | {"database", "loads"},
    "publish": BASICS | {"database"},
    "etl": BASICS | {"session", "database", "loads", "tables"},
}


def imported_layers(layer):
    files = [PACKAGE / f"{layer}.py", *(PACKAGE / layer).rglob("*.py")]
    trees = [ast.parse(file.read_text()) for file in files if file.exists()]
    assert trees, f"spark_scripts has no {layer}"
    modules = [node.module or "" for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {module.split(".")[1] for module in modules if module.startswith("spark_scripts.")} - {layer}


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_imports_only_layers_below(layer):
    assert imported_layers(layer) <= LAYERS[layer]


def test_every_module_belongs_to_a_layer():
    names = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert names - {"__init__"} == LAYERS.keys()
