"""Coverage: the spans that polls and exports cover."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flask_endpoint.exports.sources import find_sources
from flask_endpoint.landing.batches import land_import, land_poll
from flask_endpoint.reconciliation.promote import promote
from tests.flask_endpoint.reconciliation.listening import NOW, START, Listening, account, extended, item


def spans(ana: Listening) -> list[tuple[float, float, str]]:
    """Return the covered spans, in seconds after START, each with its basis."""
    rows = ana.connection.execute("SELECT started_at, ended_at, basis FROM raw.coverage ORDER BY started_at").fetchall()
    return [((a - START).total_seconds(), (b - START).total_seconds(), basis) for a, b, basis in rows]


@pytest.mark.parametrize("count", [50, 49, 1])
def test_overlapping_polls_cover_one_span_and_poll_without_known_play_starts_another(
    ana: Listening, count: int
) -> None:
    ana.poll(*[item(offset) for offset in range(0, 500, 10)])
    ana.poll(*[item(offset) for offset in range(100, 600, 10)])
    ana.poll(*[item(offset) for offset in range(9000, 9000 + 10 * count, 10)])
    assert spans(ana) == [(0, 590, "polled"), (9000, 8990 + 10 * count, "polled")]


def test_landed_poll_interrupts_coverage_until_it_is_promoted(ana: Listening) -> None:
    def land(*offsets: int) -> int:
        items, polled_at = [item(offset) for offset in offsets], datetime(2024, 6, 2, offsets[0] % 24, tzinfo=UTC)
        return land_poll(ana.connection, "ana", items, polled_at=polled_at)

    first, waiting, last = land(0, 10), land(11, 10, 20), land(22, 20, 30)
    promote(ana.connection, first)
    promote(ana.connection, last)
    assert spans(ana) == [(0, 10, "polled"), (20, 30, "polled")]
    promote(ana.connection, waiting)
    assert spans(ana) == [(0, 30, "polled")]


def test_complete_export_covers_its_span_until_it_is_undone(ana: Listening) -> None:
    ana.import_(extended(10), extended(1000))
    assert [(row[3], (row[2] - row[1]).total_seconds()) for row in ana.state()["coverage"]] == [("export", 990)]
    ana.undo()
    assert ana.state()["coverage"] == []


def land_files(ana: Listening, folder: Path, files: dict[str, list[dict[str, Any]]]) -> None:
    """Import files given as a mapping of relative path to rows."""
    paths = []
    for name, rows in files.items():
        paths.append(folder / name)
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        paths[-1].write_text(json.dumps(rows))
    [(import_id,)] = ana.connection.execute(
        "INSERT INTO raw.import (listener_id, files) VALUES ('ana', '{}') RETURNING import_id"
    )
    sources = find_sources(paths)
    batch_id, _ = land_import(ana.connection, "ana", import_id, sources, now=NOW, report_rows=lambda file, rows: None)
    promote(ana.connection, batch_id)


def test_two_exports_in_one_import_cover_separate_spans(ana: Listening, tmp_path: Path) -> None:
    land_files(
        ana,
        tmp_path,
        {
            "old/StreamingHistory0.json": [account(0), account(10)],
            "new/StreamingHistory_music_0.json": [account(5000), account(5010)],
        },
    )
    assert spans(ana) == [(0, 600, "export"), (300_000, 300_600, "export")]


def test_weaker_longer_span_starts_where_stronger_span_ends(ana: Listening, tmp_path: Path) -> None:
    land_files(ana, tmp_path, {"endsong_1.json": [extended(0), extended(900)]})
    land_files(ana, tmp_path, {"endsong_0.json": [extended(0), extended(300)]})
    assert spans(ana) == [(0, 300, "export"), (300, 900, "partly")]
