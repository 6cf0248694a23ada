"""The addresses on which gunicorn listens."""

import runpy
from pathlib import Path

import pytest

CONFIG = Path(__file__).parents[2] / "flask_endpoint" / "gunicorn.conf.py"


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        ("", ["127.0.0.1:8123"]),
        ("127.0.0.1", ["127.0.0.1:8123"]),
        ("0.0.0.0", ["0.0.0.0:8123"]),  # noqa: S104
        ("[::]", ["[::]:8123"]),
        ("192.168.1.5", ["192.168.1.5:8123", "127.0.0.1:8123"]),
    ],
)
def test_loopback_is_always_included(host: str, addresses: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_HOST", host)
    monkeypatch.setenv("FLASK_PORT", "8123")
    assert runpy.run_path(str(CONFIG))["bind"] == addresses
