"""Everything that is wrong with a profile of targets, found before any of it is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from gis.profiles import load
from gis.schema import SCHEMAS

OPERATORS = (">=", "<=", ">", "<", "==")
SOURCES = ("fact", "column", "rows", "near")
# Layers of places that no file has.
MADE = ("town", "road_exits")
# What answers add to the columns of a layer.
ADDED: Mapping[str, tuple[str, ...]] = {
    "sites": (
        *("attached", "near", "in_view", "at_class", "in_service"),
        *("level", "met", "village", "tier_min"),
    ),
    "villages": ("cameras", "open_ground_m2", "value", "networked", "in_service"),
    "areas": ("open_ground_m2", "value", "networked", "in_service"),
    "streets": ("length_m", "value"),
    "cameras": ("state", "working", "village"),
    "road_exits": ("street", "village"),
    "town": (),
}

_TARGET = {
    *("id", "clause", "zh", "en", "measure", "scope", "unit", "places", "where", "cases"),
    *("part", "whole", "weight", "camera", "threshold", "due", "beside", "fallback"),
    *("needs_zh", "needs_en", "take_zh", "take_en", "note_zh", "note_en"),
}
_QUESTION = {"measure", "places", "where", "cases", "part", "whole", "weight", "camera"}
_PLACES = {"layer", "only", "known", "since", "facts", "where", "cases"}
_FIGURE = {*SOURCES, "by", "only"}
_CONDITION = {*_FIGURE, "op", "value", "days_ago"}
_NEEDED = ("id", "clause", "zh", "en", "measure", "scope", "places", "needs_zh", "needs_en")


def faults_of(table: Mapping[str, Any], measures: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return every fault of a profile as a line that says where it is.

    Parameters
    ----------
    table
        The profile as TOML gives it.
    measures
        What each measure must be told.

    Examples
    --------
    >>> faults_of({"zh": "甲", "en": "a", "target": [{"id": "X"}]}, {})[0]
    'target X: lacks clause'
    """
    faults = [f"lacks {name}" for name in ("zh", "en") if not table.get(name)]
    targets = table.get("target", [])
    if not targets:
        faults.append("has no [[target]]")
    faults += [
        f"does not know {k}" for k in table if k not in ("zh", "en", "source", "target", "left_out")
    ]
    seen: set[str] = set()
    for place, row in enumerate(targets, start=1):
        name = str(row.get("id", f"number {place}"))
        found = [*_target_faults(row, measures)]
        if name in seen:
            found.append("has the id of another target")
        seen.add(name)
        faults += [f"target {name}: {fault}" for fault in found]
    for place, row in enumerate(table.get("left_out", []), start=1):
        lacking = [k for k in ("clause", "zh", "en", "reason_zh", "reason_en") if not row.get(k)]
        faults += [f"left_out {place}: lacks {k}" for k in lacking]
    return faults


