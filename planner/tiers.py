"""Tiers of the sites, and what a level of duty makes of them and of the units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.layers import Layers
from gis.profiles import load
from planner.grounds import grounds_of
from planner.results import Assumed
from planner.tiers_tables import level_rules
from planner.week import on_duty

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

EVERYDAY = 3


def default_tiers(layers: Layers, table: Mapping[str, Any] | None = None) -> pd.Series[int]:
    """Return the minutes within which each site must be reached if it states none, (sites,).

    The ground comes first: on the fringe and in the countryside their own tables hold. Inside a
    table the kind comes before the class; what neither names has no tier.

    Parameters
    ----------
    layers
        The town; a site without a class counts as "other".
    table
        A table like [tiers_min] of `data/profiles/response.toml`, the default; its part
        "grounds", if any, is one like [grounds].

    Returns
    -------
    Series
        Int64, index of the sites.
    """
    table = load("response")["tiers_min"] if table is None else table
    sites = layers["sites"]
    ground = site_grounds(layers, table.get("grounds"))
    classes = sites["area_class"].fillna("other")
    tiers = pd.Series(pd.NA, index=sites.index, dtype="Int64")
    for name in dict.fromkeys(ground.tolist()):
        part = {**table, **table.get("by_ground", {}).get(name, {})}
        here = sites["kind"].map(part["by_kind"]).fillna(classes.map(part["by_area_class"]))
        tiers = tiers.mask(ground == name, here.astype("Int64"))
    return tiers


def site_grounds(layers: Layers, table: Mapping[str, Any] | None = None) -> npt.NDArray[np.object_]:
    """Return the ground that each site's middle lies on, (sites,), by a table of grounds."""
    middle = shapely.centroid(np.asarray(layers["sites"].geometry.array, dtype=object))
    return grounds_of(
        layers, np.column_stack([shapely.get_x(middle), shapely.get_y(middle)]), table
    )


def tiers_at(
    layers: Layers, level: int = EVERYDAY, levels: Mapping[str, Any] | None = None
) -> Floats:
    """Return the tier of each site at a level of duty, (sites,) minutes, NaN where it has none.

    Parameters
    ----------
    layers
        The town; `tier_min` as it stands is the tier of every day.
    level
        3 (every day), 2 or 1 (highest).
    levels
        A table like `data/profiles/duty_levels.toml`, the default.

    Raises
    ------
    ParameterError
        If there is no such level.
    """
    rules = level_rules(level, levels)
    sites = layers["sites"]
    tiers = sites["tier_min"].to_numpy(float, na_value=np.nan)
    shorter = {float(old): float(new) for old, new in rules["shorten"].items()}
    new = pd.Series(tiers).map(shorter).to_numpy(float)
    classes = rules["classes"]
    bound = _any(classes, sites["area_class"]) & ~np.isnan(new)
    return np.where(bound, np.fmin(new, tiers), tiers)


def level_assumed(
    layers: Layers, level: int = EVERYDAY, levels: Mapping[str, Any] | None = None
) -> tuple[Assumed, ...]:
    """Return which tiers a level of duty shortens, as something taken for granted.

    Parameters and errors are those of `tiers_at`.
    """
    changed = tiers_at(layers, level, levels) < tiers_at(layers, EVERYDAY, levels)
    told = f"shortened at duty level {level}"
    rows = int(changed.sum())
    return (Assumed("sites", "tier_min", told, rows),) if rows else ()


def units_at(
    layers: Layers, level: int = EVERYDAY, levels: Mapping[str, Any] | None = None
) -> Bools:
    """Return which units count at a level of duty, (units,); hours of duty aside.

    Parameters and errors are those of `tiers_at`.
    """
    return _any(level_rules(level, levels)["units"], layers["units"]["kind"])


def units_on(
    layers: Layers,
    level: int = EVERYDAY,
    minute: int | None = None,
    levels: Mapping[str, Any] | None = None,
) -> Bools:
    """Return which units count and are on duty at a minute of the week, (units,).

    Kinds that a level recalls are on duty at any hour.

    Parameters
    ----------
    layers, level, levels
        As for `tiers_at`.
    minute
        Minute of the week (`planner.week`); None takes every unit as on duty.

    Raises
    ------
    LayerFaultsError
        If duty hours cannot be read.
    ParameterError
        If there is no such level.
    """
    counting = units_at(layers, level, levels)
    if minute is None:
        return counting
    units = layers["units"]
    present = on_duty(units["duty_hours"].tolist(), minute, codes=units["code"].tolist())
    return counting & (present | recalled_at(layers, level, levels))


def recalled_at(
    layers: Layers, level: int = EVERYDAY, levels: Mapping[str, Any] | None = None
) -> Bools:
    """Return which units a level of duty calls to duty at any hour, (units,).

    Parameters and errors are those of `tiers_at`.
    """
    return _any(level_rules(level, levels)["recalled"], layers["units"]["kind"])


def turnouts_at(
    layers: Layers,
    usual_s: float,
    level: int = EVERYDAY,
    levels: Mapping[str, Any] | None = None,
) -> Floats:
    """Return the turnout of each unit at a level of duty, (units,) s.

    Parameters
    ----------
    layers, level, levels
        As for `tiers_at`.
    usual_s
        Where a unit states none.
    """
    own = layers["units"]["turnout_s"].fillna(usual_s).to_numpy(float)
    return np.asarray(np.fmin(own, float(level_rules(level, levels)["turnout_s"])))


def _any(words: list[str], column: pd.Series[Any]) -> Bools:
    """Return which rows hold one of some words; "*" is every row."""
    return np.full(len(column), True) if "*" in words else column.isin(words).to_numpy(bool)
