"""`make metric NAME=x`: write the files of a new metric from the templates.

`template/` has the files at their paths in the project. In paths and texts, `metric_name` is replaced by the name, and
`Metric title` by a title made from it. A file that is added to `template/` becomes part of every new metric.
"""

from pathlib import Path

from runtime.errors import OperatorError
from runtime.metric.names import check_name

TEMPLATE = Path(__file__).parent / "template"
NAME, TITLE = "metric_name", "Metric title"
LINE_LENGTH = 120  # as in pyproject.toml


def write_metric(name: str, project: Path) -> list[Path]:
    """Write the files of a metric that counts plays by month. Return their paths, relative to the project.

    Raises OperatorError, before anything is written, if the name cannot be used or one of the files exists.
    """
    check_name(name, project, TEMPLATE)
    files = _files(name)
    if existing := [path for path in files if (project / path).exists()]:
        raise OperatorError(
            f"{', '.join(map(str, existing))} exists and is not overwritten. Remove it, or choose another name."
        )
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        with (project / path).open("x") as file:
            file.write(text)
    return list(files)


def _files(name: str) -> dict[Path, str]:
    """Return the text of each file of the metric, by path."""
    templates = sorted(path for path in TEMPLATE.rglob(f"*{NAME}*") if path.is_file())
    return {
        Path(str(path.relative_to(TEMPLATE)).replace(NAME, name)): _filled(path.read_text(), name) for path in templates
    }


def _filled(template: str, name: str) -> str:
    text = template.replace(NAME, name).replace(TITLE, name.replace("_", " ").capitalize())
    return "\n".join(_wrapped_import(line) for line in text.split("\n"))


def _wrapped_import(line: str) -> str:
    """Return a Python import that is too long for one line as ruff formats it. Return any other line unchanged."""
    head, _, imported = line.partition(" import ")
    if len(line) <= LINE_LENGTH or not head.startswith("from "):
        return line
    return f"{head} import (\n    {imported},\n)"
