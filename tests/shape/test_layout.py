"""The repository's shape: what a newcomer relies on when they grep for a name."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
MARTS = sorted(file.stem for file in (PROJECT / "sql/main/mart").glob("*.sql"))
TABLES = sorted(file.stem for schema in ("core", "mart") for file in (PROJECT / "sql/main" / schema).glob("*.sql"))
SECRET_SHAPES = re.compile(r"(?i)(password|secret|token|api_?key)['\"]?\s*[:=]\s*['\"][0-9a-zA-Z+/_-]{24,}['\"]")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True)
    return [PROJECT / name for name in listed.stdout.splitlines() if (PROJECT / name).is_file()]


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_is_five_files_of_one_name(mart: str) -> None:
    expected = [
        f"spark_scripts/transformations/{mart}.py",
        f"soda/checks/mart/{mart}.yml",
        f"dashboard/panels/{mart}.tsx",
    ]
    missing = [name for name in expected if not (PROJECT / name).exists()]
    assert not missing
    assert list((PROJECT / "tests").rglob(f"test_{mart}.py"))


@pytest.mark.parametrize("table", TABLES)
def test_a_published_table_has_its_checks_and_its_transformation(table: str) -> None:
    assert list((PROJECT / "soda/checks").rglob(f"{table}.yml"))
    assert (PROJECT / f"spark_scripts/transformations/{table}.py").exists()


@pytest.mark.parametrize("table", TABLES)
def test_a_definition_opens_with_its_grain_and_comments_every_column(table: str) -> None:
    text = next((PROJECT / "sql/main").rglob(f"{table}.sql")).read_text()
    assert re.search(r"COMMENT ON TABLE \S+ IS\s+'(Grain: )?One row", text)
    body = text[text.index("(") : text.index("PRIMARY KEY")]
    columns = re.findall(r"^    ([a-z_]+) ", body, re.MULTILINE)
    commented = re.findall(r"COMMENT ON COLUMN \S+\.([a-z_]+) IS", text)
    assert columns and columns == commented
    assert columns[-1] == "load_id"


def test_every_service_has_a_health_check_or_ends_by_itself() -> None:
    for file in (PROJECT / "docker/services").glob("*.yml"):
        for name, service in yaml.safe_load(file.read_text())["services"].items():
            assert service.get("restart") == "no" or "healthcheck" in service, name
            assert "command" in service, name


def test_every_image_of_the_compose_files_has_a_definition_and_no_moving_tag() -> None:
    services = [
        service
        for file in (PROJECT / "docker/services").glob("*.yml")
        for service in yaml.safe_load(file.read_text())["services"].values()
    ]
    used = {service["image"].partition(":")[0] for service in services}
    assert set(re.findall(r'tags *= *\["([^:"]+):', (PROJECT / "docker/bake.hcl").read_text())) == used
    assert all(service["image"].endswith(":${IMAGE_TAG:-dev}") for service in services)


def test_images_come_from_one_base_and_run_as_nobodys_root() -> None:
    files = sorted((PROJECT / "docker/images").glob("*.Dockerfile"))
    from_outside = {name for file in files for name in re.findall(r"^FROM (\S+:\S+)", file.read_text(), re.MULTILINE)}
    assert from_outside == {"debian:trixie-slim"}
    bake = (PROJECT / "docker/bake.hcl").read_text()
    for name in re.findall(r'tags *= *\["listening/([^:"]+):', bake):
        lines = (PROJECT / f"docker/images/{name}.Dockerfile").read_text().splitlines()
        assert [line for line in lines if line.startswith("USER ")][-1] == "USER listening", name


def test_every_service_logs_under_its_own_name() -> None:
    for file in (PROJECT / "docker/services").glob("*.yml"):
        for name, service in yaml.safe_load(file.read_text())["services"].items():
            assert service["environment"]["SERVICE_NAME"] == name


def test_every_target_has_a_help_text_and_is_documented() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    documentation = "".join((PROJECT / name).read_text() for name in ("README.md", "docs/operating.md"))
    targets = re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)
    explained = re.findall(r"^([a-z][a-z-]*):.*## ", makefile, re.MULTILINE)
    assert targets == explained
    assert not [target for target in targets if not re.search(rf"make {target}(?![\w-])", documentation)]


def test_every_setting_of_the_compose_files_is_in_the_example() -> None:
    example = set(re.findall(r"^([A-Z][A-Z0-9_]*)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    runtime_made = {"PROJECT", "STATE", "ENVS", "JARS", "SPARK_HOME", "LISTEN_HOST", "SPARK_MASTER"}
    runtime_made |= {"SPOTIFY_API_URL", "SPOTIFY_ACCOUNTS_URL", "SPOTIFY_CONSENT_URL", "SPOTIFY_IS_SIMULATED"}
    runtime_made |= {"SPOTIFY_CLOCK", "IMAGE_TAG"}
    used = {
        name
        for file in (PROJECT / "docker").rglob("*.yml")
        for name in re.findall(r"\$\{([A-Z][A-Z0-9_]*)", file.read_text())
    }
    assert {name for name in used - example - runtime_made if not name.endswith("_HOST")} == set()


def test_no_file_names_a_registry_a_path_of_one_machine_or_a_secret() -> None:
    hosts = re.compile(
        "|".join(
            [
                r"registry\.npm" + "js",
                r"pypi\." + "org",
                r"files\.python" + "hosted",
                r"repo1?\.maven",
                r"deb\.debian" + r"\.org",
            ]
        )
    )
    for file in tracked():
        if file.suffix in {".png", ".ico", ".woff2"} or file == Path(__file__):
            continue
        text = file.read_text(errors="replace")
        assert not hosts.search(text), file
        assert "/wo" + "rk/main" not in text, file
        assert not SECRET_SHAPES.search(text), file
