"""The answers as JSON documents, and the state of the server."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request

from api.incident_source import Source
from api.response_now import Keeper
from api.town_view import TownSource, TownView

router = APIRouter()


def current_view(request: Request) -> TownView:
    """Return the town as it is now."""
    source: TownSource = request.app.state.source
    return source.view()


View = Annotated[TownView, Depends(current_view)]


@router.get("/coverage")
def coverage(view: View) -> dict[str, Any]:
    """Return what the cameras see, and where the gaps are."""
    return view.document("coverage")


@router.get("/response")
def response(
    view: View, source: Source, keeper: Keeper, at: Literal["now"] | None = None
) -> dict[str, Any]:
    """Return who can be at each place in 1, 3 and 5 minutes; at=now: by the duty state of now."""
    return view.document("response") if at is None else keeper.answer(view, source).document


@router.get("/patrols")
def patrols(view: View) -> dict[str, Any]:
    """Return which way each team walks tonight."""
    return view.document("patrol")


@router.get("/targets")
def targets(view: View) -> dict[str, Any]:
    """Return whether each target is met, and which places fail it."""
    return view.document("targets")


@router.get("/rectification")
def rectification(view: View) -> dict[str, Any]:
    """Return what must be mended, by whom and until when."""
    return view.document("rectification")


@router.get("/change")
def change(view: View) -> dict[str, Any]:
    """Return what the coverage gained and lost since a day, or compared with another town's."""
    return view.document("change")


@router.get("/healthz")
def healthz(view: View) -> dict[str, Any]:
    """Return that the server works, and the revision of the town it shows."""
    return {"status": "ok", "revision": view.layers.revision}
