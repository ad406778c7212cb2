"""The answers as JSON documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response

from api.answers_cut import MOST_ROWS, After, Limit, part_of
from api.incident_source import Source
from api.kept_fresh import kept_fresh
from api.models import CoverageDocument, Document, PatrolDocument, ResponseDocument, TargetsDocument
from api.response_now import Keeper
from api.town_view import TownSource, TownView
from planner.answer import Kind

router = APIRouter()

JSON = "application/json"


def current_view(request: Request) -> TownView:
    """Return the town as it is now."""
    source: TownSource = request.app.state.source
    return source.view()


View = Annotated[TownView, Depends(current_view)]


@router.get("/coverage", response_class=Response, responses={200: {"model": CoverageDocument}})
def coverage(view: View, request: Request, limit: Limit = MOST_ROWS, after: After = 0) -> Response:
    """Return what the cameras see, and where the gaps are."""
    return _kept(request, view, "coverage", limit, after)


@router.get("/response", response_class=Response, responses={200: {"model": ResponseDocument}})
def response(
    view: View,
    request: Request,
    source: Source,
    keeper: Keeper,
    at: Literal["now"] | None = None,
    limit: Limit = MOST_ROWS,
    after: After = 0,
) -> Response:
    """Return who can be at each place in 1, 3 and 5 minutes; at=now: by the duty state of now."""
    if at is None:
        return _kept(request, view, "response", limit, after)
    text, linked = _part(request, keeper.answer(view, source).document, limit, after)
    return Response(text, media_type=JSON, headers={"Cache-Control": "no-store", **linked})


@router.get("/patrols", response_class=Response, responses={200: {"model": PatrolDocument}})
def patrols(view: View, request: Request, limit: Limit = MOST_ROWS, after: After = 0) -> Response:
    """Return which way each team walks tonight."""
    return _kept(request, view, "patrol", limit, after)


@router.get("/targets", response_class=Response, responses={200: {"model": TargetsDocument}})
def targets(view: View, request: Request, limit: Limit = MOST_ROWS, after: After = 0) -> Response:
    """Return whether each target is met, and which places fail it."""
    return _kept(request, view, "targets", limit, after)


@router.get("/rectification", response_class=Response, responses={200: {"model": Document}})
def rectification(
    view: View, request: Request, limit: Limit = MOST_ROWS, after: After = 0
) -> Response:
    """Return what must be mended, by whom and until when."""
    return _kept(request, view, "rectification", limit, after)


@router.get("/change", response_class=Response, responses={200: {"model": Document}})
def change(view: View, request: Request, limit: Limit = MOST_ROWS, after: After = 0) -> Response:
    """Return what the coverage gained and lost since a day, or compared with another town's."""
    return _kept(request, view, "change", limit, after)


def _kept(request: Request, view: TownView, kind: Kind, limit: int, after: int) -> Response:
    """Return one part of an answer, or 304 where whoever asks has it already."""
    text, linked = _part(request, view.document(kind), limit, after)
    etag = view.etag(f"{kind} {request.url}")
    answer = kept_fresh(request, etag, JSON, lambda: text)
    answer.headers.update(linked)
    return answer


def _part(
    request: Request, document: Mapping[str, Any], limit: int, after: int
) -> tuple[str, dict[str, str]]:
    """Return one part of a document as JSON, and the header with the address of the next one."""
    part = part_of(request, document, limit, after)
    linked = {"Link": f'<{part["next"]}>; rel="next"'} if "next" in part else {}
    return json.dumps(part, ensure_ascii=False, separators=(",", ":")), linked
