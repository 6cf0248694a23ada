"""Settings of gunicorn. There is one worker process, because used codes and the fault plan are kept in memory."""

import os

from gunicorn.glogging import Logger

bind = f"{os.environ.get('LISTEN_HOST') or '127.0.0.1'}:{os.environ.get('SPOTIFY_PORT') or '8090'}"
workers = 1
threads = 4
proc_name = "spotify"
control_socket_disable = True  # Its file in the home folder would be shared by every gunicorn of the user.


class JsonLinesLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Send gunicorn's log lines through the common JSON logging."""

    def setup(self, cfg) -> None:  # type: ignore[no-untyped-def]
        from common.json_lines import set_up_logging  # The project is on the path only from here on.

        set_up_logging("spotify")
        self.error_log.propagate = True


logger_class = JsonLinesLogger
