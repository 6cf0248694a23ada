"""Variables in compose files."""

import pytest

from runtime.definition.interpolation import interpolate
from runtime.errors import OperatorError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${PORT}", "5434"),
        ("${PORT:-1}/${ABSENT:-main}", "5434/main"),
        ("${EMPTY:-default}", "default"),
        ("${ABSENT:-spark://${ABSENT:-host}:${PORT}}", "spark://host:5434"),
        ("costs $$5", "costs $5"),
        ("${ABSENT}", ""),
    ],
)
def test_variables_are_replaced_like_in_compose(text: str, expected: str) -> None:
    assert interpolate(text, {"PORT": "5434", "EMPTY": ""}) == expected


def test_missing_required_setting_is_named() -> None:
    with pytest.raises(OperatorError, match="setting POSTGRES_PASSWORD is missing"):
        interpolate("${POSTGRES_PASSWORD:?}", {})


@pytest.mark.parametrize("text", ["$NAME", "${NAME", "${NAME+x}", "${}"])
def test_unsupported_variable_syntax_is_rejected(text: str) -> None:
    with pytest.raises(OperatorError):
        interpolate(text, {"NAME": "x"})
