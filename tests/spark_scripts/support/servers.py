"""PostgreSQL and Spark servers that belong to one test, so that the test may stop them."""

import os
import pwd
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

import psycopg
import pyspark

from tests.spark_scripts.support.databases import ROOT

START_TIMEOUT = 120  # seconds for a server to start on a busy machine
# Tests run many small plans. Optimizing their code takes longer than running them.
QUICK_JAVA = {"JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1"}
SPARK_SECRET = "a secret of one test"
DAEMON_OPTIONS = "-Dspark.authenticate=true -Dspark.master.rest.enabled=false"
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"


def free_port() -> int:
    """Return a free port below the ephemeral ones, so that it is still free when its server restarts."""
    while True:
        port = random.randrange(12_000, 32_000)  # noqa: S311
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait until the condition is true. Fails, naming `what`, after START_TIMEOUT seconds."""
    deadline = time.monotonic() + START_TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, f"No sign of {what} after {START_TIMEOUT} s"
        time.sleep(0.05)


class Postgres:
    """A PostgreSQL server that a test can stop, kill and restart."""

    def __init__(self) -> None:
        # Not in pytest's folder, which the user `nobody` cannot read.
        self._folder = tempfile.TemporaryDirectory(prefix="postgres_test_", ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        self._port = free_port()
        self.url = f"postgresql://postgres:own@127.0.0.1:{self._port}/postgres"
        self._environment = os.environ | {
            "PGDATA": str(folder / "data"), "PGPORT": str(self._port), "POSTGRES_DB": "own", "POSTGRES_PASSWORD": "own",
            "LISTEN_HOST": "127.0.0.1",
        }  # fmt: skip
        self._command = [str(ROOT / "docker/bin/postgres-server")]
        if os.geteuid() == 0:  # PostgreSQL does not run as root.
            self._command = [*_as_nobody(), *self._command]
            folder.chmod(0o777)
        self._log = (folder / "postgres.log").open("wb")
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, env=self._environment, cwd="/", stdout=self._log, stderr=subprocess.STDOUT
        )
        wait_until(self._answers, "PostgreSQL")

    def _answers(self) -> bool:
        assert self._process.poll() is None, Path(self._log.name).read_text()[-1000:]
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server. SIGINT ends its sessions and shuts down; SIGQUIT exits immediately, as after a power failure."""
        self._process.send_signal(how)
        self._process.wait(timeout=START_TIMEOUT)

    def close(self) -> None:
        if self._process.poll() is None:
            self.stop()
        self._log.close()
        self._folder.cleanup()


def _as_nobody() -> list[str]:
    """Return the command that runs another one as the user nobody, who may read a checkout that only root may enter."""
    user = pwd.getpwnam("nobody")
    prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if not all(folder.stat().st_mode & 0o001 for folder in (ROOT, *ROOT.parents)):
        prefix.append("--securebits=+no_setuid_fixup,+no_setuid_fixup_locked")  # runtime/local/service.py explains it.
        prefix += [f"--{kind}-caps=-all,+dac_read_search" for kind in ("inh", "ambient")]
    return [*prefix, "--"]


@contextmanager
def spark_cluster(folder: Path, workers: int) -> Iterator[str]:
    """Start a Spark master and this many workers of one core each, and yield the master's URL.

    They are local processes and require SPARK_SECRET.
    """
    port, ui = free_port(), free_port()
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m", **QUICK_JAVA}
    environment |= {"SPARK_WORKER_DIR": str(folder), "SPARK_LOCAL_DIRS": str(folder), "PYSPARK_PYTHON": sys.executable}
    environment |= {"_SPARK_AUTH_SECRET": SPARK_SECRET, "SPARK_DAEMON_JAVA_OPTS": DAEMON_OPTIONS}
    master = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    commands = [[f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(ui)]]
    worker = [f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0"]
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
        log_of_master = folder / "daemon-0.log"
        wait_until(lambda: log_of_master.read_text().count("Registering worker") == workers, "Spark's workers")
        yield master
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=START_TIMEOUT)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
