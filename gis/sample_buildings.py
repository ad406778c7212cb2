"""The houses of the made-up town: those that fit, how high, and how many households."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.sample_drawn import Rows
from gis.sample_ground import Ground

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def fit_buildings(
    drawn: Rows,
    streets: pd.DataFrame,
    water: Any,
    ground: Ground,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the buildings that stand clear of streets, water and one another.

    Parameters
    ----------
    drawn
        geometry, kind, use, storeys, row, place. Of two that are too near, the one that is no
        row house stays, else the earlier one.
    streets
        geometry, highway.
    water
        Where nothing stands.
    ground
        The cells.
    table
        As `data/profiles/sample.toml`; its `buildings.goal` is kept to by leaving out houses.
    rng
        Source of chance.

    Returns
    -------
    DataFrame
        geometry (metres), code, name, kind, height_m, households, use, storeys, place, unit, cell.
    """
    rules = table["buildings"]
    rows = pd.DataFrame(drawn)
    rows = rows[_dry(rows["geometry"].to_numpy(), streets, water, table)]
    order = np.argsort((rows["use"] == "house").to_numpy(), kind="stable")
    rows = rows.iloc[order].reset_index(drop=True)
    rows = rows[_apart(rows, rules["apart_m"])].reset_index(drop=True)
    unit = _units_of(rows["geometry"].to_numpy(), ground)
    rows = rows.assign(unit=unit, cell=ground.cell_of_unit[unit])[unit >= 0]
    rows = rows.reset_index(drop=True)
    rows = _thinned(rows, rules["goal"], rng)
    households = _households(rows, rules, rng)
    height = rows["storeys"] * rules["storey_m"] + rng.uniform(0.2, 1.2, len(rows))
    unknown = rng.random(len(rows)) < rules["unknown_height_share"]
    return rows.assign(
        code=[f"B{number:05d}" for number in range(1, len(rows) + 1)],
        name=rows["place"].where(rows["use"] != "house", None),
        height_m=height.round(1).where(~(unknown & (rows["use"] == "house")), np.nan),
        households=households,
    )


def _dry(
    shapes: npt.NDArray[np.object_],
    streets: pd.DataFrame,
    water: Any,
    table: Mapping[str, Any],
) -> Flags:
    """Return which shapes keep clear of the streets and of water."""
    half_m = streets["highway"].map(table["streets"]["width_m"]).to_numpy(float) / 2
    clear_m = half_m + table["buildings"]["kerb_m"]
    lines = streets["geometry"].to_numpy()
    # By classes of width, so that each query has one distance.
    wrong = np.zeros(len(shapes), bool)
    for width in np.unique(clear_m):
        tree = shapely.STRtree(lines[clear_m == width])
        near, _ = tree.query(shapes, predicate="dwithin", distance=float(width))
        wrong[near] = True
    parts = shapely.get_parts(shapely.segmentize(water, 1e6))
    wet, _ = shapely.STRtree(parts).query(shapes, predicate="dwithin", distance=1.0)
    wrong[wet] = True
    return ~wrong


def _apart(rows: pd.DataFrame, apart_m: float) -> Flags:
    """Return which buildings stay, none too near an earlier one that stays."""
    shapes = rows["geometry"].to_numpy()
    row = rows["row"].to_numpy(dtype=object)
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=apart_m)
    mine = (a > b) & ~((row[a] == row[b]) & pd.notna(row[a]))
    a, b = a[mine], b[mine]
    order = np.argsort(a, kind="stable")
    stays = np.ones(len(rows), bool)
    for later, earlier in zip(a[order].tolist(), b[order].tolist(), strict=True):
        if stays[earlier]:
            stays[later] = False
    return stays


def _units_of(shapes: npt.NDArray[np.object_], ground: Ground) -> Ints:
    """Return the unit that each shape lies in, -1 where it lies in none alone."""
    unit = np.full(len(shapes), -1, np.int64)
    inside, owner = shapely.STRtree(ground.units).query(shapes, predicate="covered_by")
    unit[inside] = owner
    return unit


def _thinned(rows: pd.DataFrame, goal: int, rng: np.random.Generator) -> pd.DataFrame:
    spare = len(rows) - goal
    if spare <= 0:
        return rows
    houses = np.flatnonzero(rows["use"] == "house")
    gone = rng.choice(houses, size=min(spare, len(houses)), replace=False)
    return rows.drop(index=rows.index[gone]).reset_index(drop=True)


def _households(
    rows: pd.DataFrame, rules: Mapping[str, Any], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    area_m2 = shapely.area(rows["geometry"].to_numpy())
    floors = rows["storeys"].to_numpy(float)
    flats = np.floor(area_m2 * floors / rules["flat_m2"])
    house = rng.choice([0, 1, 2], p=rules["house_households"], size=len(rows))
    use = rows["use"].to_numpy(dtype=object)
    households = np.select([use == "flats", use == "house"], [flats, house], 0)
    return np.asarray(households, np.int64)
