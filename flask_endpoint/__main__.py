"""`python -m flask_endpoint`: the commands. The processes that read for an import load this file too, and need none of them."""

import sys

if __name__ == "__main__":
    from flask_endpoint.cli.commands import cli

    sys.exit(cli(prog_name="python -m flask_endpoint"))
