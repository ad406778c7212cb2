"""The rectification list: place, fault, responsible unit, due date, state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maps.report_model import Cell, Column, Number, Section, Table
from maps.report_words import term, titled, told

Document = Mapping[str, Any]
# So many items are on paper; a workbook has them all.
PAPER_ROWS = 20
CLOSED_ROWS = 5
STATES = ("open", "overdue", "closed")


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
        _by_fault(rectification),
        _by_unit(rectification),
        Table(told("open_items", n=len(left)), columns, left, None, PAPER_ROWS, empty=none),
        Table(told("closed_items", n=len(done)), columns, done, None, CLOSED_ROWS, empty=none),
        Table(told("head_rectification"), columns, [*left, *done], sheet, paper_rows=0),
    )
    return Section(told("head_rectification"), tables)


def _by_fault(rectification: Document) -> Table:
    """Return how many items there are of each fault, its days and what asks for it."""
    columns = (
        Column(told("fault"), 5),
        Column(told("days"), 1.6, "number"),
        *(Column(term("state", state), 1.4, "number") for state in STATES),
        Column(told("asked_by"), 8, "remark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            titled(about),
            Number(about["days"]),
            *(Number(about[state]) for state in STATES),
            titled(about["source"]),
        )
        for about in rectification.get("faults", [])
        if any(about[state] for state in STATES)
    ]
    return Table(told("by_fault"), columns, rows, told("sheet_summary"), empty=told("none"))


def _by_unit(rectification: Document) -> Table:
    columns = (
        Column(told("responsible"), 5),
        *(Column(term("state", state), 1.2, "number") for state in STATES),
    )
    rows: list[tuple[Cell, ...]] = [
        (unit["unit"], *(Number(unit[state]) for state in STATES))
        for unit in rectification.get("units", [])
    ]
    return Table(told("by_unit"), columns, rows, told("sheet_summary"), empty=told("none"))


def _columns() -> tuple[Column, ...]:
    return (
        Column(told("state"), 1.4),
        Column(told("due"), 1.9),
        Column(told("place"), 3.0),
        Column(told("code"), 3.9),
        Column(told("layer"), 1.3, on_paper=False),
        Column(told("village"), 2.2),
        Column(told("fault"), 3.6),
        Column(told("responsible"), 2.4),
        Column(told("opened"), 1.5, on_paper=False),
        Column(told("closed"), 1.5, on_paper=False),
        Column(told("times"), 0.8, "number", on_paper=False),
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
