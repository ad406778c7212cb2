"""Who is in time: places and units against their tiers, in both readings, and with delays.

By place (as Tianjin reads its circles): a place must be reached within the minutes it asks for, by
whatever unit. By unit (as Wuhan does): a unit promises minutes; a place is served by that promise
where some unit that gives it is there within it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from planner.response_crew import Crew

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def judged(
    sites: gpd.GeoDataFrame, crew: Crew, time_s: Floats, *, known: bool = True
) -> gpd.GeoDataFrame:
    """Return each place with its first unit, by how much it is late, and its rank among the late.

    Parameters
    ----------
    sites
        (n,) places: tier_min, weight.
    crew
        The units.
    time_s
        (units, n) seconds; inf where a unit cannot, or does not, come.
    known
        False where nobody can tell the times: without streets.
    """
    known = known and bool(len(crew.units))
    padded = np.vstack([time_s, np.full((2, len(sites)), np.inf)])
    first = padded.argmin(axis=0)
    first_s, second_s = np.partition(padded, 1, axis=0)[:2]
    tier_s = sites["tier_min"].to_numpy(float, na_value=np.nan) * 60
    reached = np.isfinite(first_s)
    codes: list[str | None] = [*crew.units["code"], None, None]
    late_s = np.where(known, np.maximum(first_s - tier_s, 0.0), np.nan)
    met = _flags(first_s <= tier_s, np.isnan(tier_s) | (not known))
    nobody = "no unit can get there by street" if crew.comes.any() else "no unit is on duty"
    off_streets = nobody if known else None
    table = sites.assign(
        first_unit=_texts(
            [codes[unit] if here else None for unit, here in zip(first, reached, strict=True)],
            sites,
        ),
        first_s=first_s,
        met=met,
        late_s=late_s,
        reason=_texts([None if here else off_streets for here in reached], sites),
        second_s=second_s,
        promise=_promised(crew, time_s, known),
    )
    return table.assign(rank=_rank(table))


def _rank(table: gpd.GeoDataFrame) -> pd.Series[int]:
    """Return the rank of the places not met: the latest first, then the weightiest."""
    late = table[table["met"].eq(False).fillna(False).astype(bool)]
    weight = -late["weight"].fillna(0).to_numpy(float)
    order = np.lexsort((late["tier_min"].to_numpy(float), weight, -late["late_s"].to_numpy(float)))
    rank = pd.Series(pd.NA, table.index, dtype="Int64")
    rank[late.index[order]] = np.arange(1, len(late) + 1)
    return rank


def _promised(crew: Crew, time_s: Floats, known: bool) -> pd.api.extensions.ExtensionArray:
    """Return whether some unit keeps its promise at each place; NA where none promises."""
    kept = np.asarray((time_s <= crew.promise_s[:, None]).any(axis=0))
    return _flags(kept, np.full(len(kept), not known or bool(np.isnan(crew.promise_s).all())))


def times(sites: gpd.GeoDataFrame, crew: Crew, time_s: Floats, horizon_s: float) -> pd.DataFrame:
    """Return every pair of place and unit within the horizon, soonest first within each place."""
    unit, site = np.nonzero(time_s <= min(horizon_s, np.finfo(float).max))
    found = time_s[unit, site]
    order = np.lexsort((unit, found, site))
    return pd.DataFrame(
        {
            "site": sites["code"].to_numpy()[site[order]],
            "unit": crew.units["code"].to_numpy()[unit[order]],
            "time_s": found[order],
        }
    ).astype({"site": "str", "unit": "str"})


def tiers(table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return for each tier its places, those met, and the share."""
    known = table.dropna(subset=["tier_min", "met"])
    groups = known.groupby(known["tier_min"].astype(int))["met"]
    found = pd.DataFrame({"sites": groups.size(), "met": groups.sum().astype(int)})
    return found.assign(share=found["met"] / found["sites"]).reset_index()


def promises(sites: gpd.GeoDataFrame, crew: Crew, time_s: Floats) -> pd.DataFrame:
    """Return for each promise its units that come and the places they keep it at.

    Parameters
    ----------
    sites, crew, time_s
        As `judged` takes them.
    """
    rows = []
    for promise_s in np.unique(crew.promise_s[crew.comes & ~np.isnan(crew.promise_s)]).tolist():
        mine = crew.comes & (crew.promise_s == promise_s)
        met = int((time_s[mine] <= promise_s).any(axis=0).sum())
        rows.append((int(promise_s // 60), int(mine.sum()), len(sites), met))
    table = pd.DataFrame(rows, columns=["tier_min", "units", "sites", "met"], dtype=np.int64)
    return table.assign(share=table["met"] / table["sites"].where(table["sites"] > 0))


def sensitivity(table: gpd.GeoDataFrame, delays_s: Sequence[float]) -> pd.DataFrame:
    """Return how many places are in time if every unit sets out so much later.

    Parameters
    ----------
    table
        As `judged` returns it.
    delays_s
        Seconds.
    """
    known = table.dropna(subset=["tier_min", "met"])
    tier_min = known["tier_min"].to_numpy(np.int64)
    first_s = known["first_s"].to_numpy(float)
    rows: list[tuple[float, Any, int, int]] = []
    for delay_s in delays_s:
        met = first_s + delay_s <= tier_min * 60
        rows.append((float(delay_s), pd.NA, len(met), int(met.sum())))
        parts = [(tier, tier_min == tier) for tier in np.unique(tier_min).tolist()]
        rows += [(float(delay_s), tier, int(p.sum()), int(met[p].sum())) for tier, p in parts]
    found = pd.DataFrame(rows, columns=["delay_s", "tier_min", "sites", "met"])
    found = found.astype({"delay_s": float, "tier_min": "Int64", "sites": int, "met": int})
    return found.assign(share=found["met"] / found["sites"].where(found["sites"] > 0))


def _flags(values: Bools, unknown: Bools) -> pd.api.extensions.ExtensionArray:
    flags = pd.array(values, dtype="boolean")
    flags[unknown] = pd.NA
    return flags


def _texts(values: list[str | None], like: gpd.GeoDataFrame) -> pd.Series[str]:
    return pd.Series(values, index=like.index, dtype="str")
