"""Which units come: those on duty, or ready, that count at the level; and when they set out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import LayerFaultsError
from gis.layers import Layers
from planner.params import ResponseParams
from planner.results import Assumed
from planner.tiers import turnouts_at, units_at
from planner.tiers_tables import level_rules
from planner.week import duty_table

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.object_]

READY = "ready"
HOURS = 168


@dataclass(frozen=True, eq=False)
class Crew:
    """The units of a town, and which of them come.

    Parameters
    ----------
    units
        Layer units, EPSG:4326.
    mode
        (n,) "foot", "ebike" or "car".
    turnout_s
        (n,) seconds until it moves.
    promise_s
        (n,) what it promises; NaN where nothing.
    comes
        (n,) whether it comes.
    reason
        (n,) why not: "off_duty", "busy", "off", "level"; None where it comes.
    week
        (168, n) whether it comes at the beginning of each hour of the week.
    assumed
        Duty hours that nobody can read, if any.
    """

    units: gpd.GeoDataFrame = field(repr=False)
    mode: Words = field(repr=False)
    turnout_s: Floats = field(repr=False)
    promise_s: Floats = field(repr=False)
    comes: Bools
    reason: Words = field(repr=False)
    week: Bools = field(repr=False)
    assumed: tuple[Assumed, ...] = ()

    def summary(self) -> str:
        """Return one line: how many units there are, and how many come."""
        return f"{int(self.comes.sum())} of {len(self.units)} units come"

    def stands(self, rows: npt.NDArray[np.int64]) -> gpd.GeoSeries:
        """Return where the units at some positions stand, EPSG:4326."""
        return gpd.GeoSeries(self.units.geometry.iloc[rows])


def crew_of(
    layers: Layers, params: ResponseParams, states: Mapping[str, str] | None = None
) -> Crew:
    """Return the units of a town, and which of them come.

    Parameters
    ----------
    layers
        The town, its units with modes.
    params
        `at` and `level` say who comes.
    states
        Unit code to "ready", "busy" or "off"; a unit that is not named goes by its duty hours.
    """
    units = layers["units"]
    minutes = [hour * 60 for hour in range(HOURS)]
    if params.minute is not None:
        minutes.append(params.minute)
    table, assumed = _on_duty(units, minutes)
    table |= _recalled(units, params)
    here = np.ones(len(units), bool) if params.minute is None else table[HOURS]
    counts = units_at(layers, params.level, params.levels)
    reason = np.full(len(units), None, object)
    reason[~here] = "off_duty"
    for row, code in enumerate(units["code"].tolist()):
        state = (states or {}).get(code)
        if state is not None:
            reason[row] = None if state == READY else state
    reason[~counts] = "level"
    return Crew(
        units,
        units["mode"].to_numpy(object),
        turnouts_at(layers, params.turnout_s, params.level, params.levels),
        units["tier_min"].to_numpy(float, na_value=np.nan) * 60,
        np.array([word is None for word in reason], bool),
        reason,
        table[:HOURS] & counts,
        assumed,
    )


def _recalled(units: gpd.GeoDataFrame, params: ResponseParams) -> Bools:
    """Return which units a level calls to duty at any hour, (n,)."""
    kinds = level_rules(params.level, params.levels)["recalled"]
    return units["kind"].isin(kinds).to_numpy(bool) | ("*" in kinds)


def _on_duty(units: gpd.GeoDataFrame, minutes: Sequence[int]) -> tuple[Bools, tuple[Assumed, ...]]:
    """Return who is on duty at some minutes, (k, n); hours that nobody can read are unknown."""
    hours, codes = units["duty_hours"].to_numpy(object), units["code"].tolist()
    unknown = int(pd.isna(hours).sum())
    assumed = [Assumed("units", "duty_hours", "always on duty", unknown)] if unknown else []
    try:
        return duty_table(hours.tolist(), minutes, codes=codes), tuple(assumed)
    except LayerFaultsError as error:
        unread = {fault.row for fault in error.faults}
        left = [None if code in unread else hour for code, hour in zip(codes, hours, strict=True)]
        assumed.append(
            Assumed("units", "duty_hours", "always on duty: cannot be read", len(unread))
        )
        return duty_table(left, minutes), tuple(assumed)
