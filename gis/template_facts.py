"""What a template of facts asks: which key of which place and period, with what is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import pandas as pd

from gis.columns import titles
from gis.layers import Layers
from gis.profiles import load
from gis.schema import Column, ColumnType, schema
from gis.template_plan import (
    Field,
    Sheet,
    choices,
    head_note,
    sheet_date,
    sheet_name,
    villages_named,
)
from gis.validate_values import cast

# What a period looks like, by how often a key is asked.
PERIODS = {"year": re.compile(r"[0-9]{4}"), "month": re.compile(r"[0-9]{4}-[0-9]{2}")}
PERIOD_EXAMPLES = {"year": "2025", "month": "2025-03"}

# A division code without its last three digits, the village, is the town's.
_TOWN_DIGITS = 9

Asked = tuple[str, str, str]
Fact = tuple[str, str | None]


@dataclass(frozen=True)
class Key:
    """One key of `data/profiles/facts_keys.toml`.

    Parameters
    ----------
    name
        Name of the key.
    layers
        Layers of whose places it is asked; "town" for the town as a whole.
    clause
        Clause of the notice that it serves.
    zh, en, note_zh, note_en
        Title and explanation.
    type
        "integer", "number", "flag", "date" or "text".
    unit
        Unit of the value, or "".
    period
        "year", "month", or "" for the present state.
    """

    name: str
    layers: tuple[str, ...]
    clause: str
    zh: str
    en: str
    type: ColumnType
    unit: str = ""
    period: str = ""
    note_zh: str = ""
    note_en: str = ""

    @property
    def column(self) -> Column:
        """What a value of it must be."""
        low = 0 if self.type in ("integer", "number") else None
        return Column("value", self.type, low=low)


@cache
def fact_keys() -> Mapping[str, Key]:
    """Return the keys that facts may have, by name."""
    names = {one.name for one in fields(Key)} - {"name", "layers"}
    return {
        name: Key(name, tuple(table["layers"]), **{n: table[n] for n in names if n in table})
        for name, table in load("facts_keys").items()
    }


def facts_fields() -> tuple[Field, ...]:
    """Return the columns of a sheet of facts: what is asked, the answer, and what it is about."""
    known = schema("facts").by_name
    names = titles("facts")
    shown = load("template")["shown"]

    def told(name: str) -> Field:
        return Field(Column(f"shown_{name}"), shown[name]["zh"], shown[name]["en"], known=True)

    def asked(name: str, *, tells: bool) -> Field:
        note = head_note(names[name])
        return Field(known[name], names[name].zh, note, known=tells, required=name == "value")

    return (
        told("place_name"),
        told("key_title"),
        told("clause"),
        asked("period", tells=False),
        asked("value", tells=False),
        told("unit"),
        told("note"),
        asked("key", tells=True),
        asked("place_layer", tells=True),
        asked("place_code", tells=True),
    )


def facts_sheets(town: Layers | None, periods: Sequence[str] | None) -> list[Sheet]:
    """Return one sheet for each village, then one each for stations, grids, sites and the town.

    A place is asked every key of its layer; a site only those it was asked before, as few keys
    are meant for every site.

    Parameters
    ----------
    town
        What is known, or None: one blank row for each key of a village.
    periods
        Years ("2025") and months ("2025-03") to ask for besides those that are known, or None.
    """
    known = known_facts(town)
    groups: list[tuple[str, str, list[tuple[str, str, str]]]] = []
    villages = [] if town is None else villages_named(town)
    groups += [(name, code, [("villages", code, name)]) for code, name in villages]
    if not villages:
        groups.append((load("columns")["villages"]["zh"], "", [("villages", "", "")]))
    if town is not None:
        for layer in dict.fromkeys(layer for key in fact_keys().values() for layer in key.layers):
            if layer not in ("villages", "town"):
                frame = town[layer]
                names = zip(frame["code"].tolist(), frame["name"].fillna("").tolist(), strict=True)
                places = [(layer, code, name) for code, name in names]
                groups.append((load("columns")[layer]["zh"], "", places))
        title = load("template")["sheets"]["town"]["zh"]
        groups.append((title, "", [("town", town_code(town), town.town)]))
    sheets: list[Sheet] = []
    for title, village, places in groups:
        asked = [row for place in places for row in _asked(*place, known, periods)]
        if asked:
            name = sheet_name(title, [sheet.title for sheet in sheets])
            rows = [row for row, _ in asked]
            values = [_value_field(key) for _, key in asked]
            sheets.append(Sheet(name, village, facts_fields(), rows, values))
    return sheets


def known_facts(town: Layers | None) -> Mapping[Asked, Mapping[str, Fact]]:
    """Return what is known: (layer, code of the place, key) to period to (code, value).

    A fact without a period is under "".
    """
    known: dict[Asked, dict[str, Fact]] = {}
    if town is None:
        return known
    names = ("place_layer", "place_code", "key", "period", "code", "value")
    frame = town["facts"]
    columns = (frame[n].astype(object).where(frame[n].notna(), None).tolist() for n in names)
    for layer, place, key, period, code, value in zip(*columns, strict=True):
        known.setdefault((layer, place, key), {})[period or ""] = (code, value)
    return known


def fact_code(layer: str, place: str, key: str, period: str) -> str:
    """Return the code of a new fact.

    Examples
    --------
    >>> fact_code("villages", "330602017201", "officers", "2025")
    'villages/330602017201/officers/2025'
    """
    return "/".join(part for part in (layer, place, key, period) if part)


def town_code(town: Layers) -> str:
    """Return the code under which facts speak of the town as a whole.

    That of the facts there are; else what the codes of all villages begin with; else its name.
    """
    facts = town["facts"]
    told = facts.loc[facts["place_layer"] == "town", "place_code"]
    if len(told):
        return str(told.iloc[0])
    begun = {code[:_TOWN_DIGITS] for code in town["villages"]["code"]}
    common = begun.pop() if len(begun) == 1 else ""
    return common if re.fullmatch(f"[0-9]{{{_TOWN_DIGITS}}}", common) else town.town


def _asked(
    layer: str,
    code: str,
    name: str,
    known: Mapping[Asked, Mapping[str, Fact]],
    periods: Sequence[str] | None,
) -> Iterator[tuple[dict[str, Any], Key]]:
    """Yield the rows of one place, with the key that each is about."""
    for key in fact_keys().values():
        there = known.get((layer, code, key.name), {})
        if layer not in key.layers or (layer == "sites" and not there):
            continue
        pattern = PERIODS.get(key.period)
        wanted = [p for p in periods or () if pattern is not None and pattern.fullmatch(p)]
        for period in sorted({*there, *wanted}) or [""]:
            row = {
                "shown_place_name": name,
                "shown_key_title": f"{key.zh}\n{key.en}",
                "shown_clause": key.clause,
                "period": period,
                "value": shown_value(there[period][1], key) if period in there else None,
                "shown_unit": key.unit,
                "shown_note": f"{key.note_zh}\n{key.note_en}".strip(),
                "key": key.name,
                "place_layer": layer,
                "place_code": code,
            }
            yield {name: cell for name, cell in row.items() if cell not in (None, "")}, key


def _value_field(key: Key) -> Field:
    return Field(key.column, "", words=choices(key.column))


def shown_value(text: str | None, key: Key) -> Any:
    """Return a value as its sheet shows it: a number as one, a flag in Chinese, a date as one.

    Examples
    --------
    >>> keys = fact_keys()
    >>> shown_value("2", keys["officers"]), shown_value("yes", keys["grid_guide"])
    (2, '是')
    """
    if text is None:
        return None
    value = cast(pd.Series([text]), key.column)[0].iloc[0]
    if pd.isna(value):
        return text  # of another kind: shown as it is, for people to mend
    if key.type == "flag":
        return choices(key.column)[0 if value else 1]
    if key.type == "date":
        return sheet_date(str(value))
    return value.item() if hasattr(value, "item") else value
