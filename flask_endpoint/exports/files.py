"""Read export files into lines for COPY: in this process, or for a large import in two reader processes.

Two readers let one file be parsed while the rows of another are written. Each reader has its own pipe to this process. When
this process ends, even by SIGKILL, the pipe closes and the reader exits.

`ProcessPoolExecutor` is not used because:
- it returns all rows of a file at once, so memory use would grow with the size of the file;
- if a worker is killed while it sends a large result, the import can wait forever (in 3 of 8 trials with 14 MB results);
- if the import is killed, the workers keep running.
"""

import gc
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from flask_endpoint.errors import EndpointError, ReadingFailed
from flask_endpoint.exports.reading import Parsed, read_export
from flask_endpoint.exports.recognise import RecognisedFile
from flask_endpoint.exports.sources import Archives, Source
from flask_endpoint.landing.copying import copy_line
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.row import PlayRow, Rejected

READER_COUNT = 2  # processes
SMALLEST_PARALLEL_READ = 32 * 2**20  # bytes: reading less takes no longer than starting a process
ROWS_PER_MESSAGE = 20_000  # About one of Spotify's files, so that a reader parses a whole file before it waits.
READER_LOST = "A process that reads export files was killed, perhaps for lack of memory. Free memory and import again."

Line = str  # a row as `copy_line` returns it
Export = tuple[RecognisedFile, Iterator[Line | Rejected]]


@dataclass(frozen=True)
class ExportLines:
    """An export file and its rows, each a line for COPY or a Rejected. The rows can be read once."""

    name: str
    folder: str
    recognised: RecognisedFile
    rows: Iterator[Line | Rejected]


def read_files(sources: Sequence[Source], horizon: Horizon, listener_id: str) -> Generator[ExportLines, None, None]:
    """Yield the exports among the sources, in order. Raises NotAnExport and ReadingFailed, also while rows are read."""
    if len(sources) > 1 and sum(source.size for source in sources) >= SMALLEST_PARALLEL_READ:
        yield from _read_in_parallel(sources, horizon, listener_id)
        return
    with Archives() as archives:
        for source in sources:
            for recognised, rows in _read(source, archives, horizon, listener_id):
                yield ExportLines(source.name, source.folder, recognised, rows)


def _read(source: Source, archives: Archives, horizon: Horizon, listener_id: str) -> Iterator[Export]:
    """Yield the source's export, or nothing if it is not one. The file stays open until the next item is requested."""
    with source.open(archives) as file:
        export = read_export(source, file, horizon)
        if export is not None:
            yield export.recognised, _lines(listener_id, export.rows)


def _lines(listener_id: str, rows: Iterator[Parsed]) -> Iterator[Line | Rejected]:
    for parsed in rows:
        yield copy_line(listener_id, parsed) if isinstance(parsed, PlayRow) else parsed


def _read_in_parallel(sources: Sequence[Source], horizon: Horizon, listener_id: str) -> Iterator[ExportLines]:
    """Give the files to the readers in turn, and yield the exports in the order of the sources."""
    with ExitStack() as stack:
        readers = [_start_reader(stack, horizon, listener_id) for _ in range(READER_COUNT)]
        for reader, source in zip(readers, sources, strict=False):
            _request(reader, source)
        for number, source in enumerate(sources):
            reader = readers[number % READER_COUNT]
            recognised = _receive(reader)
            if number + READER_COUNT < len(sources):
                _request(reader, sources[number + READER_COUNT])  # It stays in the pipe until the current file is read.
            if recognised is not None:
                yield ExportLines(source.name, source.folder, recognised, _receive_rows(reader))


def _start_reader(stack: ExitStack, horizon: Horizon, listener_id: str) -> Connection:
    """Start a reader process that ends with the stack; return our end of its pipe."""
    context = get_context("spawn")  # A fork would copy the locks of other threads and the database connection.
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, horizon, listener_id), daemon=True)
    process.start()
    theirs.close()  # Only the reader keeps its end open, so that we notice when the reader ends.
    stack.callback(process.join)
    stack.callback(process.terminate)
    stack.callback(ours.close)
    return ours


def _request(reader: Connection, source: Source) -> None:
    try:
        reader.send(source)
    except OSError:
        raise ReadingFailed(READER_LOST) from None


def _receive(reader: Connection) -> Any:
    """Return the reader's next message, or raise it if it is an EndpointError."""
    try:
        message = reader.recv()
    except (EOFError, OSError):
        raise ReadingFailed(READER_LOST) from None
    if isinstance(message, EndpointError):
        raise message
    return message


def _receive_rows(reader: Connection) -> Iterator[Line | Rejected]:
    while rows := _receive(reader):
        yield from rows


def _serve(requests: Connection, horizon: Horizon, listener_id: str) -> None:
    """Answer requests for sources until the pipe closes. This is the main function of a reader process."""
    gc.disable()  # Rows have no reference cycles, and each collection would traverse all cached values.
    try:
        with Archives() as archives:
            while True:
                source = requests.recv()
                try:
                    _answer(requests.send, source, archives, horizon, listener_id)
                except EndpointError as error:
                    requests.send(error)
    except (EOFError, OSError):
        return  # The importing process has ended.


def _answer(
    send: Callable[[object], None], source: Source, archives: Archives, horizon: Horizon, listener_id: str
) -> None:
    """Send the RecognisedFile, then its rows in lists, then an empty list; or only None if it is not an export."""
    for recognised, rows in _read(source, archives, horizon, listener_id):
        send(recognised)
        while part := list(islice(rows, ROWS_PER_MESSAGE)):
            send(part)
        send([])
        return
    send(None)
