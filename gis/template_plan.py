"""What a template asks for: its sheets, their columns and what is filled in already. No drawing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.columns import ColumnTitle, titles, vocabulary_of, word_titles
from gis.layers import Layers
from gis.profiles import load
from gis.schema import Column, schema
from gis.villages_of import village_of_rows

# 0.1 mm, and short enough to read: `gis.merge` takes positions this near as the same.
PLACES = 9

MAX_SHEET_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True)
class Field:
    """One column of a sheet.

    Parameters
    ----------
    column
        Name, type and limits; a column that only explains has a name that no layer has.
    title
        What its head shows.
    note
        What the head tells when it is pointed at.
    words
        What may be chosen, as the sheet shows it.
    known
        Whether it tells rows apart or explains, and is not to be filled in.
    required
        Whether its head is marked as required.
    """

    column: Column
    title: str
    note: str = ""
    words: tuple[str, ...] = ()
    known: bool = False
    required: bool = False

    @property
    def name(self) -> str:
        """Name of the column."""
        return self.column.name

    @property
    def head(self) -> str:
        """What the first row shows: the title, with its mark if it is required."""
        return f"{self.title}（*）" if self.required else self.title


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of a template.

    Parameters
    ----------
    title
        Name of the sheet: unique in its workbook, legal, at most 31 characters.
    village
        Code of the village that fills it in, or "".
    fields
        Its columns.
    rows
        What is filled in: name of the column to value; words and flags as the sheet shows them.
    asked
        For a sheet of facts, the field that the value of each row has, by its own type.
    """

    title: str
    village: str
    fields: tuple[Field, ...]
    rows: list[dict[str, Any]] = field(repr=False)
    asked: list[Field] = field(default_factory=list, repr=False)


def sheet_name(text: str, taken: Collection[str]) -> str:
    """Return a name that a sheet may have and no other has.

    Parameters
    ----------
    text
        Wanted name.
    taken
        Names of the other sheets.

    Examples
    --------
    >>> sheet_name("民生村", []), sheet_name("民生村", ["民生村"]), sheet_name("a/b:'", [])
    ('民生村', '民生村 (2)', 'a_b__')
    """
    plain = _FORBIDDEN.sub("_", text).strip() or "_"
    # An apostrophe may stand within a name, not at its ends.
    plain = re.sub(r"^'|'$", "_", plain)[:MAX_SHEET_NAME].rstrip("'")
    guide = load("template")["guide_title"]["zh"]
    # A spreadsheet keeps "history" for itself.
    others = {name.casefold() for name in taken} | {"history", guide}
    number, name = 1, plain
    while name.casefold() in others:
        number += 1
        mark = f" ({number})"
        name = plain[: MAX_SHEET_NAME - len(mark)] + mark
    return name


def layer_fields(layer: str) -> tuple[Field, ...]:
    """Return the columns that a template of a layer has.

    Positions of points are `lon` and `lat`, other shapes `wkt`; a layer that may have either has
    all three.
    """
    known = schema(layer)
    names = titles(layer)
    columns = list(known.columns)
    either = known.geometry == "point or polygon"
    if "Point" in known.geometry_types:
        columns += [
            Column("lon", "number", required=not either, low=-180, high=180),
            Column("lat", "number", required=not either, low=-90, high=90),
        ]
    if known.geometry_types - {"Point"}:
        columns.append(Column("wkt", required=not either))
    return tuple(
        Field(
            column,
            names[column.name].zh,
            head_note(names[column.name]),
            choices(column),
            required=column.required,
        )
        for column in columns
    )


def head_note(title: ColumnTitle) -> str:
    """Return what a head tells when it is pointed at, its name first."""
    return f"{title.name}\n{title.en}\n{title.note_zh}\n{title.note_en}"


