"""The responses match Spotify's OpenAPI description, if that file is available next to the project."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

DESCRIPTION = Path(__file__).parents[3] / "shared/data/openapi/official-spotify-open-api.yml"
YAML_PYTHON = Path(sys.prefix).parent / "runtime/bin/python"  # this environment has a YAML parser
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "number": (int, float),
}
NULLABLE = {
    "context",
    "next",
    "previous",
    "cursors",
    "href",
    "preview_url",
}  # Spotify returns null here, although the description does not allow it


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    if not DESCRIPTION.exists() or not YAML_PYTHON.exists():
        pytest.skip("the OpenAPI description or the environment with a YAML parser is missing")
    convert = (
        "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin)['components']['schemas'], sys.stdout, default=str)"
    )
    with DESCRIPTION.open() as description:
        done = subprocess.run(
            [YAML_PYTHON, "-c", convert], stdin=description, capture_output=True, check=True, timeout=120
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def merged(schemas: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its references and `allOf` parts resolved."""
    if "$ref" in schema:
        return merged(schemas, schemas[schema["$ref"].rsplit("/", 1)[1]])
    whole = {**schema, "properties": dict(schema.get("properties", {})), "required": list(schema.get("required", []))}
    for part in schema.get("allOf", []):
        inner = merged(schemas, part)
        whole["properties"] = {**inner["properties"], **whole["properties"]}
        whole["required"] += inner["required"]
        whole.setdefault("type", inner.get("type"))
        for key in ("items", "enum"):
            if key in inner:
                whole.setdefault(key, inner[key])
    return whole


def differences(schemas: dict[str, Any], schema: dict[str, Any], value: Any, path: str) -> list[str]:
    """Return how a value differs from its schema: unknown or missing keys, wrong types, wrong enumerated values."""
    whole = merged(schemas, schema)
    if value is None:
        return [] if whole.get("nullable") or path.rsplit(".", 1)[-1] in NULLABLE else [f"{path} is null"]
    kind = whole.get("type") or ("object" if whole["properties"] else None)
    if kind and (not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        return [f"{path} is not of type {kind}"]
    if "enum" in whole and value not in whole["enum"]:
        return [f"{path} is {value!r}, not one of {whole['enum']}"]
    found: list[str] = []
    if isinstance(value, list) and "items" in whole:
        for item in value:
            found += differences(schemas, whole["items"], item, f"{path}[]")
    if isinstance(value, dict) and whole["properties"]:
        found += [f"{path}.{key} is unknown" for key in value if key not in whole["properties"]]
        found += [
            f"{path}.{key} is missing"
            for key in whole["required"]
            if key not in value
            and not whole["properties"][key].get("deprecated")  # Development mode does not return these.
        ]
        for key in value.keys() & whole["properties"].keys():
            found += differences(schemas, whole["properties"][key], value[key], f"{path}.{key}")
    return sorted(set(found))


def test_comparison_reports_wrong_type_and_unknown_key(schemas: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/ArtistObject"}
    assert differences(schemas, schema, {"name": 1, "nickname": "x"}, "artist") == [
        "artist.name is not of type string",
        "artist.nickname is unknown",
    ]


@pytest.mark.parametrize("is_development", [False, True])
def test_all_responses_match_openapi_description(
    client: FlaskClient, token: str, schemas: dict[str, Any], is_development: bool
) -> None:
    client.put("/faults", json={"is_development": is_development})

    def get(path: str) -> Any:
        return client.get(f"/v1/{path}", headers={"Authorization": f"Bearer {token}"}).get_json()

    page = get("me/player/recently-played?limit=50")
    albums = {item["track"]["album"]["id"] for item in page["items"]}
    artists = {artist["id"] for item in page["items"] for artist in item["track"]["artists"]}
    answers = [
        ("PrivateUserObject", get("me")),
        ("CursorPagingPlayHistoryObject", page),
        *(("AlbumObject", get(f"albums/{album}")) for album in sorted(albums)),
        *(("ArtistObject", get(f"artists/{artist}")) for artist in sorted(artists)),
        ("TrackObject", get(f"tracks/{page['items'][0]['track']['id']}")),
    ]
    for name, answer in answers:
        assert differences(schemas, {"$ref": f"#/components/schemas/{name}"}, answer, name) == []
