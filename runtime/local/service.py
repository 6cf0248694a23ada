"""Become one service: what the supervisor starts. `python -m runtime.local.service NAME` replaces itself with the service's command.

The compose files are read anew at each start, so a changed setting takes effect with the next restart, and no secret is ever
written into the supervisor's own files.
"""

import os
import pwd
import sys
from pathlib import Path

from runtime.compose import Service
from runtime.stack import LOCAL, PROJECT, Stack, current_stack, program_path

OWNER_VARIABLE = (
    "LISTENING_STATE"  # Marks our processes, so that those left behind by a killed supervisor can be found.
)
DATA_FOLDERS = {"KAFKA_DIR", "CONNECT_DIR", "UPLOAD_DIR", "SPARK_LOCAL_DIRS", "SPARK_WORKER_DIR", "AIRFLOW_HOME"}
UNPRIVILEGED_USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root; the first that exists serves.


def environment(stack: Stack, service: Service) -> dict[str, str]:
    """The service's whole environment: its settings, and of ours only what any program needs."""
    inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TZ", "JAVA_HOME") if name in os.environ}
    path = [*service.path, *program_path(), os.environ.get("PATH", os.defpath)]
    ours = {
        "PATH": os.pathsep.join(path),
        "PYTHONPATH": str(PROJECT),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPYCACHEPREFIX": str(LOCAL / "pycache"),  # Not beside the sources, where make clean would leave it.
        "STACK": stack.name,
        OWNER_VARIABLE: str(stack.state),
        "SPT_NOENV": "1",  # Airflow's workers retitle themselves, and would wipe out the mark above.
        "TMPDIR": str(temporary_folder(stack)),
    }
    return inherited | {"LANG": "C.UTF-8"} | ours | dict(service.environment)


def command(service: Service) -> list[str]:
    """The service's command, without root's rights where it must not have them."""
    if not (service.is_unprivileged and os.geteuid() == 0):
        return list(service.command)
    user = unprivileged_user()
    drop = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if not _may_reach(user, PROJECT):
        # A checkout below root's own closed home: the user may pass and read, and still is not root.
        drop += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*drop, "--", *service.command]


def temporary_folder(stack: Stack) -> Path:
    """Where services put what they need for a moment: what a killed one leaves there goes with the stack."""
    return stack.state / "tmp"


def prepare_data(stack: Stack, service: Service) -> None:
    """Make the folders that hold the service's data; a cluster's, where another user runs it, theirs."""
    temporary_folder(stack).mkdir(parents=True, exist_ok=True)
    for name in DATA_FOLDERS & set(service.environment):
        Path(service.environment[name]).mkdir(parents=True, exist_ok=True)
    if service.is_unprivileged:
        # The server makes the cluster itself, beside its place, and moves it there whole.
        home = Path(service.environment["PGDATA"]).parent
        home.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            user = unprivileged_user()
            os.chown(home, user.pw_uid, user.pw_gid)


def unprivileged_user() -> pwd.struct_passwd:
    for name in UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit(
        f"PostgreSQL does not run as root, and none of the users {', '.join(UNPRIVILEGED_USERS)} exists: run make as an ordinary user."
    )


def _may_reach(user: pwd.struct_passwd, folder: Path) -> bool:
    for part in (folder, *folder.parents):
        status = part.stat()
        if not (status.st_mode & 0o001 or (status.st_uid == user.pw_uid and status.st_mode & 0o100)):
            return False
    return True


def main() -> None:
    stack = current_stack()
    service = stack.services()[sys.argv[1]]
    prepare_data(stack, service)
    os.chdir(PROJECT)
    argv = command(service)
    os.execvpe(argv[0], argv, environment(stack, service))


if __name__ == "__main__":
    main()
