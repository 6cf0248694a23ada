"""The images are complete, small, and contain no build tools or writable program files."""

import json
import re
from typing import Any

import pytest

from tests.containers.conftest import PROJECT, docker

BYTES = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
MAX_TOTAL_SIZE = 4e9  # bytes of all images; shared layers count once per image


@pytest.fixture(scope="session")
def inspected(images: str) -> dict[str, dict[str, Any]]:
    names = docker("images", "--filter", "reference=listening/*:dev", "--format", "{{.Repository}}:{{.Tag}}").split()
    return {image["RepoTags"][0]: image for image in json.loads(docker("image", "inspect", *names))}


def test_all_images_of_compose_files_are_built(inspected: dict[str, dict[str, Any]]) -> None:
    used = {
        image
        for file in (PROJECT / "docker/services").glob("*.yml")
        for image in re.findall(r"image: (listening/\w+):", file.read_text())
    }
    assert {name.partition(":")[0] for name in inspected} == used


def test_no_image_runs_as_root(inspected: dict[str, dict[str, Any]]) -> None:
    assert {image["Config"]["User"] for image in inspected.values()} <= {"listening", "10001"}


def test_total_size_of_images_is_below_limit(inspected: dict[str, dict[str, Any]]) -> None:
    assert sum(image["Size"] for image in inspected.values()) < MAX_TOTAL_SIZE


def test_images_contain_no_build_tools(inspected: dict[str, dict[str, Any]]) -> None:
    for name in inspected:
        found = docker("run", "--rm", "--entrypoint", "sh", name, "-c", "command -v gcc mvn npm pip uv || true")
        assert not found, (name, found)


def test_user_can_write_only_data_files(inspected: dict[str, dict[str, Any]]) -> None:
    writable = "find / -xdev -writable -not -type l -not -path '/proc*' -not -path '/dev*' -not -path '/tmp*' -not -path '/var/tmp*' -not -path '/run*' -not -path '/var/lib/listening*' 2>/dev/null | head -5"
    for name in inspected:
        assert docker("run", "--rm", "--entrypoint", "sh", name, "-c", writable) == "", name
