"""Show the OpenAPI document as a page. It is rendered here, so that it needs no scripts and no other servers."""

from typing import Any, cast

from apiflask import APIBlueprint, APIFlask
from flask import current_app, render_template
from flask.typing import ResponseReturnValue

METHODS = ("get", "post", "put", "patch", "delete")

blueprint = APIBlueprint("docs", __name__, enable_openapi=False)


@blueprint.get("/docs")
def docs() -> ResponseReturnValue:
    """Show each route and each schema of the API."""
    spec = cast(dict[str, Any], cast(APIFlask, current_app).spec)
    operations = [
        {"path": path, "method": method, **operation}
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]
    tags = sorted({tag for operation in operations for tag in operation.get("tags", [])})
    by_tag = {tag: [operation for operation in operations if tag in operation.get("tags", [])] for tag in tags}
    return render_template("docs.html", by_tag=by_tag, schemas=spec["components"]["schemas"], info=spec["info"])


@blueprint.app_template_filter("schema_name")
def schema_name(content: dict[str, Any]) -> str:
    """Return the schema name of a request or response body, or "" if it has none."""
    schema = content.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]


@blueprint.app_template_filter("type_name")
def type_name(schema: dict[str, Any]) -> str:
    """Return a short description of a schema's type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(type_name(alternative) for alternative in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {type_name(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")
