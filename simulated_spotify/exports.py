"""The listeners' extended exports, as Spotify sends them: `python -m simulated_spotify.exports --out DIR`.

Writes `DIR/<listener>/my_spotify_data.zip` and prints, as one line of JSON, whose they are. Same seed, same clock, same
bytes.
"""

import argparse
import json
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from simulated_spotify.clock import ClockError
from simulated_spotify.export_rows import Row, rows_of
from simulated_spotify.history import Setting
from simulated_spotify.listeners import LISTENERS
from simulated_spotify.settings import SettingsError, load_settings

ROWS_PER_FILE = 15_000
FOLDER = "Spotify Extended Streaming History"
ARCHIVE = "my_spotify_data.zip"


def write_exports(setting: Setting, out: Path) -> dict[str, Path]:
    """One archive a listener; each appears whole or not at all."""
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
    """As `json.dumps(rows, indent=2)` lays them out, but by the encoder in C, which knows no indent."""
    inner = (json.dumps(row, ensure_ascii=False, separators=(",\n    ", ": "))[1:-1] for row in rows)
    return "[\n" + ",\n".join(f"  {{\n    {fields}\n  }}" for fields in inner) + "\n]"


def file_name(rows: Sequence[Row], number: int) -> str:
    """Named after the years it spans: one year, or the first and the last."""
    years = dict.fromkeys((rows[0]["ts"][:4], rows[-1]["ts"][:4]))
    return f"Streaming_History_Audio_{'-'.join(years)}_{number}.json"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="simulated_spotify.exports", description="Write the simulated exports.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    asked = parser.parse_args(arguments)
    try:
        archives = write_exports(load_settings().setting(), asked.out)
    except (SettingsError, ClockError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The exports cannot be written to {asked.out} ({error.strerror}): name another folder.", file=sys.stderr)
        return 1
    print(json.dumps([described(listener_id, archive) for listener_id, archive in archives.items()]))
    return 0


def described(listener_id: str, archive: Path) -> dict[str, str]:
    """What is needed to connect the listener (`account` is the consent form's field) and to import the export."""
    who = LISTENERS[listener_id]
    return {
        "listener_id": who.id,
        "display_name": who.display_name,
        "time_zone": who.time_zone,
        "account": who.id,
        "export": str(archive.resolve()),
    }


if __name__ == "__main__":
    sys.exit(main())
