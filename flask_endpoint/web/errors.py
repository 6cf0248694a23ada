"""One shape for everything that goes wrong: {"error": {"code", "message", "detail"}}; for a person at a page, a page."""

import re
from typing import Any

import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from flask_endpoint.errors import EndpointError, Paused
from flask_endpoint.web.security import settings

log = structlog.get_logger(__name__)
NO_KEY = "Send the operator's key: Authorization: Bearer, then OPERATOR_KEY."


def answer_errors(app: APIFlask) -> None:
    """Register a handler for every kind of failure."""
    app.error_processor(_http_error)
    app.register_error_handler(EndpointError, _known)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _werkzeug)
    app.register_error_handler(Exception, _unexpected)


def _known(error: EndpointError) -> Response:
    answer = _answer(error.status, error.code, error.message, error.detail)
    if isinstance(error, Paused):
        answer.headers["Retry-After"] = error.until.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return answer


def _http_error(error: HTTPError) -> Response:
    """APIFlask's own errors: bad input, a missing key, an answer that breaks its schema."""
    message = NO_KEY if error.status_code == 401 else error.message or "The request failed."
    if error.status_code == 422:
        message = "The request is not as described in /openapi.json; `detail` names the fields."
    answer = _answer(error.status_code, _code_of(error.message or ""), message, error.detail or None)
    answer.headers.update(error.headers)
    return answer


def _werkzeug(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        limit = settings().upload_limit_mib
        return _answer(
            413, "too_large", f"That is more than {limit} MiB: send fewer files at once, or use `make import`."
        )
    answer = _answer(error.code or 500, _code_of(error.name), (error.description or error.name).split("\n")[0])
    if location := error.get_response().headers.get("Location"):  # Flask's own redirects are HTTP exceptions too.
        answer.headers["Location"] = location
    return answer


def _stale_form(_error: CSRFError) -> Response:
    return _answer(400, "stale_form", "This form was not opened here, or too long ago: load the page again and repeat.")


def _unexpected(error: Exception) -> Response:
    log.exception("request_failed", path=request.path, kind=type(error).__name__)
    return _answer(500, "internal", "Something went wrong here: the endpoint's log says what.")


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
