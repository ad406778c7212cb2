"""The town's own base maps, tile by tile."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api.basemaps import Maps, UpstreamError
from api.errors import problem
from api.kept_fresh import etag_of, kept_fresh
from maps.basemaps_pixels import picture_type

router = APIRouter()

# Base maps change seldom: a browser shows them again without asking for this long.
KEPT = "private, max-age=3600"


@router.get("/basemaps/{name}/{z}/{x}/{y}.png", response_class=Response)
def basemap_tile(name: str, z: int, x: int, y: int, maps: Maps, request: Request) -> Response:
    """Return a tile of a base map that the town supplies, in the usual web map grid of WGS 84."""
    try:
        content = maps.tile(name, z, x, y)
    except UpstreamError as error:
        return problem(HTTPStatus.BAD_GATEWAY, str(error), request)
    answer = kept_fresh(request, etag_of(content), picture_type(content), lambda: content)
    answer.headers["Cache-Control"] = KEPT
    return answer
