"""Map tiles and the files that pages need."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.routes_results import View

router = APIRouter()


@router.get("/tiles/{theme}/{z}/{x}/{y}.png", response_class=Response)
def tile(theme: str, z: int, x: int, y: int, view: View, request: Request) -> Response:
    """Return a picture of 256 x 256 pixels in the usual web map grid.

    Themes: base, cells, cells_low, cells_high.
    """
    headers = {
        "ETag": view.etag(theme),
        "Cache-Control": f"max-age={request.app.state.max_age_s}",
    }
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    return Response(view.tile(theme, z, x, y), media_type="image/png", headers=headers)
