"""Conditions on places: three-valued, with what a place that fails them is short of."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.columns import titles
from gis.profiles import load
from gis.schema import SCHEMAS
from planner.results_coverage import STEPS
from planner.targets_facts import Floats
from planner.targets_figures import Amounts, amounts
from planner.targets_judged import TOLERANCE, Lack
from planner.targets_places import Sources
from planner.targets_profile import Case, Condition, Figure

Bools = npt.NDArray[np.bool_]

# Flags among the columns of layers, and what answers add to them.
_FLAGS = {c.name for s in SCHEMAS.values() for c in s.columns if c.type == "flag"} | {"working"}

# Units of what cameras must see more of.
_SEEN_UNITS = {load("targets")["short"][kind]["zh"] for kind in ("ground", "arm_m")}

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}


@dataclass(frozen=True, eq=False)
class Told:
    """One condition on every place: whether it holds at least, as expected, and at most.

    Parameters
    ----------
    condition
        The condition.
    low, value, high
        (n,) 0 or 1, the value a chance; NaN where nothing is known.
    number
        What it was held against.
    short
        (n,) what is missing, in `unit`.
    """

    condition: Condition
    low: Floats
    value: Floats
    high: Floats
    number: Amounts = field(repr=False)
    short: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class Truth:
    """Whether places hold: as `Told`, over all of their conditions.

    Parameters
    ----------
    low, value, high
        (n,) as in `Told`.
    cases
        For each case: whether it is meant (as `Told`, None = always), and its conditions.
    both
        (n,) True where two cases are meant for certain.
    """

    low: Floats
    value: Floats
    high: Floats
    cases: tuple[tuple[Told | None, tuple[Told, ...]], ...] = field(repr=False)
    both: Bools = field(repr=False)

    def lacks(self) -> list[tuple[Lack, Bools]]:
        """Return what is not known, and for which places that makes the answer unknown."""
        unknown = np.isnan(self.value)
        found: dict[Lack, Bools] = {}
        for when, where in self.cases:
            meant = np.ones(len(unknown), bool) if when is None else when.high == 1
            for told in (*([] if when is None else [when]), *where):
                mask = unknown & meant & np.isnan(told.number.value)
                if mask.any():
                    found[told.number.lacks] = found.get(told.number.lacks, mask) | mask
        return list(found.items())

    def old(self) -> Bools:
        """Return where a fact of an earlier year had to do."""
        olds = [told.number.old for _, where in self.cases for told in where]
        return np.any(olds, axis=0) if olds else np.zeros(len(self.value), bool)


def truth(
    sources: Sources, table: pd.DataFrame, layer: str, cases: Sequence[Case], back: int = 0
) -> Truth:
    """Return whether each place holds: some case that is meant for it, with all its conditions.

    Where nobody knows which case is meant, a place that holds in all of them holds.

    Parameters
    ----------
    sources
        What targets are told from.
    table, layer
        The places.
    cases
        Their conditions.
    back
        How many years earlier.
    """
    told = [
        (
            None if case.when is None else tell(sources, table, layer, case.when, back),
            tuple(tell(sources, table, layer, condition, back) for condition in case.where),
        )
        for case in cases
    ]
    n = len(table)
    meant = [_all([when], n) if when else _all([], n) for when, _ in told]
    wheres = [_all(where, n) for _, where in told]
    low = np.max([m[0] * w[0] for m, w in zip(meant, wheres, strict=True)], axis=0)
    low = np.maximum(low, np.min([w[0] for w in wheres], axis=0))
    high = np.max([m[2] * w[2] for m, w in zip(meant, wheres, strict=True)], axis=0)
    chances = np.array([m[1] * w[1] for m, w in zip(meant, wheres, strict=True)])
    value = np.select([low == 1, high == 0], [1.0, 0.0], np.max(chances, axis=0))
    sure = np.array([m[0] == 1 for m in meant])
    return Truth(low, value, high, tuple(told), sure.sum(axis=0) > 1)


def tell(
    sources: Sources, table: pd.DataFrame, layer: str, condition: Condition, back: int = 0
) -> Told:
    """Return whether one condition holds at each place."""
    number = amounts(sources, table, layer, condition.figure, back)
    compare = OPERATORS[condition.op]
    limit = _limit(sources, layer, condition, back)
    ends = [_held(compare, condition.op, end, limit) for end in (number.low, number.high)]
    unknown = np.isnan(number.value)
    low = np.where(unknown, 0.0, np.minimum(*ends))
    high = np.where(unknown, 1.0, np.maximum(*ends))
    chance = number.value
    if not (layer == "sites" and condition.figure.name in STEPS):
        chance = _held(compare, condition.op, number.value, limit)
    value = np.where(unknown, np.nan, np.where(low == high, low, chance))
    if condition.days_ago is not None:
        # A check that is still to come is none.
        ahead = number.value > limit + condition.days_ago
        low, value, high = (np.where(ahead, 0.0, end) for end in (low, value, high))
    gap = limit - number.value if condition.op in (">=", ">", "==") else number.value - limit
    return Told(condition, low, value, high, number, np.where(value == 1, 0.0, np.abs(gap)))


def missing_words(
    sources: Sources, table: pd.DataFrame, layer: str, found: Truth, row: int
) -> tuple[float, tuple[str, str, str]]:
    """Return what one place that fails is short of: how much, and (unit, zh, en).

    Of several cases the one that is meant and asks least counts; what is missing of one unit is
    added up, of several units the first one counts.
    """
    options = []
    for when, where in found.cases:
        if when is not None and when.high[row] == 0:
            continue
        parts = [
            _missing(sources, table, layer, told, row) for told in where if told.value[row] != 1
        ]
        unit = parts[0][1] if parts else ""
        same = [amount for amount, own, _, _ in parts if own == unit]
        words = (unit, "；".join(p[2] for p in parts), "; ".join(p[3] for p in parts))
        options.append((float(np.sum(same)) if same else np.nan, words))
    return min(options, key=lambda option: (np.isnan(option[0]), option[0]))


def _missing(
    sources: Sources, table: pd.DataFrame, layer: str, told: Told, row: int
) -> tuple[float, str, str, str]:
    """Return one condition's shortfall: amount, unit, and the words for both."""
    figure = told.condition.figure
    amount, unit, unit_en = _shortfall(sources, table, layer, told, row)
    zh, en = label(layer, figure)
    if np.isnan(told.number.value[row]):
        return np.nan, unit, f"{zh}未报", f"{en}: not handed in"
    if not np.isfinite(amount):
        return np.nan, unit, zh, en
    return amount, unit, *_told_words(told, (zh, en), (unit, unit_en), amount)


