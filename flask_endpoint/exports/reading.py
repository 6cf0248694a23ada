"""Read the rows of one export file, with msgspec if the file fits in memory, else with ijson. Each row is rejected on its own."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any, BinaryIO, TypeVar

import ijson
import msgspec

from flask_endpoint.errors import NotAnExport
from flask_endpoint.exports.recognise import (
    HEAD_SIZE,
    RecognisedFile,
    may_be_export,
    recognise_by_content,
    recognise_by_name,
)
from flask_endpoint.exports.repair import StreamRepair, replace_unpaired_surrogates
from flask_endpoint.exports.sources import Source
from flask_endpoint.plays import account, extended
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.lenient import row_from_object, row_from_text
from flask_endpoint.plays.row import PlayRow, Rejected

IN_MEMORY_LIMIT = 32 * 2**20  # bytes: above Spotify's file sizes. A reader needs two to three times as much memory.
SAMPLE_SIZE = 100  # rows used to recognise a file
MOST_OPEN_BRACKETS = 1_000  # Rows are flat, and the parser uses memory for each open bracket.
CHUNK_SIZE = 2**20  # bytes
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ESCAPED_NUL = b"\\u0000"  # PostgreSQL cannot store NUL in text.

Parsed = PlayRow | Rejected
RowType = TypeVar("RowType", bound=msgspec.Struct)
if ijson.backend != "yajl2_c":  # pragma: no cover - a broken installation
    raise ImportError("ijson has no C backend and would be 20 times slower. Reinstall it from a wheel.")


@dataclass(frozen=True)
class ExportFile:
    """An export file. Its rows can be read once."""

    recognised: RecognisedFile
    rows: Iterator[Parsed]


def read_export(source: Source, file: BinaryIO, horizon: Horizon) -> ExportFile | None:
    """Start to read a file; return None for a member of a zip that is not a listening history.

    Raises NotAnExport, also while the rows are read.
    """
    head = file.read(HEAD_SIZE)
    if not head:
        return _skip_or_refuse(source, "is empty")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _skip_or_refuse(source, "is not UTF-8 text")
    if not may_be_export(source.name, head):
        return _skip_or_refuse(source, "is not a Spotify listening history")
    rows = _rows_in_memory(source, head, file) if source.size <= IN_MEMORY_LIMIT else _streamed_rows(source, head, file)
    sample = list(islice(rows, SAMPLE_SIZE))
    recognised = recognise_by_content(source.name, map(_decoded, sample))
    if recognised is None:
        return _skip_or_refuse(source, "is not a Spotify listening history")
    return ExportFile(recognised, _parse(chain(sample, rows), recognised, horizon))


def _skip_or_refuse(source: Source, problem: str) -> ExportFile | None:
    """Skip an unrelated member of a zip. Refuse a file on disk, or a member that is named like a listening history."""
    if source.member is None or recognise_by_name(source.name):
        raise NotAnExport(f"{source.name} {problem}. Give the zip that Spotify sent, or the JSON files in it.")
    return None


def _rows_in_memory(source: Source, head: bytes, file: BinaryIO) -> Iterator[msgspec.Raw | bytes]:
    """Yield each row's JSON: as bytes if it contains a NUL, because msgspec accepts NUL, else as msgspec.Raw."""
    data = (head + file.read(IN_MEMORY_LIMIT)).removeprefix(BYTE_ORDER_MARK)
    try:
        rows = _split_into_rows(data)
    except msgspec.ValidationError:
        raise _not_a_list(source) from None
    except msgspec.DecodeError as error:
        raise _damaged(source, str(error).removeprefix("Input data was ").removeprefix("JSON is ")) from None
    except RecursionError:
        raise _nested_too_deeply(source) from None
    if ESCAPED_NUL not in data:
        yield from rows
        return
    for row in rows:
        text = memoryview(row).tobytes()
        yield text if ESCAPED_NUL in text else row


