"""`docker/bin/json-lines` converts the output of other programs to our log format, with mawk and with gawk."""

import json
import os
import shutil
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

JSON_LINES = Path(__file__).parents[2] / "docker/bin/json-lines"
AWKS = [name for name in ("mawk", "gawk") if shutil.which(name)]
ANY_BYTES = st.binary(min_size=1, max_size=200).map(lambda line: line.translate(None, b"\n\0"))


@pytest.fixture(params=AWKS, scope="module")
def awk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a PATH with this awk only."""
    folder = tmp_path_factory.mktemp(request.param)
    for program in ("bash", "cat", "env", request.param):
        (folder / program).symlink_to(str(shutil.which(program)))
    return str(folder)


def converted(printed: bytes, path: str, service: str = "main") -> list[dict[str, Any]]:
    """Return the log records to which json-lines converts the printed bytes."""
    done = subprocess.run(
        [JSON_LINES, "cat"],
        input=printed,
        stdout=subprocess.PIPE,
        env={"PATH": path, "SERVICE_NAME": service},
        timeout=60,
        check=True,
    )
    lines = done.stdout.decode().splitlines()
    assert len(lines) == done.stdout.count(b"\n")
    return [json.loads(line) for line in lines]


def test_an_awk_is_installed() -> None:
    assert AWKS, "Install mawk or gawk: it converts PostgreSQL's log."


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        ("DEBUG1", "debug"),
        ("LOG", "info"),
        ("NOTICE", "info"),
        ("WARNING", "warning"),
        ("ERROR", "error"),
        ("FATAL", "error"),
        ("PANIC", "critical"),
    ],
)
def test_postgresql_line_becomes_json(severity: str, level: str, awk: str) -> None:
    [line] = converted(b"2026-11-25 03:33:29.837 UTC [173] ana@main " + severity.encode() + b':  a "word"\n', awk)
    assert line == {
        "time": "2026-11-25T03:33:29.837Z",
        "level": level,
        "service": "main",
        "message": 'a "word"',
        "session": "ana@main",
        "pid": 173,
    }


def test_continuation_lines_keep_time_and_level(awk: str) -> None:
    printed = (
        "2026-11-25 03:33:29.837 UTC [1] @ ERROR:  one\n\ttwo: LOG:  x\n"
        "2026-11-25 03:33:29.838 UTC [1] @ STATEMENT:  SELECT\n\t1\n\n"
        "2026-11-25 03:33:29.839 UTC [1] @ LOG:  next\n"
    )
    lines = converted(printed.encode(), awk)
    assert [(line["time"][20:23], line["level"], line["message"]) for line in lines] == [
        ("837", "error", "one"),
        ("837", "error", "\ttwo: LOG:  x"),
        ("838", "error", "STATEMENT:  SELECT"),
        ("838", "error", "\t1"),
        ("839", "info", "next"),
    ]


def test_password_in_a_failed_statement_is_redacted(awk: str) -> None:
    printed = "2026-11-25 03:33:29.838 UTC [1] @ STATEMENT:  ALTER ROLE ana PASSWORD 's3cret' LOGIN\n"
    [line] = converted(printed.encode(), awk)
    assert line["message"] == "STATEMENT:  ALTER ROLE ana PASSWORD [redacted] LOGIN"


@pytest.mark.parametrize(("fraction", "milliseconds"), [(".925532", "925"), (".9", "900"), ("", "000")])
def test_airflow_line_becomes_json(fraction: str, milliseconds: str, awk: str) -> None:
    printed = (
        f'{{"timestamp":"2026-11-25T03:33:41{fraction}Z","level":"warning","event":"a \\"word\\"","logger":"x"}}\n'
    )
    [line] = converted(printed.encode(), awk, "airflow-api")
    assert line == {
        "time": f"2026-11-25T03:33:41.{milliseconds}Z",
        "level": "warning",
        "service": "airflow-api",
        "message": 'a "word"',
        "logger": "x",
    }


@pytest.mark.parametrize("gap", ["", " "])
def test_line_in_the_log_format_is_unchanged(gap: str, awk: str) -> None:
    line = f'{{"time":{gap}"2026-11-25T07:00:00.000Z",{gap}"level":{gap}"info","service":"flask","message":"x"}}'
    assert converted(f"{line}\n".encode(), awk) == [json.loads(line)]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("WARNING: Using incubator modules", "warning"),
        ("initdb: error: no", "error"),
        ("ValueError: no", "info"),
        ("plain", "info"),
    ],
)
def test_other_line_becomes_a_message_with_the_current_time(text: str, level: str, awk: str) -> None:
    [line] = converted(f"{text}\r\n".encode(), awk, service="")
    assert (line["message"], line["level"], line["service"]) == (text, level, "unnamed")
    assert abs(datetime.fromisoformat(line["time"]) - datetime.now(UTC)) < timedelta(seconds=30)


@settings(max_examples=15, deadline=None)
@given(lines=st.lists(ANY_BYTES, max_size=40))
def test_any_bytes_become_one_json_line_per_line(lines: list[bytes], awk: str) -> None:
    plain = [line for line in lines if line.strip(b" \t\r")]
    printed_lines = plain + [b"2026-11-25 03:33:29.838 UTC [1] @ LOG:  " + line for line in plain]
    assert len(converted(b"".join(line + b"\n" for line in printed_lines), awk)) == len(printed_lines)


@settings(max_examples=15, deadline=None)
@given(
    texts=st.lists(
        st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), max_size=50), max_size=40
    )
)
def test_text_is_kept_exactly(texts: list[str], awk: str) -> None:
    printed_lines = [f"<{text}>" for text in texts]
    assert [
        line["message"] for line in converted("".join(f"{text}\n" for text in printed_lines).encode(), awk)
    ] == printed_lines


def test_each_line_is_forwarded_immediately_and_the_last_after_exit(awk: str) -> None:
    """The program replaces the wrapper process, so a signal ends it directly. The conversion ends after the program."""
    process = subprocess.Popen(
        [JSON_LINES, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PATH": awk}, start_new_session=True
    )
    assert process.stdin and process.stdout
    for text in (b"one", b"x" * 20_000, b"two"):
        process.stdin.write(text + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["message"] == text.decode()
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(timeout=30) == -signal.SIGTERM
    assert process.stdout.read() == b""
    process.stdin.close()
    process.stdout.close()


def test_exit_code_of_the_program_is_returned(awk: str) -> None:
    done = subprocess.run(
        [JSON_LINES, "bash", "-c", "echo out; echo err >&2; exit 7"], capture_output=True, env={"PATH": awk}
    )
    assert done.returncode == 7 and done.stderr == b""
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == ["out", "err"]
