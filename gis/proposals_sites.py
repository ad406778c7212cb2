"""What proposed entrances and junctions share: merging, names of places, the layer they make."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from scipy.spatial import cKDTree

from gis import hexes
from gis.crs import to_wgs84
from gis.layers import Layers, conform, empty_layer
from gis.profiles import load

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

# A cell is 8 m across: two proposals of one run never share one, and small edits keep the code.
CODE_RESOLUTION = 13


def gather(xy: Floats, order: npt.ArrayLike, within_m: float) -> Ints:
    """Return the point that each point is merged into, (n,), itself for those that stay.

    The first point in order takes every free point near it, then the next free one, and so on.
    No group is wider than twice the distance, however long a chain its points form.

    Parameters
    ----------
    xy
        (n, 2) or (n, 3) metres.
    order
        (n,) positions of the points, the most important first.
    within_m
        Farthest distance to the point that stays.

    Examples
    --------
    >>> chain = np.array([[0.0, 0.0], [20.0, 0.0], [40.0, 0.0], [60.0, 0.0]])
    >>> gather(chain, [1, 0, 2, 3], 30.0).tolist()
    [1, 1, 1, 3]
    """
    leader = np.full(len(xy), -1, np.int64)
    tree = cKDTree(xy) if len(xy) else None
    for point in np.asarray(order, np.int64).tolist():
        if leader[point] < 0 and tree is not None:
            near = np.array(tree.query_ball_point(xy[point], within_m), np.int64)
            leader[near[leader[near] < 0]] = point
    return leader


def importance(kinds: Texts) -> Ints:
    """Return the place of each kind of street in the order of `data/profiles/places.toml`, (n,).

    Examples
    --------
    >>> importance(np.array(["trunk", "footway", None], object)).tolist()
    [1, 19, 8]
    """
    order = {kind: place for place, kind in enumerate(load("places")["streets"]["order"])}
    return np.array([order.get(kind, order["other"]) for kind in kinds], np.int64)


def is_known(proposed: gpd.GeoDataFrame, layers: Layers, crs: CRS) -> Flags:
    """Return for each proposal whether a site of its kind is near it already, (n,).

    Parameters
    ----------
    proposed
        Proposals, EPSG:4326.
    layers
        The town; how near: `data/profiles/places.toml`.
    crs
        Its metric CRS.
    """
    sites = layers["sites"].to_crs(crs)
    kinds = sites["kind"].to_numpy(dtype=object)
    near_m = load("places")["proposals"]["known_m"]
    points = proposed.geometry.to_crs(crs).to_numpy()
    site, point = shapely.STRtree(points).query(
        sites.geometry.to_numpy(), predicate="dwithin", distance=near_m
    )
    same = kinds[site] == proposed["kind"].to_numpy(dtype=object)[point]
    return np.isin(np.arange(len(points)), point[same])


def as_sites(table: pd.DataFrame, xy: Floats, crs: CRS, kind: str) -> gpd.GeoDataFrame:
    """Return proposals as rows of the layer sites, to be confirmed by hand.

    Parameters
    ----------
    table
        One row for each: name, village (code or None), and further columns to keep.
    xy
        (n, 2) in the CRS.
    crs
        The town's metric CRS.
    kind
        "entrance" or "junction"; begins the code too.

    Returns
    -------
    GeoDataFrame
        Conformed, EPSG:4326; `proposed` is True in every row. The code is made of the kind, the
        village and the H3 cell, so that it is the same from run to run.
    """
    if not len(table):
        further = {"proposed": pd.Series(dtype=bool)}
        further |= {name: pd.Series(dtype=table[name].dtype) for name in table.columns}
        return conform(empty_layer("sites").assign(**further), "sites")
    points = to_wgs84(gpd.GeoSeries.from_xy(xy[:, 0], xy[:, 1], crs=crs))
    cells = hexes.cell_of_points(points.x.to_numpy(), points.y.to_numpy(), CODE_RESOLUTION)
    villages = [village or "town" for village in table["village"]]
    codes = [
        f"{kind}-{village}-{cell}"
        for village, cell in zip(villages, hexes.to_text(cells).tolist(), strict=True)
    ]
    frame = table.reset_index(drop=True).assign(
        code=codes, kind=kind, proposed=True, geometry=points.array
    )
    return conform(frame.sort_values("code", ignore_index=True), "sites")
