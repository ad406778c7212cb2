"""How many households live where: from buildings, floor area, addresses, or the ground itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from gis.crs import to_metres
from gis.layers import Layers
from planner.results import Assumed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# What the households of a village were taken from; the words also stand in the answers.
BUILDINGS, FLOOR_AREA, ADDRESSES, AREA, UNKNOWN = BASES = (
    "buildings",
    "floor_area",
    "addresses",
    "area",
    "unknown",
)


@dataclass(frozen=True, eq=False)
class Households:
    """Where the households of each village live.

    Parameters
    ----------
    places
        (n,) points, EPSG:4326; households of one building are at one place.
    count
        (n,) households there.
    village
        (n,) position of the village.
    total
        (villages,) households; 0 where nothing tells.
    basis
        (villages,) word of `BASES`; with "area" the total has no places.
    assumed
        What was taken for granted.
    """

    places: npt.NDArray[np.object_] = field(repr=False)
    count: Ints = field(repr=False)
    village: Ints = field(repr=False)
    total: Ints
    basis: tuple[str, ...]
    assumed: tuple[Assumed, ...] = ()

    def summary(self) -> str:
        """Return one line: households, and how many villages they were taken from what in."""
        from_what = ", ".join(
            f"{self.basis.count(basis)} by {basis}" for basis in BASES if basis in self.basis
        )
        return f"{self.total.sum()} households in {len(self.basis)} villages: {from_what}"


def apportion(total: int, weight: Floats) -> Ints:
    """Return whole shares of a total in proportion to weights, (n,), that add up to it.

    Largest remainders (Hamilton's method); of equal ones the first gets more.

    Parameters
    ----------
    total
        What is shared out, 0 or more.
    weight
        (n,) 0 or more, their sum above 0.

    Examples
    --------
    >>> apportion(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    """
    exact = total * weight / weight.sum()
    shares = np.floor(exact).astype(np.int64)
    order = np.argsort(shares - exact, kind="stable")
    shares[order[: total - int(shares.sum())]] += 1
    return np.asarray(shares, np.int64)


def find_households(
    layers: Layers, villages: gpd.GeoDataFrame, crs: CRS, table: Mapping[str, Any]
) -> Households:
    """Return where the households of each village live, and what that was taken from.

    In each village the first of these that it has: the households of its buildings; the
    village's households spread over the floor area of residential buildings, over addresses, or
    over its area. Where the village does not say how many it has, residential floor area or
    addresses tell that too. Where only some buildings say and the village has more households
    than they do, the rest is spread over the residential buildings that do not say.

    Parameters
    ----------
    layers
        The town: buildings, addresses.
    villages
        Layer villages, EPSG:4326.
    crs
        The town's metric CRS.
    table
        `households` of `data/profiles/grids.toml`.
    """
    buildings = layers["buildings"]
    homes = shapely.point_on_surface(buildings.geometry.to_numpy())
    doors = layers["addresses"].geometry.to_numpy()
    home_village, door_village = _village_of(homes, villages), _village_of(doors, villages)
    floor_m2, guessed = _floor_area(buildings, crs, table)
    told = buildings["households"].fillna(-1).to_numpy(np.int64)
    stated = villages["households"].fillna(-1).to_numpy(np.int64)

    in_homes, at_doors = np.zeros(len(homes), np.int64), np.zeros(len(doors), np.int64)
    total, basis = np.zeros(len(villages), np.int64), []
    for v in range(len(villages)):
        mine, my_doors = home_village == v, door_village == v
        kind, in_homes[mine], at_doors[my_doors], total[v] = _in_village(
            told[mine], floor_m2[mine], int(my_doors.sum()), int(stated[v]), table
        )
        basis.append(kind)

    places = np.concatenate([homes, doors])
    count = np.concatenate([in_homes, at_doors])
    village = np.concatenate([home_village, door_village])
    kept = (count > 0) & (village >= 0)
    spread = (told < 0) & (in_homes > 0)
    assumed = _assumed(spread, guessed, at_doors, np.array(basis), stated < 0, table)
    return Households(places[kept], count[kept], village[kept], total, tuple(basis), assumed)


def _in_village(
    told: Ints, floor_m2: Floats, doors: int, stated: int, table: Mapping[str, Any]
) -> tuple[str, Ints, Ints, int]:
    """Return the basis, households of each building and address of one village, and their sum.

    `told` and `stated` are -1 where the building or the village does not say.
    """
    homes, at_doors = np.maximum(told, 0), np.zeros(doors, np.int64)
    could = (told < 0) & (floor_m2 > 0)
    known = int(homes.sum())
    if known:
        if stated > known and could.any():
            homes[could] = apportion(stated - known, floor_m2[could])
        return BUILDINGS, homes, at_doors, int(homes.sum())
    if could.any():
        by_floor = round(float(floor_m2[could].sum()) / table["floor_area_m2"])
        total = stated if stated >= 0 else by_floor
        homes[could] = apportion(total, floor_m2[could])
        return FLOOR_AREA, homes, at_doors, total
    if doors:
        total = stated if stated >= 0 else doors
        return ADDRESSES, homes, apportion(total, np.ones(doors)), total
    return (AREA if stated >= 0 else UNKNOWN), homes, at_doors, max(stated, 0)


def _assumed(
    spread: Flags,
    guessed: Flags,
    at_doors: Ints,
    basis: npt.NDArray[np.str_],
    silent: Flags,
    table: Mapping[str, Any],
) -> tuple[Assumed, ...]:
    """Return what was taken for granted; `silent` villages do not say how many they have."""
    by_rate = f"one for each {table['floor_area_m2']:.0f} m2 of residential floor area"
    made = [
        ("villages", "households", by_rate, silent & (basis == FLOOR_AREA)),
        ("villages", "households", "one for each address", silent & (basis == ADDRESSES)),
        ("villages", "households", "spread over the area", basis == AREA),
        ("buildings", "households", "by residential floor area", spread),
        ("buildings", "height_m", f"{table['floors']} floors", spread & guessed),
        ("addresses", "households", "as many at each", at_doors > 0),
    ]
    return tuple(
        Assumed(layer, column, value, int(rows.sum()))
        for layer, column, value, rows in made
        if rows.any()
    )


def _village_of(points: npt.NDArray[np.object_], villages: gpd.GeoDataFrame) -> Ints:
    """Return the position of the village that each point lies in, (n,), or -1."""
    tree = shapely.STRtree(villages.geometry.to_numpy())
    point, village = tree.query(points, predicate="intersects")
    found = np.full(len(points), len(villages), np.int64)
    np.minimum.at(found, point, village)
    return np.where(found == len(villages), -1, found)


def _floor_area(
    buildings: gpd.GeoDataFrame, crs: CRS, table: Mapping[str, Any]
) -> tuple[Floats, Flags]:
    """Return the residential floor area of each building in m2, and where its height is guessed."""
    area_m2 = to_metres(buildings, crs).area.to_numpy()
    kind, height_m = buildings["kind"], buildings["height_m"].to_numpy(float)
    lived_in = (kind.isna() | kind.isin(table["residential"])).to_numpy()
    floors = np.maximum(1.0, np.round(height_m / table["floor_m"]))
    guessed = np.isnan(height_m)
    floors = np.where(guessed, table["floors"], floors)
    return np.where(lived_in & (area_m2 >= table["min_area_m2"]), area_m2 * floors, 0.0), guessed
