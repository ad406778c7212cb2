"""Grids out of faces: their shapes, the order of their codes, their names."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gis.crs import to_metres, to_wgs84
from gis.layers import WGS84
from gis.villages_of import village_of
from planner.ground import Floats, Ints


def draw_grids(
    shapes: npt.NDArray[np.object_], region: Ints, households: Ints, crs: CRS
) -> gpd.GeoDataFrame:
    """Return the grids of one village in the order of their codes.

    Parameters
    ----------
    shapes
        (f,) faces of the village, EPSG:4326, with the same vertices on both sides of a border.
    region
        (f,) grid of each, 0..k-1.
    households
        (k,) of each grid.
    crs
        The town's metric CRS.

    Returns
    -------
    GeoDataFrame
        households (Int64), compactness, pieces, geometry in EPSG:4326, with the vertices of the
        faces.
    """
    merged = [_one(shapes[region == r]) for r in range(len(households))]
    frame = gpd.GeoDataFrame(geometry=merged, crs=WGS84)
    metric = to_metres(frame.geometry, crs)
    area_m2, around_m = metric.area, metric.length
    frame["households"] = households
    frame["households"] = frame["households"].astype("Int64")
    frame["compactness"] = 4 * np.pi * area_m2 / around_m**2
    frame["pieces"] = shapely.get_num_geometries(frame.geometry.to_numpy())
    middle = shapely.get_coordinates(metric.centroid.to_numpy())
    order = reading_order(middle[:, 0], middle[:, 1], float(np.sqrt(area_m2.mean())))
    return frame.iloc[order].reset_index(drop=True)


def reading_order(x: Floats, y: Floats, height: float) -> Ints:
    """Return the order of places in rows from north to south, in each from west to east, (n,).

    A row is what lies within half a height of the northernmost place that is in no row yet.

    Parameters
    ----------
    x, y
        (n,) metres east and north.
    height
        Of a row, metres.

    Examples
    --------
    >>> reading_order(np.array([5.0, 0, 0]), np.array([9.0, 8.5, 0]), 2.0).tolist()
    [1, 0, 2]
    """
    row = np.full(len(x), -1)
    while (row < 0).any():
        left = row < 0
        row[left & (y >= y[left].max() - height / 2)] = row.max() + 1
    return np.lexsort((x, row)).astype(np.int64)


def named(grids: gpd.GeoDataFrame, village: str, place: str) -> gpd.GeoDataFrame:
    """Return a village's grids with code, village, name and kind.

    Parameters
    ----------
    grids
        In the order of their codes.
    village
        Code of the village.
    place
        Its name, for theirs.
    """
    numbers = range(1, len(grids) + 1)
    return grids.assign(
        code=[f"{village}{k:03d}" for k in numbers],
        village=village,
        name=[f"{place}第{k}网格" for k in numbers],
        kind="basic",
    )


def readdressed(addresses: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return addresses with the grid that each lies in.

    Parameters
    ----------
    addresses
        Layer addresses. It is not changed.
    grids
        Layer grids.

    Returns
    -------
    GeoDataFrame
        Same index and columns. An address in no grid keeps what it has.

    Examples
    --------
    >>> grids = gpd.GeoDataFrame({"code": ["g1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=WGS84)
    >>> points = gpd.GeoSeries.from_xy([0.5, 2], [0.5, 0.5], crs=WGS84)
    >>> addresses = gpd.GeoDataFrame({"grid": ["old", "old"]}, geometry=points)
    >>> readdressed(addresses, grids)["grid"].tolist()
    ['g1', 'old']
    """
    points = to_wgs84(addresses.geometry)
    at = village_of(shapely.get_x(points.to_numpy()), shapely.get_y(points.to_numpy()), grids)
    codes = pd.Series([*grids["code"], None], dtype=object).iloc[at].to_numpy()
    found = pd.Series(codes, addresses.index).where(at >= 0, addresses["grid"])
    return addresses.assign(grid=found.astype(addresses["grid"].dtype))


def plain_name(name: str, endings: Sequence[dict[str, str]]) -> str:
    """Return the name of a village without its committee.

    Parameters
    ----------
    name
        Name of the village, such as "民生村委会".
    endings
        `names` of `data/profiles/grids.toml`.

    Examples
    --------
    >>> from gis.profiles import load
    >>> plain_name("民生村委会", load("grids")["names"])
    '民生村'
    """
    for rule in endings:
        if name.endswith(rule["ending"]):
            return name.removesuffix(rule["ending"]) + rule["becomes"]
    return name


def _one(shapes: npt.NDArray[np.object_]) -> shapely.Geometry:
    """Return faces as one polygon, or as several where they are apart."""
    parts = shapely.get_parts(shapely.coverage_union_all(shapes))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts.tolist())
