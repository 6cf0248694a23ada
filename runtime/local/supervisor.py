"""The local runtime's process supervisor: supervisord, which restarts processes that end."""

import os
import signal
import subprocess
import sys
import tempfile
import xmlrpc.client
import zlib
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from runtime.definition.compose import Service
from runtime.definition.stack import PROJECT, Stack
from runtime.errors import OperatorError
from runtime.local.service import OWNER_VARIABLE
from runtime.private_files import UMASK, private_folder

SOCKET_PATH_LIMIT = 100  # bytes; Linux allows 107 for the path of a Unix socket
STOP_TIMEOUT = 30  # seconds until a service that does not stop is killed

_HEAD = """[unix_http_server]
file={socket}
chmod=0700
[supervisord]
logfile={run}/supervisord.log
logfile_maxbytes=5MB
pidfile={run}/supervisord.pid
childlogdir={run}
identifier=listening
minfds=1024
umask={umask:03o}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
_PROGRAM = """[program:{name}]
command={python} -m runtime.local.service {name}
directory={project}
autostart=false
autorestart=true
startsecs=2
startretries=1000000
stopsignal={signal}
stopwaitsecs={stop}
stopasgroup={group}
killasgroup=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=20MB
stdout_logfile_backups=2
redirect_stderr=true
"""
# A replica reads the compose files with this value when it starts: the supervisor may have started with a smaller WORKERS.
_REPLICA = 'environment=WORKERS="{replica}"\n'


class Supervisor:
    """The supervisord of a stack, started on first use."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        socket = stack.run / "socket"
        if len(str(socket)) > SOCKET_PATH_LIMIT:
            folder = os.environ.get("XDG_RUNTIME_DIR", tempfile.gettempdir())
            socket = Path(folder) / f"listening-{zlib.crc32(str(stack.state).encode())}.socket"
        self.socket = socket

    @property
    def rpc(self) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def is_running(self) -> bool:
        try:
            return bool(self.rpc.getState()["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error, ConnectionError):
            return False

    def start(self, services: dict[str, Service]) -> None:
        """Start supervisord, or make the running one read the current service definitions."""
        private_folder(self.stack.run)
        private_folder(self.stack.logs)
        config = self.stack.run / "supervisord.conf"
        config.write_text(self._config(services))
        if self.is_running():
            self._reread()
            return
        kill_orphans(self.stack)
        self.socket.unlink(missing_ok=True)
        environment = os.environ | {
            "PYTHONPATH": str(PROJECT),
            "STACK": self.stack.name,
            OWNER_VARIABLE: str(self.stack.state),
        }
        program = Path(sys.executable).parent / "supervisord"
        done = subprocess.run(
            [program, "-c", str(config)], env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=60
        )
        if done.returncode:
            raise OperatorError(f"The supervisor did not start: {(done.stderr or done.stdout).strip()}")

    def _reread(self) -> None:
        added, changed, removed = self.rpc.reloadConfig()[0]
        for name in (*changed, *removed):
            self.rpc.stopProcessGroup(name)
            self.rpc.removeProcessGroup(name)
        for name in (*added, *changed):
            self.rpc.addProcessGroup(name)

    def states(self) -> dict[str, str]:
        """Return supervisord's process state by service, or {} if supervisord does not run."""
        if not self.is_running():
            return {}
        return {info["name"]: info["statename"] for info in self.rpc.getAllProcessInfo()}

    def start_service(self, name: str) -> None:
        """Start the service if it does not run. One in BACKOFF is started now instead of at its next retry, which can be far away.

        Raises OperatorError if supervisord refuses.
        """
        state = self.states().get(name)
        if state in ("RUNNING", "STARTING"):
            return
        try:
            if state == "BACKOFF":  # supervisord counts it as running and refuses to start it before it is stopped.
                self.rpc.stopProcess(name)
            self.rpc.startProcess(name, False)
        except xmlrpc.client.Fault as error:
            raise OperatorError(
                f"The supervisor cannot start {name} ({error.faultString}). Read {self.stack.run / 'supervisord.log'}, "
                "then run make down and the command again."
            ) from error

    def stop(self) -> None:
        """Stop every service and supervisord itself, and wait until they have ended."""
        process = self._process()
        if self.is_running():
            self.rpc.shutdown()
        if process:
            process.wait(timeout=STOP_TIMEOUT * 4)
        kill_orphans(self.stack)
        self.socket.unlink(missing_ok=True)

    def _process(self) -> psutil.Process | None:
        try:
            return psutil.Process(int((self.stack.run / "supervisord.pid").read_text()))
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None

    def _config(self, services: dict[str, Service]) -> str:
        programs = [
            _PROGRAM.format(
                name=service.name,
                python=sys.executable,
                project=PROJECT,
                logs=self.stack.logs,
                signal=service.stop_signal,
                stop=STOP_TIMEOUT,
                # PostgreSQL's server stops its own processes in order; a signal to each of them would cause an unclean shutdown.
                group="false" if service.is_unprivileged else "true",
            )
            + (_REPLICA.format(replica=service.replica) if service.replica > 1 else "")
            for service in services.values()
            if not service.is_one_shot
        ]
        return _HEAD.format(socket=self.socket, run=self.stack.run, umask=UMASK) + "".join(programs)


def processes_of(stack: Stack) -> list[psutil.Process]:
    """Return all running processes that this stack's services started."""
    ours = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(OWNER_VARIABLE) == str(stack.state):
                ours.append(process)
        except (psutil.Error, OSError):
            continue
    return ours


def kill_orphans(stack: Stack) -> None:
    """End processes that outlived their supervisor. PostgreSQL gets SIGINT, for a clean shutdown."""
    orphans = [process for process in processes_of(stack) if not _is_ancestor(process)]
    for process in orphans:
        try:
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
        except psutil.Error:
            continue
    _, alive = psutil.wait_procs(orphans, timeout=10)
    for process in alive:
        try:
            process.kill()
        except psutil.Error:
            continue
    psutil.wait_procs(alive, timeout=10)


def _is_ancestor(process: psutil.Process) -> bool:
    """Return whether the process is an ancestor of this command."""
    return process.pid in {parent.pid for parent in psutil.Process().parents()}
