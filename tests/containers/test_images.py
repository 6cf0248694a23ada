"""What is in the images, and what must not be."""

import json
import re

import pytest
from conftest import PROJECT, docker

BYTES = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
LARGEST = 4e9  # bytes, all images together, a layer that two share counted twice


@pytest.fixture(scope="session")
def inspected(images):
    names = docker("images", "--filter", "reference=listening/*:dev", "--format", "{{.Repository}}:{{.Tag}}").split()
    return {image["RepoTags"][0]: image for image in json.loads(docker("image", "inspect", *names))}


def test_every_image_of_the_compose_files_is_built(inspected):
    used = {
        image
        for file in (PROJECT / "docker/services").glob("*.yml")
        for image in re.findall(r"image: (listening/\w+):", file.read_text())
    }
    assert {name.partition(":")[0] for name in inspected} == used


def test_nothing_runs_as_root(inspected):
    assert {image["Config"]["User"] for image in inspected.values()} <= {"listening", "10001"}


def test_all_images_together_stay_small(inspected):
    assert sum(image["Size"] for image in inspected.values()) < LARGEST


def test_no_tool_that_builds_is_left_in_an_image(inspected):
    for name in inspected:
        found = docker("run", "--rm", "--entrypoint", "sh", name, "-c", "command -v gcc mvn npm pip uv || true")
        assert not found, (name, found)


def test_no_file_of_an_image_can_be_changed_by_its_user_but_its_data(inspected):
    writable = "find / -xdev -writable -not -type l -not -path '/proc*' -not -path '/dev*' -not -path '/tmp*' -not -path '/var/tmp*' -not -path '/run*' -not -path '/var/lib/listening*' 2>/dev/null | head -5"
    for name in inspected:
        assert docker("run", "--rm", "--entrypoint", "sh", name, "-c", writable) == "", name
