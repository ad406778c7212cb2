"""Errors over HTTP: a table from class to status, and problem documents (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

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
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "instance": request.url.path,
        **more,
    }
    return JSONResponse(content, status, media_type="application/problem+json")


def add_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem document."""
    app.add_exception_handler(FengqiaoError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


def _on_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, FengqiaoError)
    more: dict[str, Any] = {}
    if isinstance(error, LayerFaultsError):
        more["faults"] = [
            {"row": f.row, "column": f.column, "problem": f.problem} for f in error.faults
        ]
    if isinstance(error, LayerMissingError):
        more["missing"] = list(error.layers)
    return problem(status_of(error), str(error), request, **more)


def _on_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in error.errors()]
    return problem(HTTPStatus.BAD_REQUEST, "; ".join(faults), request)


def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = problem(error.status_code, str(error.detail), request)
    answer.headers.update(error.headers or {})
    return answer


def _on_bug(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the server's log says more", request)
