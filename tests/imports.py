"""Read the imports of the project's modules, for tests of what may import what."""

import ast
from pathlib import Path


def imported_modules(file: Path) -> set[str]:
    """Return the full names of the modules, and of what is imported from them, anywhere in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def top_packages(file: Path) -> set[str]:
    """Return the first part of the name of each module that the file imports."""
    return {name.partition(".")[0] for name in imported_modules(file)}


def layers_of(package: Path) -> set[str]:
    """Return the layers of a package: its modules and its subpackages, each without the name of the package."""
    names = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    return names - {"__init__", "gunicorn.conf"}


def imported_layers(package: Path, layer: str) -> set[str]:
    """Return the other layers of the package that the modules of a layer import."""
    files = [file for file in (package / f"{layer}.py", *(package / layer).rglob("*.py")) if file.exists()]
    assert files, f"{package.name} has no {layer}"
    names = [name.split(".") for file in files for name in imported_modules(file)]
    return {parts[1] for parts in names if parts[0] == package.name and len(parts) > 1} - {layer}
