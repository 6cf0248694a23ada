"""PostgreSQL and Spark servers of a test's own, which it may break."""

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pyspark

from tests.spark_scripts.support.databases import ROOT

PATIENCE = 120  # seconds for a server to start on a busy machine
QUICK_JAVA = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1"}  # Many small plans: compiling them well costs more.
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"


def free_port() -> int:
    """A port that nobody has, below those that clients are given: a server that is started again must find it free."""
    while True:
        port = random.randrange(12_000, 32_000)  # noqa: S311
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def wait_until(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE} s"
        time.sleep(0.05)


class Postgres:
    """A server that can be stopped in an orderly way, or cut off, and started again."""

    def __init__(self) -> None:
        # Not in pytest's folder, which is closed to the user that runs it below.
        self._folder = tempfile.TemporaryDirectory(prefix="postgres_test_", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        self._port = free_port()
        self.url = f"postgresql://postgres:own@127.0.0.1:{self._port}/postgres"
        self._environment = os.environ | {
            "PGDATA": str(folder / "data"), "PGPORT": str(self._port), "POSTGRES_DB": "own", "POSTGRES_PASSWORD": "own",
            "LISTEN_HOST": "127.0.0.1",
        }  # fmt: skip
        self._user = {}
        if os.geteuid() == 0:  # PostgreSQL does not run as root.
            self._user = {"user": "nobody", "extra_groups": []}
            folder.chmod(0o777)
        self._log = (folder / "postgres.log").open("wb")
        self.start()

    def start(self) -> None:
        command = [ROOT / "docker/bin/postgres-server"]
        self._process = subprocess.Popen(
            command, env=self._environment, cwd="/", stdout=self._log, stderr=subprocess.STDOUT, **self._user
        )
        wait_until(self._answers, "PostgreSQL")

    def _answers(self) -> bool:
        assert self._process.poll() is None, Path(self._log.name).read_text()[-1000:]
        try:
            psycopg2.connect(self.url, connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends its sessions and shuts down; SIGQUIT gives up at once, as when the power fails."""
        self._process.send_signal(how)
        self._process.wait(timeout=PATIENCE)

    def close(self) -> None:
        if self._process.poll() is None:
            self.stop()
        self._log.close()
        self._folder.cleanup()


@contextmanager
def spark_cluster(folder: Path, workers: int) -> Iterator[str]:
    """A Spark master with so many workers of one core, each a process of this machine: the master's URL."""
    port, ui = free_port(), free_port()
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m", **QUICK_JAVA}
    environment |= {"SPARK_WORKER_DIR": str(folder), "SPARK_LOCAL_DIRS": str(folder), "PYSPARK_PYTHON": sys.executable}
    master = f"spark://127.0.0.1:{port}"
    place = "org.apache.spark.deploy"
    commands = [[f"{place}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(ui)]]
    worker = [f"{place}.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0"]
    commands += [[*worker, master] for _ in range(workers)]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for number, command in enumerate(commands):
            with (folder / f"daemon-{number}.log").open("wb") as log:
                started.append(
                    subprocess.Popen([SPARK_CLASS, *command], env=environment, stdout=log, stderr=subprocess.STDOUT)
                )
            if number == 0:
                wait_until(lambda: _listens(port), "Spark's master")
        log = folder / "daemon-0.log"
        wait_until(lambda: log.read_text().count("Registering worker") == workers, "Spark's workers")
        yield master
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=PATIENCE)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
