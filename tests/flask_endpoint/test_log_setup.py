"""Log lines are JSON and contain no secrets."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography.fernet import Fernet

from common.exit_codes import ExitCode
from flask_endpoint.log_setup import redact, set_up_logging

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "ENDPOINT_DATABASE_URL": "postgresql://endpoint@127.0.0.1:1/source",
    "SECRET_KEY": "secret",
    "OPERATOR_KEY": "the-operators-key",
    "TOKEN_KEY": Fernet.generate_key().decode(),
    "SPOTIFY_CLIENT_ID": "our-app",
}


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    root = logging.getLogger()
    handlers, level, hook = root.handlers, root.level, sys.excepthook
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    sys.excepthook = hook
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_own_and_library_events_have_the_same_json_fields(lines: Callable[[], list[dict[str, Any]]]) -> None:
    set_up_logging()
    structlog.get_logger("ours").warning("listener_failed", listener_id="ana")
    logging.getLogger("theirs").info("served %s", "/healthz")
    ours, theirs = lines()
    assert (ours["message"], ours["listener_id"], ours["level"], ours["logger"]) == (
        "listener_failed",
        "ana",
        "warning",
        "ours",
    )
    assert (theirs["message"], theirs["level"], theirs["logger"]) == ("served /healthz", "info", "theirs")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s3cret",
        "Authorization: Basic s3cret",
        "GET /callback?code=s3cret&state=s3cret",
        "{'refresh_token': 's3cret', 'scope': 'x'}",
        "access_token=s3cret",
        "postgresql://endpoint:s3cret@127.0.0.1/source",
    ],
)
def test_secret_in_text_is_redacted(text: str) -> None:
    assert "s3cret" not in redact(None, "", {"event": text})["event"]


@pytest.mark.parametrize(
    "name", ["access_token", "client_secret", "Authorization", "ENDPOINT_PASSWORD", "code", "operator_key"]
)
def test_secret_field_is_redacted_at_any_depth(name: str) -> None:
    assert "s3cret" not in str(redact(None, "", {"event": "x", "inner": {name: "s3cret"}}))


def test_text_without_secret_is_unchanged() -> None:
    assert (
        redact(None, "", {"event": "exit code: 2 for http://127.0.0.1:8090/v1/"})["event"]
        == "exit code: 2 for http://127.0.0.1:8090/v1/"
    )


def test_traceback_is_logged_without_its_secret(lines: Callable[[], list[dict[str, Any]]]) -> None:
    set_up_logging()
    try:
        raise ValueError("refresh_token=s3cret")
    except ValueError:
        logging.getLogger("theirs").exception("failed")
    (line,) = lines()
    assert "ValueError" in line["error"]
    assert "s3cret" not in line["error"]


@pytest.mark.parametrize("config", ["flask_endpoint/gunicorn.conf.py", "simulated_spotify/gunicorn.conf.py"])
def test_gunicorn_logs_json_lines_and_the_reason_of_a_failed_start(config: str, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise ValueError('no such app')\n")
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        config,
        "--bind",
        "127.0.0.1:0",
        "--pythonpath",
        str(tmp_path),
    ]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "SERVICE_NAME": "web", **SETTINGS}
    done = subprocess.run(
        [*command, "broken:app"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    logged = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["service"] for line in logged} == {"web"}
    assert logged[0]["message"].startswith("Starting gunicorn")
    assert [line for line in logged if "ValueError: no such app" in line.get("error", "")]


def test_endpoint_logs_the_name_of_a_missing_setting() -> None:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "flask_endpoint/gunicorn.conf.py",
        "flask_endpoint.wsgi:app",
    ]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **SETTINGS, "OPERATOR_KEY": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    last = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, last["level"], last["service"]) == (ExitCode.COULD_NOT_RUN, "critical", "flask")
    assert last["message"].startswith("The endpoint cannot start:") and "OPERATOR_KEY" in last["message"]
