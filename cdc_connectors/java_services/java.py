"""Start a Java service in the foreground."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cdc_connectors.errors import JavaMissing
from cdc_connectors.settings import Settings
from cdc_connectors.tuning import MALLOC_ARENAS

LOG4J2 = Path(__file__).parents[2] / "common" / "log4j2" / "log4j2.properties"


def java_command(settings: Settings, main_class: str, arguments: Sequence[str], heap: str, *flags: str) -> list[str]:
    """Return the command that runs `main_class`. Raises JavaMissing when Java or Kafka's jars are not installed."""
    java = shutil.which(f"{os.environ['JAVA_HOME']}/bin/java" if os.environ.get("JAVA_HOME") else "java")
    if java is None:
        raise JavaMissing(
            "Java was not found. Install a JRE, 17 or newer (Debian: openjdk-17-jre-headless), or set JAVA_HOME."
        )
    libraries = settings.cdc_jars.resolve() / "lib"
    if not any(libraries.glob("kafka_*.jar")):
        raise JavaMissing(
            f"Kafka's jars are not in {libraries}. Run mvn -B -q -f cdc_connectors/pom.xml process-resources -Dout={libraries.parent}"
        )
    return [
        java,
        f"-Xmx{heap}",
        "-XX:+ExitOnOutOfMemoryError",  # After an OutOfMemoryError a JVM can hang; a restart is safer.
        "-Djava.awt.headless=true",
        f"-Djava.io.tmpdir={tempfile.gettempdir()}",
        f"-Dlog4j2.configurationFile={LOG4J2}",
        *flags,
        "-cp",
        f"{libraries}/*",
        main_class,
        *arguments,
    ]


def login_flag(login: Path) -> str:
    """Return the flag that makes a JVM read a login configuration."""
    return f"-Djava.security.auth.login.config={login}"


def limit_native_memory() -> None:
    """Bound the memory that a JVM started by this process takes outside of its heap."""
    os.environ.setdefault("MALLOC_ARENA_MAX", str(MALLOC_ARENAS))


def become(command: Sequence[str]) -> None:
    """Replace this process with the command: the JVM gets the signals and sets the exit code."""
    limit_native_memory()
    os.execv(command[0], list(command))


def write_atomically(path: Path, text: str) -> None:
    """Write `text` to `path`, readable by its owner only.

    A kill at any moment leaves either the old file or the complete new one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    scratch.replace(path)
