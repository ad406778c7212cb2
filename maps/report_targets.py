"""Targets: the table of all, the places that fail, what is left out on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from maps.report_cells import cell_text, joined
from maps.report_model import (
    Cell,
    Column,
    Limit,
    Number,
    Part,
    Said,
    Section,
    Span,
    Status,
    Table,
)
from maps.report_words import term, titled, told

Document = Mapping[str, Any]
# So many places that fail one target are named on paper.
NAMED = 5


def targets_section(targets: Document) -> Section:
    """Return every target with its number, limit and status, what is lacking, other readings."""
    columns = (
        Column(told("id"), 0.9),
        Column(told("clause"), 1.3),
        Column(told("figure"), 5.8),
        Column(told("value"), 2.7, "span"),
        Column(told("count"), 1.8, "part"),
        Column(told("target"), 2.1, "limit"),
        Column(told("before"), 1.9, "number"),
        Column(told("trend"), 1.5),
        Column(told("status"), 2.7, "status"),
        Column(told("remarks"), 7.5, "remark", on_sheet=False),
        Column(told("lacks"), kind="number", on_paper=False),
        Column(told("lacking"), on_paper=False),
        Column(told("note"), on_paper=False),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            target["id"],
            target.get("clause"),
            target_title(target),
            span_of(target.get("value"), target["unit"]),
            Part(target.get("part"), target.get("whole"), "half"),
            limit_of(target),
            Number(target.get("before"), target["unit"]),
            term("trend", target.get("trend")),
            Status(target["status"]),
            _remarks(target),
            Number(len(target["failing"]) or None),
            lacking_text(target["missing"]),
            titled(target.get("note")),
        )
        for target in targets["targets"]
    ]
    title = told("judged_by", title=profile_title(targets))
    table = Table(title, columns, rows, told("sheet_targets"), empty=told("none"))
    return Section(told("head_targets"), (table, _readings(targets)), landscape=True)


def failing_section(targets: Document, villages: Mapping[str, str]) -> Section:
    """Return who fails each target, those first that need least.

    Parameters
    ----------
    targets
        The document.
    villages
        Code to name.
    """
    failed = [target for target in targets["targets"] if target["failing"]]
    columns = (
        Column(told("id"), 0.9),
        Column(told("figure"), 5.0, "remark"),
        Column(told("lacks"), 1.4, "number"),
        Column(told("needs_least", n=NAMED), 10, "remark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            target["id"],
            target_title(target),
            Number(len(target["failing"])),
            joined([_failing_text(place, target) for place in target["failing"][:NAMED]]),
        )
        for target in failed
    ]
    short = Table(told("head_failing"), columns, rows, empty=told("none"))
    return Section(told("head_failing"), (short, _all_failing(failed, villages)))


def _all_failing(failed: Sequence[Document], villages: Mapping[str, str]) -> Table:
    """Return every place that fails, for a workbook."""
    columns = (
        Column(told("id")),
        Column(told("figure")),
        Column(told("place")),
        Column(told("layer")),
        Column(told("code")),
        Column(told("village")),
        Column(told("value_one"), kind="number"),
        Column(told("short"), kind="number"),
        Column(told("note")),
    )
    rows: list[tuple[Cell, ...]] = [
        (target["id"], target_title(target), *_failing_row(place, target, villages))
        for target in failed
        for place in target["failing"]
    ]
    return Table(told("head_failing"), columns, rows, told("sheet_failing"), paper_rows=0)


def _readings(targets: Document) -> Table:
    """Return the same targets asked in other ways, for a workbook."""
    columns = (
        Column(told("id")),
        Column(told("figure")),
        Column(told("reading")),
        Column(told("value"), kind="span"),
        Column(told("count"), kind="part"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            target["id"],
            target_title(target),
            titled(one["title"]),
            span_of(one["value"], one["unit"]),
            Part(one["part"], one["whole"], "half"),
        )
        for target in targets["targets"]
        for one in target.get("beside", [])
    ]
    sheet = told("sheet_readings")
    return Table(told("head_readings"), columns, rows, sheet, 0, empty=told("none"))


def _remarks(target: Document) -> Said:
    """Return what is lacking, the other readings and the note of a target, in one text."""
    lacking, note = lacking_text(target["missing"]), titled(target.get("note"))
    readings = [_reading_text(one) for one in target.get("beside", [])]
    return joined([text for text in (*readings, note, lacking) if text.zh])


def _reading_text(one: Document) -> Said:
    title, span = titled(one["title"]), span_of(one["value"], one["unit"])
    return Said(
        f"{title.zh} {cell_text(span, 'zh')}",
        f"{title.en} {cell_text(span, 'en')}",
    )


def _failing_text(place: Document, target: Document) -> Said:
    """Return the name of a place and how much it is short by."""
    name = place.get("name") or place["code"]
    short = Number(place.get("short"), place.get("unit") or target["unit"])
    if short.value is None:
        return Said(name, name)
    return told(
        "short_by",
        name=name,
        short=Said(cell_text(short, "zh"), cell_text(short, "en")),
    )


def left_out_table(targets: Document) -> Table:
    """Return what is left out on purpose, and why."""
    columns = (
        Column(told("clause"), 1.6),
        Column(told("figure"), 5),
        Column(told("why"), 8, "remark"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            str(item.get("clause") or ""),
            _titled(item, "", "title"),
            _titled(item, "reason_", "reason"),
        )
        for item in targets.get("left_out", [])
    ]
    sheet = told("sheet_notes")
    return Table(told("left_out"), columns, rows, sheet, empty=told("none"))


def profile_title(targets: Document) -> Said:
    """Return the title of the profile, else its name."""
    return titled(targets.get("title") or targets["profile"])


def target_title(target: Document) -> Said:
    """Return what a target asks, in both languages."""
    return titled(target["title"])


def span_of(value: Any, unit: str) -> Span:
    """Return the interval of a target, unknown where it has none."""
    if not isinstance(value, Mapping):
        return Span(None, None, None, unit)
    return Span(value["value"], value["low"], value["high"], unit)


def limit_of(target: Document) -> Limit | None:
    """Return what a target asks for; None where it sets no number."""
    threshold = target.get("threshold")
    if not threshold:
        return None
    return Limit(threshold["op"], threshold["value"], target["unit"])


def _titled(item: Document, prefix: str, whole: str) -> Said:
    """Return a text kept as zh and en under a prefix, or as one member."""
    if f"{prefix}zh" in item:
        return titled({"zh": item[f"{prefix}zh"], "en": item[f"{prefix}en"]})
    return titled(item.get(whole))


def titled_id(target: Document) -> Said:
    """Return the number of a target and what it asks."""
    title = target_title(target)
    return Said(f"{target['id']} {title.zh}", f"{target['id']} {title.en}")


def lacking_text(missing: Sequence[Any]) -> Said:
    """Return what is not known, in words."""
    return joined(
        [
            _titled(one, "", "column") if isinstance(one, Mapping) else Said(str(one), str(one))
            for one in missing
        ]
    )


def _failing_row(
    place: Document, target: Document, villages: Mapping[str, str]
) -> tuple[Cell, ...]:
    village = place.get("village")
    return (
        place.get("name") or place["code"],
        term("layer", place["layer"]),
        place["code"],
        villages.get(village) or village if village else "",
        Number(place["value"], place.get("value_unit") or "exact"),
        Number(place.get("short"), place.get("unit") or target["unit"]),
        _titled(place, "note_", "note"),
    )
