"""Roads over the border of the town: which of them a road checkpoint guards, and which way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis import crs as coordinates
from gis.layers import WGS84, Layers
from gis.modes import paces
from gis.profiles import load

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

COLUMNS = (
    *("code", "street", "name", "kind", "village", "lon", "lat", "weight"),
    *("checkpoints", "inward", "outward", "both", "staffed"),
)
# Ways over the border nearer to each other than this are one: two lanes, or a road and its footway.
APART_M = 40.0
# Villages of this name were filled in: nobody knows where the border of such a town is.
FILLED_IN = "assumed/"


def guarded_roads(layers: Layers, tables: Mapping[str, Any] | None = None) -> gpd.GeoDataFrame:
    """Return the roads over the town's border, and whether road checkpoints guard them.

    A checkpoint guards the roads that cross the border within 300 m of it (`border_m` of
    `data/profiles/cordon.toml`). Only streets that cars may use count, whether closed today or not.

    Parameters
    ----------
    layers
        The town: villages (without them there is no border), streets, road checkpoints.
    tables
        `planner.cordon_params.CordonParams.tables` of the town; None = those of the profile.

    Returns
    -------
    GeoDataFrame
        A row for each way out, EPSG:4326: code (of the street, "@1" behind it at its next way
        out), street, name, kind, village (the nearest), lon, lat, weight, checkpoints (their
        codes), inward, outward, both (whether traffic into the town, out of it, and both pass a
        checkpoint), staffed (whether one of them can stop traffic).
    """
    villages, streets = layers["villages"], layers["streets"]
    villages = villages[~villages["code"].str.startswith(FILLED_IN)]
    if not len(villages) or not len(streets):
        none = pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})
        return gpd.GeoDataFrame(none, geometry=gpd.GeoSeries([], crs=WGS84))
    crs = coordinates.crs_of_frames(villages)
    shapes = np.asarray(coordinates.to_metres(villages, crs).geometry.array, dtype=object)
    row, points = _crossings(streets, shapes, crs)
    places = gpd.GeoSeries(list(points), crs=crs).to_crs(WGS84)
    ways = streets.iloc[row]
    code = ways["code"].to_numpy(object)
    number = pd.Series(code).groupby(code).cumcount().to_numpy()
    tables = load("cordon") if tables is None else tables
    weight = tables["exit_weight"]
    table = {
        "code": [f"{one}@{k}" if k else str(one) for one, k in zip(code, number, strict=True)],
        "street": code,
        "name": ways["name"].where(ways["name"].notna(), ways["code"]).to_numpy(object),
        "kind": ways["highway"].to_numpy(object),
        "village": villages["code"].to_numpy(object)[shapely.STRtree(shapes).nearest(points)],
        "lon": places.x.to_numpy(),
        "lat": places.y.to_numpy(),
        "weight": [float(weight.get(kind, weight["other"])) for kind in ways["highway"]],
        **_guards(layers["road_checkpoints"], points, crs, tables["checkpoints"]),
    }
    return gpd.GeoDataFrame(pd.DataFrame(table, columns=list(COLUMNS)), geometry=places.to_numpy())


def guarded_share(roads: pd.DataFrame) -> float | None:
    """Return the share of the roads that are guarded in both directions; None without roads."""
    return float(roads["both"].mean()) if len(roads) else None


def directions_of(
    column: pd.Series[Any], table: Mapping[str, Any] | None = None
) -> tuple[Flags, Flags]:
    """Return whether texts such as "in", "出城" or "both" name the way in and the way out, (n,).

    What names neither counts as both. Words are those of [checkpoints]; None = of the profile.

    Examples
    --------
    >>> [flags.tolist() for flags in directions_of(pd.Series(["in", "出", None]))]
    [[True, False, True], [False, True, True]]
    """
    words = (load("cordon")["checkpoints"] if table is None else table)["directions"]
    text = column.astype("object").where(column.notna(), "").str.strip().str.lower()
    one_way = {way: text.isin(words[way]).to_numpy(bool) for way in ("in", "out")}
    return ~one_way["out"], ~one_way["in"]


def stops_traffic(kinds: pd.Series[Any], table: Mapping[str, Any] | None = None) -> Flags:
    """Return whether checkpoints of some kinds can stop traffic, (n,); an unknown kind can.

    Kinds are those of [checkpoints]; None = of the profile.

    Examples
    --------
    >>> stops_traffic(pd.Series(["staffed", "camera_gate", None])).tolist()
    [True, False, True]
    """
    holds = (load("cordon")["checkpoints"] if table is None else table)["holds"]
    return np.array([holds.get(kind, True) for kind in kinds], dtype=bool)


def _crossings(streets: gpd.GeoDataFrame, villages: Shapes, crs: Any) -> tuple[Ints, Shapes]:
    """Return the rows of the streets that cross the border, and where; near ones once."""
    along, against = paces(streets, "car")
    driven = np.flatnonzero(np.isfinite(along) | np.isfinite(against))
    border = shapely.boundary(shapely.union_all(shapely.buffer(villages, 0.5)))
    shapely.prepare(border)
    lines = coordinates.to_metres(streets.iloc[driven], crs).geometry.to_numpy()
    over = np.flatnonzero(shapely.intersects(border, lines))
    parts, line = shapely.get_parts(shapely.intersection(lines[over], border), return_index=True)
    points = shapely.centroid(parts)
    keep = _apart(shapely.get_coordinates(points))
    return driven[over[line[keep]]], points[keep]


def _guards(
    checkpoints: gpd.GeoDataFrame, places: Shapes, crs: Any, table: Mapping[str, Any]
) -> dict[str, Sequence[Any]]:
    """Return the columns that tell of the checkpoints near each place."""
    posts = np.asarray(coordinates.to_metres(checkpoints, crs).geometry.array, dtype=object)
    into, out = directions_of(checkpoints["directions"], table)
    staffed = stops_traffic(checkpoints["kind"], table)
    near = [np.flatnonzero(shapely.dwithin(posts, at, table["border_m"])) for at in places]
    code = checkpoints["code"].to_numpy(object)
    return {
        "checkpoints": [" ".join(map(str, code[mine])) for mine in near],
        "inward": [bool(into[mine].any()) for mine in near],
        "outward": [bool(out[mine].any()) for mine in near],
        "both": [bool(into[mine].any() and out[mine].any()) for mine in near],
        "staffed": [bool(staffed[mine].any()) for mine in near],
    }


def _apart(xy: Floats) -> Ints:
    kept: list[int] = []
    for at, place in enumerate(xy):
        if not kept or np.hypot(*(xy[kept] - place).T).min() >= APART_M:
            kept.append(at)
    return np.array(kept, dtype=np.int64)
