"""What every part of the endpoint works with: settings, connections, keys. One per process."""

from dataclasses import dataclass

from cryptography.fernet import MultiFernet
from procrastinate import App
from psycopg_pool import ConnectionPool

from flask_endpoint.settings import Settings
from flask_endpoint.spotify.client import SpotifyClient


@dataclass(frozen=True)
class Endpoint:
    """`jobs` is the queue; `pool` gives connections that commit when their block ends."""

    settings: Settings
    pool: ConnectionPool
    cipher: MultiFernet
    jobs: App

    def spotify(self, listener_id: str) -> SpotifyClient:
        """Spotify in this listener's name."""
        return SpotifyClient(self.settings, self.pool, self.cipher, listener_id)

    def close(self) -> None:
        """Close the connections, and with them the threads that tend them."""
        self.pool.close()
        self.jobs.close()
