"""Write every listener's extended export as Spotify sends it: `python -m simulated_spotify.exports --out DIR`.

The command writes `DIR/<listener>/my_spotify_data.zip` and prints one line of JSON that describes the listeners. The
same seed and clock always give the same bytes.
"""

import json
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from common.exit_codes import exit_on_error
from common.settings import SettingsError, load_settings
from simulated_spotify.clock import ClockError
from simulated_spotify.listening.export_rows import Row, rows_of
from simulated_spotify.listening.history import Setting
from simulated_spotify.listening.listeners import LISTENERS
from simulated_spotify.settings import Settings

ROWS_PER_FILE = 15_000
FOLDER = "Spotify Extended Streaming History"
ARCHIVE = "my_spotify_data.zip"


class UnusableFolder(Exception):
    """The exports cannot be written to the folder."""


def write_exports(setting: Setting, out: Path) -> dict[str, Path]:
    """Write one archive per listener and return their paths. Each archive is replaced atomically."""
    archives = {}
    for listener_id in LISTENERS:
        archives[listener_id] = out / listener_id / ARCHIVE
        archives[listener_id].parent.mkdir(parents=True, exist_ok=True)
        draft = archives[listener_id].with_suffix(".part")
        _write_archive(setting, list(rows_of(setting, listener_id)), draft)
        draft.replace(archives[listener_id])
    return archives


def _write_archive(setting: Setting, rows: list[Row], path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for number, first in enumerate(range(0, len(rows), ROWS_PER_FILE)):
            part = rows[first : first + ROWS_PER_FILE]
            member = zipfile.ZipInfo(f"{FOLDER}/{file_name(part, number)}", setting.now.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, _text(part).encode())


def _text(rows: list[Row]) -> str:
    """Return the same text as `json.dumps(rows, indent=2)`, but use the faster C encoder, which cannot indent."""
    inner = (json.dumps(row, ensure_ascii=False, separators=(",\n    ", ": "))[1:-1] for row in rows)
    return "[\n" + ",\n".join(f"  {{\n    {fields}\n  }}" for fields in inner) + "\n]"


def file_name(rows: Sequence[Row], number: int) -> str:
    """Return the name of the file, which contains the year of its rows, or the first and the last year."""
    years = dict.fromkeys((rows[0]["ts"][:4], rows[-1]["ts"][:4]))
    return f"Streaming_History_Audio_{'-'.join(years)}_{number}.json"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The folder to write to.")
def main(out: Path) -> None:
    """Write the simulated exports and print one line of JSON that describes the listeners."""
    with exit_on_error(partial(click.echo, err=True), SettingsError, ClockError, UnusableFolder):
        setting = load_settings(Settings).setting()
        try:
            archives = write_exports(setting, out)
        except OSError as error:
            raise UnusableFolder(
                f"Cannot write the exports to {out} ({error.strerror}). Choose another folder with --out."
            ) from None
    click.echo(json.dumps([describe(listener_id, archive) for listener_id, archive in archives.items()]))


def describe(listener_id: str, archive: Path) -> dict[str, str]:
    """Return what a caller needs to connect the listener (`account` is a field of the consent form) and to import."""
    who = LISTENERS[listener_id]
    return {
        "listener_id": who.id,
        "display_name": who.display_name,
        "time_zone": who.time_zone,
        "account": who.id,
        "export": str(archive.resolve()),
    }


if __name__ == "__main__":
    main()
