"""The operator commands. Each is called by a target of the Makefile (`make help`)."""

import os
import sys

import click

from runtime.commands import development, imports, pipeline, services
from runtime.errors import OperatorError
from runtime.progress import console

cli = click.CommandCollection(
    help=__doc__, sources=[module.commands for module in (services, imports, pipeline, development)]
)


def main() -> None:
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(130)
    except OperatorError as error:
        if tail := getattr(error, "tail", ""):
            console.print(tail, markup=False)
        console.print(str(error), style="red", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()
