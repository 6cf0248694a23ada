"""The digest of the definitions changes with code, and not with comments, docstrings, formatting or the version of Python."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spark_scripts.loads import definitions

ROOT = Path(__file__).parents[3]
CODE = '''"""A module docstring."""
from .a import b as c  # A comment.

@decorate(1, *args, key=None, **more)
async def outer(a, /, b: int = 0, *rest: "T", c, d=..., **others) -> list[str]:
    """A docstring."""
    def inner(): return f"{a!r:>{b}}" "é\\u2028" f"" f"{{x}} {c=} {d:}" u"t"
    match rest:
        case [None, {"k": str() as v, **r}, *_] if (n := len(r)) > -1.5e3j: yield v, n
        case Point(x=0) | "é": pass
        case _: raise ValueError from None
    try:
        async with x as y: del y[0, *rest, 1:2]
    except* (A, B) as e: print({**e, 1: [i async for i in j if i]})

class K(Base, metaclass=M):
    """A docstring."""
    attribute: int
    value: int = lambda *, q: b"\\xff" if q else True
'''
DIGEST = "5497753226ecf148e9c37ef74746f98247ee0561712ff0a9c4f1c2f3666c5663"
PRINT_DIGEST = (
    "import hashlib, sys; from spark_scripts.loads.definitions import canonical; "
    "print(hashlib.sha256(canonical(sys.argv[1]).encode()).hexdigest())"
)


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the package, from which the digest is computed, to be changed by a test."""
    shutil.copytree(definitions.PACKAGE, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(definitions, "PACKAGE", tmp_path / "copy")
    return tmp_path / "copy"


def test_digest_includes_every_transformation_and_what_it_imports() -> None:
    included = {file.stem for file in definitions.modules()}
    transformations = set((definitions.PACKAGE / "transformations").glob("*.py"))
    assert transformations and included >= {file.stem for file in transformations}
    for file in transformations | {
        definitions.PACKAGE / "transformations/shared/shaping.py",
        definitions.PACKAGE / "tables/uses.py",
    }:
        used = set(re.findall(r"^from spark_scripts\.(?:\w+\.)*(\w+) import", file.read_text(), re.MULTILINE))
        assert used <= included, f"{file.name} uses {used - included}: add it to DEFINING_MODULES."


def test_digest_ignores_comments_docstrings_and_formatting(code: Path) -> None:
    before = definitions.digest()
    file = code / "transformations" / "top_item.py"
    text = file.read_text()
    file.write_text(
        "# New.\n"
        + text.replace('"""Return the plays of every', '"""Other words: return the plays of every').replace(
            "\n\n\n", "\n\n\n\n"
        )
    )
    assert file.read_text().count("Other words") == 2
    assert definitions.digest() == before


@pytest.mark.parametrize(
    "name", ["transformations/top_item.py", "transformations/shared/shaping.py", "tables/uses.py", "tables/inputs.py"]
)
def test_digest_changes_with_the_code(code: Path, name: str) -> None:
    before = definitions.digest()
    file = code / name
    file.write_text(file.read_text() + "\nBOUND = 101\n")
    assert definitions.digest() != before


def other_pythons() -> list[str]:
    """Return the interpreters on this machine that can parse CODE, the running one included."""
    found = {sys.executable}
    for minor in range(11, 20):
        found |= {
            str(path) for folder in ("/usr/bin", "/usr/local/bin") for path in Path(folder).glob(f"python3.{minor}")
        }
        found |= {str(path) for path in Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")}
    return sorted(found)


def test_canonical_code_is_the_same_in_every_version_of_python() -> None:
    for python in other_pythons():
        done = subprocess.run([python, "-c", PRINT_DIGEST, CODE], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.stdout.strip() == DIGEST, f"{python}: {done.stderr}"


def test_canonical_code_ignores_fields_that_a_newer_python_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    before = definitions.canonical(CODE)
    monkeypatch.setattr(ast.Import, "_fields", (*ast.Import._fields, "is_lazy"))
    for node in (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
        monkeypatch.setattr(node, "_fields", (*node._fields, "type_params", "added_later"))
        monkeypatch.setattr(node, "type_params", [], raising=False)
        monkeypatch.setattr(node, "added_later", None, raising=False)
    monkeypatch.setattr(ast.Import, "is_lazy", 0, raising=False)
    assert definitions.canonical(CODE) == before


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("f(a, b=1)", "f(a, b=2)"),
        ("x = None", "x = 0"),
        ("x = 1", "x = True"),
        ("x = 1", "x = 1.0"),
        ("return_ = {**a}", "return_ = {None: a}"),
        ("def f(*, a, b=1): pass", "def f(*, a=1, b): pass"),
        ('f"{a}b"', 'f"{a}{b}"'),
        ('f"{a!r}"', 'f"{a}"'),
        ("from . import a", "from .. import a"),
        ("match x:\n case None: pass", "match x:\n case False: pass"),
        ("def f(): return", "def f(): return 0"),
        ("async def f(): pass", "def f(): pass"),
    ],
)
def test_canonical_code_differs_if_the_meaning_differs(code: str, other: str) -> None:
    assert definitions.canonical(code) != definitions.canonical(other)


@pytest.mark.parametrize(
    ("code", "other"),
    [
        ("x = 'a' # b", 'x = (\n    u"a"\n)'),
        ('f"a{b}" "c" ""', '"a" f"{b}c"'),
        ('def f():\n    """Docs."""\n    return 1', "def f(): return 1"),
        ("x = 1_000", "x = 1000"),
    ],
)
def test_canonical_code_is_equal_if_only_the_notation_differs(code: str, other: str) -> None:
    assert definitions.canonical(code) == definitions.canonical(other)
