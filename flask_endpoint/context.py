"""The settings, connections and keys of one process, passed to every part of the endpoint."""

from dataclasses import dataclass

from cryptography.fernet import MultiFernet
from procrastinate import App
from psycopg_pool import ConnectionPool

from flask_endpoint.settings import Settings
from flask_endpoint.spotify.client import SpotifyClient


@dataclass(frozen=True)
class Endpoint:
    """The context of one process. `cipher` encrypts tokens; `jobs` is the job queue.

    `pool` provides database connections that commit at the end of their block.
    """

    settings: Settings
    pool: ConnectionPool
    cipher: MultiFernet
    jobs: App

    def spotify(self, listener_id: str) -> SpotifyClient:
        """Return a client that calls Spotify with the listener's token."""
        return SpotifyClient(self.settings, self.pool, self.cipher, listener_id)

    def close(self) -> None:
        """Close the connections, which also ends the pools' threads."""
        self.pool.close()
        self.jobs.close()
