"""Errors over HTTP: a table from class to status, and problem documents (RFC 9457).

A browser that opens a page gets a page that says the same. Both speak the language asked for
(query `lang`, else `Accept-Language`); a program that asks for none gets the text of the command.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.languages import asked_language
from api.problem_pages import problem_response
from gis.errors import (
    ConflictError,
    DependencyError,
    FengqiaoError,
    InputError,
    LayerFaultsError,
    LayerMissingError,
    NotFoundError,
    StoreError,
)
from maps.words import words

log = logging.getLogger(__name__)

# The first class of an error's own line of descent that is here counts.
STATUS: dict[type[FengqiaoError], HTTPStatus] = {
    ConflictError: HTTPStatus.CONFLICT,
    InputError: HTTPStatus.BAD_REQUEST,
    LayerMissingError: HTTPStatus.CONFLICT,
    NotFoundError: HTTPStatus.NOT_FOUND,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    DependencyError: HTTPStatus.NOT_IMPLEMENTED,
    FengqiaoError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def status_of(error: FengqiaoError) -> HTTPStatus:
    """Return the HTTP status of an error.

    Examples
    --------
    >>> status_of(LayerFaultsError("cameras", [])).value
    400
    """
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(status: int, detail: str, request: Request, **more: Any) -> JSONResponse:
    """Return a problem document.

    Parameters
    ----------
    status
        HTTP status.
    detail
        What is wrong with this request, and what to do.
    request
        Its path is the `instance`.
    more
        Further members, such as `faults`.
    """
    language = asked_language(request)
    said = {} if language is None else {"Content-Language": language}
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "instance": request.url.path,
        **more,
    }
    headers = {"Vary": "Accept-Language", **said}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def told(request: Request, text: str) -> str:
    """Return what is wrong in the language a request asks for; as it stands where it asks for none.

    Codes of units and streets are told by name, as buttons show them.
    """
    language = asked_language(request)
    if language is None:
        return text
    return words(language).sentence(text, lambda code: _name_of(request, code))


def _name_of(request: Request, code: str) -> str:
    """Return the name of a unit or a street, else its code."""
    layers = request.app.state.source.view().layers
    for frame in (layers["units"], layers["streets"]):
        for name in frame.loc[frame["code"] == code, "name"].tolist():
            return name if isinstance(name, str) and name else code
    return code


def _answer(request: Request, status: int, detail: str, **more: Any) -> Response:
    """Return a page to a browser that opens one, else a problem document."""
    shown = problem_response(request, status, detail)
    return problem(status, detail, request, **more) if shown is None else shown


def add_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem document, or a page for a browser."""
    app.add_exception_handler(FengqiaoError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


def _on_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, FengqiaoError)
    more: dict[str, Any] = {}
    if isinstance(error, LayerFaultsError):
        more["faults"] = [
            {"row": f.row, "column": f.column, "problem": f.problem} for f in error.faults
        ]
    if isinstance(error, LayerMissingError):
        more["missing"] = list(error.layers)
    return _answer(request, status_of(error), told(request, str(error)), **more)


def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        f"{'.'.join(map(str, e['loc'][1:]))}: {told(request, e['msg'])}" for e in error.errors()
    ]
    return _answer(request, HTTPStatus.BAD_REQUEST, "; ".join(faults))


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = _answer(request, error.status_code, told(request, str(error.detail)))
    answer.headers.update(error.headers or {})
    return answer


def _on_bug(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    status, detail = HTTPStatus.INTERNAL_SERVER_ERROR, told(request, "the server's log says more")
    return problem(status, detail, request)
