"""Everything that is wrong with a profile of targets, found before any of it is used."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from gis.profiles import load
from gis.schema import SCHEMAS
from planner.targets_shape import shape_faults

OPERATORS = (">=", "<=", ">", "<", "==")
SOURCES = ("fact", "column", "rows", "near")
# Words of a vocabulary that are named where none is like the one given.
NAMED = 6
# Layers of places that no file has.
MADE = ("town", "road_exits")
# What every place belongs to, whether its layer names it or not.
OWNERS = ("village", "station")
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
    "road_exits": ("street", "village", "inward", "outward", "both", "staffed"),
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
    own = {k: v for k, v in table.items() if not _is_list_of_tables(v)}
    if misshapen := [*shape_faults(own)]:
        return faults + misshapen
    targets = table.get("target", [])
    if not targets:
        faults.append("has no [[target]]")
    faults += _unknown(table, ("zh", "en", "source", "target", "left_out"))
    seen: set[str] = set()
    for place, row in enumerate(targets, start=1):
        name = str(row.get("id", f"number {place}"))
        # Where a part has another shape than it should, nothing more can be said of the target.
        found = [*shape_faults(row)] or [*_target_faults(row, measures)]
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
    yield from _unknown(row, _TARGET)
    words = load("targets")
    for name, known in (("scope", words["scopes"]), ("unit", words["units"])):
        if name in row and row[name] not in known:
            yield f"{name} {row[name]!r}{_near(row[name], known)} is none of {', '.join(known)}"
    if "threshold" in row:
        yield from _threshold_faults(row["threshold"], row.get("unit", "share"))
    due = row.get("due", [])
    days = due if isinstance(due, list) else [due]
    if not all(isinstance(day, date) for day in days) or len(days) > 2:
        yield "due must be a day, or two"
    if not row.get("measure") or not row.get("places"):
        return
    yield from _question_faults(row, measures)
    for beside in row.get("beside", ()):
        yield from (f"beside: lacks {k}" for k in ("name", "zh", "en") if not beside.get(k))
        extra = _unknown(beside, _QUESTION | {"name", "zh", "en"})
        yield from (f"beside: {fault}" for fault in extra)
        yield from (f"beside: {f}" for f in _question_faults(changed(row, beside), measures))
    if "fallback" in row:
        extra = _unknown(row["fallback"], _QUESTION)
        yield from (f"fallback: {fault}" for fault in extra)
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
        near = _near(measure, measures)
        yield f"measure {measure!r}{near} is none of {', '.join(measures)}"
    needed = measures.get(measure, ())
    yield from (f"{measure} lacks {k}" for k in needed if not row.get(k))
    yield from (f"camera: {fault}" for fault in _word_faults("cameras", row.get("camera", {})))
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
        known = (*SCHEMAS, *MADE)
        yield f"places: layer {layer!r}{_near(str(layer), known)} is none of {', '.join(known)}"
        return
    yield from (f"places: {fault}" for fault in _unknown(place, _PLACES))
    for part in ("only", "since"):
        yield from (f"places: {f}" for f in _column_faults(layer, place.get(part, {})))
    yield from (f"places: {fault}" for fault in _word_faults(layer, place.get("only", {})))
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
    yield from (f"a figure {fault}" for fault in _unknown(figure, known))
    sources = [s for s in SOURCES if s in figure]
    if len(sources) != 1:
        yield f"a figure has one of {', '.join(SOURCES)}, not {', '.join(sources) or 'none'}"
        return
    source, name = sources[0], figure[sources[0]]
    if source == "fact":
        yield from _key_faults([name])
    elif source == "column":
        for layer in layers:
            yield from _column_faults(layer, [name])
    elif name not in SCHEMAS or name in load("targets")["hidden_layers"]:
        yield f"{source}: there is no layer {name!r} to count"
    else:
        only = figure.get("only", {})
        asked = [*only, *({figure["by"]} - {*OWNERS} if figure.get("by") else ())]
        found = [*_column_faults(name, asked), *_word_faults(name, only)]
        yield from (f"{source}: {fault}" for fault in found)
        if source == "rows" and not figure.get("by"):
            yield f"rows of {name}: lacks by"


def _threshold_faults(threshold: Mapping[str, Any], unit: str) -> Iterator[str]:
    yield from (
        f"threshold {fault}" for fault in _unknown(threshold, ("op", "value", "of", "fact"))
    )
    value = threshold.get("value")
    if threshold.get("op") not in (">=", "<="):
        yield "threshold needs op, >= or <="
    elif "fact" in threshold:
        yield from _key_faults([threshold["fact"]])
    elif not isinstance(value, (int, float)):
        yield "threshold needs a number as value, or a fact"
    elif unit == "share" and not 0 <= value / threshold.get("of", 1) <= 1:
        yield f"threshold: a share is from 0 to 1, not {value}: 80 % is 0.8, a count has its unit"


def _key_faults(keys: Iterable[str]) -> Iterator[str]:
    known = load("facts_keys")
    yield from (f"there is no fact {key!r}{_near(key, known)}" for key in keys if key not in known)


def _unknown(table: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the names of a table that mean nothing, with what was perhaps meant."""
    known = list(known)
    return [f"does not know {name}{_near(name, known)}" for name in table if name not in known]


def _column_faults(layer: Any, names: Iterable[str]) -> Iterator[str]:
    schema = SCHEMAS[layer].by_name if layer in SCHEMAS else {}
    known = [*schema, *ADDED.get(str(layer), ())]
    yield from (f"{layer} has no column {n}{_near(n, known)}" for n in names if not _has(layer, n))


def _word_faults(layer: str, only: Mapping[str, Any]) -> Iterator[str]:
    """Give the values that no row of a layer can have, as its column has a vocabulary."""
    columns = SCHEMAS[layer].by_name if layer in SCHEMAS else {}
    for name, values in only.items():
        words = columns[name].words if name in columns else ()
        for value in values if isinstance(values, list) else [values]:
            if words and value != "" and value not in words:
                near = _near(str(value), words) or f" ({', '.join(words[:NAMED])}, …)"
                yield f"{layer}.{name} is never {value!r}{near}"


def _near(name: str, known: Iterable[str]) -> str:
    """Return what was perhaps meant, in brackets; else nothing.

    Examples
    --------
    >>> _near("volunters", ["officers", "volunteers"]), _near("x", ["officers"])
    (' (perhaps volunteers)', '')
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" (perhaps {near[0]})" if near else ""


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


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
