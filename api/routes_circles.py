"""The circles over HTTP, as GeoJSON that other programs read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.circles import MOST_MIN, What, circles_layer
from api.incident_source import Source
from gis.errors import FormatError

router = APIRouter()

# One answer is not larger than this many rows; the command writes any number to a file.
MOST_ROWS = 50_000


@router.get("/response/{what}", response_class=Response)
def circles(
    what: What,
    source: Source,
    minutes: Annotated[float, Query(gt=0, le=MOST_MIN)] = 3,
    at: str | None = None,
) -> Response:
    """Return what units reach within some minutes as GeoJSON: exact streets, or areas."""
    options = {} if at is None else {"at": at}
    layer = circles_layer(source.town(), what, minutes=minutes, options=options)
    if len(layer) > MOST_ROWS:
        msg = f"{len(layer)} parts are too many for one answer: write them with `fengqiao circles`"
        raise FormatError(msg)
    return Response(layer.to_json(drop_id=True), media_type="application/geo+json")
