"""The measures: how each kind of target judges its places. A new one is a function here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.profiles import load
from planner.results_coverage import STEPS
from planner.suppress import hide_small
from planner.targets_facts import Floats
from planner.targets_figures import Amounts, amounts, column_numbers
from planner.targets_judged import How, Judged, Lack, joined
from planner.targets_places import AskedPlaces, Sources, asked
from planner.targets_profile import Case, Condition, Figure, Places, Question
from planner.targets_truth import Truth, label, missing_words, truth

Bools = npt.NDArray[np.bool_]
# op and limit of the target; NaN where none is set or known.
Asked = tuple[str | None, float]
Words = list[tuple[str, str, str] | None]


def judge(sources: Sources, question: Question, wanted: Asked, back: int = 0) -> Judged:
    """Return every place of a question, judged.

    Parameters
    ----------
    sources
        What targets are told from.
    question
        What is asked of which places.
    wanted
        Operator and limit of the target.
    back
        How many years earlier, as far as facts go back.
    """
    measure = MEASURES[question.measure]
    return joined([measure(sources, question, p, wanted, back) for p in question.places])


def places_where(
    sources: Sources, question: Question, places: Places, wanted: Asked, back: int
) -> Judged:
    """Judge the share of places where conditions hold."""
    of = asked(sources, places)
    table, unsure = of.table, of.unsure
    found = truth(sources, table, places.layer, places.cases or question.cases, back)
    low = np.where(unsure, 0.0, found.low)
    high = np.where(unsure, 1.0, found.high)
    value = np.where(unsure, np.nan, found.value)
    fails = (high == 0) & (value == 0)
    short, words = np.full(len(table), np.nan), _no_words(table)
    if not back and wanted[0] is not None:
        for row in np.flatnonzero(fails).tolist():
            short[row], words[row] = missing_words(sources, table, places.layer, found, row)
    first = _readable(table, places.layer, found)
    lacks = [*found.lacks(), *_unsure(places.layer, of)]
    return Judged(
        of.places,
        "share",
        low,
        value,
        high,
        np.ones(len(table)),
        fails,
        first,
        short,
        words,
        tuple(lacks),
        found.both,
        found.old(),
    )


def places_with_camera(
    sources: Sources, question: Question, places: Places, wanted: Asked, back: int
) -> Judged:
    """Judge the share of places to which a camera is attached that has what is asked for.

    Any column of the cameras' layer may be asked for, also those that only the town's own file
    has; where it is not filled in, nobody can tell.
    """
    only = {"state": ("in_use",), **question.camera}
    figure = Figure("rows", "cameras", "site_code", only)
    cases = (Case(None, (Condition(figure),)),)
    asked_of = replace(places, cases=cases)
    return places_where(sources, question, asked_of, wanted, back)


def share_seen(
    sources: Sources, question: Question, places: Places, wanted: Asked, back: int
) -> Judged:
    """Judge the share of ground or of length that is seen; `weight` is the column of its size."""
    of = asked(sources, places)
    table, unsure = of.table, of.unsure
    figure = question.part or Figure("column", "value")
    share = amounts(sources, table, places.layer, figure, back)
    whole = np.nan_to_num(column_numbers(table[question.weight or "value"]))
    low, value, high = (end * whole for end in (share.low, share.value, share.high))
    low = np.where(unsure, 0.0, np.nan_to_num(low))
    high = np.where(unsure | np.isnan(share.high), whole, high)
    op, limit = wanted
    fails = (share.high < limit) & ~unsure & (op == ">=")
    short = np.where(fails, 100 * (limit - share.value), np.nan)
    unit = load("targets")["short"]["ground"]
    words: Words = [
        (unit["zh"], f"可见{v:.0%}", f"{v:.0%} is seen") if fail else None
        for fail, v in zip(fails, np.nan_to_num(share.value), strict=True)
    ]
    unknown = np.isnan(share.value) & (whole > 0)
    lacks = [*_unknown(share, unknown), *_unsure(places.layer, of)]
    value = np.where(unsure, np.nan, value)
    ends = (low, value, high)
    return _judged(of, "share", ends, whole, fails, share.value, short, words, lacks, share.old)


def least(sources: Sources, question: Question, places: Places, wanted: Asked, back: int) -> Judged:
    """Judge a number of every place, or the ratio of two: the place that is worst off decides."""
    of = asked(sources, places)
    table, unsure = of.table, of.unsure
    part, whole = _parts(sources, question, places.layer, table, back)
    size = np.ones(len(table)) if whole is None else np.where(whole.value > 0, whole.value, np.nan)
    ends = [end / size for end in (part.low, part.value, part.high)]
    unknown = np.isnan(ends[1]) | unsure
    op, limit = wanted
    low, high = np.where(unknown, 0.0, ends[0]), np.where(unknown, np.inf, ends[2])
    value = np.where(unknown, np.nan, ends[1])
    over = op == "<="
    fails = ~unknown & ((low > limit) if over else (high < limit - 1e-9))
    gap = (part.value - limit * size) if over else (limit * size - part.value)
    short = np.where(fails, gap, np.nan)
    words = _amount_words(question, places.layer, fails, short)
    lacks = [
        *_unknown(part, np.isnan(part.value)),
        *([] if whole is None else _unknown(whole, np.isnan(whole.value))),
        *_unsure(places.layer, of),
    ]
    held = (low, value, high)
    return _judged(of, "least", held, size, fails, value, short, words, lacks, part.old)


def total(sources: Sources, question: Question, places: Places, wanted: Asked, back: int) -> Judged:
    """Judge the sum of a number over all places."""
    of = asked(sources, places)
    table, unsure = of.table, of.unsure
    part, _ = _parts(sources, question, places.layer, table, back)
    unknown = np.isnan(part.value) | unsure
    low, high = np.where(unknown, 0.0, part.low), np.where(unknown, np.inf, part.high)
    value = np.where(unknown, np.nan, part.value)
    lacks = [
        *_unknown(part, np.isnan(part.value)),
        *_unsure(places.layer, of),
    ]
    ones, nothing = np.ones(len(table)), np.full(len(table), np.nan)
    ends, fails, words = (low, value, high), ones == 0, _no_words(table)
    return _judged(of, "total", ends, ones, fails, value, nothing, words, lacks, part.old)


def ratio(sources: Sources, question: Question, places: Places, wanted: Asked, back: int) -> Judged:
    """Judge the ratio of two sums; of each place no more counts than its whole."""
    of = asked(sources, places)
    table, unsure = of.table, of.unsure
    part, whole = _parts(sources, question, places.layer, table, back)
    assert whole is not None
    size = np.nan_to_num(whole.value)
    unknown = np.isnan(part.value) | np.isnan(whole.value) | unsure
    low = np.where(unknown, 0.0, np.minimum(part.low, size))
    high = np.where(unknown, size, np.minimum(part.high, size))
    value = np.where(unknown, np.nan, np.minimum(part.value, size))
    op, limit = wanted
    fails = ~unknown & (op == ">=") & (high < limit * size - 1e-9)
    short = np.where(fails, limit * size - part.value, np.nan)
    shown = np.divide(value, size, out=np.full(len(table), np.nan), where=size > 0)
    words = _amount_words(question, places.layer, fails, short)
    lacks = [
        *_unknown(part, np.isnan(part.value)),
        *_unknown(whole, np.isnan(whole.value)),
        *_unsure(places.layer, of),
    ]
    ends, old = (low, value, high), part.old | whole.old
    return _judged(of, "share", ends, size, fails, shown, short, words, lacks, old)


def falling(
    sources: Sources, question: Question, places: Places, wanted: Asked, back: int
) -> Judged:
    """Judge the share of places whose yearly total is zero, or below that of the year before.

    Totals below `least_total`, and those that would tell them, are hidden in what is shown.
    """
    of = asked(sources, places)
    table, unsure = of.table, of.unsure
    assert question.part is not None
    now = amounts(sources, table, places.layer, question.part, back)
    then = amounts(sources, table, places.layer, question.part, back + 1)
    # A year is compared with the one before it, not with one further back.
    fresh = np.where(now.old, np.nan, now.value)
    holds = np.where(fresh == 0, 1.0, (fresh < then.value).astype(float))
    unknown = np.isnan(fresh) | (np.isnan(then.value) & (fresh != 0)) | unsure
    low, high = np.where(unknown, 0.0, holds), np.where(unknown, 1.0, holds)
    value = np.where(unknown, np.nan, holds)
    fails = ~unknown & (holds == 0)
    hidden = _hidden(sources, table, now.value) | _hidden(sources, table, then.value)
    shown = np.where(hidden, np.nan, now.value)
    short = np.where(fails & ~hidden, now.value - then.value + 1, np.nan)
    lacks = [*_unknown(now, np.isnan(fresh)), *_unsure(places.layer, of)]
    earlier = np.isnan(then.value) & ~np.isnan(fresh) & (fresh != 0)
    lacks += [(("before", *then.lacks[1:]), earlier)] if earlier.any() else []
    words = _falling_words(fails, hidden, now.value, then.value)
    ones = np.ones(len(table))
    return _judged(of, "share", (low, value, high), ones, fails, shown, short, words, lacks)


MEASURES: Mapping[str, Callable[[Sources, Question, Places, Asked, int], Judged]] = {
    "places_where": places_where,
    "places_with_camera": places_with_camera,
    "share_seen": share_seen,
    "least": least,
    "total": total,
    "ratio": ratio,
    "falling": falling,
}


def _parts(
    sources: Sources, question: Question, layer: str, table: pd.DataFrame, back: int
) -> tuple[Amounts, Amounts | None]:
    assert question.part is not None
    part = amounts(sources, table, layer, question.part, back)
    whole = question.whole
    return part, None if whole is None else amounts(sources, table, layer, whole, back)


def _readable(table: pd.DataFrame, layer: str, found: Truth) -> Floats:
    """Return the number that the first condition reads; NaN for days and where cases differ."""
    (_, where), *others = found.cases
    first = where[0]
    if others or isinstance(first.condition.value, date) or first.condition.days_ago is not None:
        return np.full(len(table), np.nan)
    if layer == "sites" and first.condition.figure.name in STEPS:
        return column_numbers(table["value"])
    return np.where(np.isfinite(first.number.value), first.number.value, np.nan)


def _judged(
    of: AskedPlaces,
    how: How,
    ends: tuple[Floats, Floats, Floats],
    whole: Floats,
    fails: Bools,
    shown: Floats,
    short: Floats,
    words: Words,
    lacks: list[tuple[Lack, Bools]],
    old: Bools | None = None,
) -> Judged:
    """Return judged places of which one reading alone applies."""
    none = np.zeros(len(of.table), bool)
    old = none if old is None else old
    return Judged(of.places, how, *ends, whole, fails, shown, short, words, tuple(lacks), none, old)


def _unknown(number: Amounts, which: Bools) -> list[tuple[Lack, Bools]]:
    return [(number.lacks, which)] if which.any() else []


def _unsure(layer: str, of: AskedPlaces) -> list[tuple[Lack, Bools]]:
    """Return which columns leave open whether a place is asked at all."""
    return [(("column", layer, column), which) for column, which in of.lacks.items()]


def _no_words(table: pd.DataFrame) -> Words:
    return [None] * len(table)


def _amount_words(question: Question, layer: str, fails: Bools, short: Floats) -> Words:
    """Return the words for a number that is missing, in the unit of the part."""
    assert question.part is not None
    zh, en = label(layer, question.part)
    unit = load("targets")["short"]["thing"]["zh"]
    if question.part.source == "fact":
        unit = load("facts_keys")[question.part.name]["unit"] or unit
    return [
        (unit, f"{zh}缺{amount:.4g}{unit}", f"{en}: short of {amount:.4g}") if fail else None
        for fail, amount in zip(fails, short, strict=True)
    ]


def _falling_words(fails: Bools, hidden: Bools, now: Floats, then: Floats) -> Words:
    unit = load("targets")["short"]["incident"]["zh"]
    words: Words = [None] * len(fails)
    for row in np.flatnonzero(fails).tolist():
        if hidden[row]:
            words[row] = (
                unit,
                "多于上年（合计已隐去）",
                "more than the year before (totals hidden)",
            )
        else:
            zh = f"上年{then[row]:.0f}{unit}，本年{now[row]:.0f}{unit}"
            en = f"{then[row]:.0f} the year before, {now[row]:.0f} in the year"
            words[row] = (unit, zh, en)
    return words


def _hidden(sources: Sources, table: pd.DataFrame, totals: Floats) -> Bools:
    """Return which totals are hidden, (n,), so that no station's or town's total tells them."""
    groups = pd.factorize(table["station"].to_numpy(object), use_na_sentinel=False)[0]
    least_total = sources.params.coverage.least_total
    return hide_small(np.nan_to_num(totals), groups, least_total).rows
