"""Check requests before their bodies are read: only uploads may be large, and only from senders who may upload."""

from typing import Any

from apiflask import APIFlask
from flask import request, session
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import LengthRequired

from flask_endpoint.errors import BadInput
from flask_endpoint.web.security import OPERATOR, ask_for_key, is_viewer, user_with_key

UPLOAD_FORM = "imports.upload"
UPLOAD_ROUTES = ("v1_imports.upload_over_api", "catalog.load_file")
LARGEST_BODY = 2**20  # bytes, if the request uploads no files


class LimitedJSON(DefaultJSONProvider):
    """Flask's JSON, with an error for the client instead of a RecursionError."""

    def loads(self, s: str | bytes, **options: Any) -> Any:
        try:
            return super().loads(s, **options)
        except RecursionError:
            raise BadInput("The JSON in the request is nested too deeply. /docs shows the schemas.") from None


def check_request_bodies(app: APIFlask) -> None:
    """Register the checks. Call it before the CSRF protection is registered, which reads forms."""
    app.json = LimitedJSON(app)
    app.before_request(_check_body)


def _check_body() -> ResponseReturnValue | None:
    """Limit the body, and refuse an upload whose sender may not upload. The routes check the rest."""
    if request.endpoint == UPLOAD_FORM:
        if not is_viewer():
            return ask_for_key()
        if "csrf_token" not in session:
            raise CSRFError
    elif request.endpoint not in UPLOAD_ROUTES or not _has_key():
        request.max_content_length = LARGEST_BODY
        return None
    if request.mimetype != "multipart/form-data":
        request.max_content_length = LARGEST_BODY
    elif request.content_length is None:
        raise LengthRequired("Send the length of the upload in the header Content-Length.")
    return None


def _has_key() -> bool:
    sent = request.authorization
    return sent is not None and user_with_key(sent.token or "") == OPERATOR
