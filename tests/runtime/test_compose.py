import pytest

from runtime.compose import read_services, seconds, with_dependencies
from runtime.errors import OperatorError

FILE = """
services:
  database:
    image: a
    restart: always
    environment: {PORT: "${PORT:-5434}"}
    ports: ["127.0.0.1:${PORT:-5434}:${PORT:-5434}"]
    stop_signal: SIGINT
    healthcheck: {test: [CMD, pg_isready], interval: 5s, timeout: 1m30s, retries: 3, start_period: 60s, start_interval: 500ms}
    x-local: {command: [server], unprivileged: true}
  migrate:
    image: a
    restart: "no"
    depends_on: {database: {condition: service_healthy}}
    x-local: {command: [migrate]}
  page:
    image: a
    restart: always
    depends_on: {migrate: {condition: service_completed_successfully}}
    x-local: {command: [serve]}
"""


@pytest.fixture
def services(tmp_path):
    def read(text=FILE, **variables):
        (tmp_path / "part.yml").write_text(text)
        (tmp_path / "compose.yml").write_text("include: [part.yml]")
        return read_services(tmp_path / "compose.yml", variables)

    return read


def test_a_service_is_read_with_its_order_and_health(services):
    database = services(PORT="25434")["database"]
    assert (database.environment, database.ports, database.stop_signal) == ({"PORT": "25434"}, (25434,), "INT")
    assert (database.health.timeout, database.health.start_interval) == (90, 0.5)
    assert database.is_unprivileged and not database.is_one_shot
    assert services()["migrate"].is_one_shot


def test_what_a_service_needs_comes_before_it(services):
    assert with_dependencies(services(), ["page"]) == ["database", "migrate", "page"]


def test_a_circle_is_refused_and_shown(services):
    circle = FILE.replace(
        "image: a\n    restart: always\n    environment",
        "depends_on: {page: {condition: service_healthy}}\n    restart: always\n    environment",
    )
    with pytest.raises(OperatorError, match="database -> page -> migrate -> database"):
        with_dependencies(services(circle), ["database"])


def test_a_dependency_that_nobody_defines_is_named(services):
    with pytest.raises(OperatorError, match="nowhere"):
        services(FILE.replace("{migrate: {", "{nowhere: {"))


def test_an_unknown_service_is_answered_with_those_there_are(services):
    with pytest.raises(OperatorError, match="database, migrate, page"):
        with_dependencies(services(), ["databse"])


@pytest.mark.parametrize("duration", ["", "5", "5 s", "h"])
def test_a_duration_of_another_form_is_refused(duration):
    with pytest.raises(OperatorError):
        seconds(duration)
