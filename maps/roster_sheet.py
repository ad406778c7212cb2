"""Workbooks of many nights: tables with charts, and a month of each team."""

# xlsxwriter ships no types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from gis.profiles import load
from gis.write_tables import guarded

Lang = Literal["zh", "en"]

# Columns that hold shares, and how others are shown.
SHARES = ("overlap", "common_share", "fixed_common_share")
FIGURE_SHARES = ("common_share_worst", "common_share_mean", "covered", "overlap")
FIRST_ROW = 3
WIDEST = 40


def write_roster(document: Mapping[str, Any], path: Path, *, lang: Lang = "zh") -> None:
    """Write the plans of many nights as .xlsx: figures, nights, teams, stops, grids, with charts.

    Parameters
    ----------
    document
        As `planner.answers_ahead.answer_roster` gives it.
    path
        Where to.
    lang
        Language of heads and titles.
    """
    at = _at(lang)
    words = load("roster_sheet")
    nights = document["nights"]
    title = words["title"][at].format(
        town=document["town"], first=document["first"], nights=len(nights)
    )
    with xlsxwriter.Workbook(path) as book:
        figures = [
            {"figure": names[at], **{side: document["figures"][side][key] for side in SIDES}}
            for key, names in words["figures"].items()
        ]
        page = _sheet(book, "figures", title, document, figures, lang)
        _show_shares(book, page, document)
        page = _sheet(book, "nights", title, document, nights, lang)
        if nights:
            chart = _chart(book, "line", "nights", len(nights), "night", ["score", "best"], lang)
            page.insert_chart(FIRST_ROW, len(words["sheets"]["nights"]), chart)
        page = _sheet(book, "teams", title, document, document["teams"], lang)
        if document["teams"]:
            chart = _chart(book, "bar", "teams", len(document["teams"]), "name", ["hours"], lang)
            page.insert_chart(FIRST_ROW, len(words["sheets"]["teams"]), chart)
        stops = sorted(document["stops"], key=lambda row: -(row["common_share"] or 0))
        page = _sheet(book, "stops", title, document, stops, lang)
        _shade(page, "stops", "common_share", len(stops))
        _shade(page, "stops", "worst_idle_h", len(stops))
        page = _sheet(book, "grids", title, document, document["grids"], lang)
        _shade(page, "grids", "worst_idle_h", len(document["grids"]))
        _sheet(book, "overdue", title, document, document["overdue"], lang)


def write_month(document: Mapping[str, Any], path: Path, *, lang: Lang = "zh") -> None:
    """Write a month of each team as .xlsx: nights, people, hours, km, check-ins; no names.

    Parameters
    ----------
    document
        `town`, `made_up`, `params` with the month, `teams` as `planner.checkins.month_sheet`.
    path
        Where to.
    lang
        Language of heads and title.
    """
    words = load("roster_sheet")
    title = words["month_title"][_at(lang)].format(
        town=document["town"], month=document["params"]["month"]
    )
    with xlsxwriter.Workbook(path) as book:
        page = _sheet(book, "month", title, document, document["teams"], lang)
        note = book.add_format({"font_color": "#57606a"})
        page.write_string(1, 0, words["no_names"][_at(lang)], note)


SIDES = ("drawn", "fixed")


def _at(lang: Lang) -> int:
    return 0 if lang == "zh" else 1


def _columns(name: str) -> list[str]:
    return [key for key in load("roster_sheet")["sheets"][name] if key != "title"]


def _sheet(
    book: Any,
    name: str,
    title: str,
    document: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    lang: Lang,
) -> Any:
    """Return a sheet with a title, heads that stay in view, and rows."""
    heads, at = load("roster_sheet")["sheets"][name], _at(lang)
    page = book.add_worksheet(heads["title"][at])
    page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    if document["made_up"]:
        mark = book.add_format({"bold": True, "font_color": "#b3261e"})
        page.write_string(1, 0, load("roster_sheet")["made_up"][at], mark)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    share = book.add_format({"num_format": "0 %"})
    tenth = book.add_format({"num_format": "0.0"})
    for column, key in enumerate(_columns(name)):
        page.write_string(FIRST_ROW - 1, column, heads[key][at], head)
        widest = len(heads[key][at])
        for row, values in enumerate(rows, FIRST_ROW):
            value = values[key]
            if isinstance(value, str):
                page.write_string(row, column, guarded(value))
                widest = max(widest, _wide(value))
            elif value is not None:
                look = share if key in SHARES else tenth if isinstance(value, float) else None
                page.write_number(row, column, value, look)
        page.set_column(column, column, min(widest + 2, WIDEST))
    page.freeze_panes(FIRST_ROW, 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(FIRST_ROW - 1)
    page.set_footer("&R&P / &N")
    return page


def _wide(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)


def _show_shares(book: Any, page: Any, document: Mapping[str, Any]) -> None:
    """Write the figures that are shares as such."""
    share = book.add_format({"num_format": "0 %"})
    for row, key in enumerate(load("roster_sheet")["figures"], FIRST_ROW):
        for column, side in enumerate(SIDES, 1):
            value = document["figures"][side][key]
            if key in FIGURE_SHARES and value is not None:
                page.write_number(row, column, value, share)


def _shade(page: Any, name: str, key: str, count: int) -> None:
    """Shade a column from pale to strong: what is strong wants a look."""
    if count:
        column = _columns(name).index(key)
        scale = {"type": "2_color_scale", "min_color": "#ffffff", "max_color": "#d55e00"}
        page.conditional_format(FIRST_ROW, column, FIRST_ROW + count - 1, column, scale)


def _chart(
    book: Any, kind: str, name: str, count: int, along: str, keys: Sequence[str], lang: Lang
) -> Any:
    """Return a chart of some columns of a sheet."""
    heads, at, columns = load("roster_sheet")["sheets"][name], _at(lang), _columns(name)
    sheet, last = heads["title"][at], FIRST_ROW + count - 1
    chart = book.add_chart({"type": kind})
    for number, key in enumerate(keys):
        column, labels = columns.index(key), columns.index(along)
        colour = ("#0072b2", "#d55e00")[number]
        chart.add_series(
            {
                "name": heads[key][at],
                "categories": [sheet, FIRST_ROW, labels, last, labels],
                "values": [sheet, FIRST_ROW, column, last, column],
                **({"line": {"color": colour}} if kind == "line" else {"fill": {"color": colour}}),
            }
        )
    chart.set_size({"width": 720, "height": 360})
    chart.set_legend({"position": "bottom"})
    if kind == "bar":
        chart.set_y_axis({"reverse": True})
    else:
        chart.set_y_axis({"min": 0})
    return chart
