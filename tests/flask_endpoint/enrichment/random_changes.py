"""Random changes of a source database through the functions of the endpoint."""

import csv
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from flask_endpoint.catalog.files import load_catalog_file
from flask_endpoint.catalog.store import store_catalog
from flask_endpoint.database import connect
from flask_endpoint.errors import EndpointError
from flask_endpoint.landing.batches import land_poll
from flask_endpoint.reconciliation.forget import delete_listeners, delete_polled
from flask_endpoint.reconciliation.refuse import refuse, reopen
from flask_endpoint.reconciliation.undo import delete_unfinished_imports
from flask_endpoint.settings import ImportSettings
from tests.flask_endpoint.reconciliation.listening import Listening, account, extended, item, spotify_id

# Few values, so that listeners and changes share them.
PEOPLE = ("ana", "ben", "cleo")
TITLES = ("Song", "Other", "Third", "Fourth")
ARTISTS = ("Band", "Guest")
ALBUMS = ("Record", "Single")


class RandomChanges:
    """Changes of each kind that the endpoint can make, each in transactions of its own."""

    def __init__(self, seed: int, url: str, settings: ImportSettings, folder: Path) -> None:
        self.random, self.url, self.settings, self.folder = random.Random(seed), url, settings, folder  # noqa: S311 - not used for secrets
        self.polls = 0

    def make_one(self) -> str:
        """Make one change; return its name."""
        change: Callable[[psycopg.Connection], None] = self.random.choice(
            (
                self.import_, self.import_, self.poll, self.poll, self.land, self.land_import, self.undo, self.refuse,
                self.reopen, self.delete, self.delete_polled, self.store, self.store, self.mark_unavailable,
            )
        )  # fmt: skip
        with connect(self.url) as connection, suppress(EndpointError):
            change(connection)
        if self.random.random() < 0.15:
            self.load_file()
        return change.__name__

    def import_(self, connection: psycopg.Connection) -> None:
        self._listening(connection).import_(*self._rows())

    def land_import(self, connection: psycopg.Connection) -> None:
        listening = self._listening(connection)
        delete_unfinished_imports(connection, listening.listener_id)
        import_id, _ = listening.land(*self._rows())
        connection.execute("UPDATE raw.import SET status = 'landed' WHERE import_id = %s", (import_id,))

    def poll(self, connection: psycopg.Connection) -> None:
        listening = self._listening(connection)
        self.polls += 1
        listening.polls = self.polls
        listening.poll(*self._items())

    def land(self, connection: psycopg.Connection) -> None:
        listener_id = self._listening(connection).listener_id
        land_poll(connection, listener_id, self._items(), polled_at=datetime.now(UTC))

    def undo(self, connection: psycopg.Connection) -> None:
        if found := self._one_of(connection, "SELECT import_id, listener_id FROM raw.import ORDER BY 1"):
            Listening(connection, found[1]).undo(found[0])

    def refuse(self, connection: psycopg.Connection) -> None:
        if found := self._one_of(connection, "SELECT batch_id FROM landing.batch WHERE status = 'landed' ORDER BY 1"):
            refuse(connection, found[0], "Test.")

    def reopen(self, connection: psycopg.Connection) -> None:
        if found := self._one_of(connection, "SELECT batch_id FROM landing.batch WHERE status = 'refused' ORDER BY 1"):
            reopen(connection, found[0])

    def delete(self, connection: psycopg.Connection) -> None:
        delete_listeners(connection, self.random.sample(PEOPLE, k=2))

    def delete_polled(self, connection: psycopg.Connection) -> None:
        delete_polled(connection, self._listening(connection).listener_id)

    def store(self, connection: psycopg.Connection) -> None:
        artist, album = self.random.choice(ARTISTS), self.random.choice(ALBUMS)
        artists = [{"id": spotify_id(name), "name": name} for name in (artist, *self.random.sample(ARTISTS, k=1))]
        tracks = [
            {"id": spotify_id(title + self.random.choice(("", "9"))), "name": title, "album": {"id": spotify_id(album)}, "artists": artists}
            for title in self.random.sample(TITLES, k=2)
        ]  # fmt: skip
        albums = [{"id": spotify_id(album), "name": album, "artists": artists[:1]}]
        fetched_at = self.random.choice((None, datetime.now(UTC)))
        store_catalog(connection, tracks=tracks, albums=albums, artists=artists, fetched_at=fetched_at)

    def mark_unavailable(self, connection: psycopg.Connection) -> None:
        days = self.random.choice((-1, 1))
        if found := self._one_of(connection, "SELECT item_kind, item_id FROM raw.enrichment ORDER BY 1, 2"):
            connection.execute(
                "INSERT INTO raw.unavailable VALUES (%s, %s, now(), now() + %s * interval '1 day', 'Test.') "
                "ON CONFLICT (item_kind, item_id) DO UPDATE SET retry_at = excluded.retry_at",
                (*found, days),
            )

    def load_file(self) -> None:
        file = self.folder / "songs.csv"
        with file.open("w") as lines:
            rows = csv.writer(lines)
            rows.writerow(("track_id", "track_name", "track_artist", "track_album_id", "track_album_name"))
            for title in self.random.sample(TITLES, k=2):
                album = self.random.choice(ALBUMS)
                rows.writerow((spotify_id(title), title, self.random.choice(ARTISTS), spotify_id(album), album))
        load_catalog_file(self.settings, file)

    def _listening(self, connection: psycopg.Connection) -> Listening:
        return Listening(connection, self.random.choice(PEOPLE))

    def _rows(self) -> list[dict[str, Any]]:
        return [
            extended(self.random.randrange(300), self.random.choice(TITLES), self.random.choice(ARTISTS))
            if self.random.random() < 0.5
            else account(self.random.randrange(5), self.random.choice(TITLES), self.random.choice(ARTISTS))
            for _ in range(self.random.randrange(1, 8))
        ]

    def _items(self) -> list[dict[str, Any]]:
        return [
            item(self.random.randrange(300), self.random.choice(TITLES), self.random.choice(ARTISTS))
            for _ in range(self.random.randrange(1, 6))
        ]

    def _one_of(self, connection: psycopg.Connection, query: str) -> tuple[Any, ...] | None:
        rows = connection.execute(query.encode()).fetchall()
        return self.random.choice(rows) if rows else None
