"""Any file gives plays and rejected rows with reasons, or an error message. No row is lost and nothing else is raised.

FUZZ_EXAMPLES=2000 tries that many random examples, which differ in each run.
"""

import io
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flask_endpoint.errors import NotAnExport
from flask_endpoint.exports import reading
from flask_endpoint.exports.files import read_files
from flask_endpoint.exports.sources import find_sources
from flask_endpoint.landing.copying import COLUMNS, copy_line
from flask_endpoint.plays import api
from flask_endpoint.plays.extended import ExtendedRow
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.row import Rejected
from tests.flask_endpoint.exports.files import ACCOUNT, EXTENDED, NOW
from tests.flask_endpoint.reconciliation.listening import *  # noqa: F403
from tests.flask_endpoint.reconciliation.listening import Listening
from tests.flask_endpoint.source_database import *  # noqa: F403

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
MANY_EXAMPLES = settings(
    max_examples=int(EXAMPLES or 150),
    deadline=None,
    derandomize=EXAMPLES is None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
FEW_EXAMPLES = settings(MANY_EXAMPLES, max_examples=int(EXAMPLES or 40))

UNEXPECTED_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, "", " ", "\x00", "\ud800", "\\N", "a\tb\nc\\", "\u202e", 0, -1, -0.0, 1e308, 2**63, 10**400, "1970-01-01T00:00:00Z",
     "2100-01-01T00:00:00Z", "2024-02-30T00:00:00Z", "2022-05-01T12:00:00+14:00", "2022-05-01T24:00:00Z", "2020-W01-1T00:00:00Z",
     "2020-01-01T000000,0Z", [], {}, [[[]]]]
)  # fmt: skip
anything = st.recursive(
    st.one_of(UNEXPECTED_VALUES, st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
# Texts that some parser of ISO 8601 accepts, about as long as Spotify's instants.
almost_instants = st.from_regex(
    r"20[012][0-9]-?(W?[0-5][0-9])-?[0-3][0-9]?[T ][012][0-9]:?[0-5][0-9]:?[0-5][0-9][.,:]?[0-9]?Z?", fullmatch=True
)
FIELDS = sorted({*ExtendedRow.__struct_fields__, *ACCOUNT, "podcastName", "ip_addr"})
almost_rows = st.builds(
    lambda base, wrong: {**base, **wrong},
    st.sampled_from([EXTENDED, ACCOUNT, EXTENDED | {"offline": True, "offline_timestamp": 1651406400}]),
    st.one_of(
        st.dictionaries(st.sampled_from(FIELDS), anything, max_size=4),
        st.fixed_dictionaries({"ts": almost_instants}),
        st.fixed_dictionaries({"endTime": almost_instants}),
    ),
)
rows = st.lists(st.one_of(almost_rows, anything), min_size=1, max_size=12)


def read(content: bytes, name: str = "endsong_0.json") -> list[Any]:
    """Return every row of a file: a line for COPY or a Rejected."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return [row for export in read_files(find_sources([path]), Horizon(NOW), "ana") for row in export.rows]


def is_json(row: Any) -> bool:
    """Return whether JSON can express the row: it has no infinity and no NaN, so a file with them is refused."""
    try:
        json.dumps(row, allow_nan=False)
    except ValueError:
        return False
    return True


def is_valid(row: Any) -> bool:
    """Return whether a rejected row has a reason, or a line for COPY has all columns."""
    if isinstance(row, Rejected):
        return bool(str(row))
    return row.count("\t") == len(COLUMNS) - 1 and "\n" not in row and "\x00" not in row and bool(row.encode())


@MANY_EXAMPLES
@given(rows, st.booleans())
def test_every_row_is_a_play_or_is_rejected_with_a_reason(drawn: list[Any], is_ascii: bool) -> None:
    content = json.dumps(drawn, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    try:
        found = read(content)
    except NotAnExport as refused:
        assert "endsong_0.json" in str(refused)
        return
    assert len(found) == len(drawn)
    assert all(map(is_valid, found))


@MANY_EXAMPLES
@given(rows)
def test_streamed_file_gives_same_rows_as_file_in_memory(drawn: list[Any]) -> None:
    """Some numbers are accepted by only one of the two parsers, so a file may be refused in one case only."""
    content = json.dumps([row for row in drawn if is_json(row)]).encode()

    def read_with_limit(limit: int) -> list[str] | str:
        default, reading.IN_MEMORY_LIMIT = reading.IN_MEMORY_LIMIT, limit
        try:
            return [row if isinstance(row, str) else f"rejected: {row}" for row in read(content)]
        except NotAnExport:
            return "refused"
        finally:
            reading.IN_MEMORY_LIMIT = default

    in_memory, streamed = read_with_limit(2**26), read_with_limit(0)
    assert in_memory == streamed or "refused" in (in_memory, streamed)


@MANY_EXAMPLES
@given(
    st.binary(max_size=300),
    st.sampled_from(["endsong_0.json", "StreamingHistory0.json", "Streaming_History_Video_2020_1.json"]),
)
def test_any_bytes_are_read_or_refused_with_a_message(content: bytes, name: str) -> None:
    try:
        assert all(map(is_valid, read(content, name)))
    except NotAnExport as refused:
        assert str(refused).endswith(".")


@MANY_EXAMPLES
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 10**6))
def test_damaged_zip_is_read_or_refused_with_a_message(changes: list[tuple[int, int]], cut: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("MyData/endsong_0.json", json.dumps([EXTENDED] * 20))
        archive.writestr("../../etc/endsong_1.json", json.dumps([EXTENDED] * 3))
    content = bytearray(buffer.getvalue())
    for position, value in changes:
        content[position % len(content)] = value
    try:
        assert all(map(is_valid, read(bytes(content[: len(content) - cut % 40]), "my_spotify_data.zip")))
    except NotAnExport as refused:
        assert str(refused).endswith(".")


@MANY_EXAMPLES
@given(
    st.one_of(
        anything,
        st.fixed_dictionaries(
            {"played_at": st.one_of(st.just("2022-05-01T12:00:00.123Z"), anything), "track": anything}
        ),
    )
)
def test_any_polled_item_is_a_play_or_is_rejected(item: Any) -> None:
    try:
        row = api.play_row(item, Horizon(NOW))
    except Rejected as rejected:
        assert str(rejected)
        return
    assert is_valid(copy_line("ana", row))


@FEW_EXAMPLES
@given(rows)
def test_any_rows_can_be_stored_and_are_all_counted(connection: psycopg.Connection, drawn: list[Any]) -> None:
    connection.rollback()
    ana = Listening(connection, "ana")
    drawn = [row for row in drawn if isinstance(row, dict) and is_json(row)] or [EXTENDED]
    _, batch_id = ana.land(*json.loads(json.dumps(drawn)))
    [(landed, refused, stored)] = connection.execute(
        "SELECT rows_landed, rows_refused, (SELECT count(*) FROM landing.play AS p WHERE p.batch_id = b.batch_id) "
        "FROM landing.batch AS b WHERE batch_id = %s",
        (batch_id,),
    ).fetchall()
    assert landed == stored
    assert landed + refused == sum(("ts" in row) + ("endTime" in row) for row in drawn)
