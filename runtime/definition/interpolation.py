"""Compose's variable syntax: `$$`, `${NAME}`, `${NAME:-default}`, `${NAME:?message}`, defaults nested.

Source of the definition: the Compose specification, "Interpolation". Only the syntax that our files use is supported. Anything
else is rejected, so that the two runtimes cannot read one file differently.
"""

import re
from collections.abc import Mapping

from runtime.errors import OperatorError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Replace the variables in `text`. Raises OperatorError when a required one is missing or the syntax is not supported."""
    parts: list[str] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        parts.append(text[at:dollar])
        if text.startswith("$$", dollar):
            parts.append("$")
            at = dollar + 2
        elif text.startswith("${", dollar):
            end = _closing_brace(text, dollar + 2)
            parts.append(_value(text[dollar + 2 : end], variables))
            at = end + 1
        else:
            raise OperatorError(f"Write ${{NAME}} or $$ in the compose files, not a bare dollar sign: {text!r}.")
    return "".join(parts) + text[at:]


def _closing_brace(text: str, at: int) -> int:
    depth = 1
    while at < len(text):
        depth += text.startswith("${", at) - (text[at] == "}")
        if depth == 0:
            return at
        at += 1
    raise OperatorError(f"A variable's closing brace is missing in the compose files: {text!r}.")


def _value(expression: str, variables: Mapping[str, str]) -> str:
    match = _NAME.match(expression)
    name = match.group() if match else ""
    rest = expression[len(name) :]
    value = variables.get(name, "")
    if not name or (rest and rest[:2] not in (":-", ":?")):
        raise OperatorError(f"The local runtime does not know the form ${{{expression}}} in the compose files.")
    if value:
        return value
    if rest.startswith(":?"):
        raise OperatorError(f"The setting {name} is missing: add it to .env, or remove .env to have a new one made.")
    return interpolate(rest[2:], variables)
