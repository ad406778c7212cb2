"""The ground that places lie on: town, its fringe, or countryside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from gis.crs import crs_of_frames
from gis.errors import ParameterError
from gis.layers import WGS84, Layers
from gis.profiles import load
from gis.streets import Streets

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]

GROUNDS = ("town", "fringe", "countryside")
# A fringe wider than this is no fringe.
MOST_FRINGE_M = 20_000


def grounds_of(
    layers: Layers, lonlat: npt.ArrayLike, table: Mapping[str, Any] | None = None
) -> Objects:
    """Return the ground of each place, (n,): "town", "fringe" or "countryside".

    Villages that are not rural and key areas are built up. Rural ground is the rest where some
    village is rural, and the rural areas; it is fringe up to so many metres from what is built up
    and countryside beyond. All else is town.

    Parameters
    ----------
    layers
        The town: villages (`rural`, else `kind`) and areas.
    lonlat
        (n, 2) degrees, EPSG:4326; a place that is unknown (NaN) is taken as town.
    table
        Numbers like [grounds] of `data/profiles/response.toml`, the default.

    Examples
    --------
    >>> halves = gpd.GeoDataFrame(
    ...     {"code": ["w", "e"], "rural": [False, True]},
    ...     geometry=[shapely.box(120.0, 30, 120.01, 30.01), shapely.box(120.01, 30, 120.1, 30.01)],
    ...     crs=WGS84,
    ... )
    >>> from gis.layers import conform
    >>> town = Layers("T", {"villages": conform(halves, "villages")})
    >>> grounds_of(town, [[120.005, 30.005], [120.012, 30.005], [120.05, 30.005]]).tolist()
    ['town', 'fringe', 'countryside']
    """
    table = load("response")["grounds"] if table is None else table
    places = np.asarray(lonlat, np.float64).reshape(-1, 2)
    grounds = np.full(len(places), "town", dtype=object)
    known = np.flatnonzero(np.isfinite(places).all(axis=1))
    shapes = _shapes(layers, table)
    if len(known) and (len(shapes["rural_villages"]) or len(shapes["rural_areas"])):
        crs = crs_of_frames(layers["villages"], layers["areas"])
        points = gpd.GeoSeries(shapely.points(places[known]), crs=WGS84).to_crs(crs)
        grounds[known] = _judged(points, shapes, float(table["fringe_m"]))
    return grounds


def check_grounds(table: Any) -> None:
    """Raise unless a table is like [grounds] of `data/profiles/response.toml`.

    Raises
    ------
    ParameterError
        All that is wrong with it.
    """
    kinds = {"rural_villages": "village", "built_up_areas": "area", "rural_areas": "area"}
    table = table if isinstance(table, Mapping) else {}
    faults = [f"grounds knows no {name}" for name in table if name not in (*kinds, "fringe_m")]
    fringe_m = table.get("fringe_m")
    if isinstance(fringe_m, bool) or not isinstance(fringe_m, int | float):
        faults.append(f"grounds.fringe_m must be a number, not {fringe_m!r}")
    elif not 0 <= fringe_m <= MOST_FRINGE_M:
        faults.append(f"grounds.fringe_m must be from 0 to {MOST_FRINGE_M}, not {fringe_m}")
    for name, words in kinds.items():
        known, given = load("kinds")[words], table.get(name)
        if not isinstance(given, list) or not set(map(str, given)) <= set(known):
            faults.append(f"grounds.{name} must be some of {', '.join(known)}, not {given!r}")
    if faults:
        raise ParameterError("; ".join(faults))


def grounds_of_edges(
    streets: Streets, layers: Layers, table: Mapping[str, Any] | None = None
) -> Objects:
    """Return the ground of each edge of a network, (m,): that of its middle.

    Parameters
    ----------
    streets
        The network.
    layers
        The town.
    table
        As for `grounds_of`.
    """
    middles = shapely.line_interpolate_point(streets.edge_geometry, 0.5, normalized=True)
    lonlat = gpd.GeoSeries(middles, crs=streets.crs).to_crs(WGS84)
    return grounds_of(layers, shapely.get_coordinates(lonlat.to_numpy()), table)


def _judged(points: gpd.GeoSeries, shapes: Mapping[str, Objects], fringe_m: float) -> Objects:
    """Return the ground of points in metres, (n,)."""
    rural = _within(points, shapes["rural_areas"])
    if len(shapes["rural_villages"]):
        rural |= ~_within(points, shapes["other_villages"])
    rural &= ~_within(points, shapes["key_areas"])
    built_up = np.concatenate([shapes["other_villages"], shapes["key_areas"]])
    near = _within(points, built_up, fringe_m)
    return np.where(rural, np.where(near, "fringe", "countryside"), "town").astype(object)


def _shapes(layers: Layers, table: Mapping[str, Any]) -> dict[str, Objects]:
    """Return the shapes that tell the ground, EPSG:4326."""
    villages, areas = layers["villages"], layers["areas"]
    rural = villages["rural"].fillna(villages["kind"].isin(table["rural_villages"])).to_numpy(bool)
    chosen = {
        "rural_villages": villages[rural],
        "other_villages": villages[~rural],
        "rural_areas": areas[areas["kind"].isin(table["rural_areas"])],
        "key_areas": areas[areas["kind"].isin(table["built_up_areas"])],
    }
    return {name: _known(rows) for name, rows in chosen.items()}


def _known(rows: gpd.GeoDataFrame) -> Objects:
    return np.asarray(rows.geometry.dropna().array, dtype=object)


def _within(points: gpd.GeoSeries, shapes: Objects, distance_m: float = 0.0) -> Bools:
    """Return which points lie within a distance of some shape, EPSG:4326, (n,)."""
    found = np.zeros(len(points), bool)
    if len(shapes):
        assert points.crs is not None
        metric = gpd.GeoSeries(shapes, crs=WGS84).to_crs(points.crs).to_numpy()
        tree = shapely.STRtree(points.to_numpy())
        found[tree.query(metric, predicate="dwithin", distance=distance_m)[1]] = True
    return found
