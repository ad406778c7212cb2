"""The cameras of the made-up town: where they hang and which way they look."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.sample_sites import main_crossings
from gis.sample_streets import end_nodes
from gis.sample_town import Town

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]
Rows = list[dict[str, Any]]

# A pole stands so far from the middle of a lane, of a road, and of a main crossing.
LANE_SIDE_M, ROAD_SIDE_M, CORNER_M = 2.6, 9.0, 21.0
# A pole watches an entrance from so far inside the village.
INWARD_M = 18.0
# Poles along the edge of a large place stand so far apart.
FENCE_M = 55.0
# A camera on a wall hangs so far before it.
WALL_M = 0.6
# How likely a wall of a large place has one, next to a pole on its edge.
WALL_SHARE = 0.12
# An entrance that is to have no camera has none this near.
ENTRANCE_CLEAR_M = 90.0


def camera_places(
    town: Town,
    villages: pd.DataFrame,
    sites: pd.DataFrame,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return where the cameras hang, by group.

    Parameters
    ----------
    town
        The built town.
    villages, sites
        Their layers, geometry in metres.
    table
        As `data/profiles/sample.toml`.
    rng
        Source of chance.

    Returns
    -------
    DataFrame
        geometry (metres), azimuth_deg (from the plan's north up, clockwise), group, name,
        site_code, letter (of the village).
    """
    about = table["cameras"]
    found = {
        "junction": _at_crossings(town),
        "site": _at_sites(town, sites),
        "entrance": _at_entrances(sites, town),
        "estate": _in_estates(town, sites),
        "road": _along_roads(town),
        "indoor": _indoors(town),
        "works": _at_works(town),
        # The lanes get those that the others leave.
        "lane": _in_lanes(town),
    }
    parts: list[pd.DataFrame] = []
    for group, rows in found.items():
        places = pd.DataFrame(rows).assign(group=group)
        places = places[_free(places, town) if group != "indoor" else np.ones(len(places), bool)]
        places = _lettered(places, villages)
        places = places[_wanted(places, sites, table, rng)]
        left = about["goal"] - sum(len(part) for part in parts)
        parts.append(_picked(places, about["groups"][group].get("count", left), rng))
    return pd.concat(parts, ignore_index=True)


def _row(xy: Floats, azimuth_deg: float, name: str, **more: Any) -> dict[str, Any]:
    return {
        "geometry": shapely.Point(xy),
        "azimuth_deg": azimuth_deg % 360,
        "name": name,
        "weight": 1.0,
        "site_code": None,
        **more,
    }


def _azimuth_deg(way: Floats) -> float:
    return float(np.degrees(np.arctan2(way[0], way[1])))


def _at_crossings(town: Town) -> Rows:
    """Return four poles at each main crossing, each looking across it."""
    rows = []
    for crossing in main_crossings(town).to_dict("records"):
        middle = shapely.get_coordinates(crossing["geometry"])[0]
        turn = float(town.ground.plan.turn_at(0.0, 0.0))
        for arm in range(4):
            corner = np.radians(turn + 45 + 90 * arm)
            xy = middle + CORNER_M * np.array([np.cos(corner), np.sin(corner)])
            # Across the crossing, a little towards one arm.
            azimuth_deg = 90 - np.degrees(corner) + 180 + 14
            far = float(np.hypot(*middle))
            weight = 40.0 / (1 + crossing["rank"]) / (1 + far / 3000)
            rows.append(_row(xy, azimuth_deg, crossing["name"], weight=weight))
    return rows


def _at_sites(town: Town, sites: pd.DataFrame) -> Rows:
    """Return cameras along the edges of key places and on their walls, or on poles around them."""
    rows = []
    key = sites[sites["area_class"].isin(["key_public", "key_industry"])]
    key = key[~key["kind"].isin(["junction", "bridge", "factory"])]
    houses = town.buildings["geometry"].to_numpy()
    tree = shapely.STRtree(houses)
    for site in key.to_dict("records"):
        near = tree.query(site["geometry"], predicate="dwithin", distance=3.0)
        weight = float(site["weight"])
        code, name = site["code"], site["name"]
        if site["geometry"].geom_type == "Polygon":
            rows += _along_edge(site["geometry"], name, weight=weight, site_code=code)
            weight *= WALL_SHARE
        for house in near.tolist():
            rows += [
                _row(xy, azimuth_deg, name, weight=weight, site_code=code)
                for xy, azimuth_deg in _on_walls(houses[house])
            ]
        if not len(near):
            middle = shapely.get_coordinates(shapely.point_on_surface(site["geometry"]))[0]
            for turn in range(0, 360, 120):
                way = np.array([np.sin(np.radians(turn)), np.cos(np.radians(turn))])
                xy = middle + 9 * way
                rows.append(_row(xy, turn + 180.0, name, weight=weight, site_code=code))
    return rows


