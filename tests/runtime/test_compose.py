"""Services as the local runtime reads them from compose files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.definition.compose import Service, read_services, seconds, with_dependencies
from runtime.errors import OperatorError

FILE = """
services:
  database:
    image: listening/postgres:${TAG:-dev}
    command: [server]
    restart: always
    mem_limit: 1g
    environment: {PORT: "${PORT:-5434}"}
    ports: ["127.0.0.1:${PORT:-5434}:5432"]
    stop_signal: SIGINT
    healthcheck: {test: [CMD, pg_isready], interval: 5s, timeout: 1m30s, retries: 3, start_period: 60s, start_interval: 500ms}
    x-local: {unprivileged: true}
  migrate:
    image: a
    command: [migrate]
    restart: "no"
    depends_on: {database: {condition: service_healthy}}
  page:
    image: a
    command: [serve]
    restart: always
    scale: ${WORKERS:-1}
    environment: {PAGE: "${PAGE_PORT}"}
    ports: ["127.0.0.1:${PAGE_PORT}-${LAST_PORT}:${PAGE_PORT}"]
    depends_on: {migrate: {condition: service_completed_successfully}}
"""


@pytest.fixture
def services(tmp_path: Path) -> Callable[..., dict[str, Service]]:
    """Return a function that reads the services of a compose file, with PAGE_PORT, LAST_PORT and other variables."""

    def read(text: str = FILE, **variables: str) -> dict[str, Service]:
        variables = {"PAGE_PORT": "3000", "LAST_PORT": "3002"} | variables
        (tmp_path / "part.yml").write_text(text)
        (tmp_path / "compose.yml").write_text("include: [part.yml]")
        return read_services(tmp_path / "compose.yml", variables)

    return read


def test_compose_file_sets_environment_ports_health_check_and_image(
    services: Callable[..., dict[str, Service]],
) -> None:
    database = services(PORT="25434")["database"]
    assert (database.environment, database.ports, database.stop_signal) == ({"PORT": "25434"}, (25434,), "INT")
    assert database.health and (database.health.timeout, database.health.start_interval) == (90, 0.5)
    assert database.is_unprivileged and not database.is_one_shot
    assert (database.command, database.image) == (("server",), "postgres")
    assert services()["migrate"].is_one_shot
    assert services()["database"].ports == (5434,)


def test_each_replica_of_a_scaled_service_gets_the_next_port(services: Callable[..., dict[str, Service]]) -> None:
    pages = [service for service in services(WORKERS="3").values() if service.definition == "page"]
    assert [page.name for page in pages] == ["page", "page-2", "page-3"]
    assert [page.ports for page in pages] == [(3000,), (3001,), (3002,)]
    assert [page.environment["PAGE"] for page in pages] == ["3000", "3001", "3002"]


@pytest.mark.parametrize(
    ("workers", "message"), [("4", "No port is left"), ("0", "whole number"), ("many", "whole number")]
)
def test_invalid_scale_is_rejected(services: Callable[..., dict[str, Service]], workers: str, message: str) -> None:
    with pytest.raises(OperatorError, match=message):
        services(WORKERS=workers)


@pytest.mark.parametrize("unknown", ["network_mode: host", "x-local: {comand: [server]}"])
def test_unknown_key_is_rejected(services: Callable[..., dict[str, Service]], unknown: str) -> None:
    with pytest.raises(OperatorError, match=r"does not support (network_mode|comand) of"):
        services(FILE.replace("mem_limit: 1g", unknown).replace("    x-local: {unprivileged: true}\n", ""))


def test_dependencies_are_listed_before_the_service(services: Callable[..., dict[str, Service]]) -> None:
    assert with_dependencies(services(), ["page"]) == ["database", "migrate", "page"]


def test_circular_dependency_is_rejected_with_its_path(services: Callable[..., dict[str, Service]]) -> None:
    circular = FILE.replace("mem_limit: 1g", "depends_on: {page: {condition: service_healthy}}")
    with pytest.raises(OperatorError, match="database -> page -> migrate -> database"):
        with_dependencies(services(circular), ["database"])


def test_undefined_dependency_is_rejected_by_name(services: Callable[..., dict[str, Service]]) -> None:
    with pytest.raises(OperatorError, match="nowhere"):
        services(FILE.replace("{migrate: {", "{nowhere: {"))


def test_error_for_unknown_service_lists_the_services(services: Callable[..., dict[str, Service]]) -> None:
    with pytest.raises(OperatorError, match="database, migrate, page"):
        with_dependencies(services(), ["unknown"])


@pytest.mark.parametrize("duration", ["", "5", "5 s", "h"])
def test_invalid_duration_is_rejected(duration: str) -> None:
    with pytest.raises(OperatorError):
        seconds(duration)
