"""The places of the made-up town: stations and sites of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, count, cycle
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.sample_town import Town, village_name

Geometries = npt.NDArray[np.object_]
Places = list[tuple[Any, dict[str, str]]]

# A place at a house stands so far before its wall, on the side of the street.
BEFORE_M = 1.0
# A place along a road lies so far from its middle.
BESIDE_M = 22.0


def fronts(shapes: Geometries, streets: Geometries) -> Geometries:
    """Return a point just before each footprint, where it is nearest a street.

    Parameters
    ----------
    shapes
        (n,) footprints, metres.
    streets
        (m,) lines, metres.

    Examples
    --------
    >>> house, street = shapely.box(0, 5, 10, 12), shapely.LineString([(-9, 0), (19, 0)])
    >>> fronts(np.array([house]), np.array([street]))[0].y
    4.0
    """
    tree = shapely.STRtree(streets)
    shape, street = tree.query_nearest(shapes, all_matches=False)
    ways = shapely.shortest_line(shapes[shape], streets[street])
    return np.asarray(shapely.line_interpolate_point(ways, BEFORE_M), dtype=object)


def main_crossings(town: Town) -> pd.DataFrame:
    """Return where main roads cross: name, geometry (metres), rank (0 = two primary roads)."""
    order = {"primary": 0, "secondary": 1, "tertiary": 2}
    rows = []
    for one, two in combinations(town.ground.roads.to_dict("records"), 2):
        met = shapely.get_parts(shapely.intersection(one["geometry"], two["geometry"]))
        name = f"{one['name']}与{two['name']}路口"
        rank = order[one["highway"]] + order[two["highway"]]
        rows += [
            {"name": name, "geometry": point, "rank": rank} for point in met[~shapely.is_empty(met)]
        ]
    return pd.DataFrame(rows).sort_values("rank", kind="stable", ignore_index=True)


def stations_of(town: Town) -> pd.DataFrame:
    """Return the layer of stations, geometry in metres: the two police stations first."""
    buildings = town.buildings
    offices = buildings[(buildings["use"] == "works") & (buildings["kind"] == "office")]
    middle = shapely.centroid(shapely.union_all(offices["geometry"].to_numpy()))
    far = shapely.distance(offices["geometry"].to_numpy(), middle)
    chosen = [
        ("ST01", "沥海派出所", "police", buildings[buildings["use"] == "police"].iloc[0]),
        ("ST02", "产业园区派出所", "police", offices.iloc[int(far.argmin())]),
        ("ST03", "新城管委会", "town_hall", buildings[buildings["use"] == "government"].iloc[0]),
    ]
    streets = town.streets["geometry"].to_numpy()
    shapes = np.array([row["geometry"] for *_, row in chosen], dtype=object)
    return pd.DataFrame(
        {
            "code": [code for code, *_ in chosen],
            "name": [name for _, name, *_ in chosen],
            "kind": [kind for *_, kind, _ in chosen],
            "geometry": list(fronts(shapes, streets)),
        }
    )


def sites_of(
    town: Town, stations: pd.DataFrame, table: Mapping[str, Any], rng: np.random.Generator
) -> pd.DataFrame:
    """Return the layer of sites.

    Returns
    -------
    DataFrame
        The layer's columns, geometry in metres.
    """
    rows: list[dict[str, Any]] = []
    taken: set[int] = set()
    for about in table["sites"]:
        kept = {name: about[name] for name in ("kind", "area_class", "tier_min", "weight")}
        names = about["names"]
        wanted = about.get("count", len(names))
        places = _places(town, about["at"], wanted, stations, table, taken, rng)
        numbers = cycle(names) if "{" in names[0] else _numbered(names)
        for (shape, words), name in zip(places[:wanted], numbers, strict=False):
            rows.append({**kept, "name": name.format(**words), "geometry": shape})
    sites = pd.DataFrame(rows)
    sites["status"], sites["status_date"] = "built", None
    for about in table["not_built"]:
        last = sites.index[sites["kind"] == about["kind"]][-about["count"] :]
        sites.loc[last, "status"] = about["status"]
        sites.loc[last, "status_date"] = about["date"]
    sites["code"] = [f"P{number:04d}" for number in range(1, len(sites) + 1)]
    return sites


def _numbered(names: list[str]) -> Any:
    yield from names
    for number in count(2):
        yield f"{names[-1]}{number}"


def _places(
    town: Town,
    at: str,
    wanted: int,
    stations: pd.DataFrame,
    table: Mapping[str, Any],
    taken: set[int],
    rng: np.random.Generator,
) -> Places:
    """Return shapes and the words for their names."""
    how, _, what = at.partition(":")
    if how == "station":
        police = stations[stations["kind"] == "police"]
        return [(shape, {}) for shape in police["geometry"]]
    if how == "plot":
        plots = town.plots[town.plots["use"] == what]
        return [
            (shape, {"p": name})
            for shape, name in zip(plots["geometry"], plots["name"], strict=True)
        ]
    if how == "core":
        return _in_cores(town, wanted, table, taken, rng)
    if how == "near":
        rows = np.flatnonzero(town.buildings["kind"] == what)
        return _before(town, _fresh(rows, taken, rng, wanted))
    if how == "along":
        return _along(town, what, rng)
    if how == "entrance":
        first = town.entries.groupby("village").head(2)
        return [
            (shape, {"p": name})
            for shape, name in zip(first["geometry"], first["name"], strict=True)
        ]
    if how == "junction":
        crossings = main_crossings(town)
        return [
            (shape, {"p": name})
            for shape, name in zip(crossings["geometry"], crossings["name"], strict=True)
        ]
    return _bridges(town)


def _fresh(
    rows: npt.NDArray[np.intp], taken: set[int], rng: np.random.Generator, size: int
) -> list[int]:
    free = [row for row in rng.permutation(rows).tolist() if row not in taken][:size]
    taken.update(free)
    return free


def _before(town: Town, rows: list[int]) -> Places:
    shapes = town.buildings["geometry"].to_numpy()[rows]
    points = fronts(shapes, town.streets["geometry"].to_numpy())
    return [(point, {}) for point in points]


def _in_cores(
    town: Town,
    wanted: int,
    table: Mapping[str, Any],
    taken: set[int],
    rng: np.random.Generator,
) -> Places:
    # One in a village, so that no name is there twice.
    cores = town.cores.iloc[rng.permutation(len(town.cores))]
    cores = cores.drop_duplicates("village").iloc[:wanted]
    tree = shapely.STRtree(town.buildings["geometry"].to_numpy())
    rows: list[int] = []
    for core in cores["geometry"]:
        near = tree.query(core, predicate="dwithin", distance=90.0)
        rows += _fresh(near, taken, rng, 1)
    words = [{"v": village_name(table, letter)} for letter in cores["village"]]
    return [(point, word) for (point, _), word in zip(_before(town, rows), words, strict=True)]


def _along(town: Town, highway: str, rng: np.random.Generator) -> Places:
    """Return places beside streets of a kind, on open ground."""
    own = (town.streets["highway"] == highway) & ~town.streets["bridge"]
    lines = town.streets.loc[own, "geometry"].to_numpy()
    lines = lines[shapely.length(lines) > 120]
    rows = rng.permutation(len(lines))[:12]
    middle, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines[rows], where, normalized=True))
        for where in (0.5, 0.51)
    )
    way = ahead - middle
    normal = np.stack([way[:, 1], -way[:, 0]], axis=1) / np.hypot(*way.T)[:, None]
    points = np.asarray(shapely.points(middle + BESIDE_M * normal), dtype=object)
    taken = np.zeros(len(points), bool)
    for layer in (town.buildings, town.water):
        near, _ = shapely.STRtree(layer["geometry"].to_numpy()).query(
            points, predicate="dwithin", distance=6.0
        )
        taken[near] = True
    inside = shapely.contains(town.ground.outline, points)
    return [(point, {}) for point in points[~taken & inside]]


def _bridges(town: Town) -> Places:
    places: Places = []
    for road in town.ground.roads.to_dict("records"):
        for canal in town.ground.canals.to_dict("records"):
            met = shapely.get_parts(shapely.intersection(road["geometry"], canal["geometry"]))
            name = f"{road['name']}{canal['name'].removesuffix('河')}桥"
            places += [(point, {"p": name}) for point in met[~shapely.is_empty(met)]]
    places.sort(key=lambda place: shapely.distance(place[0], shapely.Point(0, 0)))
    return places
