"""Entry point of a supervised service: `python -m runtime.local.service NAME` replaces itself with the service's command.

The compose files are read at each start, so a changed setting takes effect at the next restart, and no secret is written
to the supervisor's files.
"""

import os
import pwd
import re
import sys
from pathlib import Path

from runtime.definition.compose import Service
from runtime.definition.stack import LOCAL, PROJECT, Stack, current_stack, program_path
from runtime.private_files import keep_new_files_private, private_folder

# In the environment of all our processes: finds those that outlive a killed supervisor.
OWNER_VARIABLE = "LISTENING_STATE"
DATA_FOLDERS = {"KAFKA_DIR", "CONNECT_DIR", "UPLOAD_DIR", "SPARK_LOCAL_DIRS", "SPARK_WORKER_DIR", "AIRFLOW_HOME"}
CAP_DAC_READ_SEARCH = 2  # The number of the capability, from capabilities(7).
STATUS = Path("/proc/self/status")
UNPRIVILEGED_USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root; the first user that exists is used.


def environment(stack: Stack, service: Service) -> dict[str, str]:
    """Return the service's environment: its settings and the few inherited variables that any program needs."""
    inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TZ", "JAVA_HOME") if name in os.environ}
    path = [*service.path, *program_path(), os.environ.get("PATH", os.defpath)]
    ours = {
        "PATH": os.pathsep.join(path),
        "PYTHONPATH": str(PROJECT),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPYCACHEPREFIX": str(LOCAL / "pycache"),  # Not next to the sources.
        "STACK": stack.name,
        OWNER_VARIABLE: str(stack.state),
        "SPT_NOENV": "1",  # Airflow's workers change their process title, which would overwrite the variable above.
        "TMPDIR": str(temporary_folder(stack)),
    }
    return inherited | {"LANG": "C.UTF-8"} | ours | dict(service.environment)


def command(service: Service) -> list[str]:
    """Return the service's command, run as an unprivileged user if it must not be root."""
    if not (service.is_unprivileged and os.geteuid() == 0):
        return list(service.command)
    user = unprivileged_user()
    drop = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs"]
    capabilities = "-all"
    if not _may_reach(user, PROJECT):
        # The checkout is in root's private home. A capability lets the server read it without being root. access(2), by which the
        # shell and PostgreSQL find programs, ignores capabilities without this bit.
        capabilities = f"-all,+{reading_capability()}"
        drop.append("--securebits=+no_setuid_fixup,+no_setuid_fixup_locked")
    drop += [f"--{kind}={capabilities}" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
    return [*drop, "--", *service.command]


def reading_capability() -> str:
    """Return the capability to read every file. A container may allow root only a stronger one, which also writes."""
    allowed = int(re.findall(r"^CapBnd:\s*(\w+)", STATUS.read_text(), re.MULTILINE)[0], 16)
    return "dac_read_search" if allowed & 1 << CAP_DAC_READ_SEARCH else "dac_override"


def temporary_folder(stack: Stack) -> Path:
    """Return the folder for temporary files. It is removed with the stack, including the files of killed services."""
    return stack.state / "tmp"


def prepare_data(stack: Stack, service: Service) -> None:
    """Make the service's data folders. A PostgreSQL folder belongs to the user that runs the server."""
    private_folder(temporary_folder(stack))
    for name in DATA_FOLDERS & set(service.environment):
        private_folder(Path(service.environment[name]))
    if service.is_unprivileged:
        # The server makes the cluster in a neighboring folder and renames it when it is complete.
        home = private_folder(Path(service.environment["PGDATA"]).parent)
        if os.geteuid() == 0:
            user = unprivileged_user()
            os.chown(home, user.pw_uid, user.pw_gid)
            # The server's user passes through the stack's folder, but cannot list it.
            stack.state.chmod(stack.state.stat().st_mode | 0o001)


def unprivileged_user() -> pwd.struct_passwd:
    """Return the user that runs PostgreSQL if this program runs as root. Exits with a message if there is none."""
    for name in UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit(
        f"PostgreSQL does not run as root, and none of the users {', '.join(UNPRIVILEGED_USERS)} exists. Run make as an ordinary user."
    )


def _may_reach(user: pwd.struct_passwd, folder: Path) -> bool:
    """Return whether the user may enter the folder and all folders above it."""
    for part in (folder, *folder.parents):
        status = part.stat()
        if not (status.st_mode & 0o001 or (status.st_uid == user.pw_uid and status.st_mode & 0o100)):
            return False
    return True


def main() -> None:
    keep_new_files_private()
    stack = current_stack()
    service = stack.services()[sys.argv[1]]
    prepare_data(stack, service)
    os.chdir(PROJECT)
    argv = command(service)
    os.execvpe(argv[0], argv, environment(stack, service))


if __name__ == "__main__":
    main()
