"""The digest of the definitions: another one for other code, the same for other words about it."""

import re
import shutil

import pytest

from spark_scripts.loads import definitions


@pytest.fixture
def code(tmp_path, monkeypatch):
    """A copy of the definitions to change."""
    shutil.copytree(definitions.HERE, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(definitions, "HERE", tmp_path / "copy")
    return tmp_path / "copy"


def test_every_transformation_counts_and_whatever_it_is_made_with():
    counted = {file.stem for file in definitions.files()}
    transformations = set((definitions.HERE / "transformations").glob("*.py"))
    assert transformations and counted >= {file.stem for file in transformations}
    for file in transformations | {
        definitions.HERE / "transformations/shared/shaping.py",
        definitions.HERE / "tables/uses.py",
    }:
        used = set(re.findall(r"^from spark_scripts\.(?:\w+\.)*(\w+) import", file.read_text(), re.MULTILINE))
        assert used <= counted, f"{file.name} uses {used - counted}: name it in DEFINING."


def test_words_and_layout_change_nothing(code):
    before = definitions.digest()
    file = code / "transformations" / "top_item.py"
    text = file.read_text()
    file.write_text(
        "# New.\n"
        + text.replace('"""The plays of every', '"""Other words: the plays of every').replace("\n\n\n", "\n\n\n\n")
    )
    assert file.read_text().count("Other words") == 1
    assert definitions.digest() == before


@pytest.mark.parametrize(
    "name", ["transformations/top_item.py", "transformations/shared/shaping.py", "tables/uses.py", "tables/inputs.py"]
)
def test_a_changed_value_changes_it(code, name):
    before = definitions.digest()
    file = code / name
    file.write_text(file.read_text() + "\nBOUND = 101\n")
    assert definitions.digest() != before