def _along_edge(plot: Any, name: str, **more: Any) -> Rows:
    """Return poles on the edge of a plot, each looking along it to the next."""
    edge = shapely.orient_polygons(plot).exterior
    steps = np.arange(6.0, shapely.length(edge), FENCE_M)
    points, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(edge, steps + further))
        for further in (0.0, 2.0)
    )
    return [
        _row(xy, _azimuth_deg(way), name, **more)
        for xy, way in zip(points, ahead - points, strict=True)
    ]


def _on_walls(house: Any) -> list[tuple[Floats, float]]:
    """Return a place before the middle of each long wall, and which way the wall looks."""
    ring = shapely.get_coordinates(shapely.orient_polygons(house).exterior)
    places = []
    for a, b in pairwise(ring):
        way = b - a
        length = float(np.hypot(*way))
        if length > 10:
            # The ring runs clockwise round no solid: its right side is outside.
            out = np.array([way[1], -way[0]]) / length
            places.append(((a + b) / 2 + WALL_M * out, _azimuth_deg(out)))
    return places


def _at_entrances(sites: pd.DataFrame, town: Town) -> Rows:
    """Return two cameras at each way into a village: one looks in, one at the main road."""
    rows = []
    entries = sites[sites["kind"] == "entrance"]
    lines = town.streets.loc[town.streets["highway"].isin(["residential", "service"]), "geometry"]
    own = lines.to_numpy()
    tree = shapely.STRtree(own)
    for site in entries.to_dict("records"):
        line = own[tree.nearest(site["geometry"])]
        at = float(shapely.line_locate_point(line, site["geometry"]))
        length = float(shapely.length(line))
        inward = min(at + INWARD_M, length) if at < length / 2 else max(at - INWARD_M, 0)
        here, there = (
            shapely.get_coordinates(shapely.line_interpolate_point(line, where))[0]
            for where in (at, inward)
        )
        way = there - here
        if not way.any():
            continue
        side = np.array([way[1], -way[0]]) / np.hypot(*way)
        pole = there + ROAD_SIDE_M / 2 * side
        rows += [
            _row(pole, _azimuth_deg(way) + turn, site["name"], site_code=site["code"])
            for turn in (0.0, 180.0)
        ]
    return rows


def _in_lanes(town: Town) -> Rows:
    """Return a pole where lanes of old villages meet, looking along one of them."""
    rows = []
    own = town.streets["highway"].isin(["living_street", "residential", "service", "footway"])
    lines = town.streets.loc[own, "geometry"].to_numpy()
    tail, head, places = end_nodes(lines)
    degree = np.bincount(np.concatenate([tail, head]), minlength=len(places))
    cores = np.array(town.cores["geometry"].tolist(), dtype=object)
    near, core = shapely.STRtree(cores).query(
        shapely.points(places), predicate="dwithin", distance=270.0
    )
    core_of = dict(zip(near.tolist(), core.tolist(), strict=True))
    used: dict[int, int] = {}
    for line, node in enumerate(tail.tolist()):
        if degree[node] < 3 or node not in core_of or used.get(node, 0) >= 2:
            continue
        used[node] = used.get(node, 0) + 1
        path = shapely.get_coordinates(lines[line])
        way = path[1] - path[0]
        side = np.array([way[1], -way[0]]) / np.hypot(*way)
        name = f"{town.cores['name'].iloc[core_of[node]]}巷口"
        rows.append(_row(places[node] + LANE_SIDE_M * side, _azimuth_deg(way), name))
    return rows


def _in_estates(town: Town, sites: pd.DataFrame) -> Rows:
    """Return cameras at the gates of estates, and on the corners of their houses."""
    rows = []
    estates = sites[(sites["kind"] == "estate") & (sites["status"] == "built")]
    shapes = estates["geometry"].to_numpy()
    gates = shapely.STRtree(town.gates["geometry"].to_numpy())
    flats = town.buildings.loc[town.buildings["use"] == "flats", "geometry"].to_numpy()
    blocks = shapely.STRtree(flats)
    for shape, name, code in zip(shapes, estates["name"], estates["code"], strict=True):
        for gate in gates.query(shape, predicate="dwithin", distance=4.0).tolist():
            at = shapely.get_coordinates(town.gates["geometry"].iloc[gate])[0]
            middle = shapely.get_coordinates(shapely.centroid(shape))[0]
            way = (middle - at) / np.hypot(*(middle - at))
            side = np.array([way[1], -way[0]])
            rows.append(
                _row(at + 5 * side, _azimuth_deg(-way), f"{name}大门", weight=9.0, site_code=code)
            )
        for block in blocks.query(shape, predicate="contains").tolist():
            xy, azimuth_deg = _on_walls(flats[block])[0]
            rows.append(_row(xy, azimuth_deg, name, site_code=code))
    return rows


