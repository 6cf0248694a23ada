"""Every export file among what was given, its rows ready to be copied: read here, or side by side by processes of their own.

A large import is read by two processes, each a file at a time, so that one parses while the other's rows are written. They
speak over a pipe of their own: when this process dies, however it dies, they notice and end.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from flask_endpoint.errors import EndpointError, ReadingFailed
from flask_endpoint.exports.reading import Parsed, read_export
from flask_endpoint.exports.recognise import Recognised
from flask_endpoint.exports.sources import Source
from flask_endpoint.landing.copying import copied_row
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.row import PlayRow, Rejected

READERS = 2  # processes
WORTH_READERS = 32 * 2**20  # bytes: less is read before a process has started
ROWS_PER_MESSAGE = 20_000  # one of Spotify's files, so that a reader is done with it before it waits for its turn
LOST_READER = "A process that read the files ended without a word: is there enough memory? Import again."

Line = str  # a row as `copied_row` writes it
Read = tuple[Recognised, Iterator[Line | Rejected]]


@dataclass(frozen=True)
class ExportLines:
    """An export file: what it is, and its rows, which can be read once."""

    name: str
    folder: str
    recognised: Recognised
    rows: Iterator[Line | Rejected]


def read_files(sources: Sequence[Source], horizon: Horizon, listener_id: str) -> Iterator[ExportLines]:
    """Read the sources in order; those that are no listening history are left out. Raises NotAnExport, also from `rows`."""
    if len(sources) > 1 and sum(source.size for source in sources) >= WORTH_READERS:
        yield from _read_by_others(sources, horizon, listener_id)
        return
    for source in sources:
        for recognised, rows in _read(source, horizon, listener_id):
            yield ExportLines(source.name, source.folder, recognised, rows)


def _read(source: Source, horizon: Horizon, listener_id: str) -> Iterator[Read]:
    """One export, or none. The file stays open until the next item is asked for."""
    with source.open() as file:
        export = read_export(source, file, horizon)
        if export is not None:
            yield export.recognised, _lines(listener_id, export.rows)


def _lines(listener_id: str, rows: Iterator[Parsed]) -> Iterator[Line | Rejected]:
    for parsed in rows:
        yield copied_row(listener_id, parsed) if type(parsed) is PlayRow else parsed


def _read_by_others(sources: Sequence[Source], horizon: Horizon, listener_id: str) -> Iterator[ExportLines]:
    """Keep every reader busy with the file after the next while the rows of this one are taken."""
    with ExitStack() as stack:
        readers = [_started_reader(stack, horizon, listener_id) for _ in range(READERS)]
        for reader, source in zip(readers, sources, strict=False):
            _ask(reader, source)
        for number, source in enumerate(sources):
            reader = readers[number % READERS]
            recognised = _received(reader)
            if number + READERS < len(sources):
                _ask(reader, sources[number + READERS])  # It waits in the pipe until this one is read.
            if recognised is not None:
                yield ExportLines(source.name, source.folder, recognised, _received_rows(reader))


def _started_reader(stack: ExitStack, horizon: Horizon, listener_id: str) -> Connection:
    context = get_context("spawn")  # A fork would copy the threads' locks and the database's connection.
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, horizon, listener_id), daemon=True)
    process.start()
    theirs.close()  # Only the reader holds its end: it is closed when the reader ends.
    stack.callback(process.join)
    stack.callback(process.terminate)
    stack.callback(ours.close)
    return ours


def _ask(reader: Connection, source: Source) -> None:
    try:
        reader.send(source)
    except OSError:
        raise ReadingFailed(LOST_READER) from None


def _received(reader: Connection) -> Any:
    try:
        message = reader.recv()
    except (EOFError, OSError):
        raise ReadingFailed(LOST_READER) from None
    if isinstance(message, EndpointError):
        raise message
    return message


def _received_rows(reader: Connection) -> Iterator[Line | Rejected]:
    while rows := _received(reader):
        yield from rows


def _serve(requests: Connection, horizon: Horizon, listener_id: str) -> None:
    """Answer each source with what it is, then its rows in lists, the last one empty; or None; or what is wrong with it."""
    gc.disable()  # Rows make no cycles, and a look through all that is remembered for them takes its time.
    try:
        while True:
            source = requests.recv()
            try:
                _answer(requests.send, source, horizon, listener_id)
            except EndpointError as error:
                requests.send(error)
    except (EOFError, OSError):
        return  # Nobody listens any more.


def _answer(send: Callable[[object], None], source: Source, horizon: Horizon, listener_id: str) -> None:
    for recognised, rows in _read(source, horizon, listener_id):
        send(recognised)
        while part := list(islice(rows, ROWS_PER_MESSAGE)):
            send(part)
        send([])
        return
    send(None)
