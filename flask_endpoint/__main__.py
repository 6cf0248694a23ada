"""Run the commands: `python -m flask_endpoint`."""

import sys

if __name__ == "__main__":  # The worker processes of an import load this file too, and do not need the commands.
    from flask_endpoint.cli.commands import cli

    sys.exit(cli(prog_name="python -m flask_endpoint"))
