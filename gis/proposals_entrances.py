"""Where streets come into a village: crossings of the edge of its built-up area."""

from __future__ import annotations

import re
from collections import Counter

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from gis.crs import to_wgs84
from gis.layers import Layers
from gis.modes import paces
from gis.profiles import load
from gis.proposals_sites import Flags, Floats, as_sites, gather, importance
from gis.streets import Streets
from gis.villages_of import village_of

Geometries = npt.NDArray[np.object_]

_CHINESE = re.compile("[\u3400-\u9fff]")

# Points nearer than this are one point.
_SAME_M = 1e-3


def built_up(buildings: Geometries, *, reach_m: float, least_area_m2: float) -> BaseGeometry:
    """Return the built-up area of buildings: one polygon, several, or an empty one.

    Buildings are grown by the reach, united, and drawn in by half of it, so that gaps up to
    twice the reach close and the edge stands half the reach off the walls. Yards inside are
    filled, and areas that are too small are left out.

    Parameters
    ----------
    buildings
        (n,) polygons in metres.
    reach_m
        Half the widest gap that is closed.
    least_area_m2
        Smallest area that counts.

    Examples
    --------
    >>> rows = shapely.box([0, 50, 400], 0, [10, 60, 410], 10)
    >>> area = built_up(rows, reach_m=30, least_area_m2=2000)
    >>> [round(side) for side in area.bounds]
    [-15, -15, 75, 25]
    """
    grown = shapely.union_all(shapely.buffer(buildings, reach_m, quad_segs=4))
    parts = shapely.get_parts(shapely.buffer(grown, -reach_m / 2, quad_segs=4))
    whole = np.asarray(shapely.polygons(shapely.get_exterior_ring(parts)), dtype=object)
    return shapely.union_all(whole[shapely.area(whole) >= least_area_m2])


