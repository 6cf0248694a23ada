"""A request that breaks off is a line of the log, and no traceback beside it."""

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


def test_a_request_that_broke_off_is_one_line_of_the_log():
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=60)
    (line,) = done.stdout.splitlines()
    told = json.loads(line)
    assert (told["level"], told["service"], told["message"]) == ("warning", "ours", "a request broke off")
    assert "BrokenPipeError: gone" in told["error"]
    assert done.stderr == ""
