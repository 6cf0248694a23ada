"""The rows of one export file: msgspec for files that fit in memory, ijson for larger ones. A bad row is one rejected row."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO

import ijson  # type: ignore[import-untyped]
import msgspec

from flask_endpoint.errors import NotAnExport
from flask_endpoint.exports.recognise import HEAD_SIZE, Recognised, by_content, by_name, may_be_export
from flask_endpoint.exports.repair import Mender, with_whole_pairs
from flask_endpoint.exports.sources import Source
from flask_endpoint.plays import account, extended
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.lenient import row_from_object, row_from_text
from flask_endpoint.plays.row import PlayRow, Rejected

IN_MEMORY = 32 * 2**20  # bytes, two to three times of which a reader holds: larger files than Spotify's are streamed
SAMPLE = 100  # rows looked at to recognise a file
DEEPEST = 1_000  # brackets open at once: rows are flat, and a parser keeps each open one in memory
CHUNK = 2**20  # bytes
UTF8_MARK = b"\xef\xbb\xbf"
NUL = b"\\u0000"  # what PostgreSQL cannot hold

Parsed = PlayRow | Rejected
if ijson.backend != "yajl2_c":  # pragma: no cover - a broken installation
    raise ImportError("ijson lacks its C backend and would be twenty times slower: reinstall it")


@dataclass(frozen=True)
class ExportFile:
    """A file that is an export, and its rows, which can be read once."""

    recognised: Recognised
    rows: Iterator[Parsed]


def read_export(source: Source, file: BinaryIO, horizon: Horizon) -> ExportFile | None:
    """Start reading; None for a file of a zip that is no listening history. Raises NotAnExport, also while rows are read."""
    head = file.read(HEAD_SIZE)
    if not head:
        return _refuse_unless_beside(source, "is empty")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _refuse_unless_beside(source, "is not UTF-8 text")
    if not may_be_export(source.name, head):
        return _refuse_unless_beside(source, "is not a Spotify listening history")
    rows = _raw_rows(source, head, file) if source.size <= IN_MEMORY else _streamed_rows(source, head, file)
    sample = list(islice(rows, SAMPLE))
    recognised = by_content(source.name, (_as_object(row) for row in sample))
    if recognised is None:
        return _refuse_unless_beside(source, "is not a Spotify listening history")
    return ExportFile(recognised, _parsed(chain(sample, rows), recognised, horizon))


def _refuse_unless_beside(source: Source, problem: str) -> ExportFile | None:
    """Pass over what lies beside the histories in a zip; refuse a file that was given, or that carries a history's name."""
    if source.member is None or by_name(source.name):
        raise NotAnExport(f"{source.name} {problem}. Give the zip that Spotify sent, or the JSON files in it.")
    return None


def _raw_rows(source: Source, head: bytes, file: BinaryIO) -> Iterator[msgspec.Raw | bytes]:
    """Each row's JSON; as bytes where it holds a NUL, which msgspec would let through."""
    data = (head + file.read(IN_MEMORY)).removeprefix(UTF8_MARK)
    try:
        rows = _list_of_rows(data)
    except msgspec.ValidationError:
        raise NotAnExport(f"{source.name} is not a list of plays. Give the files as Spotify sent them.") from None
    except msgspec.DecodeError as error:
        raise NotAnExport(
            f"{source.name} is cut off or damaged ({_reason(error)}). Download or copy it again."
        ) from None
    except RecursionError:
        raise NotAnExport(f"{source.name} is nested too deeply to be a Spotify export.") from None
    if NUL not in data:
        yield from rows
        return
    for row in rows:
        text = memoryview(row).tobytes()
        yield text if NUL in text else row


def _list_of_rows(data: bytes) -> list[msgspec.Raw]:
    """Half a surrogate pair ends the whole list for msgspec: only where something did is it looked for."""
    try:
        return msgspec.json.decode(data, type=list[msgspec.Raw])
    except msgspec.DecodeError:
        return msgspec.json.decode(with_whole_pairs(data), type=list[msgspec.Raw])


def _reason(error: Exception) -> str:
    return str(error).removeprefix("Input data was ").removeprefix("JSON is ")


class _Flat:
    """A file as ijson reads it, its text mended, and refused once more brackets are open than any export has."""

    def __init__(self, source: Source, head: bytes, file: BinaryIO) -> None:
        self._source, self._head, self._file, self._open = source, head.removeprefix(UTF8_MARK), file, 0
        self._mender = Mender()

    def read(self, size: int = CHUNK) -> bytes:
        if size == 0:  # ijson asks for nothing once, to learn the type.
            return b""
        data = self._mended(size)
        # Brackets in titles count too, but they come in pairs or seldom.
        self._open += sum(map(data.count, (b"[", b"{"))) - sum(map(data.count, (b"]", b"}")))
        if self._open > DEEPEST + len(data) // 100:
            raise NotAnExport(f"{self._source.name} is nested too deeply to be a Spotify export.")
        return data

    def _mended(self, size: int) -> bytes:
        """The next piece; nothing only at the end."""
        while True:
            piece, self._head = self._head or self._file.read(size), b""
            data = self._mender.mend(piece)
            if data or not piece:
                return data


def _streamed_rows(source: Source, head: bytes, file: BinaryIO) -> Iterator[Any]:
    if not head.removeprefix(UTF8_MARK).lstrip().startswith(b"["):
        raise NotAnExport(f"{source.name} is not a list of plays. Give the files as Spotify sent them.")
    try:
        yield from ijson.items(_Flat(source, head, file), "item", use_float=True, buf_size=CHUNK)
    except (ijson.JSONError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise NotAnExport(f"{source.name} is cut off or damaged ({reason}). Download or copy it again.") from None


def _as_object(row: object) -> object:
    if not isinstance(row, msgspec.Raw | bytes):
        return row
    try:
        return msgspec.json.decode(row)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _parsed(rows: Iterable[Any], recognised: Recognised, horizon: Horizon) -> Iterator[Parsed]:
    """Bring each row to the common form; those that do not fit their type at once are read forgivingly."""
    play_row: Callable[..., PlayRow]
    if recognised.origin == "extended":
        type_, play_row, hint = extended.ExtendedRow, extended.play_row, recognised.is_video
    else:
        type_, play_row, hint = account.AccountRow, account.play_row, recognised.kind
    decode = msgspec.json.Decoder(type_).decode
    for row in rows:
        try:
            try:
                typed = decode(row) if type(row) is msgspec.Raw else _forgiven(row, type_)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                typed = _forgiven(memoryview(row).tobytes(), type_)
            yield play_row(typed, horizon, hint)
        except Rejected as rejected:
            yield rejected


def _forgiven(row: Any, type_: type[Any]) -> Any:
    return row_from_text(row, type_) if isinstance(row, bytes) else row_from_object(row, type_)
