"""The test stack: run commands on it, read its settings, connect to its databases, and compare its replica with main."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
LOCAL = PROJECT / ".local"
STATE = LOCAL / "test"
SHARED = PROJECT.parent / "shared"
PYTHON = os.environ.get("CDC_PYTHON", str(LOCAL / "env/cdc/bin/python"))
COMMAND_TIMEOUT = 900  # seconds for the longest command: a demo on a slow machine
PIPELINE_TIMEOUT = 600  # seconds
CATCH_UP_TIMEOUT = 120  # seconds


def runtime(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run an operator's command on the test stack, as `make` does."""
    environment = os.environ | {"STACK": "test", "PYTHONPATH": str(PROJECT)} | extra
    command = [str(LOCAL / "env/runtime/bin/python"), "-m", "runtime", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=COMMAND_TIMEOUT
    )


def export_settings() -> dict[str, str]:
    """Return the settings of the running stack, and export them as environment variables for tests that read those."""
    lines = (STATE / "settings.env").read_text().splitlines()
    found = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    found["DASHBOARD_URL"] = f"http://127.0.0.1:{found['DASHBOARD_PORT']}"
    found["CONNECT_URL"] = f"http://127.0.0.1:{found['CONNECT_PORT']}"
    found["KAFKA_BOOTSTRAP"] = f"127.0.0.1:{found['KAFKA_PORT']}"
    found |= {"MAIN_HOST": "127.0.0.1", "REPLICA_HOST": "127.0.0.1"}
    found |= {"KAFKA_DIR": str(STATE / "data/kafka"), "CONNECT_DIR": str(STATE / "connect")}
    os.environ.update({name: value for name, value in found.items() if value})
    return found


def owner_url(database: str) -> str:
    """Return the URL of a database for its superuser."""
    return _url(database, "postgres", "OWNER")


def verifier_url(database: str) -> str:
    """Return the URL of main or replica for the role that verifies the replica."""
    return _url(database, "verifier", "VERIFIER")


def _url(database: str, role: str, secret: str) -> str:
    name = database.upper()
    password, port = os.environ[f"{name}_{secret}_PASSWORD"], os.environ[f"{name}_PORT"]
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def verify() -> dict[str, dict[str, Any]]:
    """Wait until the replica has caught up, then return the result of `make verify-replica` for each table."""
    command = [PYTHON, "-m", "cdc_connectors.verification.verify", "--json", "--timeout", str(CATCH_UP_TIMEOUT)]
    urls = {f"{name.upper()}_DATABASE_URL": verifier_url(name) for name in ("main", "replica")}
    done = subprocess.run(
        command, cwd=PROJECT, env=os.environ | urls, capture_output=True, text=True, timeout=CATCH_UP_TIMEOUT + 60
    )
    assert done.returncode in (0, 1), done.stderr
    return {table["table"]: table for table in json.loads(done.stdout)["tables"]}


def repairer(module: str, **settings: str) -> subprocess.Popen[bytes]:
    """Start a command that may repair the replica. Its output can be read."""
    urls = {f"{name.upper()}_DATABASE_URL": verifier_url(name) for name in ("main", "replica")}
    passwords = {
        "DEBEZIUM_PASSWORD": os.environ["MAIN_DEBEZIUM_PASSWORD"],
        "SINK_PASSWORD": os.environ["REPLICA_SINK_PASSWORD"],
    }
    environment = os.environ | urls | passwords | settings
    return subprocess.Popen([PYTHON, "-u", "-m", module], cwd=PROJECT, env=environment, stdout=subprocess.PIPE)
