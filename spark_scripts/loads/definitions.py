"""A digest of the code that computes published values. If it changes, the next load recomputes every listener."""

import ast
import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
# The modules that decide a value. Modules that only read or store rows are not among them.
DEFINING_MODULES = (
    "database/copying.py",
    "tables/inputs.py",
    "tables/uses.py",
    "transformations/shared/*.py",
    "transformations/*.py",
)


def digest() -> str:
    """Return a SHA-256 in hex of the defining modules, without comments, docstrings and formatting."""
    code = hashlib.sha256()
    for module in modules():
        code.update(f"{module.relative_to(PACKAGE)}\n{canonical(module.read_text())}\n".encode())
    return code.hexdigest()


def modules() -> Iterator[Path]:
    """Yield the defining modules in a fixed order."""
    for pattern in DEFINING_MODULES:
        yield from sorted(PACKAGE.glob(pattern))


def canonical(code: str) -> str:
    """Return Python code in a notation that does not depend on the Python version, without comments, docstrings and formatting.

    The output of `ast.dump` depends on it: versions add fields, such as `type_params` in 3.12, and print different defaults.
    """
    return _canonical(ast.parse(code))


def _canonical(node: object) -> str:
    if isinstance(
        node, ast.Constant | ast.MatchSingleton
    ):  # `ascii`, because `repr` follows the version's Unicode tables.
        return f"Constant({node.value!a})"
    if isinstance(node, ast.AST):
        fields = ", ".join(f"{name}={_canonical(value)}" for name, value in _fields(node))
        return f"{type(node).__name__}({fields})"
    if isinstance(node, list):
        return f"[{', '.join(map(_canonical, node))}]"
    return ascii(node)


def _fields(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Yield the fields that are not None, 0 or empty, without docstrings and without `ctx`, which follows from the position."""
    for name, value in ast.iter_fields(node):
        if name == "body" and isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            value = value[1:] if ast.get_docstring(node) is not None else value
        if name == "values" and isinstance(node, ast.JoinedStr):
            value = _merge_texts(value)
        if value and name != "ctx":
            yield name, value


def _merge_texts(parts: list[ast.expr]) -> list[ast.expr]:
    """Join neighbouring texts of an f-string and drop empty ones. Python versions split them differently."""
    merged: list[ast.expr] = []
    for is_text, group in groupby(parts, lambda part: isinstance(part, ast.Constant)):
        if is_text:
            text = "".join(str(part.value) for part in group if isinstance(part, ast.Constant))
            merged += [ast.Constant(text)] if text else []
        else:
            merged += group
    return merged