def _told_words(
    told: Told, name: tuple[str, str], unit: tuple[str, str], amount: float
) -> tuple[str, str]:
    """Return what is missing in words, zh and en."""
    (zh, en), (unit_zh, unit_en) = name, unit
    whole = amount >= 10 or amount == round(amount)
    number = f"{amount:.0f}" if whole else f"{amount:.1f}"
    over = told.condition.op in ("<=", "<")
    if told.condition.figure.name == "met":
        return f"超时{number}{unit_zh}", f"late by {number} {unit_en}"
    if unit_zh in _SEEN_UNITS:
        return f"还差{number}{unit_zh}可见", f"{number} {unit_en} more to be seen"
    if _is_flag(told.condition):
        return f"{zh}（否）", f"{en}: no"
    if told.condition.days_ago is not None and not over:
        return f"{zh}超期{number}{unit_zh}", f"{en}: overdue by {number} {unit_en}"
    if _is_day(told.condition):
        zh_verb, en_verb = ("晚", "late by") if over else ("早", "too early by")
    else:
        zh_verb, en_verb = ("超", "over by") if over else ("缺", "short of")
    return f"{zh}{zh_verb}{number}{unit_zh}", f"{en}: {en_verb} {number} {unit_en}".strip()


def _is_day(condition: Condition) -> bool:
    """Return whether a condition asks for a day."""
    return condition.days_ago is not None or isinstance(condition.value, date)


