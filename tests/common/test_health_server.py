"""An aborted request is one log line without a traceback on stderr."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import threading, urllib.request
from http.server import BaseHTTPRequestHandler
from common.health_server import LoggedHTTPServer
from common.json_lines import set_up_logging

class Broken(BaseHTTPRequestHandler):
    def do_GET(self):
        raise BrokenPipeError("gone")

set_up_logging("ours")
server = LoggedHTTPServer(("127.0.0.1", 0), Broken)
threading.Thread(target=server.serve_forever, daemon=True).start()
try:
    urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=10)
except OSError:
    pass
server.shutdown()
"""


def test_aborted_request_is_logged_as_one_line() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=60)
    (line,) = done.stdout.splitlines()
    event = json.loads(line)
    assert (event["level"], event["service"], event["message"]) == ("warning", "ours", "request aborted")
    assert "BrokenPipeError: gone" in event["error"]
    assert done.stderr == ""
