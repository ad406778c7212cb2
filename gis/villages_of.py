"""Which village the rows of a layer lie in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely


def village_of_rows(frame: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> list[str | None]:
    """Return the code of the village that each row lies in, (n,); None where it lies in none.

    A row without a shape is in the village that its column `village` names. A shape lies where a
    point inside it lies; on a common border the village that comes first has it.

    Parameters
    ----------
    frame
        Rows of any layer, EPSG:4326.
    villages
        The layer of villages, EPSG:4326.

    Examples
    --------
    >>> from shapely import Point, box
    >>> halves = gpd.GeoDataFrame(
    ...     {"code": ["w", "e"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326
    ... )
    >>> places = gpd.GeoDataFrame(
    ...     geometry=[Point(1.5, 0.5), Point(1, 0.5), Point(9, 9)], crs=4326
    ... )
    >>> village_of_rows(places, halves)
    ['e', 'w', None]
    """
    codes = villages["code"].tolist()
    owners: list[str | None] = [None] * len(frame)
    if "village" in frame:
        known = set(codes)
        owners = [code if code in known else None for code in frame["village"].tolist()]
    shapes = np.asarray(frame.geometry.array, dtype=object)
    placed = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    inner = shapely.point_on_surface(shapes[placed])
    tree = shapely.STRtree(np.asarray(villages.geometry.array, dtype=object))
    rows, found = tree.query(inner, predicate="intersects")
    first = np.full(len(placed), len(codes))
    np.minimum.at(first, rows, found)
    for at, village in zip(placed.tolist(), first.tolist(), strict=True):
        owners[at] = codes[village] if village < len(codes) else None
    return owners
