"""The sheets of a template drawn: colours, lists to choose from, limits, print layout."""

# xlsxwriter ships no types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from gis.columns import layer_title
from gis.profiles import load
from gis.template_guide import Formats, draw_guide
from gis.template_plan import Field, Sheet
from gis.write_tables import MAX_CELL_CHARACTERS, guarded

KNOWN_SHEET = "_known_"
LISTS_SHEET = "_lists"
VILLAGE = "_sheet_of"

# Rows below those filled in that have lists and limits too.
SPARE_ROWS = 200

# What a list to choose from may be long where it stands in the cell's own rule.
_INLINE_CHARACTERS = 255
_A4 = 9
_WIDTHS = {"text": 18, "word": 16, "date": 12, "number": 12, "integer": 10, "flag": 8}
_WIDE = {"shown_key_title": 36, "shown_note": 44, "name": 26, "wkt": 30, "value": 14}
_DAYS = (date(1900, 3, 1), date(2100, 12, 31))


def draw(path: Path, layer: str, sheets: Sequence[Sheet], town: str) -> None:
    """Write the sheets of a template as a workbook.

    Parameters
    ----------
    path
        Where to.
    layer
        Layer that is asked for; "facts" for facts.
    sheets
        What to ask.
    town
        Name of the town, or "".
    """
    with xlsxwriter.Workbook(path) as book:
        formats = _formats(book)
        guide = book.add_worksheet(load("template")["guide_title"]["zh"])
        pages = [book.add_worksheet(sheet.title) for sheet in sheets]
        known = book.add_worksheet(f"{KNOWN_SHEET}{layer}")
        known.very_hidden()
        lists = _draw_lists(book, sheets)
        draw_guide(guide, layer, town, formats)
        for page, sheet in zip(pages, sheets, strict=True):
            _draw_sheet(
                page, sheet, f"{town} {layer_title(layer).zh} {sheet.title}", formats, lists
            )
        _draw_known(known, sheets, formats)


def _formats(book: Any) -> Formats:
    colours = load("template")["colours"]
    head = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "align": "center"}
    known = {"bg_color": colours["known"], "border": 1, "valign": "top", "text_wrap": True}
    return {
        "required": book.add_format({**head, "bg_color": colours["required"]}),
        "optional": book.add_format({**head, "bg_color": colours["optional"]}),
        "known_head": book.add_format({**head, "bg_color": colours["known"]}),
        "known": book.add_format({**known, "num_format": "@"}),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "plain": book.add_format({}),
        "title": book.add_format(
            {"bold": True, "font_size": 14, "font_color": colours["title"], "valign": "vcenter"}
        ),
        "told": book.add_format({"text_wrap": True, "valign": "top"}),
        "cell": book.add_format({"text_wrap": True, "valign": "top", "border": 1}),
    }


def _format_of(one: Field, formats: Formats) -> Any:
    """Return the format of a cell that is filled in: what is no number stays text."""
    if one.known:
        return formats["known"]
    kinds = {"date": "date", "number": "plain", "integer": "plain"}
    return formats[kinds.get(one.column.type, "text")]


def _draw_sheet(
    page: Any, sheet: Sheet, title: str, formats: Formats, lists: Mapping[tuple[str, ...], str]
) -> None:
    last = max(len(sheet.rows), 1) + SPARE_ROWS
    for at, one in enumerate(sheet.fields):
        kind = "required" if one.required else "known_head" if one.known else "optional"
        page.write_string(0, at, one.head, formats[kind])
        if one.note:
            page.write_comment(0, at, one.note, {"x_scale": 2.2, "y_scale": 1.6})
        width = _WIDE.get(one.name, _WIDTHS[one.column.type])
        page.set_column(at, at, width, _format_of(one, formats))
        if not sheet.asked or one.name != "value":
            _limit(page, (1, at, last, at), one, lists)
        else:
            for number, asked in enumerate(sheet.asked, start=1):
                _limit(page, (number, at, number, at), asked, lists)
    for number, row in enumerate(sheet.rows, start=1):
        for at, one in enumerate(sheet.fields):
            filled = sheet.asked[number - 1] if sheet.asked and one.name == "value" else one
            tells = one.known or one.name == "code"
            form = formats["known"] if tells else _format_of(filled, formats)
            _write(page, number, at, row.get(one.name), form)
    page.freeze_panes(1, 2)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.fields) - 1)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_header(f"&L{title.replace('&', '&&')}")
    page.set_footer("&C&P / &N")


def _write(page: Any, row: int, at: int, value: Any, form: Any) -> None:
    """Write one cell as what it is; a text too long for a cell is left out."""
    if value is None:
        page.write_blank(row, at, None, form)
    elif isinstance(value, date):
        page.write_datetime(row, at, value, form)
    elif isinstance(value, int | float):
        page.write_number(row, at, value, form)
    elif len(text := guarded(str(value))) <= MAX_CELL_CHARACTERS:
        page.write_string(row, at, text, form)


def _limit(
    page: Any, cells: tuple[int, int, int, int], one: Field, lists: Mapping[tuple[str, ...], str]
) -> None:
    """Give cells a list to choose from, or limits, by the type of their column."""
    column = one.column
    rule: dict[str, Any] = {}
    if one.words:
        rule = {"validate": "list", "source": lists.get(one.words, list(one.words))}
    elif column.type == "date":
        rule = {"validate": "date", "criteria": "between"}
        rule |= {"minimum": _DAYS[0], "maximum": _DAYS[1]}
    elif column.type in ("number", "integer"):
        rule = {"validate": "integer" if column.type == "integer" else "decimal"}
        if column.low is not None and column.high is not None:
            rule |= {"criteria": "between", "minimum": column.low, "maximum": column.high}
        else:
            rule |= {"criteria": ">=", "value": -1e15 if column.low is None else column.low}
    if rule:
        texts = load("template")["refused"]
        told = texts[rule["validate"]]
        rule |= {"error_title": texts["title"], "error_message": told}
        page.data_validation(*cells, rule)


def _draw_lists(book: Any, sheets: Sequence[Sheet]) -> dict[tuple[str, ...], str]:
    """Write the lists too long for a rule to a hidden sheet; return where each stands."""
    fields = [one for sheet in sheets for one in (*sheet.fields, *sheet.asked)]
    long = dict.fromkeys(f.words for f in fields if len(",".join(f.words)) > _INLINE_CHARACTERS)
    places: dict[tuple[str, ...], str] = {}
    if not long:
        return places
    page = book.add_worksheet(LISTS_SHEET)
    page.very_hidden()
    for at, words in enumerate(long):
        page.write_column(0, at, words)
        top, bottom = (
            xlsxwriter.utility.xl_rowcol_to_cell(row, at, row_abs=True, col_abs=True)
            for row in (0, len(words) - 1)
        )
        places[words] = f"={LISTS_SHEET}!{top}:{bottom}"
    return places


def _draw_known(page: Any, sheets: Sequence[Sheet], formats: Formats) -> None:
    """Write what was filled in under the names of the columns, with the village of each row."""
    names = [one.name for one in sheets[0].fields if not one.name.startswith("shown_")]
    for at, name in enumerate([VILLAGE, *names]):
        page.write_string(0, at, name)
    number = 0
    for sheet in sheets:
        for row in sheet.rows:
            number += 1
            page.write_string(number, 0, sheet.village)
            for at, name in enumerate(names, start=1):
                value = row.get(name)
                form = formats["date" if isinstance(value, date) else "text"]
                if value is not None:
                    _write(page, number, at, value, form)
