"""The rectification list: place, fault, responsible unit, due date, state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maps.report_model import Cell, Column, Number, Section, Table
from maps.report_words import term, titled, told

Document = Mapping[str, Any]
# So many items are on paper; a workbook has them all.
PAPER_ROWS = 40
CLOSED_ROWS = 10


def rectification_section(rectification: Document, villages: Mapping[str, str]) -> Section:
    """Return what must be mended, what is overdue first, then what has been mended.

    Parameters
    ----------
    rectification
        The document.
    villages
        Code to name.
    """
    items = rectification["items"]
    columns = _columns()
    left = [_row(item, villages) for item in items if item["state"] != "closed"]
    done = [_row(item, villages) for item in items if item["state"] == "closed"]
    sheet, none = told("sheet_rectification"), told("none")
    tables = (
        Table(told("open_items", n=len(left)), columns, left, None, PAPER_ROWS, empty=none),
        Table(told("closed_items", n=len(done)), columns, done, None, CLOSED_ROWS, empty=none),
        Table(told("head_rectification"), columns, [*left, *done], sheet, paper_rows=0),
    )
    return Section(told("head_rectification"), tables, landscape=True)


def _columns() -> tuple[Column, ...]:
    return (
        Column(told("state"), 1.9),
        Column(told("due"), 1.5),
        Column(told("place"), 3.2),
        Column(told("code"), 2.8),
        Column(told("layer"), 1.3, on_paper=False),
        Column(told("village"), 2.4),
        Column(told("fault"), 4.8),
        Column(told("responsible"), 2.6),
        Column(told("opened"), 1.5),
        Column(told("closed"), 1.5),
        Column(told("times"), 0.8, "number"),
        Column(told("note"), 2.0, on_paper=False),
        Column(told("lon"), 1.4, "number", on_paper=False),
        Column(told("lat"), 1.4, "number", on_paper=False),
        Column(told("id"), 2.0, on_paper=False),
    )


def _row(item: Document, villages: Mapping[str, str]) -> tuple[Cell, ...]:
    village = item["village"]
    return (
        term("state", item["state"]),
        item["due"],
        item["name"] or item["code"],
        item["code"],
        term("layer", item["layer"]),
        (villages.get(village) or village) if village else "",
        titled({"zh": item["zh"], "en": item["en"]}),
        item["unit"],
        item["opened"],
        item["closed"],
        Number(item["times"]),
        titled({"zh": item.get("note_zh"), "en": item.get("note_en")}),
        Number(item["lon"], "lonlat"),
        Number(item["lat"], "lonlat"),
        item["id"],
    )
