"""The addresses of the made-up town: house numbers by village group, by road and by estate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis.sample_sites import fronts
from gis.sample_town import Town, village_name

NUMERALS = "零一二三四五六七八九十"


def addresses_of(
    town: Town,
    villages: pd.DataFrame,
    grids: pd.DataFrame,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the layer of addresses, geometry in metres.

    Parameters
    ----------
    town
        The built town.
    villages, grids
        Their layers, geometry in metres.
    table
        As `data/profiles/sample.toml`; `addresses.goal` of the houses get an address.
    rng
        Source of chance.
    """
    about = table["addresses"]
    streets = town.streets["geometry"].to_numpy()
    houses = town.buildings
    chosen = _chosen(houses, about["goal"], rng)
    rows = houses.iloc[chosen].reset_index(drop=True)
    points = fronts(rows["geometry"].to_numpy(), streets)
    letter = town.ground.village[rows["cell"].to_numpy()]
    shorts = {name: village_name(table, name) for name in np.unique(letter).tolist()}
    named = _named(rows, points, [shorts[one] for one in letter.tolist()], town, about)
    at, owner = shapely.STRtree(grids["geometry"].to_numpy()).query(points, predicate="within")
    kept = named.iloc[at].assign(
        geometry=list(points[at]),
        grid=grids["code"].to_numpy()[owner],
        village=grids["village"].to_numpy()[owner],
    )
    kept = kept.drop_duplicates("name", ignore_index=True)
    codes = [f"A{number:05d}" for number in range(1, len(kept) + 1)]
    return pd.DataFrame(kept.assign(code=codes))


def _chosen(houses: pd.DataFrame, goal: int, rng: np.random.Generator) -> Any:
    """Return which houses get an address: every one that is no row house, and some of these."""
    is_house = (houses["use"] == "house").to_numpy()
    others = np.flatnonzero(~is_house & (houses["use"] != "farm").to_numpy())
    rest = rng.choice(np.flatnonzero(is_house), size=goal - len(others), replace=False)
    return np.sort(np.concatenate([others, rest]))


def _named(
    rows: pd.DataFrame, points: Any, shorts: list[str], town: Town, about: Mapping[str, Any]
) -> pd.DataFrame:
    """Return name and alias of each house: by group, by road, or by place."""
    main = town.streets[town.streets["highway"].isin(about["named_by"])]
    lines = main["geometry"].to_numpy()
    near, street = shapely.STRtree(lines).query_nearest(
        points, max_distance=about["road_m"], all_matches=False
    )
    road_of = dict(zip(near.tolist(), street.tolist(), strict=True))
    whole = {
        name: shapely.line_merge(shapely.union_all(part.to_numpy()))
        for name, part in main.groupby("name")["geometry"]
    }
    used: Counter[str] = Counter()
    names, aliases = [], []
    for at, (use, place, row) in enumerate(
        zip(rows["use"], rows["place"], rows["row"], strict=True)
    ):
        if use == "house":
            group = 1 + _row_number(row) % about["groups"]
            number = _next(used, f"{shorts[at]}村{group}组")
            names.append(f"{shorts[at]}村{group}组{number}号")
            aliases.append(f"{shorts[at]}村{chinese(group)}组{number}号")
        elif at in road_of and use != "flats":
            road = str(main["name"].iloc[road_of[at]])
            along_m = shapely.line_locate_point(whole[road], points[at])
            number = 2 * int(along_m / about["number_m"]) + 2
            while _next(used, f"{road}{number}号") > 1:
                number += 2
            names.append(f"{road}{number}号")
            aliases.append(place)
        else:
            number = _next(used, place)
            names.append(f"{place}{number}幢")
            aliases.append(f"{place}{chinese(number)}号楼")
    return pd.DataFrame({"name": names, "aliases": aliases})


def _next(used: Counter[str], key: str) -> int:
    """Return how often a key was asked for, this time among them."""
    used[key] += 1
    return used[key]


def _row_number(row: str) -> int:
    """Return the number of a row of houses out of its mark, such as 3 for "民生/-3/0"."""
    return abs(int(row.split("/")[1]))


def chinese(number: int) -> str:
    """Return a number below 100 in Chinese numerals.

    Examples
    --------
    >>> chinese(7), chinese(10), chinese(12), chinese(30)
    ('七', '十', '十二', '三十')
    """
    tens, ones = divmod(number, 10)
    if tens == 0:
        return NUMERALS[ones]
    head = "十" if tens == 1 else f"{NUMERALS[tens]}十" if tens < 10 else str(number)
    return head if ones == 0 or tens >= 10 else f"{head}{NUMERALS[ones]}"
