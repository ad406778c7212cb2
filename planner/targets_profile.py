"""Targets as data: what each asks of which places, loaded from TOML and checked as a whole.

A profile is a table with `zh`, `en`, `source`, then `[[target]]` and `[[left_out]]`:

    id, clause, zh, en      what it is called, and where the notice says so
    measure                 one of `MEASURES`: how places become one number
    scope, unit             words for what is counted and for its value, of profiles/targets.toml
    places                  [{ layer, only, known, since, facts, where, cases }]: those asked
    where                   what must all hold: { fact | column | rows | near, op, value }
    cases                   [{ when, where }]: which conditions hold for which places
    part, whole             figures of the measures that count or divide
    threshold               { op, value, of } (value / of), or { op, fact }; none = report only
    due                     one day, or the first and the last of two readings
    beside                  the same asked in other ways: { name, zh, en, ... what differs }
    fallback                what is asked instead where the layers tell nothing
    needs_*, take_*, note_* words: the data needed, what a place would have to do, remarks
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gis.errors import FormatError
from gis.profiles import load
from planner.targets_check import changed, faults_of

# What each measure must be told, beside its places.
MEASURES: Mapping[str, tuple[str, ...]] = {
    "places_where": (),
    "places_with_camera": ("camera",),
    "share_seen": ("weight",),
    "least": ("part",),
    "total": ("part",),
    "ratio": ("part", "whole"),
    "falling": ("part",),
}


@dataclass(frozen=True)
class Figure:
    """Where the number of each place comes from.

    Parameters
    ----------
    source
        "fact" (a key of the facts), "column" (of the place), "rows" (how many rows of another
        layer belong to it) or "near" (metres to the nearest row of another layer).
    name
        The key, column or layer.
    by
        Of rows: the column that names the place they belong to.
    only
        Of rows: which count, column to words.
    """

    source: str
    name: str
    by: str | None = None
    only: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Condition:
    """A figure and what it must be; without an operator, a yes."""

    figure: Figure
    op: str = ">="
    value: float | date = 1.0
    days_ago: int | None = None


@dataclass(frozen=True)
class Case:
    """Conditions, and for which places they are meant (None = all)."""

    when: Condition | None
    where: tuple[Condition, ...]


@dataclass(frozen=True)
class Places:
    """Which rows of a layer are asked.

    Parameters
    ----------
    layer
        A layer, "town", or "road_exits" (where streets for cars leave the town).
    only
        Column to the values it must have; "" stands for unknown.
    known
        Columns of `only` that leave a place out where they are unknown; else nobody can tell
        whether it belongs.
    since
        Column to the first day it may name.
    facts
        Flags that must have been handed in as yes.
    cases
        Conditions of these places where they are not those of the target.
    """

    layer: str
    only: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    since: Mapping[str, date] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True)
class Question:
    """What is asked of which places."""

    measure: str
    places: tuple[Places, ...]
    cases: tuple[Case, ...] = ()
    part: Figure | None = None
    whole: Figure | None = None
    weight: str | None = None
    camera: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Threshold:
    """What the value must reach: a number, or a fact of the town."""

    op: str
    value: float | None
    fact: str | None = None


@dataclass(frozen=True)
class Target:
    """One target; `words` holds every text by name, such as "take_zh"."""

    id: str
    clause: str
    zh: str
    en: str
    scope: str
    unit: str
    question: Question
    threshold: Threshold | None = None
    due: tuple[date, ...] = ()
    beside: tuple[tuple[str, str, str, Question], ...] = ()
    fallback: Question | None = None
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TargetsProfile:
    """The targets of one notice, and what of it is left out with the reasons."""

    name: str
    title: Mapping[str, str]
    source: str
    targets: tuple[Target, ...]
    left_out: tuple[Mapping[str, str], ...]

    def summary(self) -> str:
        """Return one line."""
        return f"{self.name}: {len(self.targets)} targets, {len(self.left_out)} items left out"


def load_profile(name: str) -> TargetsProfile:
    """Return a profile of `data/targets/`.

    Parameters
    ----------
    name
        File name without its ending.

    Raises
    ------
    NotFoundError
        If there is none; the message lists those there are.
    FormatError
        If anything in it cannot be used.

    Examples
    --------
    >>> load_profile("binhai-2019").targets[0].clause
    '[3]'
    """
    return profile_of(load(name, "targets"), name)


def profile_of(table: Mapping[str, Any], name: str) -> TargetsProfile:
    """Return a profile from a table as TOML gives it.

    Parameters
    ----------
    table
        See the top of this file.
    name
        What the profile is called in answers and errors.

    Raises
    ------
    FormatError
        If anything in it cannot be used; every fault is named at once.
    """
    faults = faults_of(table, MEASURES)
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        msg = "\n".join([f"targets {name}: {count}", *(f"  {f}" for f in faults)])
        raise FormatError(msg)
    return TargetsProfile(
        name,
        {"zh": table["zh"], "en": table["en"]},
        table.get("source", ""),
        tuple(_target(row) for row in table["target"]),
        tuple(dict(row) for row in table.get("left_out", ())),
    )


def _target(row: Mapping[str, Any]) -> Target:
    words = {k: v for k, v in row.items() if k.split("_")[0] in ("needs", "take", "note")}
    due = row.get("due", ())
    return Target(
        row["id"],
        row["clause"],
        row["zh"],
        row["en"],
        row["scope"],
        row.get("unit", "share"),
        _question(row),
        _threshold(row.get("threshold")),
        tuple(due) if isinstance(due, (list, tuple)) else (due,),
        tuple(
            (b["name"], b["zh"], b["en"], _question(changed(row, b))) for b in row.get("beside", ())
        ),
        _question(changed(row, row["fallback"])) if "fallback" in row else None,
        words,
    )


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        row["measure"],
        tuple(_places(place) for place in row["places"]),
        _cases(row),
        _figure(row["part"]) if "part" in row else None,
        _figure(row["whole"]) if "whole" in row else None,
        row.get("weight"),
        _lists(row.get("camera", {})),
    )


def _places(row: Mapping[str, Any]) -> Places:
    return Places(
        row["layer"],
        _lists(row.get("only", {})),
        tuple(row.get("known", ())),
        dict(row.get("since", {})),
        tuple(row.get("facts", ())),
        _cases(row),
    )


def _cases(row: Mapping[str, Any]) -> tuple[Case, ...]:
    if "cases" in row:
        return tuple(Case(_condition(c["when"]), _conditions(c["where"])) for c in row["cases"])
    return (Case(None, _conditions(row["where"])),) if "where" in row else ()


def _conditions(rows: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(_condition(row) for row in rows)


def _condition(row: Mapping[str, Any]) -> Condition:
    return Condition(_figure(row), row.get("op", ">="), row.get("value", 1.0), row.get("days_ago"))


def _figure(row: Mapping[str, Any]) -> Figure:
    source = next(s for s in ("fact", "column", "rows", "near") if s in row)
    return Figure(source, row[source], row.get("by"), _lists(row.get("only", {})))


def _lists(table: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {k: tuple(v) if isinstance(v, list) else (v,) for k, v in table.items()}


def _threshold(row: Mapping[str, Any] | None) -> Threshold | None:
    if row is None:
        return None
    if "fact" in row:
        return Threshold(row["op"], None, row["fact"])
    return Threshold(row["op"], row["value"] / row.get("of", 1))