def _along_roads(town: Town) -> Rows:
    """Return poles beside the main roads, more of them near the centre."""
    rows = []
    for road in town.ground.roads.to_dict("records"):
        steps = np.arange(130.0, shapely.length(road["geometry"]) - 20, 170.0)
        points = shapely.get_coordinates(shapely.line_interpolate_point(road["geometry"], steps))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(road["geometry"], steps + 1))
        for xy, way in zip(points, ahead - points, strict=True):
            side = np.array([way[1], -way[0]]) / np.hypot(*way)
            off_m = ROAD_SIDE_M + (12.0 if road["dual"] is True else 0.0)
            weight = float(np.exp(-np.hypot(*xy) / 1800))
            name = f"{road['name']}路段"
            rows.append(_row(xy + off_m * side, _azimuth_deg(way), name, weight=weight))
    return rows


def _indoors(town: Town) -> Rows:
    """Return cameras inside public buildings."""
    rows: Rows = []
    inside = town.buildings[
        town.buildings["use"].isin(["mall", "hospital", "bus_station", "market"])
    ]
    for shape, name in zip(inside["geometry"], inside["place"], strict=True):
        west, south, east, north = shape.bounds
        x, y = np.meshgrid(np.linspace(west, east, 6)[1:-1], np.linspace(south, north, 6)[1:-1])
        spots = np.stack([x.ravel(), y.ravel()], axis=1)
        within = spots[shapely.contains_xy(shape, *spots.T)]
        rows += [_row(xy, 0.0, f"{name}室内") for xy in within]
    return rows


def _at_works(town: Town) -> Rows:
    rows = []
    works = town.buildings[town.buildings["kind"] == "office"]
    for shape, name in zip(works["geometry"], works["place"], strict=True):
        xy, azimuth_deg = _on_walls(shape)[0]
        rows.append(_row(xy, azimuth_deg, f"{name}门口"))
    return rows


def _free(places: pd.DataFrame, town: Town) -> npt.NDArray[np.bool_]:
    """Return which places lie in no building and in no water."""
    points = places["geometry"].to_numpy()
    free = np.ones(len(points), bool)
    for layer in (town.buildings, town.water):
        hit, _ = shapely.STRtree(layer["geometry"].to_numpy()).query(points, predicate="intersects")
        free[hit] = False
    return free


def _lettered(places: pd.DataFrame, villages: pd.DataFrame) -> pd.DataFrame:
    letter = np.full(len(places), "", dtype=object)
    at, owner = shapely.STRtree(villages["geometry"].to_numpy()).query(
        places["geometry"].to_numpy(), predicate="within"
    )
    letter[at] = villages["letter"].to_numpy()[owner]
    return places.assign(letter=letter).iloc[np.flatnonzero(letter != "")]


def _wanted(
    places: pd.DataFrame, sites: pd.DataFrame, table: Mapping[str, Any], rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Return which places are not left out on purpose."""
    failing = table["failing"]
    few = places["letter"].isin(failing["cameras_few"]).to_numpy()
    chance = rng.random(len(places)) < table["cameras"]["thin_share"]
    wanted = ~few | chance
    blind = places["letter"].isin(failing["entrance_unseen"]).to_numpy()
    entrances = sites.loc[sites["kind"] == "entrance", "geometry"].to_numpy()
    near, _ = shapely.STRtree(entrances).query(
        places["geometry"].to_numpy(), predicate="dwithin", distance=ENTRANCE_CLEAR_M
    )
    by_entrance = np.zeros(len(places), bool)
    by_entrance[near] = True
    return np.asarray(wanted & ~(blind & by_entrance))


def _picked(places: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return so many of the places, heavy ones more likely."""
    if len(places) <= count:
        return places
    weight = places["weight"].to_numpy(float)
    chosen = rng.choice(len(places), size=count, replace=False, p=weight / weight.sum())
    return places.iloc[np.sort(chosen)]