def _split_into_rows(data: bytes) -> list[msgspec.Raw]:
    """Split a JSON list into its items. Unpaired surrogates make msgspec fail, but are rare, so they are repaired only then."""
    try:
        return msgspec.json.decode(data, type=list[msgspec.Raw])
    except msgspec.DecodeError:
        return msgspec.json.decode(replace_unpaired_surrogates(data), type=list[msgspec.Raw])


class _RepairedFile:
    """A file that repairs its text while ijson reads it. `read` raises NotAnExport if the JSON is nested too deeply."""

    def __init__(self, source: Source, head: bytes, file: BinaryIO) -> None:
        self._source, self._head, self._file = source, head.removeprefix(BYTE_ORDER_MARK), file
        self._open_brackets = 0
        self._repair = StreamRepair().repair

    def read(self, size: int = CHUNK_SIZE) -> bytes:
        if size == 0:  # ijson reads 0 bytes once to find out the type.
            return b""
        data = self._read_repaired(size)
        # Brackets in titles are counted too. They are rare, or they come in pairs.
        self._open_brackets += sum(map(data.count, (b"[", b"{"))) - sum(map(data.count, (b"]", b"}")))
        if self._open_brackets > MOST_OPEN_BRACKETS + len(data) // 100:
            raise _nested_too_deeply(self._source)
        return data

    def _read_repaired(self, size: int) -> bytes:
        """Return the next piece; empty bytes only at the end of the file."""
        while True:
            piece, self._head = self._head or self._file.read(size), b""
            data = self._repair(piece)
            if data or not piece:
                return data


def _streamed_rows(source: Source, head: bytes, file: BinaryIO) -> Iterator[Any]:
    if not head.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"["):
        raise _not_a_list(source)
    try:
        yield from ijson.items(_RepairedFile(source, head, file), "item", use_float=True, buf_size=CHUNK_SIZE)
    except (ijson.JSONError, ValueError) as error:
        raise _damaged(source, str(error).splitlines()[0]) from None


def _not_a_list(source: Source) -> NotAnExport:
    return NotAnExport(f"{source.name} is not a list of plays. Give the files as Spotify sent them.")


def _damaged(source: Source, reason: str) -> NotAnExport:
    return NotAnExport(f"{source.name} is cut off or damaged ({reason}). Download or copy it again.")


def _nested_too_deeply(source: Source) -> NotAnExport:
    return NotAnExport(f"{source.name} is nested too deeply for a Spotify export. Give the files as Spotify sent them.")


def _decoded(row: object) -> object:
    """Return the row as a Python object, or None if its JSON is invalid."""
    if not isinstance(row, msgspec.Raw | bytes):
        return row
    try:
        return msgspec.json.decode(row)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _parse(rows: Iterable[Any], recognised: RecognisedFile, horizon: Horizon) -> Iterator[Parsed]:
    if recognised.origin == "extended":
        extended_play = partial(extended.play_row, horizon=horizon, is_video=recognised.is_video)
        return _parse_rows(rows, extended.ExtendedRow, extended_play)
    account_play = partial(account.play_row, horizon=horizon, kind_hint=recognised.kind)
    return _parse_rows(rows, account.AccountRow, account_play)


def _parse_rows(
    rows: Iterable[Any], row_type: type[RowType], play_row: Callable[[RowType], PlayRow]
) -> Iterator[Parsed]:
    """Convert each row to a PlayRow or a Rejected. Rows with fields of a wrong type are decoded leniently."""
    decode = msgspec.json.Decoder(row_type).decode
    for row in rows:
        try:
            try:
                typed = decode(row) if type(row) is msgspec.Raw else _decode_leniently(row, row_type)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                typed = _decode_leniently(memoryview(row).tobytes(), row_type)
            yield play_row(typed)
        except Rejected as rejected:
            yield rejected


def _decode_leniently(row: object, row_type: type[RowType]) -> RowType:
    return row_from_text(row, row_type) if isinstance(row, bytes) else row_from_object(row, row_type)
