"""What the numbers mean, as one short text: it changes when the code that computes them does."""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parents[1]
# Everything between the rows of source and the rows of main that decides a value. (How rows are read and kept decides none.)
DEFINING = (
    "database/copying.py",
    "tables/inputs.py",
    "tables/uses.py",
    "transformations/shared/*.py",
    "transformations/*.py",
)


def digest() -> str:
    """SHA-256, in hex, of the code of the definitions: comments, docstrings and layout aside."""
    code = hashlib.sha256()
    for file in files():
        code.update(f"{file.relative_to(HERE)}\n{_meaning(file.read_text())}\n".encode())
    return code.hexdigest()


def files() -> Iterator[Path]:
    """The files that define, in an order that does not depend on the disk."""
    for pattern in DEFINING:
        yield from sorted(HERE.glob(pattern))


def _meaning(code: str) -> str:
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)
