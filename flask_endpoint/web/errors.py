"""Answer every error in one shape, {"error": {"code", "message", "detail"}}, or with a page if a browser asks for HTML."""

import re
from typing import Any

import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from flask_endpoint.errors import EndpointError, Paused

log = structlog.get_logger(__name__)
MISSING_KEY = "Send the operator's key in the header `Authorization: Bearer`. It is the setting OPERATOR_KEY."


def handle_errors(app: APIFlask) -> None:
    """Register a handler for each kind of error."""
    app.error_processor(_apiflask_error)
    app.register_error_handler(EndpointError, _endpoint_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(Exception, _unexpected_error)


def _endpoint_error(error: EndpointError) -> Response:
    answer = _answer(error.status, error.code, error.message, error.detail)
    if isinstance(error, Paused):
        answer.headers["Retry-After"] = error.until.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return answer


def _apiflask_error(error: HTTPError) -> Response:
    """Answer an error that APIFlask raised: invalid input or a missing key."""
    message = MISSING_KEY if error.status_code == 401 else error.message or "The request failed."
    if error.status_code == 422:
        message = "The request does not match its schema in /openapi.json. `detail` names the fields."
    answer = _answer(error.status_code, _code_of(error.message or ""), message, error.detail or None)
    answer.headers.update(error.headers)
    return answer


def _http_exception(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        limit = (request.max_content_length or 0) // 2**20
        is_upload = request.mimetype == "multipart/form-data"
        advice = " Send fewer files at a time, or use `make import`." if is_upload else ""
        return _answer(
            413, "too_large", f"The {'upload' if is_upload else 'request'} is larger than {limit} MiB.{advice}"
        )
    answer = _answer(error.code or 500, _code_of(error.name), (error.description or error.name).split("\n")[0])
    if location := error.get_response().headers.get("Location"):  # Flask's redirects are HTTP exceptions too.
        answer.headers["Location"] = location
    return answer


def _csrf_error(_error: CSRFError) -> Response:
    return _answer(
        400,
        "stale_form",
        "This form was not loaded here, or its session has ended. Load the page again and resend the form.",
    )


def _unexpected_error(error: Exception) -> Response:
    log.exception("request_failed", path=request.path, kind=type(error).__name__)
    return _answer(500, "internal", "An unexpected error occurred. See the endpoint's log.")


def _answer(status: int, code: str, message: str, detail: Any = None) -> Response:
    accepts = request.accept_mimetypes
    if (
        not request.path.startswith("/v1/")
        and accepts.accept_html
        and accepts["text/html"] > accepts["application/json"]
    ):
        return make_response(render_template("error.html", message=message), status)
    return make_response({"error": {"code": code, "message": message, "detail": detail}}, status)


def _code_of(name: str) -> str:
    return re.sub(r"[^a-z]+", "_", name.lower()).strip("_") or "error"
