"""The result of bench-transform: ratios, their limits and the printed table."""

from collections.abc import Callable, Iterable

import pytest
from click.testing import CliRunner

from bench import transform
from bench.baseline import BaselineTimes
from bench.transform import Ratio, Times, main, ratios
from bench.warehouse import BenchError, LoadTimes
from common.exit_codes import ExitCode


@pytest.fixture
def times() -> Callable[..., Times]:
    """Return a function that makes the times of a run, in which every ratio is within its limit."""

    def build(rebuild: float = 60.0, differing: Iterable[str] = ()) -> Times:
        return Times(
            half_rebuild=LoadTimes(1, 27, 1, 1, spark_start=10, rows_written=1),
            baseline=BaselineTimes(5, 10, 5),
            rebuild=LoadTimes(1, rebuild - 3, 1, 1, spark_start=10, rows_written=1),
            new_plays=LoadTimes(0.25, 11, 0.25, 0.5, spark_start=10, rows_written=1),
            differing=list(differing),
        )

    return build


def test_ratio_equal_to_its_limit_is_reached() -> None:
    assert Ratio("a", 6.0, 2.0, limit=3.0).line() == "| a | 6.0 s | 2.0 s | 3.000 | 3.00 | reached |"
    assert Ratio("a", 6.1, 2.0, limit=3.0).line() == "| a | 6.1 s | 2.0 s | 3.050 | 3.00 | not reached |"


def test_load_of_new_plays_is_compared_without_starting_spark(times: Callable[..., Times]) -> None:
    assert [ratio.value for ratio in ratios(1_000_000, times())] == [3.0, 2.0 / 50.0, 2.0]


@pytest.mark.parametrize(
    ("rebuild", "differing", "exit_code"),
    [(60.0, (), ExitCode.DONE), (61.0, (), ExitCode.NO), (60.0, ("core.fct_play",), ExitCode.NO)],
)
def test_exit_code_depends_on_the_limits_and_on_equal_tables(
    monkeypatch: pytest.MonkeyPatch,
    times: Callable[..., Times],
    rebuild: float,
    differing: tuple[str, ...],
    exit_code: ExitCode,
) -> None:
    monkeypatch.setenv("TEST_POSTGRES_URL", "postgresql://unused")
    monkeypatch.setattr(transform, "measure", lambda server, plays: times(rebuild, differing))
    done = CliRunner().invoke(main, ["--plays", "1000000"])
    assert done.exit_code == exit_code
    assert ("core.fct_play" in done.output) == bool(differing)


def test_failed_step_and_too_few_plays_have_their_own_exit_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(server: str, plays: int) -> None:
        raise BenchError("spark_scripts.begin failed with exit code 3.")

    monkeypatch.setenv("TEST_POSTGRES_URL", "postgresql://unused")
    monkeypatch.setattr(transform, "measure", fail)
    assert CliRunner().invoke(main, []).exit_code == ExitCode.COULD_NOT_RUN
    assert CliRunner().invoke(main, ["--plays", "19999"]).exit_code == ExitCode.USAGE
