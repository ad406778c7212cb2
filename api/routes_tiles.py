"""Map tiles and the files that pages need."""

from __future__ import annotations

from pathlib import PurePosixPath

from fastapi import APIRouter, Request, Response

from api.kept_fresh import etag_of, kept_fresh
from api.routes_results import View
from maps.assets import asset
from maps.mvt import MEDIA_TYPE

router = APIRouter()

MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".png": "image/png"}


@router.get("/tiles/{theme}/{z}/{x}/{y}.png", response_class=Response)
def tile(theme: str, z: int, x: int, y: int, view: View, request: Request) -> Response:
    """Return a picture of 256 x 256 pixels in the usual web map grid; themes: base, cells ..."""
    return kept_fresh(
        request, view.etag(theme), MEDIA_TYPES[".png"], lambda: view.tile(theme, z, x, y)
    )


@router.get("/tiles/{layer}/{z}/{x}/{y}.mvt", response_class=Response)
def shapes(layer: str, z: int, x: int, y: int, view: View, request: Request) -> Response:
    """Return a vector tile (MVT) of a layer of the town, or of the cells of a theme of pictures."""
    return kept_fresh(
        request, view.etag(f"{layer}.mvt"), MEDIA_TYPE, lambda: view.shapes(layer, z, x, y)
    )


@router.get("/assets/{name:path}", response_class=Response)
def asset_file(name: str, request: Request) -> Response:
    """Return a script, style sheet or picture of the pages."""
    content = asset(name)
    media_type = MEDIA_TYPES[PurePosixPath(name).suffix]
    return kept_fresh(request, etag_of(content), media_type, lambda: content)
