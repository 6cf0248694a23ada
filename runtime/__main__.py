"""The operator commands. Each is called by a target of the Makefile (`make help`)."""

import os
import sys
import traceback

import click

from common.exit_codes import ExitCode
from runtime.commands import development, imports, pipeline, services
from runtime.errors import OperatorError
from runtime.output.progress import console
from runtime.private_files import keep_new_files_private

cli = click.CommandCollection(
    help=__doc__, sources=[module.commands for module in (services, imports, pipeline, development)]
)


def main() -> None:
    """Run the command line. Exits with the codes of `common/exit_codes.py`."""
    keep_new_files_private()
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE if isinstance(error, click.UsageError) else ExitCode.COULD_NOT_RUN)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(ExitCode.INTERRUPTED)
    except OperatorError as error:
        if tail := getattr(error, "tail", ""):
            console.print(tail, markup=False)
        console.print(str(error), style="red", markup=False)
        sys.exit(ExitCode.COULD_NOT_RUN)
    except Exception:
        console.print(traceback.format_exc(), markup=False)
        sys.exit(ExitCode.COULD_NOT_RUN)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()