def changed(row: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return a target asked in another way: another measure takes over the places only.

    Examples
    --------
    >>> changed({"measure": "a", "where": [1], "places": [2]}, {"measure": "b", "part": {}})
    {'places': [2], 'measure': 'b', 'part': {}}
    """
    asks = ("measure", "where", "cases", "part", "whole", "weight", "camera")
    kept = {k: v for k, v in row.items() if "measure" not in other or k not in asks}
    if "where" in other:
        kept.pop("cases", None)
    return {**kept, **other}


def _target_faults(
    row: Mapping[str, Any], measures: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    yield from (f"lacks {k}" for k in _NEEDED if not row.get(k))
    yield from (f"does not know {k}" for k in row if k not in _TARGET)
    words = load("targets")
    for name, known in (("scope", words["scopes"]), ("unit", words["units"])):
        if name in row and row[name] not in known:
            yield f"{name} {row[name]!r} is none of {', '.join(known)}"
    if "threshold" in row:
        yield from _threshold_faults(row["threshold"])
    due = row.get("due", [])
    if not all(isinstance(day, date) for day in (due if isinstance(due, list) else [due])):
        yield "due must be a day, or two"
    if not row.get("measure") or not row.get("places"):
        return
    yield from _question_faults(row, measures)
    for beside in row.get("beside", ()):
        yield from (f"beside: lacks {k}" for k in ("name", "zh", "en") if not beside.get(k))
        extra = set(beside) - _QUESTION - {"name", "zh", "en"}
        yield from (f"beside: does not know {k}" for k in sorted(extra))
        yield from (f"beside: {f}" for f in _question_faults(changed(row, beside), measures))
    if "fallback" in row:
        extra = set(row["fallback"]) - _QUESTION
        yield from (f"fallback: does not know {k}" for k in sorted(extra))
        yield from (
            f"fallback: {f}" for f in _question_faults(changed(row, row["fallback"]), measures)
        )


def _question_faults(
    row: Mapping[str, Any], measures: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    measure = row["measure"]
    if measure not in ("falling", "total") and _tells_hidden(row):
        yield "totals that are hidden where small are for the measures falling and total only"
    if measure not in measures:
        yield f"measure {measure!r} is none of {', '.join(measures)}"
        return
    yield from (f"{measure} lacks {k}" for k in measures[measure] if not row.get(k))
    for place in row["places"]:
        yield from _places_faults(place)
    if measure == "places_where":
        bare = [p for p in row["places"] if not ({"where", "cases"} & set(p))]
        if bare and not ({"where", "cases"} & set(row)):
            yield "places_where lacks where or cases"
    layers = [place.get("layer") for place in row["places"]]
    yield from _cases_faults(row, layers)
    for part in ("part", "whole"):
        if part in row:
            yield from _figure_faults(row[part], layers, _FIGURE)


def _places_faults(place: Mapping[str, Any]) -> Iterator[str]:
    layer = place.get("layer")
    if layer not in (*SCHEMAS, *MADE):
        yield f"places: layer {layer!r} is none of {', '.join((*SCHEMAS, *MADE))}"
        return
    yield from (f"places: does not know {k}" for k in place if k not in _PLACES)
    for part in ("only", "since"):
        yield from (
            f"places: {layer} has no column {c}" for c in place.get(part, {}) if not _has(layer, c)
        )
    extra = set(place.get("known", ())) - set(place.get("only", {}))
    yield from (f"places: known {c} is not in only" for c in sorted(extra))
    yield from _key_faults(place.get("facts", ()))
    yield from _cases_faults(place, [layer])


def _cases_faults(row: Mapping[str, Any], layers: list[Any]) -> Iterator[str]:
    for condition in row.get("where", ()):
        yield from _condition_faults(condition, layers)
    for case in row.get("cases", ()):
        if set(case) != {"when", "where"}:
            yield "a case has when and where"
            continue
        for condition in (case["when"], *case["where"]):
            yield from _condition_faults(condition, layers)


def _condition_faults(condition: Mapping[str, Any], layers: list[Any]) -> Iterator[str]:
    yield from _figure_faults(condition, layers, _CONDITION)
    if "op" in condition:
        if condition["op"] not in OPERATORS:
            yield f"operator {condition['op']!r} is none of {', '.join(OPERATORS)}"
        value = condition.get("value")
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if "days_ago" not in condition and not number and not isinstance(value, date):
            yield f"a condition with an operator needs a number or a day, not {value!r}"


def _figure_faults(figure: Any, layers: list[Any], known: set[str]) -> Iterator[str]:
    if not isinstance(figure, Mapping):
        yield f"a figure must be a table, not {figure!r}"
        return
    sources = [s for s in SOURCES if s in figure]
    if len(sources) != 1:
        yield f"a figure has one of {', '.join(SOURCES)}, not {', '.join(sources) or 'none'}"
        return
    yield from (f"a figure does not know {k}" for k in figure if k not in known)
    source, name = sources[0], figure[sources[0]]
    if source == "fact":
        yield from _key_faults([name])
    elif source == "column":
        lacking = [str(layer) for layer in layers if not _has(layer, name)]
        yield from (f"{layer} has no column {name}" for layer in lacking)
    elif name not in SCHEMAS or name in load("targets")["hidden_layers"]:
        yield f"{source}: there is no layer {name!r} to count"
    else:
        yield from (
            f"{source}: {name} has no column {c}"
            for c in figure.get("only", {})
            if not _has(name, c)
        )
        if source == "rows" and not figure.get("by"):
            yield f"rows of {name}: lacks by"


def _threshold_faults(threshold: Any) -> Iterator[str]:
    if not isinstance(threshold, Mapping) or threshold.get("op") not in (">=", "<="):
        yield "threshold needs op, >= or <="
        return
    if "fact" in threshold:
        yield from _key_faults([threshold["fact"]])
    elif not isinstance(threshold.get("value"), (int, float)):
        yield "threshold needs a number as value, or a fact"


def _key_faults(keys: Any) -> Iterator[str]:
    yield from (f"there is no fact {key!r}" for key in keys if key not in load("facts_keys"))


def _has(layer: Any, column: str) -> bool:
    added = ADDED.get(str(layer), ())
    return column in added or (layer in SCHEMAS and column in SCHEMAS[layer].by_name)


def _tells_hidden(row: Any) -> bool:
    """Return whether a question, or any part of it, reads a fact whose small totals are hidden."""
    if isinstance(row, Mapping):
        inner = [value for name, value in row.items() if name not in ("beside", "fallback")]
        hidden = load("targets")["hidden_keys"]
        return row.get("fact") in hidden or any(_tells_hidden(value) for value in inner)
    return isinstance(row, list) and any(_tells_hidden(value) for value in row)
