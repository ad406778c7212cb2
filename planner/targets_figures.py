"""The number of each place that a condition or a measure reads, with its doubt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis import crs as coordinates
from gis.layers import WGS84
from planner.results_coverage import STEPS
from planner.targets_facts import Floats
from planner.targets_places import GUARDED, Sources, place_table
from planner.targets_profile import Figure

Bools = npt.NDArray[np.bool_]

# A word of the ladder of the site rate, as a chance; of "perhaps" see `_ladder`.
CHANCES = {"yes": 1.0, "no": 0.0}
SEEN = ("value", "open_ground_m2", "networked", "in_service", "cameras", "length_m")
# Columns that answers add to the places of a layer.
_BY_COVERAGE: Mapping[str, tuple[str, ...]] = {
    "sites": (*STEPS, "value"),
    **dict.fromkeys(("villages", "areas", "streets"), SEEN),
}
_BY_RESPONSE: Mapping[str, tuple[str, ...]] = {"sites": ("met", "late_s")}


@dataclass(frozen=True, eq=False)
class Amounts:
    """A number of each place: at least, expected, at most; all three NaN where it is unknown.

    Parameters
    ----------
    low, value, high
        (n,) each.
    lacks
        What is not there where the number is unknown: (kind of sentence, layer, column).
    old
        (n,) True where a fact of an earlier year had to do.
    """

    low: Floats
    value: Floats
    high: Floats
    lacks: tuple[str, str, str]
    old: Bools = field(repr=False)


def amounts(
    sources: Sources, table: pd.DataFrame, layer: str, figure: Figure, back: int = 0
) -> Amounts:
    """Return the number of each place.

    Parameters
    ----------
    sources
        What targets are told from.
    table
        The places, as `planner.targets_places.place_table` makes them.
    layer
        Their layer.
    figure
        Where the number comes from.
    back
        How many years earlier; only facts have a past, columns are as they are today.
    """
    found: Amounts = _SOURCES[figure.source](sources, table, layer, figure, back)
    return found


def told_by_coverage(layer: str, column: str) -> bool:
    """Return whether a column of places is what the cameras see of them.

    Examples
    --------
    >>> told_by_coverage("sites", "in_view"), told_by_coverage("sites", "kind")
    (True, False)
    """
    return column in _BY_COVERAGE.get(layer, ())


def told_by_response(layer: str, column: str) -> bool:
    """Return whether a column of places is who comes when.

    Examples
    --------
    >>> told_by_response("sites", "met"), told_by_response("sites", "kind")
    (True, False)
    """
    return column in _BY_RESPONSE.get(layer, ())


def column_numbers(column: pd.Series[Any]) -> Floats:
    """Return a column as numbers: yes 1, no 0, days as ordinals; NaN where it is neither.

    Examples
    --------
    >>> column_numbers(pd.Series([True, False, None], dtype="boolean")).tolist()
    [1.0, 0.0, nan]
    >>> column_numbers(pd.Series(["0001-01-02", "no"])).tolist()
    [2.0, 0.0]
    """
    if pd.api.types.is_numeric_dtype(column.dtype):  # flags and whole numbers that may be NA too
        return column.to_numpy(float, na_value=np.nan)
    return np.array([_number(value) for value in column], float)


def _number(value: Any) -> float:
    if value is None or value is pd.NA:
        return np.nan
    if isinstance(value, str):
        if value in CHANCES:
            return CHANCES[value]
        try:
            return float(date.fromisoformat(value).toordinal())
        except ValueError:
            return np.nan
    return float(value)


def _exact(number: Floats, lacks: tuple[str, str, str], old: Bools | None = None) -> Amounts:
    old = np.zeros(len(number), bool) if old is None else old
    return Amounts(number, number, number, lacks, old)


def _fact(sources: Sources, table: pd.DataFrame, layer: str, figure: Figure, back: int) -> Amounts:
    number, old = sources.facts.of(layer, figure.name, table["code"].tolist(), back)
    return _exact(number, ("fact", layer, figure.name), old)


def _column(
    sources: Sources, table: pd.DataFrame, layer: str, figure: Figure, back: int
) -> Amounts:
    name = figure.name
    lacks = _lacks(sources, layer, name)
    if layer == "sites" and name in STEPS:
        return _ladder(sources, table, name, lacks)
    number = column_numbers(table[name])
    if name == "value" and "low" in table:
        low, high = (column_numbers(table[end]) for end in ("low", "high"))
        return Amounts(low, number, high, lacks, np.zeros(len(table), bool))
    return _exact(number, lacks)


def _ladder(
    sources: Sources, table: pd.DataFrame, step: str, lacks: tuple[str, str, str]
) -> Amounts:
    """Return a step of the ladder as chances.

    What is perhaps in view is so with the mean chance of its ground that is in doubt; of the
    finer steps each site has the mean chance of the sites of its class, as the rates tell it.
    """
    words = table[step].tolist()
    number = np.array([CHANCES.get(word, np.nan) for word in words], float)
    perhaps = np.array([word == "perhaps" for word in words], bool)
    chance = table["area_class"].map(_chance_by_class(sources, step)).fillna(0.5).to_numpy(float)
    if step == "in_view":
        low, value, high = (column_numbers(table[name]) for name in ("low", "value", "high"))
        doubt = high - low
        told = np.divide(value - low, doubt, out=chance.copy(), where=doubt > 0)
        chance = np.clip(np.where(np.isnan(told), 0.5, told), 0.0, 1.0)
    low_high = (np.where(perhaps, end, number) for end in (0.0, 1.0))
    low, high = low_high
    return Amounts(low, np.where(perhaps, chance, number), high, lacks, np.zeros(len(table), bool))


def _chance_by_class(sources: Sources, step: str) -> dict[str, float]:
    """Return the mean chance of what is perhaps on a step, by class of area."""
    totals = {} if sources.coverage is None else sources.coverage.totals
    chances = {}
    for area_class, rates in totals.get("site_rate_by_class", {}).items():
        rate = rates.get(step)
        if rate is not None and rate.value is not None and rate.high > rate.low:
            chances[area_class] = (rate.value - rate.low) / (rate.high - rate.low)
    return chances


def _lacks(sources: Sources, layer: str, column: str) -> tuple[str, str, str]:
    """Return what is not there where a column says nothing."""
    if layer == "road_exits" and column in GUARDED:
        return ("layer", "road_checkpoints", "")
    if column == "met":
        if sources.response is None:
            return ("answer", "response", "")
        lacking = sources.layers.missing("streets", "units")
        return ("layer", lacking[0], "") if lacking else ("column", layer, "tier_min")
    if told_by_coverage(layer, column):
        if sources.coverage is None:
            return ("answer", "coverage", "")
        if not sources.layers.has("cameras"):
            return ("layer", "cameras", "")
    if column == "working":
        return ("column", layer, "online_share")
    return ("column", layer, column)


def _rows(sources: Sources, table: pd.DataFrame, layer: str, figure: Figure, back: int) -> Amounts:
    """Count the rows of another layer that belong to each place, at least and at most."""
    lacks = ("layer", figure.name, "")
    if not sources.layers.has(figure.name):
        return _exact(np.full(len(table), np.nan), lacks)
    rows = place_table(sources, figure.name)
    fits, perhaps = matching(rows, figure.only)
    owner = rows[figure.by] if figure.by in rows else pd.Series(None, rows.index, dtype="object")
    bare = owner.isna().to_numpy(bool)
    codes = table["code"]

    def count(which: Bools) -> Floats:
        there = owner[which & ~bare].value_counts()
        counted = there.reindex(codes).fillna(0)
        return np.asarray(counted, np.float64)

    low = count(fits)
    high = count(fits | perhaps) + float((bare & (fits | perhaps)).sum())
    return Amounts(low, low, high, lacks, np.zeros(len(table), bool))


def matching(rows: pd.DataFrame, only: Mapping[str, tuple[Any, ...]]) -> tuple[Bools, Bools]:
    """Return which rows have the values asked for, and which may have them (unknown), (n,) each."""
    sure, possible = np.ones(len(rows), bool), np.ones(len(rows), bool)
    for column, wanted in only.items():
        known = rows[column] if column in rows else pd.Series(None, rows.index, dtype="object")
        unknown = known.isna().to_numpy(bool)
        holds = known.isin(list(wanted)).to_numpy(bool) | (unknown & ("" in wanted))
        sure &= holds
        possible &= holds | unknown
    return sure, possible & ~sure


def _near(sources: Sources, table: pd.DataFrame, layer: str, figure: Figure, back: int) -> Amounts:
    """Measure how far the nearest row of another layer is from each place, metres."""
    lacks = ("layer", figure.name, "")
    far = np.full(len(table), np.nan)
    if sources.layers.has(figure.name) and len(table):
        rows = place_table(sources, figure.name)
        rows = rows[matching(rows, figure.only)[0] & rows["geometry"].notna().to_numpy()]
        placed = np.flatnonzero(table["geometry"].notna().to_numpy())
        far[placed] = np.inf
        if len(rows) and len(placed):
            others = gpd.GeoSeries(rows["geometry"].tolist(), crs=WGS84)
            own = gpd.GeoSeries(table["geometry"].iloc[placed].tolist(), crs=WGS84)
            crs = coordinates.crs_of_frames(gpd.GeoDataFrame(geometry=others))
            tree = shapely.STRtree(np.asarray(coordinates.to_metres(others, crs), object))
            spots = np.asarray(coordinates.to_metres(own, crs), object)
            (at, _), apart = tree.query_nearest(spots, return_distance=True, all_matches=False)
            far[placed[at]] = apart
    return _exact(far, lacks)


_SOURCES: Mapping[str, Any] = {"fact": _fact, "column": _column, "rows": _rows, "near": _near}
