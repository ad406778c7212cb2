"""Which further stops lie apart from those there are, and what they are called."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from gis.crs import crs_of_frames, to_metres
from gis.layers import Layers

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]

# A name is told of what lies so near.
_NAMED_M = 80.0


def apart(places: Floats, taken: Floats, apart_m: float, most: int) -> Ints:
    """Return the first places that lie apart from those taken and from each other.

    Parameters
    ----------
    places
        (n, 2) metres, the most wanted first.
    taken
        (k, 2) places that others have.
    apart_m
        Least distance.
    most
        No more than this many.

    Examples
    --------
    >>> row = np.column_stack([np.arange(0.0, 60, 10), np.zeros(6)])
    >>> apart(row, np.array([[0.0, 5.0]]), 15, 9).tolist()
    [2, 4]
    """
    if not len(places) or most < 1:
        return np.zeros(0, np.int64)
    free = np.ones(len(places), bool)
    if len(taken):
        free = np.asarray(cKDTree(taken).query(places)[0] >= apart_m, bool)
    tree, chosen = cKDTree(places), []
    for row in range(len(places)):
        if free[row]:
            chosen.append(row)
            free[tree.query_ball_point(places[row], np.nextafter(apart_m, 0))] = False
            if len(chosen) == most:
                break
    return np.array(chosen, np.int64)


def named_near(places: Geometries, layers: Layers) -> tuple[list[Any], list[Any]]:
    """Return the name of the nearest street and of the nearest site of each place, else None.

    Parameters
    ----------
    places
        (n,) points, EPSG:4326.
    layers
        The town: streets and sites with their names.
    """
    return _nearest_names(places, layers, "streets"), _nearest_names(places, layers, "sites")


def _nearest_names(places: Geometries, layers: Layers, layer: str) -> list[Any]:
    rows = layers[layer]
    rows = rows[rows["name"].notna() & (rows["name"] != "")]
    if not len(rows) or not len(places):
        return [None] * len(places)
    crs = crs_of_frames(rows)
    shapes = to_metres(rows.geometry, crs).to_numpy()
    here = to_metres(gpd.GeoSeries(places, crs=rows.crs), crs).to_numpy()
    near, distance_m = shapely.STRtree(shapes).query_nearest(
        here, return_distance=True, all_matches=False
    )
    names: list[Any] = [None] * len(places)
    told = rows["name"].to_numpy()
    for at, row, away_m in zip(*near, distance_m, strict=True):
        if away_m <= _NAMED_M:
            names[at] = told[row]
    return names
