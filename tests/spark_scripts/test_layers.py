"""Imports between the packages of spark_scripts point one way."""

from pathlib import Path

import pytest

from tests.imports import imported_layers, layers_of

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


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_imports_only_allowed_layers(layer: str) -> None:
    assert imported_layers(PACKAGE, layer) <= LAYERS[layer]


def test_every_module_belongs_to_a_layer() -> None:
    assert layers_of(PACKAGE) == LAYERS.keys()