def choices(column: Column) -> tuple[str, ...]:
    """Return what may be chosen in a column, as a sheet shows it; nothing for free text.

    Examples
    --------
    >>> choices(schema("teams").by_name["mode"])
    ('步行', '电动自行车', '汽车')
    """
    if column.type == "flag":
        sheets = load("template")["sheets"]
        return (sheets["yes"], sheets["no"])
    vocabulary = vocabulary_of(column)
    if vocabulary is None:
        return ()
    return tuple(title.zh for title in word_titles(vocabulary).values())


def layer_sheets(layer: str, town: Layers | None) -> list[Sheet]:
    """Return one sheet for each village with the rows that lie in it, or one for all.

    Parameters
    ----------
    layer
        Name of the layer.
    town
        What is known, or None for blank sheets.
    """
    fields = layer_fields(layer)
    frame = None if town is None else town[layer]
    title = load("columns")[layer]["zh"]
    whole = schema(layer).geometry == "table"
    if town is None or frame is None or whole or not town.has("villages"):
        rows = [] if frame is None else layer_rows(frame, fields)
        return [Sheet(sheet_name(title, ()), "", fields, rows)]
    rows = layer_rows(frame, fields)
    owners = village_of_rows(frame, town["villages"])
    sheets: list[Sheet] = []
    for code, name in villages_named(town):
        mine = [row for row, owner in zip(rows, owners, strict=True) if owner == code]
        taken = [sheet.title for sheet in sheets]
        sheets.append(Sheet(sheet_name(name, taken), code, fields, mine))
    rest = [row for row, owner in zip(rows, owners, strict=True) if owner is None]
    if rest:
        elsewhere = load("template")["sheets"]["elsewhere"]["zh"]
        taken = [sheet.title for sheet in sheets]
        sheets.append(Sheet(sheet_name(elsewhere, taken), "", fields, rest))
    return sheets


def layer_rows(frame: gpd.GeoDataFrame, fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Return the rows of a layer as its sheet shows them; missing values are left out."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    positions = {"lon": shapely.get_x(shapes), "lat": shapely.get_y(shapes)}
    columns: dict[str, list[Any]] = {}
    for one in fields:
        if one.name in positions:
            numbers = np.round(positions[one.name], PLACES).tolist()
            cells = [n if is_point else None for n, is_point in zip(numbers, points, strict=True)]
        elif one.name == "wkt":
            texts = shapely.to_wkt(shapes, rounding_precision=PLACES)
            cells = [None if p else text for p, text in zip(points, texts, strict=True)]
        else:
            cells = [_cell(value, one.column) for value in _plain(frame[one.name])]
        columns[one.name] = cells
    return [
        {name: cell for name, cell in zip(columns, row, strict=True) if cell is not None}
        for row in zip(*columns.values(), strict=True)
    ]


def villages_named(town: Layers) -> list[tuple[str, str]]:
    """Return code and name of each village, in their order; the code where it has no name."""
    frame = town["villages"]
    names = zip(frame["code"].tolist(), _plain(frame["name"]), strict=True)
    return [(code, name or code) for code, name in names]


def _plain(column: pd.Series[Any]) -> list[Any]:
    return column.astype(object).where(column.notna(), None).tolist()


def _cell(value: Any, column: Column) -> Any:
    """Return one value as a sheet shows it; a date as a date where a sheet can hold it."""
    if value is None:
        return None
    if column.type == "flag":
        sheets: Mapping[str, str] = load("template")["sheets"]
        return sheets["yes" if value else "no"]
    if column.type == "word":
        vocabulary = vocabulary_of(column)
        word = None if vocabulary is None else word_titles(vocabulary).get(str(value))
        return str(value) if word is None else word.zh
    if column.type == "date":
        return sheet_date(str(value))
    return value


def sheet_date(text: str) -> date | str:
    """Return a date that a sheet can hold as such; the text where it is none or too early.

    Examples
    --------
    >>> sheet_date("2024-08-31"), sheet_date("1880-01-01")
    (datetime.date(2024, 8, 31), '1880-01-01')
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    # Sheets count days from 1900, and wrongly before March.
    return day if day >= date(1900, 3, 1) else text
