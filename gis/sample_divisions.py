"""The villages and grids of the made-up town: cells put together, with their households."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.sample_town import Town

Ints = npt.NDArray[np.int64]

# Grids are numbered along rows of this depth, from the north.
ROW_M = 700.0
# Uses whose cells make special grids: the industrial park and the wetland.
SPECIAL = ("i", "p")


def villages_of(town: Town, table: Mapping[str, Any]) -> pd.DataFrame:
    """Return the layer of villages, in the order of their codes.

    Returns
    -------
    DataFrame
        The layer's columns, geometry in metres, and `letter`, its mark on the plan.
    """
    ground = town.ground
    per_cell = _by_cell(town)
    rows = []
    second = {letter for beat in table["beats"]["second_station"] for letter in beat}
    for letter, about in table["villages"].items():
        own = ground.village == letter
        households = int(per_cell[own].sum())
        mean = about.get("per_household", table["buildings"]["residents_per_household"])
        community = about["name"].endswith("居委会")
        rows.append(
            {
                "code": about["code"],
                "name": about["name"],
                "kind": "community" if community else "village",
                "rural": about.get("rural", not community),
                "station": "ST02" if letter in second else "ST01",
                "population": about.get("population", round(households * mean)),
                "households": households,
                "letter": letter,
                "geometry": shapely.coverage_union_all(ground.cells[own]),
            }
        )
    return pd.DataFrame(rows).sort_values("code", ignore_index=True)


def grids_of(town: Town, villages: pd.DataFrame, table: Mapping[str, Any]) -> pd.DataFrame:
    """Return the layer of grids: neighbouring units of one village put together.

    Returns
    -------
    DataFrame
        The layer's columns, geometry in metres.
    """
    ground = town.ground
    group = _grouped(town, int(table["grids"]["goal"]))
    per_unit = _by_unit(town)
    village_of_unit = ground.village[ground.cell_of_unit]
    code_of = dict(zip(villages["letter"], villages["code"], strict=True))
    rows: list[dict[str, Any]] = []
    for letter, village in code_of.items():
        mine = []
        for own in np.unique(group[village_of_unit == letter]).tolist():
            units = np.flatnonzero(group == own)
            shape = shapely.coverage_union_all(ground.units[units])
            middle = shapely.centroid(shape)
            uses = ground.use[ground.cell_of_unit[units]]
            mine.append(
                {
                    "village": village,
                    "kind": "special" if np.isin(uses, SPECIAL).all() else "basic",
                    "households": int(per_unit[units].sum()),
                    "geometry": shape,
                    "place": (-round(middle.y / ROW_M), middle.x),
                }
            )
        mine.sort(key=lambda row: row["place"])
        short = villages.loc[villages["code"] == village, "name"].iloc[0]
        for number, row in enumerate(mine, start=1):
            row["code"] = f"{village}{number:03d}"
            row["name"] = f"{short[:-3]}第{number}网格"
        rows += mine
    return pd.DataFrame(rows).drop(columns="place")


def _by_cell(town: Town) -> Ints:
    return np.bincount(town.ground.cell_of_unit, _by_unit(town), len(town.ground.cells)).astype(
        np.int64
    )


def _by_unit(town: Town) -> Ints:
    unit = town.buildings["unit"].to_numpy()
    households = town.buildings["households"].to_numpy()
    return np.bincount(unit, households, len(town.ground.units)).astype(np.int64)


def _grouped(town: Town, goal: int) -> Ints:
    """Return the group of each unit: two neighbours that are poor together join, until few."""
    ground = town.ground
    units, cell = ground.units, ground.cell_of_unit
    village, special = ground.village[cell], np.isin(ground.use[cell], SPECIAL)
    group = np.arange(len(units))
    weight = _by_unit(town) + 1e-4 * shapely.area(units)
    a, b = shapely.STRtree(units).query(units, predicate="touches")
    border_m = shapely.length(shapely.intersection(units[a], units[b]))
    joins = (border_m > 1) & (village[a] == village[b]) & (special[a] == special[b])
    a, b = a[joins], b[joins]
    while len(np.unique(group)) > goal:
        total = np.bincount(group, weight, len(group))
        near_a, near_b = group[a], group[b]
        apart = near_a != near_b
        pairs = np.stack([near_a[apart], near_b[apart]])
        if not pairs.size:
            break
        cost = total[pairs[0]] + total[pairs[1]]
        best = np.lexsort((pairs[1], pairs[0], cost))[0]
        group[group == pairs[1, best]] = pairs[0, best]
    return group
