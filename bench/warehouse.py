"""Databases for one benchmark on a PostgreSQL server, and a timed load in them."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

from common.database import connect

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = ROOT / ".local" / "env"
DRIVER_HEAP = "3g"  # Spark runs as local[2], so the driver and the executors share this heap.
CORES = 2
PLAYS_PER_LISTENER = 10_000
APPLICATION = "bench"  # The name of our connections in pg_stat_activity.


class BenchError(Exception):
    """The benchmark cannot continue. The message ends with the last lines of the command that failed."""


@dataclass(frozen=True)
class LoadTimes:
    """Seconds of each step of a load. `spark_start` is the part of `transform` in which Spark starts and stops."""

    begin: float
    transform: float
    gate: float
    publish: float
    spark_start: float
    rows_written: int

    @property
    def seconds(self) -> float:
        return self.begin + self.transform + self.gate + self.publish


@dataclass(frozen=True)
class Warehouse:
    """URLs, as their owner, of a source, a main, and a second main for the tables of the baseline."""

    source: str
    main: str
    baseline: str

    def load(self, run_id: str, *options: str) -> LoadTimes:
        """Run a load from begin to publish with the commands that the scheduler runs. `options` are those of begin."""
        spark, soda = ENVIRONMENTS / "spark" / "bin", ENVIRONMENTS / "soda" / "bin"
        output, begin = self._run(spark / "python", "-m", "spark_scripts.begin", "--run-id", run_id, *options)
        load_id = str(json.loads(output)["load_id"])
        submit = (spark / "spark-submit", "--properties-file", "spark_scripts/load.conf")
        log, transform = self._run(*submit, "spark_scripts/etl.py", "--load-id", load_id)
        computed = re.search(r"computed in ([\d.]+) s", log)
        if computed is None:
            raise BenchError("The transform did not log how long it computed.")
        _, gate = self._run(soda / "python", "soda/gate.py", "load", load_id)
        published, publish = self._run(spark / "python", "-m", "spark_scripts.publish", "--load-id", load_id)
        outcome = json.loads(published.splitlines()[-1])
        written = sum(outcome[f"rows_{kind}"] for kind in ("inserted", "updated", "deleted"))
        return LoadTimes(begin, transform, gate, publish, transform - float(computed[1]), written)

    def _run(self, *command: str | Path) -> tuple[str, float]:
        """Run a command of the load and return its output and its seconds."""
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=self._settings(), capture_output=True, text=True, check=False)
        if done.returncode:
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
            raise BenchError(f"{' '.join(map(str, command[1:4]))} failed with exit code {done.returncode}.\n{tail}")
        return done.stdout + (done.stderr if "spark_scripts/etl.py" in command else ""), time.monotonic() - started

    def _settings(self) -> dict[str, str]:
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "SPARK_JDBC_JAR") if name in os.environ
        }
        spark = {
            "SPARK_MASTER": f"local[{CORES}]",
            "SPARK_DRIVER_MEMORY": DRIVER_HEAP,
            "SPARK_LOCAL_DIRS": str(ROOT / ".local" / "test" / "bench"),
            "PYSPARK_PYTHON": str(ENVIRONMENTS / "spark" / "bin" / "python"),
        }
        urls = {
            "SOURCE_DATABASE_URL": as_role(self.source, "etl"),
            "ETL_DATABASE_URL": as_role(self.main, "etl"),
            "GATE_MAIN_DATABASE_URL": self.main,
        }
        return inherited | spark | urls | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}


def as_role(url: str, role: str) -> str:
    """Return the owner's URL with the rights of a role."""
    return f"{url}?options={quote(f'-c role={role}')}"


@contextmanager
def warehouse(server_url: str, name: str) -> Iterator[Warehouse]:
    """Create empty, migrated databases, and drop them at the end."""
    urls = {
        kind: urlunsplit(urlsplit(server_url)._replace(path=f"/bench_{name}_{kind}"))
        for kind in ("source", "main", "baseline")
    }
    try:
        for kind, url in urls.items():
            execute(server_url, f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)")
            execute(server_url, f"CREATE DATABASE {urlsplit(url).path[1:]}")
            migration: list[str | Path] = [
                ENVIRONMENTS / "cdc" / "bin" / "python",
                "-m",
                "sql.migrate",
                "source" if kind == "source" else "main",
            ]
            subprocess.run([*migration, "--url", url], cwd=ROOT, check=True, stdout=sys.stderr, timeout=300)
        yield Warehouse(**urls)
    finally:
        for url in urls.values():
            execute(server_url, f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)")


def execute(url: str, statement: str, values: dict[str, int] | None = None) -> list[tuple[object, ...]]:
    """Run one or more statements and return the rows of the last one."""
    # The client inserts the values, because the server accepts several statements only without parameters.
    with connect(url, APPLICATION, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        cursor = connection.execute(statement, values)
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []


def fill(source_url: str, plays: int, plays_per_listener: int = PLAYS_PER_LISTENER) -> None:
    """Fill source with this many plays, and a hundredth as many tracks but at least 1,000."""
    values = {"plays": plays, "plays_per_listener": plays_per_listener, "tracks": max(1_000, plays // 100)}
    execute(source_url, (ROOT / "bench" / "plays.sql").read_text(), values)
