"""Compare the running replica with main, and connect to the databases of the running stack."""

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("CDC_PYTHON", str(ROOT / ".local/env/cdc/bin/python"))
CATCH_UP_TIMEOUT = 120  # seconds


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


def verify() -> dict[str, dict[str, object]]:
    """Wait until the replica has caught up, then return the result of `make verify-replica` for each table."""
    command = [PYTHON, "-m", "cdc_connectors.verification.verify", "--json", "--timeout", str(CATCH_UP_TIMEOUT)]
    urls = {f"{name.upper()}_DATABASE_URL": verifier_url(name) for name in ("main", "replica")}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | urls, capture_output=True, text=True, timeout=CATCH_UP_TIMEOUT + 60
    )
    assert done.returncode in (0, 1), done.stderr
    return {table["table"]: table for table in json.loads(done.stdout)["tables"]}
