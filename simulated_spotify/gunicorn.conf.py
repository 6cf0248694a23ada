"""How the simulated Spotify is served: one process, since its grants and codes live in its memory."""

import os

from gunicorn.glogging import Logger

bind = f"{os.environ.get('LISTEN_HOST') or '127.0.0.1'}:{os.environ.get('SPOTIFY_PORT') or '8090'}"
workers = 1
threads = 4
proc_name = "spotify"
control_socket_disable = True  # It would be a file in the home folder, the same one for every gunicorn there.


class JsonLinesLogger(Logger):
    """Leaves gunicorn's lines to the chain that shapes every line."""

    def setup(self, cfg) -> None:  # type: ignore[no-untyped-def]
        from common.json_lines import set_up_logging  # Only now is the checkout on the path.

        set_up_logging("spotify")
        self.error_log.propagate = True


logger_class = JsonLinesLogger
