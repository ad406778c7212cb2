"""Whether a town meets the targets of a notice: value with doubt, who fails, what is lacking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from gis.layers import Layers
from gis.profiles import load
from planner.params import Params
from planner.results import Assumed, Missing
from planner.results_coverage import Coverage
from planner.results_response import Response
from planner.results_targets import Targets
from planner.scorecards import Card, scorecards, trend_of
from planner.targets_judged import ALL, Judged, Total, status_of, total
from planner.targets_measures import Asked, judge
from planner.targets_places import Sources, gather
from planner.targets_profile import Question, Target, TargetsProfile
from planner.targets_then import (
    assumed_then,
    day_of,
    facts_read,
    past_of,
    reads_cameras,
    reads_views,
    sources_then,
    trend_notes,
)
from planner.targets_words import (
    Row,
    absent_layers,
    absent_rows,
    early_row,
    lacking_rows,
    limit_row,
    names_of_places,
    note,
    said_row,
)

TARGET_COLUMNS = [
    *("id", "clause", "title_zh", "title_en", "measure", "unit", "scope", "op", "limit"),
    *("value", "low", "high", "part", "whole", "status", "before", "before_on", "trend"),
    *("note_zh", "note_en", "unit_zh", "unit_en", "scope_zh", "scope_en"),
    *("needs_zh", "needs_en", "take_zh", "take_en"),
]
FAILING_COLUMNS = [
    *("target", "layer", "code", "name", "village", "station"),
    *("value", "short", "unit", "note_zh", "note_en"),
]
LACKING_COLUMNS = ["target", "layer", "column", "places", "zh", "en"]
BESIDE_COLUMNS = [
    *("target", "name", "value", "low", "high", "part", "whole", "name_zh", "name_en", "unit")
]
TEXTS = {
    *("id", "clause", "title_zh", "title_en", "measure", "unit", "scope", "op", "status", "trend"),
    *(
        "before_on",
        "note_zh",
        "note_en",
        "unit_zh",
        "unit_en",
        "scope_zh",
        "scope_en",
        "needs_zh",
        "needs_en",
    ),
    *("take_zh", "take_en", "target", "layer", "code", "name", "village", "station", "column"),
    *("zh", "en", "name_zh", "name_en"),
}


@dataclass(frozen=True, eq=False)
class Evaluated:
    """One target judged, with everything that is said of it."""

    target: Target
    judged: Judged
    past: Judged | None
    past_on: str
    asked: Asked
    number: Total
    before: float
    status: str
    notes: list[tuple[str, str]] = field(repr=False)
    lacking: list[Row] = field(repr=False)
    assumed: list[Assumed] = field(repr=False)


def evaluate(
    layers: Layers,
    coverage: Coverage | None,
    response: Response | None,
    profile: TargetsProfile,
    params: Params,
    today: date,
    *,
    before: Coverage | None = None,
) -> Targets:
    """Return whether each target holds, for the town, its stations and its villages.

    A target is met only if it is so at the lowest value that the data allow, and not met only if
    it is not even at the highest; in between nobody can tell, and `lacking` says why.

    Parameters
    ----------
    layers
        The town; villages, posts and stations that `planner.assume` made up are passed over.
    coverage, response
        What the cameras see and who comes when; None where that has not been asked.
    profile
        The targets.
    params
        Numbers of coverage are read: ladder, least total, share in service.
    today
        The day that deadlines and checks are held against.
    before
        What the cameras saw a year earlier, as `cover(..., at=DAY)` returns it: the trend of what
        they see. Places count that stood on that day, see `planner.targets_then.town_then`.

    Raises
    ------
    ParameterError
        If `before` is the coverage of no day.
    """
    sources = gather(layers, coverage, response, params, today)
    then = sources_then(sources, before)
    found = [_evaluated(sources, then, target) for target in profile.targets]
    cards = [
        Card(e.target, e.judged, e.past, e.asked, e.status, _due(e.target, today)) for e in found
    ]
    return Targets(
        profile.name,
        dict(profile.title),
        today.isoformat(),
        _frame((_target_row(e) for e in found), TARGET_COLUMNS),
        _failing(found),
        _frame((row for e in found for row in e.lacking), LACKING_COLUMNS),
        _frame((row for e in found for row in _beside(sources, e)), BESIDE_COLUMNS),
        scorecards(sources, cards),
        tuple(dict(row) for row in profile.left_out),
        _missing(found),
        _assumed(sources, then, found),
    )


def _evaluated(sources: Sources, then: Sources | None, target: Target) -> Evaluated:
    asks = _asked(sources, target)
    judged, question = judge(sources, target.question, asks), target.question
    notes, assumed = _own_notes(target), []
    if not judged.known() and target.fallback is not None:
        other = judge(sources, target.fallback, asks)
        if other.known():
            judged, question = other, target.fallback
            notes.append(note("fallback"))
            assumed.append(Assumed("facts", _key(question), "totals handed in", len(other.places)))
    past, past_on = past_of(sources, then, question, asks, judged)
    if judged.both.any():
        names = names_of_places(judged, judged.both)
        notes.append(note("both_readings", places=int(judged.both.sum()), names=names))
        assumed.append(Assumed("villages", "population", "either rule", int(judged.both.sum())))
    if judged.old.any():
        said = "the value of an earlier year"
        assumed.append(Assumed("facts", _key(question), said, int(judged.old.sum())))
    notes += _as_of(sources, question)
    number = total(judged, ALL, *asks)
    status = status_of(number, *asks)
    lacking = _lacking(sources, target, question, judged, number, status)
    if _leaves_open(sources, question, status, asks):
        status = "cannot_tell"
    if status == "not_met" and (early := _due(target, sources.today)):
        status = "cannot_tell"
        lacking.append(early_row(target.id, early))
    before = np.nan if past is None else total(past, ALL, *asks).value
    notes += trend_notes(sources, question, past, past_on, (number.value, before))
    told = (notes, lacking, assumed)
    return Evaluated(target, judged, past, past_on, asks, number, before, status, *told)


def _leaves_open(sources: Sources, question: Question, status: str, asks: Asked) -> bool:
    """Return whether places of a layer that is not there could turn what the others tell."""
    absent = absent_layers(sources.layers, (places.layer for places in question.places))
    of_all = asks == (">=", 1.0)  # one that fails decides
    return bool(absent) and (status == "met" or (status == "not_met" and not of_all))


def _asked(sources: Sources, target: Target) -> Asked:
    asks = target.threshold
    if asks is None:
        return None, np.nan
    if asks.fact is None:
        return asks.op, float(asks.value if asks.value is not None else np.nan)
    number, _ = sources.facts.of("town", asks.fact, [sources.facts.town_code()])
    return asks.op, float(number[0])


def _due(target: Target, today: date) -> tuple[date, ...]:
    """Return the days of a target that is not due yet, by one reading or by all; else nothing."""
    return target.due if target.due and today < target.due[-1] else ()


def _lacking(
    sources: Sources,
    target: Target,
    question: Question,
    judged: Judged,
    number: Total,
    status: str,
) -> list[Row]:
    rows = lacking_rows(target.id, target.scope, sources.layers, judged)
    if not len(judged.places):
        wanted = dict.fromkeys((places.layer, places.facts) for places in question.places)
        rows += absent_rows(target.id, target.scope, sources.layers, wanted)
    else:
        absent = absent_layers(sources.layers, (places.layer for places in question.places))
        rows += absent_rows(target.id, target.scope, sources.layers, ((n, ()) for n in absent))
    asks = target.threshold
    if asks is not None and asks.fact is not None and np.isnan(_asked(sources, target)[1]):
        rows.append(limit_row(target.id, asks.fact))
    doubtful = ~np.isnan(judged.value) & (judged.low < judged.high)
    if status == "cannot_tell" and doubtful.any():
        at = ("cameras", "azimuth_deg") if reads_views(question) else (question.places[0].layer, "")
        names = names_of_places(judged, doubtful)
        rows.append(said_row(target.id, "doubt", at, int(doubtful.sum()), names=names))
    return rows


def _target_row(found: Evaluated) -> dict[str, Any]:
    target, words = found.target, load("targets")
    op, limit = found.asked
    number = found.number
    return {
        "id": target.id,
        "clause": target.clause,
        "title_zh": target.zh,
        "title_en": target.en,
        "measure": target.question.measure,
        "unit": target.unit,
        "scope": target.scope,
        "op": op,
        "limit": limit,
        **number._asdict(),
        "status": found.status,
        "before": found.before,
        "before_on": None if np.isnan(found.before) else found.past_on,
        "trend": trend_of(number.value, found.before, op, target.unit),
        "note_zh": "；".join(zh for zh, _ in found.notes),
        "note_en": "; ".join(en for _, en in found.notes),
        **{f"unit_{lang}": words["units"][target.unit][lang] for lang in ("zh", "en")},
        **{f"scope_{lang}": words["scopes"][target.scope][lang] for lang in ("zh", "en")},
        **{k: target.words.get(k, "") for k in ("needs_zh", "needs_en", "take_zh", "take_en")},
    }


def _failing(found: Iterable[Evaluated]) -> pd.DataFrame:
    """Return the places that fail, of each target those that lack least of one unit first."""
    rows: list[dict[str, Any]] = []
    for one in found:
        if one.asked[0] is None:
            continue
        judged = one.judged
        at = np.flatnonzero(judged.fails)
        places = judged.places.iloc[at].to_dict("records")
        take_zh, take_en = (one.target.words.get(f"take_{lang}", "") for lang in ("zh", "en"))
        own = []
        for place, row in zip(places, at.tolist(), strict=True):
            unit, zh, en = judged.words[row] or ("", "", "")
            own.append(
                {
                    "target": one.target.id,
                    **{str(k): v for k, v in place.items()},
                    "value": judged.shown[row],
                    "short": judged.short[row],
                    "unit": unit,
                    "note_zh": "：".join(text for text in (take_zh, zh) if text),
                    "note_en": ": ".join(text for text in (take_en, en) if text),
                }
            )
        rows += sorted(own, key=_by_short)
    return _frame(rows, FAILING_COLUMNS)


def _by_short(row: Mapping[str, Any]) -> tuple[str, bool, float, str]:
    short = float(row["short"])
    return str(row["unit"]), np.isnan(short), 0.0 if np.isnan(short) else short, str(row["code"])


def _beside(sources: Sources, found: Evaluated) -> list[dict[str, Any]]:
    rows = []
    for name, zh, en, question in found.target.beside:
        asks = found.asked if question.measure == "least" else (None, np.nan)
        judged = judge(sources, question, asks)
        number = total(judged, ALL, *asks)
        unit = "count" if question.measure == "total" else "share"
        if question.measure == "least":
            unit = found.target.unit
        if unit == "count" and _is_small(sources, question, number):
            number = Total(np.nan, np.nan, np.nan, np.nan, number.whole)
        rows.append(
            {
                "target": found.target.id,
                "name": name,
                **number._asdict(),
                "name_zh": zh,
                "name_en": en,
                "unit": unit,
            }
        )
    return rows


def _is_small(sources: Sources, question: Question, number: Total) -> bool:
    least_total = sources.params.coverage.least_total
    hidden = _key(question) in load("targets")["hidden_keys"]
    return hidden and 0 < number.value < least_total


def _own_notes(target: Target) -> list[tuple[str, str]]:
    words = target.words
    return [(words["note_zh"], words.get("note_en", ""))] if words.get("note_zh") else []


def _as_of(sources: Sources, question: Question) -> list[tuple[str, str]]:
    """Return a note on the day that the facts speak of, where it is not today."""
    days = set()
    for layer, key in facts_read(question):
        if (layer, key) in sources.facts.years:
            days.add(sources.facts.as_of(layer, key))
    past = [day for day in days if day < sources.today]
    return [note("as_of", day=min(past).isoformat())] if past else []


def _key(question: Question) -> str:
    keys = [key for _, key in facts_read(question)]
    return keys[0] if keys else ""


def _missing(found: Iterable[Evaluated]) -> tuple[Missing, ...]:
    figures = []
    for one in found:
        layers = [str(r["layer"]) for r in one.lacking if not r["column"] and not r["places"]]
        whole = [
            str(r["layer"])
            for r in one.lacking
            if not r["column"] and r["places"] == len(one.judged.places) and r["layer"]
        ]
        lacking = tuple(dict.fromkeys(n for n in [*layers, *whole] if n))
        if one.status == "cannot_tell" and lacking:
            figures.append(Missing(f"target {one.target.id}", lacking))
    return tuple(figures)


def _assumed(
    sources: Sources, then: Sources | None, found: Iterable[Evaluated]
) -> tuple[Assumed, ...]:
    made = [entry for one in found for entry in one.assumed]
    if then is not None and any(reads_cameras(one.target.question) for one in found):
        made += assumed_then(sources.layers, day_of(then))
    if sources.nearest:
        own = Assumed("villages", "station", "the nearest police station", sources.nearest)
        made.insert(0, own)
    return tuple(dict.fromkeys(made))


def _frame(rows: Iterable[Mapping[str, Any]], columns: list[str]) -> pd.DataFrame:
    """Return rows as a table whose columns have the same type whatever they hold."""
    table = pd.DataFrame(list(rows), columns=columns)
    kinds = {c: "str" if c in TEXTS else "int64" if c == "places" else "float64" for c in columns}
    return table.astype(kinds)
