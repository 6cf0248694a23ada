"""Databases of the benchmark's own on one PostgreSQL server, and the commands of a load, timed."""

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

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = ROOT / ".local" / "env"
DRIVER_HEAP = "3g"  # Spark runs as local[2]: driver and executors share this one heap.
CORES = 2
ROLES = {"source": "reader", "main": "etl"}


class BenchError(Exception):
    """The benchmark cannot go on: one sentence, and the last lines of what failed."""


@dataclass(frozen=True)
class Load:
    """One load's seconds by step; `spark_start` is what of `transform` Spark needs before and after its work."""

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
    """A source, a main, and a second main for the tables that another engine makes: the owner's URLs."""

    source: str
    main: str
    measure: str

    def load(self, run_id: str, *wish: str) -> Load:
        """A load from begin to publish, by the very commands that the scheduler runs."""
        spark, soda = ENVIRONMENTS / "spark" / "bin", ENVIRONMENTS / "soda" / "bin"
        begun, begin = self._run(spark / "python", "-m", "spark_scripts.begin", "--run-id", run_id, *wish)
        load_id = str(json.loads(begun)["load_id"])
        submit = (spark / "spark-submit", "--properties-file", "spark_scripts/load.conf")
        told, transform = self._run(*submit, "spark_scripts/etl.py", "--load-id", load_id)
        computed = re.search(r"computed in ([\d.]+) s", told)
        if computed is None:
            raise BenchError("The transform did not say how long it computed.")
        _, gate = self._run(soda / "python", "soda/gate.py", "load", load_id)
        done, publish = self._run(spark / "python", "-m", "spark_scripts.publish", "--load-id", load_id)
        outcome = json.loads(done.splitlines()[-1])
        written = sum(outcome[f"rows_{how}"] for how in ("inserted", "updated", "deleted"))
        return Load(begin, transform, gate, publish, transform - float(computed[1]), written)

    def _run(self, *command: str | Path) -> tuple[str, float]:
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=self._settings(), capture_output=True, text=True, check=False)
        if done.returncode:
            last = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
            raise BenchError(f"{' '.join(map(str, command[1:4]))} failed with exit code {done.returncode}.\n{last}")
        return done.stdout + (done.stderr if "spark_scripts/etl.py" in command else ""), time.monotonic() - began

    def _settings(self) -> dict[str, str]:
        kept = {
            name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "SPARK_JDBC_JAR") if name in os.environ
        }
        spark = {
            "SPARK_MASTER": f"local[{CORES}]",
            "SPARK_DRIVER_MEMORY": DRIVER_HEAP,
            "SPARK_LOCAL_DIRS": str(ROOT / ".local" / "test" / "bench"),
            "PYSPARK_PYTHON": str(ENVIRONMENTS / "spark" / "bin" / "python"),
        }
        urls = {
            "SOURCE_DATABASE_URL": as_role(self.source, "reader"),
            "ETL_DATABASE_URL": as_role(self.main, "etl"),
            "GATE_MAIN_DATABASE_URL": self.main,
        }
        return kept | spark | urls | {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}


def as_role(url: str, role: str) -> str:
    """The owner's URL, with no more rights than the role has."""
    return f"{url}?options={quote(f'-c role={role}')}"


@contextmanager
def warehouse(server_url: str, name: str) -> Iterator[Warehouse]:
    """Empty migrated databases, dropped at the end."""
    urls = {
        kind: urlunsplit(urlsplit(server_url)._replace(path=f"/bench_{name}_{kind}"))
        for kind in ("source", "main", "measure")
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
    """The rows of the last statement; values are put in by the client, so that there may be several statements."""
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        cursor = connection.execute(statement, values)
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []


def fill(source_url: str, plays: int) -> None:
    """Make source hold so many plays; a hundredth as many tracks, at least 1,000."""
    values = {"plays": plays, "tracks": max(1_000, plays // 100)}
    execute(source_url, (ROOT / "bench" / "plays.sql").read_text(), values)