def entrances_of(layers: Layers, streets: Streets) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the entrances of every village, as sites, and the villages without built-up area.

    A crossing counts where one gets away from the area by the street and those it meets
    outside. Crossings near a more important one of the same village are merged into it: a
    street for vehicles comes before one for people on foot, then the kind of street decides.

    Parameters
    ----------
    layers
        The town: villages, buildings, and the streets that the network was built from.
    streets
        The network.

    Returns
    -------
    sites
        As `gis.proposals_sites.as_sites`, with village, street (code), vehicles (whether a car
        may use it) and area_class "rural" in rural villages.
    without
        Codes of the villages whose buildings make no area.
    """
    rules = load("places")["entrances"]
    villages = layers["villages"]
    area_of = _built_up_areas(layers, streets, rules)
    edges = _edges(layers, streets)
    tree = shapely.STRtree(edges["line"].to_numpy(dtype=object))
    tables, places = [], []
    for at, area in area_of.items():
        shapely.prepare(area)
        near = np.sort(tree.query(area, predicate="dwithin", distance=rules["away_m"]))
        found, xy = _crossings(edges.iloc[near], area, rules["away_m"])
        first = np.lexsort((xy[:, 1], xy[:, 0], found["order"], ~found["vehicles"]))
        kept = np.unique(gather(xy, first, rules["merge_m"]))
        village = villages.iloc[at]
        tables.append(_named(found.iloc[kept], xy[kept], village, area))
        places.append(xy[kept])
    codes = villages["code"].tolist()
    without = tuple(code for at, code in enumerate(codes) if at not in area_of)
    columns = ["name", "village", "street", "vehicles", "area_class"]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=columns, dtype=object)
    xy = np.concatenate([*places, np.zeros((0, 2))])
    return as_sites(table, xy, streets.crs, "entrance"), without


def _built_up_areas(
    layers: Layers, streets: Streets, rules: dict[str, float]
) -> dict[int, BaseGeometry]:
    """Return the built-up area of each village that has one, by its position."""
    shapes = layers["buildings"].geometry.to_crs(streets.crs)
    middles = to_wgs84(shapes.centroid)
    village = village_of(middles.x, middles.y, layers["villages"])
    areas = {}
    for at in np.unique(village[village >= 0]).tolist():
        own = shapes.to_numpy()[village == at]
        area = built_up(own, reach_m=rules["reach_m"], least_area_m2=rules["least_area_m2"])
        if not area.is_empty:
            areas[at] = area
    return areas


def _edges(layers: Layers, streets: Streets) -> pd.DataFrame:
    """Return the edges that may lead into a village: line, street, name, order, vehicles."""
    layer = layers["streets"].drop_duplicates("code").set_index("code", drop=False)
    of_edge = layer.reindex(streets.edge_street)
    along, against = paces(layer, "car")
    cars = pd.Series(np.isfinite(np.fmin(along, against)), layer.index)
    kind = of_edge["highway"].to_numpy(dtype=object)
    edges = pd.DataFrame(
        {
            "line": streets.edge_geometry,
            "street": streets.edge_street,
            "name": of_edge["name"].to_numpy(dtype=object),
            "order": importance(kind),
            "vehicles": cars.reindex(streets.edge_street).to_numpy(dtype=bool),
        }
    )
    return edges[~np.isin(kind.astype(str), load("places")["streets"]["no_entrance"])]


def _crossings(
    edges: pd.DataFrame, area: BaseGeometry, away_m: float
) -> tuple[pd.DataFrame, Floats]:
    """Return the edges that lead over the edge of an area and away, and where, (k, 2)."""
    lines = edges["line"].to_numpy(dtype=object)
    outside = lines.copy()
    outside[shapely.intersects(area, lines)] = None
    crosses = shapely.intersects(area.boundary, lines)
    outside[crosses] = shapely.difference(lines[crosses], area)
    pieces, owner = shapely.get_parts(outside, return_index=True)
    there = ~shapely.is_missing(pieces) & ~shapely.is_empty(pieces)
    pieces, owner = pieces[there], owner[there]
    ends = np.stack([shapely.get_point(pieces, 0), shapely.get_point(pieces, -1)], axis=1)
    around = area.buffer(away_m, quad_segs=4)
    shapely.prepare(around)
    leads_away = _any_joined(ends, ~shapely.covers(around, pieces))
    on_edge = shapely.distance(ends, area.boundary) < _SAME_M
    piece, end = np.nonzero(on_edge & leads_away[:, None])
    return edges.iloc[owner[piece]], shapely.get_coordinates(ends[piece, end])


def _any_joined(ends: Geometries, flags: Flags) -> Flags:
    """Return for each piece whether any of those that hang together with it has a flag, (n,)."""
    if not len(ends):
        return flags
    xy = np.rint(shapely.get_coordinates(ends) / _SAME_M).astype(np.int64)
    _, node = np.unique(xy, axis=0, return_inverse=True)
    tail, head = node.reshape(-1, 2).T
    links = coo_array((np.ones(len(tail), bool), (tail, head)), shape=(node.max() + 1,) * 2)
    group = connected_components(links, directed=False)[1][tail]
    return np.isin(group, group[flags])


def _named(found: pd.DataFrame, xy: Floats, village: pd.Series, area: BaseGeometry) -> pd.DataFrame:
    """Return the entrances of a village with their names: its own, the street's, the side."""
    words = load("places")["names"]
    centre = shapely.get_coordinates(area.centroid)[0]
    east, north = (xy - centre).T
    eighth = np.rint(np.degrees(np.arctan2(east, north)) / 45).astype(int) % 8
    home = village["name"] if pd.notna(village["name"]) else village["code"]
    for committee, place in words["committees"].items():
        home = re.sub(f"{committee}$", place, home)
    names = []
    for street, side in zip(found["name"].tolist(), eighth.tolist(), strict=True):
        own = street if isinstance(street, str) else ""
        tongue = "zh" if _CHINESE.search(f"{home}{own}") else "en"
        name = words[f"entrance_{tongue}"].format(
            village=home, street=own, side=words[f"sides_{tongue}"][side]
        )
        names.append(" ".join(name.split()))
    names = _numbered(names)
    return pd.DataFrame(
        {
            "name": names,
            "village": village["code"],
            "street": found["street"].to_numpy(dtype=object),
            "vehicles": found["vehicles"].to_numpy(dtype=bool),
            "area_class": "rural" if pd.notna(village["rural"]) and village["rural"] else None,
        }
    )


def _numbered(names: list[str]) -> list[str]:
    """Return names of which none is there twice: the second of a name gets a 2, and so on."""
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(name if seen[name] == 1 else f"{name}{_gap(name)}{seen[name]}")
    return numbered


def _gap(name: str) -> str:
    return "" if _CHINESE.search(name) else " "
