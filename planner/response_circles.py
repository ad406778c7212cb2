"""The areas within 1, 3 and 5 minutes, and the exact parts of streets behind them."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from gis import travel
from gis.layers import WGS84, Layers
from gis.streets import Streets
from planner.network import drawn, town_at
from planner.params import ResponseParams
from planner.response_beside import node_times, times_between
from planner.response_crew import Crew, crew_of
from planner.response_times import Posts, posts_of


def circles(
    crew: Crew, posts: Sequence[Posts], streets: Streets | None, params: ResponseParams
) -> gpd.GeoDataFrame:
    """Return the circles of each mode, merged over its units, turnout taken off the bands.

    Parameters
    ----------
    crew, posts
        The units, of which those that come count, and where they stand.
    streets
        The network, or None where there is none.
    params
        Numbers of response.

    Returns
    -------
    GeoDataFrame
        mode, band_s, geometry (EPSG:4326): cumulative, nested.
    """
    made: list[gpd.GeoDataFrame] = []
    if streets is not None:
        for mode, begins_s, alike in _begins(crew, posts, streets):
            left_s = {band - begins_s: band for band in params.bands_s if band > begins_s}
            if left_s:
                places, bands_s = alike.to_crs(WGS84), tuple(left_s)
                rings = travel.isochrones(streets, places, mode=mode, bands_s=bands_s, merge=True)
                made.append(rings.assign(mode=mode, band_s=rings["band_s"].map(left_s)))
    if not made:
        return gpd.GeoDataFrame({"mode": [], "band_s": []}, geometry=[], crs=WGS84)
    rings = gpd.GeoDataFrame(pd.concat(made), crs=WGS84)
    return rings.dissolve(["mode", "band_s"], as_index=False)[["mode", "band_s", "geometry"]]


def reached_streets(
    streets: Streets, layers: Layers, params: ResponseParams, band_s: float
) -> gpd.GeoDataFrame:
    """Return the parts of streets that units reach within a time, turnout included.

    Parameters
    ----------
    streets
        The network of `planner.network.build_network`.
    layers
        The town, its units with modes.
    params
        Numbers of response; `at` and `level` say who comes.
    band_s
        The time.

    Returns
    -------
    GeoDataFrame
        mode, street (code), edge, geometry (LineString, EPSG:4326). Parts of one mode do not
        overlap; those of two modes may.
    """
    now = town_at(streets, layers, params, minute=params.minute)
    crew = crew_of(layers, params)
    posts = posts_of(now, drawn(now, layers, emergency=params.emergency), crew, params)
    parts: dict[str, list[gpd.GeoDataFrame]] = {}
    for mode, begins_s, alike in _begins(crew, posts, now):
        if begins_s <= band_s:
            found = travel.reachable(now, alike, mode=mode, limit_s=band_s - begins_s)
            parts.setdefault(mode, []).append(found)
    tables = [
        _joined(now, pd.concat(found, ignore_index=True)).assign(mode=mode)
        for mode, found in parts.items()
    ]
    columns = ["mode", "street", "edge", "geometry"]
    if not tables:
        empty = {name: pd.Series(dtype=object) for name in columns[:-1]}
        return gpd.GeoDataFrame(empty, geometry=[], crs=WGS84)
    whole = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=now.crs)
    return whole.to_crs(WGS84)[columns]


def _begins(
    crew: Crew, posts: Sequence[Posts], streets: Streets
) -> list[tuple[str, float, gpd.GeoSeries]]:
    """Return where the units that come enter the streets, by mode and time: both, the places.

    A street beside a post that is reached sooner by way of another is left out.
    """
    begins: list[tuple[str, float, gpd.GeoSeries]] = []
    for mine in posts:
        coming = mine.among(crew)
        starts = coming.starts
        soonest = np.flatnonzero(np.append(True, np.diff(starts.point) != 0)[: len(starts.point)])
        nearest = starts.rows(soonest)
        node_s = node_times(streets, nearest, mine.mode)
        by_street_s = times_between(streets, nearest, node_s, starts, mine.mode)
        needed = starts.seconds < by_street_s[starts.point, np.arange(len(starts.point))]
        needed[soonest] = True
        kept = starts.later(crew.turnout_s[coming.rows]).rows(needed)
        places = kept.places(streets)
        begins += [
            (mine.mode, begins_s, places[kept.seconds == begins_s])
            for begins_s in np.unique(kept.seconds).tolist()
        ]
    return begins


def _joined(streets: Streets, parts: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return parts of edges with those that overlap made one."""
    several = parts["edge"].duplicated(keep=False).to_numpy()
    rows = [(edge, line) for edge, line in parts.loc[~several, ["edge", "geometry"]].to_numpy()]
    for _, group in parts[several].groupby("edge", sort=False):
        edge = int(group["edge"].iloc[0])
        lines = group["geometry"].tolist()
        rows += [(edge, line) for line in _union(streets.edge_geometry[edge], lines)]
    rows.sort(key=lambda row: row[0])
    edges = np.array([edge for edge, _ in rows], np.int64)
    return gpd.GeoDataFrame(
        {"edge": edges, "street": streets.edge_street[edges]},
        geometry=[line for _, line in rows],
        crs=streets.crs,
    )


def _union(whole: shapely.LineString, lines: list[shapely.LineString]) -> list[shapely.Geometry]:
    """Return pieces of one line that cover the same as some overlapping pieces of it."""
    spans = sorted(_span(whole, line) for line in lines)
    merged: list[list[float]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return [substring(whole, start, end) for start, end in merged]


def _span(whole: shapely.LineString, line: shapely.LineString) -> tuple[float, float]:
    """Return where a piece of a line begins and ends along it, in metres."""
    middle = whole.project(line.interpolate(0.5, normalized=True))
    half = line.length / 2
    return max(0.0, middle - half), min(whole.length, middle + half)
