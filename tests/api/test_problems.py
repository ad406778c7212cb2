from __future__ import annotations

import inspect
import json

import pytest
from starlette.requests import Request

import gis.errors
from api.errors import STATUS, problem, status_of
from gis.errors import (
    Fault,
    FengqiaoError,
    InputError,
    LayerFaultsError,
    LayerMissingError,
    MergeConflictError,
    NotFoundError,
    StoreError,
)

CLASSES = [
    kind
    for _, kind in inspect.getmembers(gis.errors, inspect.isclass)
    if issubclass(kind, FengqiaoError)
]
MAKE = {
    LayerFaultsError: lambda: LayerFaultsError("cameras", [Fault(2, "code", "is missing")]),
    LayerMissingError: lambda: LayerMissingError("circles", ["streets"]),
    MergeConflictError: lambda: MergeConflictError("cameras.gpkg", ["cameras: 1 conflicts"]),
}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_of_its_own_or_of_its_nearest_parent(
    kind: type[FengqiaoError],
) -> None:
    error = MAKE.get(kind, lambda: kind("a message"))()
    nearest = next(parent for parent in kind.__mro__ if parent in STATUS)
    assert status_of(error) == STATUS[nearest]
    if kind is not FengqiaoError:
        assert nearest is not FengqiaoError, "the table lacks this branch"


def test_what_is_whose_fault_shows_in_the_status() -> None:
    expected = {InputError: 400, LayerMissingError: 409, NotFoundError: 404, StoreError: 503}
    assert {kind: STATUS[kind].value for kind in expected} == expected


def test_a_problem_document_has_the_members_of_the_standard() -> None:
    request = Request({"type": "http", "path": "/response", "headers": [], "query_string": b""})
    error = LayerMissingError("circles", ["streets"])
    answer = problem(status_of(error), str(error), request, missing=list(error.layers))
    assert answer.media_type == "application/problem+json"
    body = json.loads(bytes(answer.body))
    assert body["title"] == "Conflict"
    assert (body["status"], body["instance"]) == (409, "/response")
    assert body["missing"] == ["streets"]
