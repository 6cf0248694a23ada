"""How a Java service starts: one foreground process, the JVM itself, so that signals and the exit code are its own."""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cdc_connectors.errors import JavaMissing
from cdc_connectors.settings import Settings

LOG4J2 = Path(__file__).parents[2] / "common" / "log4j2" / "log4j2.properties"


def java_command(settings: Settings, main_class: str, arguments: Sequence[str], heap: str, *flags: str) -> list[str]:
    """The command line. Raises JavaMissing when Java or the jars are not there."""
    java = shutil.which(f"{os.environ['JAVA_HOME']}/bin/java" if os.environ.get("JAVA_HOME") else "java")
    if java is None:
        raise JavaMissing(
            "Java is not installed: install a JRE, 17 or newer (Debian: openjdk-17-jre-headless), or set JAVA_HOME."
        )
    libraries = settings.cdc_jars.resolve() / "lib"
    if not any(libraries.glob("kafka_*.jar")):
        raise JavaMissing(
            f"Kafka's jars are not in {libraries}: run mvn -B -q -f cdc_connectors/pom.xml process-resources -Dout={libraries.parent}"
        )
    return [
        java,
        f"-Xmx{heap}",
        "-XX:+ExitOnOutOfMemoryError",  # A half-dead JVM is worse than a restarted one.
        "-Djava.awt.headless=true",
        f"-Djava.io.tmpdir={tempfile.gettempdir()}",
        f"-Dlog4j2.configurationFile={LOG4J2}",
        *flags,
        "-cp",
        f"{libraries}/*",
        main_class,
        *arguments,
    ]


def become(command: Sequence[str]) -> None:
    """Replace this process by the command."""
    # Each glibc arena may hold 64 MB that the JVM no longer uses; two are plenty for so few native allocations.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.execv(command[0], list(command))


def write_atomically(path: Path, text: str) -> None:
    """Write so that a kill at any moment leaves the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.new")
    scratch.write_text(text)
    scratch.replace(path)
