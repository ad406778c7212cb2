"""Gaps of camera coverage: unseen cells joined into places, explained and ranked."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gis import crs as coordinates
from gis import hexes
from gis.layers import WGS84, Layers
from planner.ground import Floats, Ground, Ints, is_in, sums
from planner.params import CoverageParams

COLUMNS = [
    *("id", "rank", "weight", "area_m2", "cells", "lon", "lat", "village", "near", "sites"),
    *("reason", "nearest_camera", "distance_m"),
]


def find_gaps(
    layers: Layers,
    ground: Ground,
    shares: Floats,
    views: gpd.GeoDataFrame,
    streets: pd.DataFrame,
    params: CoverageParams,
) -> gpd.GeoDataFrame:
    """Return the gaps, heaviest first.

    Cells seen less than `gap_share` are joined where they touch, within one village and one H3
    cell of `gap_parent`, so that each gap is one place; cells that a camera of unknown direction
    may see make gaps of their own.

    Parameters
    ----------
    layers
        The town.
    ground
        Its cells.
    shares
        (3, n) low, value, high of each cell.
    views
        As `planner.ground.camera_views` returns them.
    streets
        Street samples: cell (H3 id at the ground's resolution), name, length_m.
    params
        Numbers of coverage.

    Returns
    -------
    GeoDataFrame
        Columns as `planner.results.Coverage.gaps`, index 0..n-1 in order of rank, EPSG:4326.
    """
    _, value, high = shares
    unseen = (ground.open_children > 0) & (value < params.gap_share)
    cells = ground.cells[unseen]
    if not len(cells):
        return gpd.GeoDataFrame({c: [] for c in COLUMNS}, geometry=[], crs=WGS84)
    doubtful = high[unseen] >= params.gap_share
    group = _groups(cells, doubtful, ground.village[unseen], params.gap_parent)
    count = int(group.max()) + 1
    gaps = pd.DataFrame(
        {
            "area_m2": sums(group, ground.open_m2[unseen], count),
            "cells": np.bincount(group, minlength=count),
        }
    )
    first = np.unique(group, return_index=True)[1]
    gaps["id"] = hexes.to_text(cells[first])
    gaps["village"] = layers["villages"]["code"].to_numpy()[ground.village[unseen][first]]
    gaps["doubtful"] = doubtful[first]
    gaps = gaps.assign(**_middles(cells, group, count))
    gaps = gaps.assign(**_what_stands_there(layers, cells, group, gaps, ground, streets, params))
    gaps = gaps.sort_values(["weight", "id"], ascending=[False, True], ignore_index=True)
    gaps["rank"] = np.arange(1, count + 1)
    gaps = gaps.assign(**_reasons(layers, views, gaps))
    return _outlined(gaps, cells, group, params.gap_outlines)


def _groups(
    cells: npt.NDArray[np.uint64], doubtful: npt.NDArray[np.bool_], village: Ints, parent: int
) -> Ints:
    """Return the gap of each cell, numbered by its smallest cell, so that ids stay between runs."""
    place = hexes.parents(cells, parent)
    keys = np.unique(
        np.stack([place.astype(np.int64), village, doubtful]), axis=1, return_inverse=True
    )
    label = hexes.connected(cells, keys[1].ravel())
    _, first, group = np.unique(label, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return order[group]


def _middles(cells: npt.NDArray[np.uint64], group: Ints, count: int) -> dict[str, Floats]:
    """Return for each gap the centre of its cell nearest the mean: a point inside it."""
    lon, lat = hexes.centres(cells)
    size = np.bincount(group, minlength=count)
    mean_lon = sums(group, lon, count) / size
    mean_lat = sums(group, lat, count) / size
    squeeze = np.cos(np.radians(lat))
    off = ((lon - mean_lon[group]) * squeeze) ** 2 + (lat - mean_lat[group]) ** 2
    order = np.lexsort((off, group))
    nearest = order[np.searchsorted(group[order], np.arange(count))]
    return {"lon": lon[nearest], "lat": lat[nearest]}


def _what_stands_there(
    layers: Layers,
    cells: npt.NDArray[np.uint64],
    group: Ints,
    gaps: pd.DataFrame,
    ground: Ground,
    streets: pd.DataFrame,
    params: CoverageParams,
) -> dict[str, Any]:
    """Return weight, sites and near of each gap."""
    count = len(gaps)
    points = shapely.point_on_surface(layers["sites"].geometry.to_numpy())
    at = hexes.cell_of_points(shapely.get_x(points), shapely.get_y(points), ground.resolution)
    stands = is_in(at, cells)
    site_gap = group[np.searchsorted(cells, at[stands])]
    sites = layers["sites"][stands]
    site_weight = sites["area_class"].map(params.class_weight).fillna(0).to_numpy(float)

    walked = is_in(streets["cell"].to_numpy(), cells)
    streets = streets[walked]
    street_gap = group[np.searchsorted(cells, streets["cell"].to_numpy())]
    street_m = sums(street_gap, streets["length_m"].to_numpy(float), count)

    weight = sums(site_gap, site_weight, count) + params.street_per_100_m * street_m / 100
    weight += params.ground_per_ha * gaps["area_m2"].to_numpy() / 1e4
    named = pd.concat(
        [
            pd.DataFrame(
                {"gap": site_gap, "name": sites["name"].to_numpy(), "by": 1e6 + site_weight}
            ),
            pd.DataFrame({"gap": street_gap, "name": streets["name"].to_numpy(), "by": 0.0}),
        ]
    ).dropna(subset=["name"])
    near = named.sort_values("by", kind="stable").groupby("gap")["name"].last()
    return {
        "weight": np.where(gaps["doubtful"], params.doubt_factor, 1.0) * weight,
        "sites": np.bincount(site_gap, minlength=count),
        "near": near.reindex(np.arange(count)).astype("str").to_numpy(),
    }


def _reasons(layers: Layers, views: gpd.GeoDataFrame, gaps: pd.DataFrame) -> dict[str, Any]:
    """Return reason, nearest_camera and distance_m, judged at the middle of each gap.

    A gap is `direction_unknown` where a camera may see it, `nothing_in_reach` where no camera's
    range gets there, `in_repair` where only one in repair would, `looks_elsewhere` where those in
    range point away, and `hidden` where one points at it but something stands between.
    """
    cameras = layers["cameras"]
    if not len(cameras):
        blank = pd.array([None] * len(gaps), dtype="str")
        return {"reason": "no_cameras", "nearest_camera": blank, "distance_m": np.nan}
    middles = gpd.GeoSeries(gpd.points_from_xy(gaps["lon"], gaps["lat"]), crs=WGS84)
    crs = coordinates.crs_of_frames(gpd.GeoDataFrame(geometry=middles))
    middle_xy = shapely.get_coordinates(coordinates.to_metres(middles, crs).to_numpy())
    place = coordinates.to_metres(cameras, crs).geometry.to_numpy()
    tree = cKDTree(shapely.get_coordinates(place))
    distance_m, nearest = tree.query(middle_xy)

    by_camera = views.set_index("camera")[["range_m", "fov_deg", "azimuth_deg"]]
    lens = by_camera.reindex(cameras["code"])
    in_repair = (cameras["status"] == "repair").to_numpy()
    range_m = lens["range_m"].fillna(float(by_camera["range_m"].median()) if len(views) else 0.0)
    reach_m = np.where(in_repair | lens["fov_deg"].notna().to_numpy(), range_m, 0.0)
    gap, camera, bearing_deg, off_m = _pairs(tree, middle_xy, float(reach_m.max(initial=0)))
    near = off_m <= reach_m[camera]
    half_deg = lens["fov_deg"].to_numpy()[camera] / 2
    turn_deg = np.abs((bearing_deg - lens["azimuth_deg"].to_numpy()[camera] + 180) % 360 - 180)
    repair = near & in_repair[camera]
    working_near = near & ~in_repair[camera]
    faces = working_near & (np.isnan(turn_deg) | (turn_deg <= half_deg))

    def some(which: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        return np.bincount(gap[which], minlength=len(gaps)) > 0

    reason = np.select(
        [gaps["doubtful"], some(faces), some(working_near), some(repair)],
        ["direction_unknown", "hidden", "looks_elsewhere", "in_repair"],
        "nothing_in_reach",
    )
    code = cameras["code"].to_numpy()[nearest]
    return {"reason": reason, "nearest_camera": code, "distance_m": distance_m}


def _pairs(tree: cKDTree, points: Floats, reach_m: float) -> tuple[Ints, Ints, Floats, Floats]:
    """Return every (point, camera) pair within reach, with its bearing and distance."""
    found = cKDTree(points).sparse_distance_matrix(tree, reach_m, output_type="ndarray")
    point, camera = found["i"], found["j"]
    step = points[point] - np.asarray(tree.data)[camera]
    bearing_deg = np.degrees(np.arctan2(step[:, 0], step[:, 1])) % 360
    return point, camera, bearing_deg, found["v"]


def _outlined(
    gaps: pd.DataFrame, cells: npt.NDArray[np.uint64], group: Ints, limit: int
) -> gpd.GeoDataFrame:
    """Return the gaps with the outline of the first ones."""
    ids = hexes.to_text(cells[np.unique(group, return_index=True)[1]])
    number = pd.Series(np.arange(len(ids)), index=ids)
    order = np.argsort(group, kind="stable")
    start = np.searchsorted(group[order], np.arange(len(ids) + 1))
    outlines: list[Any] = [None] * len(gaps)
    for rank, which in enumerate(number[gaps["id"].iloc[:limit]]):
        outlines[rank] = hexes.outline(cells[order[start[which] : start[which + 1]]])
    return gpd.GeoDataFrame(gaps[COLUMNS], geometry=gpd.GeoSeries(outlines, crs=WGS84), crs=WGS84)
