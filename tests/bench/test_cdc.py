"""The results of bench-cdc: shares, ratios and the printed tables."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from bench import cdc
from bench.cdc import Result, main, show
from bench.cdc_growth import MILLION, Size, show_growth
from common.exit_codes import ExitCode


def result(streamed: float = 8.0, resync: float = 3.0) -> Result:
    """Return a result in which every goal is just reached."""
    return Result(
        plays=100_000,
        latencies=[0.03] * 990 + [0.1] * 10,
        streamed=streamed,
        native=1.0,
        resync=resync,
        copy=1.0,
        wal_before=2048,
        wal_after=2048,
    )


def printed(capsys: pytest.CaptureFixture[str], line: str) -> str:
    [found] = [each for each in capsys.readouterr().out.splitlines() if each.startswith(f"| {line} ")]
    return found


def test_goal_counts_as_reached_at_its_limit(capsys: pytest.CaptureFixture[str]) -> None:
    show(result())
    assert "not reached" not in capsys.readouterr().out


def test_streaming_below_an_eighth_of_native_is_not_reached(capsys: pytest.CaptureFixture[str]) -> None:
    show(result(streamed=8.1))
    assert (
        printed(capsys, "streaming")
        == "| streaming | 12,346 rows/s | 100,000 rows/s | 1/8.1 | at least 1/8 | not reached |"
    )


def test_new_replica_above_three_copies_is_not_reached(capsys: pytest.CaptureFixture[str]) -> None:
    show(result(resync=3.1))
    assert printed(capsys, "new replica").endswith("| 3.1 s | 1.0 s | 3.1 | at most 3 | not reached |")


@pytest.mark.parametrize(("resync", "verdict"), [(30.0, "linear"), (46.0, "not linear")])
def test_growth_is_the_cost_of_a_play_relative_to_the_smallest_size(
    resync: float, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = [Size(MILLION, MILLION, 100.0, 10.0, 8.0, 4.0), Size(3 * MILLION, 2 * MILLION, 200.0, resync, 24.0, 12.0)]
    show_growth(iter(sizes))
    cost = f"{resync / 30:.2f}"
    assert printed(capsys, "3,000,000").endswith(f"| 24 s | {resync / 24:.1f} | 12 s | {cost} | {verdict} |")


def test_sizes_are_measured_in_millions(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[list[int]] = []

    def measure(sizes: list[int]) -> Iterator[Size]:
        measured.append(sizes)
        return iter(())

    monkeypatch.setattr(cdc, "measure_growth", measure)
    assert CliRunner().invoke(main, ["--growth", "1,3,10"]).exit_code == ExitCode.DONE
    assert measured == [[MILLION, 3 * MILLION, 10 * MILLION]]


@pytest.mark.parametrize("sizes", ["3,1", "1,1", "0", "-1", "1,x", "1;3", "1000"])
def test_sizes_that_are_not_ascending_millions_are_a_usage_error(sizes: str) -> None:
    done = CliRunner().invoke(main, ["--growth", sizes])
    assert done.exit_code == ExitCode.USAGE
    assert "is not an ascending list of millions of plays" in done.output