def _is_flag(condition: Condition) -> bool:
    """Return whether a condition asks for a yes."""
    figure = condition.figure
    if figure.source == "fact":
        return bool(load("facts_keys")[figure.name]["type"] == "flag")
    return figure.source == "column" and condition.op == ">=" and figure.name in _FLAGS


def label(layer: str, figure: Figure) -> tuple[str, str]:
    """Return what a figure is called, zh and en."""
    if figure.source == "fact":
        about = load("facts_keys")[figure.name]
        return about["zh"], about["en"]
    made = load("targets")["columns"]
    if figure.source == "column" and figure.name not in made and layer in SCHEMAS:
        title = titles(layer)[figure.name]
        return title.zh, title.en
    if figure.source == "column":
        about = made.get(figure.name, {"zh": figure.name, "en": figure.name})
        return about["zh"], about["en"]
    about = load("columns")[figure.name]
    if figure.source == "rows":
        return about["zh"], about["en"]
    return f"到最近的{about['zh']}", f"Way to the nearest of {about['en'].lower()}"


def _shortfall(
    sources: Sources, table: pd.DataFrame, layer: str, told: Told, row: int
) -> tuple[float, str, str]:
    """Return how much is missing, and its unit in zh and en."""
    figure, units = told.condition.figure, load("targets")["short"]
    amount = float(told.short[row])
    if figure.source == "fact":
        about = load("facts_keys")[figure.name]
        if about["type"] == "date":
            return amount, units["day"]["zh"], units["day"]["en"]
        return amount, about["unit"] or units["thing"]["zh"], ""
    kind = "thing"
    if layer == "sites" and figure.name in STEPS:
        amount, kind = _unseen(sources, table, figure.name, row)
    elif figure.name == "met":
        amount, kind = float(table["late_s"].iloc[row]), "second"
    elif figure.source == "near":
        kind = "metre"
    elif layer == "cameras" or figure.name == "cameras":
        kind = "camera"
    return amount, units[kind]["zh"], units[kind]["en"]


def _unseen(sources: Sources, table: pd.DataFrame, step: str, row: int) -> tuple[float, str]:
    """Return what a site lacks for a step: a camera, metres of its arms, or part of its ground."""
    place, params = table.iloc[row], sources.params.coverage
    share = float(place["value"]) if step == "in_view" else np.nan
    if np.isnan(share):
        return 1.0, "camera"
    arms = place["arms"]
    if pd.isna(arms):
        return 100 * max(0.0, params.site_seen_share - share), "ground"
    return float(arms) * (1 - share) * params.arm_m, "arm_m"


def _limit(sources: Sources, layer: str, condition: Condition, back: int) -> float:
    if condition.days_ago is not None:
        day = sources.facts.as_of(layer, condition.figure.name, back)
        return float(day.toordinal() - condition.days_ago)
    value = condition.value
    return float(value.toordinal()) if isinstance(value, date) else float(value)


def _held(compare: Callable[[Any, Any], Any], op: str, number: Floats, limit: float) -> Floats:
    slack = {">=": -TOLERANCE, "<=": TOLERANCE}.get(op, 0.0)
    held: Floats = np.asarray(compare(number, limit + slack), float)
    return held


def _all(told: Sequence[Told], n: int) -> tuple[Floats, Floats, Floats]:
    """Return conditions together: low, value, high; one that fails for certain decides."""
    low, value, high = np.ones(n), np.ones(n), np.ones(n)
    for one in told:
        low, high = np.minimum(low, one.low), np.minimum(high, one.high)
        value = value * one.value
    return low, np.where(high == 0, 0.0, value), high
