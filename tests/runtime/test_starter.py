"""Start services with a fake supervisor. Its clock moves only when the starter waits, so no test takes real time."""

import dataclasses
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from runtime.definition.compose import Health, Service
from runtime.definition.stack import Stack, current_stack
from runtime.errors import OperatorError, StageError
from runtime.local.starter import Startup
from runtime.local.supervisor import Supervisor

HEALTH = Health(("true",), interval=5, timeout=5, retries=3, start_period=60, start_interval=0.5)
JOIN_TIMEOUT = 20  # real seconds; a test that needs them hangs

# Every test here hung before the fault was fixed: bound it well below the suite's limit.
pytestmark = pytest.mark.timeout(60)


class FakeClock:
    """Time that passes only in `wait`."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        with self.lock:
            self.now += seconds
        return event.is_set()


class FakeSupervisor(Supervisor):
    """A supervisor whose services are in the given states."""

    def __init__(self, states: dict[str, str], error: dict[str, BaseException] | None = None) -> None:
        self.current = states
        self.error = error

    def states(self) -> dict[str, str]:
        return self.current

    def start_service(self, name: str) -> None:
        if self.error and name in self.error:
            raise self.error[name]


def service(name: str, *dependencies: str, health: Health | None = HEALTH) -> Service:
    return Service(
        name=name,
        definition=name,
        replica=1,
        image="image",
        command=("run",),
        environment={},
        depends_on=dict.fromkeys(dependencies, "service_healthy"),
        health=health,
        ports=(),
        is_one_shot=False,
        is_unprivileged=False,
        stop_signal="TERM",
        path=(),
        profiles=(),
    )


Start = Callable[..., tuple[BaseException | None, float]]


@pytest.fixture
def run(tmp_path: Path) -> Start:
    """Start services in a thread; return the error, and fail the test if the start does not return."""
    stack = dataclasses.replace(current_stack(), state=tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "database.log").write_text("first line\nthe reason it ends\n")

    def start(
        services: Sequence[Service],
        supervisor: FakeSupervisor,
        probe: Callable[[Stack, Service], bool] = lambda stack, service: True,
        reports: list[tuple[str, str]] | None = None,
    ) -> tuple[BaseException | None, float]:
        clock = FakeClock()
        errors: list[BaseException] = []
        report = (
            (lambda name, state, seconds: reports.append((name, state))) if reports is not None else lambda *_: None
        )
        by_name = {one.name: one for one in services}
        startup = Startup(stack, by_name, supervisor, report, probe, clock, clock.wait)

        def target() -> None:
            try:
                startup.run(list(by_name))
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        thread.join(JOIN_TIMEOUT)
        assert not thread.is_alive(), "the start did not return"
        return errors[0] if errors else None, clock.now

    return start


def test_service_starts_after_its_dependency(run: Start) -> None:
    reports: list[tuple[str, str]] = []
    states = {"database": "RUNNING", "page": "RUNNING"}
    error, _ = run([service("database"), service("page", "database")], FakeSupervisor(states), reports=reports)
    assert error is None
    assert reports == [("database", "starting"), ("database", "ready"), ("page", "starting"), ("page", "ready")]


@pytest.mark.parametrize("state", ["BACKOFF", "EXITED"])
def test_service_that_keeps_ending_fails_at_its_start_bound(run: Start, state: str) -> None:
    services = [service("database"), service("page", "database")]
    error, seconds = run(services, FakeSupervisor({"database": state, "page": "RUNNING"}))
    assert isinstance(error, StageError)
    assert f"service database keeps ending (state {state})" in str(error)
    assert "database.log, fix the cause, then run the command again" in str(error)
    assert error.tail == "first line\nthe reason it ends"
    assert 75 <= seconds < 80


def test_service_that_the_supervisor_gave_up_fails_immediately(
    run: Start,
) -> None:
    error, seconds = run([service("database")], FakeSupervisor({"database": "FATAL"}))
    assert "state FATAL" in str(error) and seconds == 0


def test_service_that_stays_unhealthy_fails_with_its_bound(
    run: Start,
) -> None:
    error, _ = run([service("database")], FakeSupervisor({"database": "RUNNING"}), probe=lambda stack, service: False)
    assert "database did not become healthy within 75 s (state RUNNING)" in str(error)


def test_service_without_health_check_in_backoff_is_not_ready(
    run: Start,
) -> None:
    error, _ = run([service("database", health=None)], FakeSupervisor({"database": "BACKOFF"}))
    assert "state BACKOFF" in str(error)


@pytest.mark.parametrize("error_type", [RuntimeError, OSError, SystemExit, OperatorError])
def test_any_error_in_one_thread_stops_the_others(run: Start, error_type: type[BaseException]) -> None:
    supervisor = FakeSupervisor({"page": "RUNNING", "other": "STARTING"}, {"database": error_type("unexpected")})
    services = [service("other"), service("database"), service("page", "database")]
    error, _ = run(services, supervisor, probe=lambda stack, service: False)
    assert isinstance(error, (error_type, StageError))


def test_error_of_a_thread_is_raised_unchanged(run: Start) -> None:
    supervisor = FakeSupervisor({}, {"database": RuntimeError("unexpected")})
    error, _ = run([service("database"), service("page", "database")], supervisor)
    assert isinstance(error, RuntimeError) and str(error) == "unexpected"


def test_error_in_a_health_check_stops_the_start(run: Start) -> None:
    def missing_program(stack: Stack, service: Service) -> None:
        raise FileNotFoundError("pg_isready")

    error, _ = run(
        [service("database"), service("page", "database")],
        FakeSupervisor({"database": "RUNNING"}),
        probe=missing_program,
    )
    assert isinstance(error, FileNotFoundError)
