"""Coverage: cells and places scored, rates side by side, gaps found."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis import crs as coordinates
from gis import hexes
from gis.hexes_fill import fill_polygons
from gis.layers import WGS84, Layers
from planner.gaps import find_gaps
from planner.ground import (
    Floats,
    Ground,
    Seen,
    camera_assumptions,
    camera_views,
    cell_shares,
    is_in,
    measure_ground,
    see,
    sums,
    working,
)
from planner.params import CoverageParams
from planner.results import UNKNOWN, Interval, Missing
from planner.results_coverage import STEPS, VARIANTS, Coverage


def cover(layers: Layers, params: CoverageParams) -> Coverage:
    """Return what the cameras see of a town, place by place, and the gaps.

    Parameters
    ----------
    layers
        The town with its villages; `planner.assume.complete` provides what is unknown.
    params
        Numbers of coverage.

    Returns
    -------
    Coverage
        Figures that lack a layer are None, and `missing` names the layer.
    """
    ground = measure_ground(layers, _resolution(layers, params))
    views = camera_views(layers)
    seen = see(ground, views, known=layers.has("cameras"))
    shares, cameras = cell_shares(ground, seen)
    streets = _street_samples(layers, ground, params)
    villages = _villages(layers, ground, shares)
    areas = _areas(layers["areas"], ground, seen)
    sites = _sites(layers, ground, seen, params)
    totals = {
        "cameras": camera_counts(layers),
        "cells": len(ground.cells),
        "open_ground_m2": float(ground.open_m2.sum()),
        "area_rate": _mean(shares, ground.open_m2),
        "street_rate": _mean(seen.at(streets["child"].to_numpy()), streets["length_m"].to_numpy()),
        "site_rate": _site_rates(layers, sites, params),
        "village_rate": _village_rate(layers, params),
        "entrance_rate": _level_rate(sites[sites["kind"] == "entrance"]),
        "junction_rate": _level_rate(sites[sites["kind"] == "junction"]),
    }
    codes = layers["villages"]["code"].to_numpy()
    cells = pd.DataFrame(
        {
            "village": pd.Categorical(codes[ground.village], codes),
            "open_m2": ground.open_m2,
            "low": shares[0],
            "value": shares[1],
            "high": shares[2],
            "cameras": cameras,
        },
        index=pd.Index(ground.cells, name="cell"),
    )
    gaps = find_gaps(layers, ground, shares, views, streets, params)
    villages = villages.assign(**dict.fromkeys(VARIANTS, np.nan), cameras=0)
    return Coverage(
        ground.resolution,
        None,
        params.picture_class,
        totals,
        cells.assign(px_per_m=0.0, **dict.fromkeys(VARIANTS, np.nan)),
        villages,
        areas.assign(**dict.fromkeys(VARIANTS, np.nan), cameras=0),
        sites.assign(village=None, arms=None, px_per_m=0.0, **dict.fromkeys(STEPS)),
        pd.DataFrame(columns=["street", "name", "length_m", "value", "low", "high"]),
        pd.DataFrame(columns=["code", "name", "state"]),
        gaps.assign(ground="open", incidents=None, street_m=0.0),
        views[["camera", "certain", "geometry"]].assign(repair=False),
        _missing(layers),
        camera_assumptions(layers),
    )


def camera_counts(layers: Layers) -> dict[str, int | None]:
    """Return how many cameras there are by state; all None where the layer is unknown.

    Parameters
    ----------
    layers
        The town.
    """
    cameras = layers["cameras"]
    states = {
        "in_use": cameras["status"].isna() | (cameras["status"] == "in_use"),
        "repair": cameras["status"] == "repair",
        "removed": cameras["status"] == "removed",
        "indoor": cameras["indoor"].fillna(False),
        "mobile": cameras["mobile"].fillna(False),
        "no_azimuth": cameras["azimuth_deg"].isna() & ~(cameras["fov_deg"] >= 360),
    }
    if "cameras" not in layers.frames:
        return dict.fromkeys(["total", *states])
    return {"total": len(cameras), **{name: int(state.sum()) for name, state in states.items()}}


def _resolution(layers: Layers, params: CoverageParams) -> int:
    """Return the finest resolution, from the wanted one down, that keeps within `max_cells`."""
    villages = layers["villages"].geometry
    metres = coordinates.to_metres(villages, coordinates.crs_of_frames(layers["villages"]))
    area_m2 = float(metres.area.sum())
    middle = shapely.centroid(shapely.union_all(villages.to_numpy()))
    for resolution in range(params.resolution, 0, -1):
        cell = hexes.cell_of_points(np.array([middle.x]), np.array([middle.y]), resolution)
        if area_m2 / hexes.areas_m2(cell)[0] <= params.max_cells:
            return resolution
    return 0


def _street_samples(layers: Layers, ground: Ground, params: CoverageParams) -> pd.DataFrame:
    """Return points along the streets: cell, child, name, length_m each stands for."""
    streets = layers["streets"]
    inside = pd.DataFrame({"cell": np.zeros(0, np.uint64), "child": np.zeros(0, np.uint64)})
    if not len(streets):
        return inside.assign(name=pd.Series(dtype="str"), length_m=pd.Series(dtype=float))
    parts = coordinates.to_metres(streets, coordinates.crs_of_frames(streets)).geometry.explode()
    row = streets.index.get_indexer(parts.index)
    lines = parts.to_numpy()
    length_m = shapely.length(lines)
    steps = np.maximum(1, np.round(length_m / params.street_sample_m)).astype(int)
    line = np.repeat(np.arange(len(lines)), steps)
    first = np.repeat(np.cumsum(steps) - steps, steps)
    share = (np.arange(len(line)) - first + 0.5) / steps[line]
    points = shapely.line_interpolate_point(lines[line], share, normalized=True)
    lonlat = gpd.GeoSeries(points, crs=parts.crs).to_crs(WGS84)
    child = hexes.cell_of_points(lonlat.x.to_numpy(), lonlat.y.to_numpy(), ground.resolution + 1)
    samples = pd.DataFrame(
        {
            "cell": hexes.parents(child, ground.resolution),
            "child": child,
            "name": streets["name"].to_numpy()[row[line]],
            "length_m": (length_m / steps)[line],
        }
    )
    return samples[is_in(samples["cell"].to_numpy(), ground.cells)]


def _mean(shares: Floats, weight: Floats) -> Interval:
    """Return the weighted mean of low, value and high (3, n), leaving cells without ground out."""
    known = ~np.isnan(shares[1])
    total = float(weight[known].sum())
    if not total:
        return UNKNOWN
    low, value, high = (float((part[known] * weight[known]).sum() / total) for part in shares)
    return Interval(value, low, high)


def _villages(layers: Layers, ground: Ground, shares: Floats) -> gpd.GeoDataFrame:
    villages = layers["villages"]
    n = len(villages)
    known = ~np.isnan(shares[1])
    tellable_m2 = sums(ground.village[known], ground.open_m2[known], n)
    low, value, high = (
        _divided(sums(ground.village[known], (part * ground.open_m2)[known], n), tellable_m2)
        for part in shares
    )
    open_m2 = sums(ground.village, ground.open_m2, n)
    return villages[["code", "name", "kind", "rural", "station", "geometry"]].assign(
        open_ground_m2=open_m2, value=value, low=low, high=high
    )


def _areas(areas: gpd.GeoDataFrame, ground: Ground, seen: Seen) -> gpd.GeoDataFrame:
    areas = areas[areas["kind"] != "water"]  # no ground to watch
    ground_m2, shares = _ground_of(areas.geometry, ground, seen)
    low, value, high = shares
    return areas[["code", "name", "kind", "geometry"]].assign(
        open_ground_m2=ground_m2, value=value, low=low, high=high
    )


def _sites(layers: Layers, ground: Ground, seen: Seen, params: CoverageParams) -> gpd.GeoDataFrame:
    sites = layers["sites"]
    columns = ["code", "name", "kind", "area_class", "geometry"]
    if not len(sites):
        return sites[columns].assign(
            level=pd.Series(dtype="str"), value=np.nan, low=np.nan, high=np.nan
        )
    crs = coordinates.crs_of_frames(sites)
    fronts = coordinates.to_metres(sites, crs).geometry.buffer(params.site_margin_m, quad_segs=4)
    _, (low, value, high) = _ground_of(fronts.to_crs(WGS84), ground, seen)
    level = np.select(
        [np.isnan(value), low >= params.site_seen_share, high >= params.site_seen_share],
        ["cannot_tell", "seen", "perhaps"],
        "unseen",
    )
    return sites[columns].assign(level=level, value=value, low=low, high=high)


def _ground_of(places: gpd.GeoSeries, ground: Ground, seen: Seen) -> tuple[Floats, Floats]:
    """Return the open ground inside each polygon (n,) and its seen shares (3, n), by child."""
    n = len(places)
    children, position = fill_polygons(places.to_numpy(), ground.resolution + 1)
    open_ground = ~is_in(children, ground.closed)
    children, position = children[open_ground], position[open_ground]
    count = np.bincount(position, minlength=n).astype(float)
    parts = np.stack([sums(position, part, n) for part in seen.at(children)])
    return sums(position, hexes.near_areas_m2(children), n), _divided(parts, count)


def _divided(part: Floats, whole: Floats) -> Floats:
    shares: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return shares


def _site_rates(
    layers: Layers, sites: gpd.GeoDataFrame, params: CoverageParams
) -> dict[str, Interval]:
    """Return the share of sites on each step of the ladder, from a record to a real view."""
    if not len(sites) or not layers.has("cameras"):
        return dict.fromkeys(("attached", "near", "in_view"), UNKNOWN)
    cameras = working(layers["cameras"])
    attached = sites["code"].isin(cameras["site_code"].dropna()).to_numpy()
    crs = coordinates.crs_of_frames(sites)
    near = np.zeros(len(sites), bool)
    if len(cameras):
        places = coordinates.to_metres(sites, crs).geometry.to_numpy()
        tree = shapely.STRtree(coordinates.to_metres(cameras, crs).geometry.to_numpy())
        hits = tree.query(places, predicate="dwithin", distance=params.near_camera_m)
        near[hits[0]] = True
    return {
        "attached": _exact(attached),
        "near": _exact(near),
        "in_view": _level_rate(sites),
    }


def _level_rate(sites: gpd.GeoDataFrame) -> Interval:
    """Return the share of sites that are seen; a site nobody can tell of counts as unseen."""
    if not len(sites):
        return UNKNOWN
    low = float((sites["level"] == "seen").mean())
    high = low + float((sites["level"] == "perhaps").mean())
    # What is seen for certain counts whole; the rest by what is to be expected.
    value = float(np.mean(np.where(sites["level"] == "seen", 1.0, sites["value"].fillna(0))))
    return Interval(min(max(value, low), high), low, high)


def _village_rate(layers: Layers, params: CoverageParams) -> Interval:
    if not layers.has("cameras"):
        return UNKNOWN
    cameras = working(layers["cameras"])
    tree = shapely.STRtree(cameras.geometry.to_numpy())
    village, _ = tree.query(layers["villages"].geometry.to_numpy(), predicate="intersects")
    count = np.bincount(village, minlength=len(layers["villages"]))
    return _exact(count >= params.cameras_per_village)


def _exact(holds: npt.NDArray[np.bool_]) -> Interval:
    share = float(np.mean(holds))
    return Interval(share, share, share)


def _missing(layers: Layers) -> tuple[Missing, ...]:
    """Return the figures that cannot be had, each with the layers it lacks."""
    needs: dict[str, tuple[str, ...]] = {
        "area_rate": ("cameras",),
        "village_rate": ("cameras",),
        "street_rate": ("cameras", "streets"),
        "site_rate": ("cameras", "sites"),
        "areas": ("areas",),
        "views_past_buildings": ("buildings",),
    }
    lacking = {figure: layers.missing(*needed) for figure, needed in needs.items()}
    missing = [Missing(figure, tuple(names)) for figure, names in lacking.items() if names]
    kinds = set(layers["sites"]["kind"])
    return tuple(missing) + tuple(
        Missing(f"{kind}_rate", (f"sites of kind {kind}",))
        for kind in ("entrance", "junction")
        if kind not in kinds
    )
