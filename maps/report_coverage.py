"""Rates side by side, places, villages and gaps: sections of coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from maps.report_model import (
    Block,
    Cell,
    Column,
    Number,
    Part,
    Picture,
    Said,
    Section,
    Span,
    Table,
)
from maps.report_words import flag, term, told
from planner.results_coverage import STEPS, VARIANTS

Document = Mapping[str, Any]
RATES = ("area_rate", "street_rate", "village_rate", "entrance_rate", "junction_rate")
STAGES = ("built", "networked", "online", "in_service")
# So many gaps are on paper; a workbook has them all.
PAPER_ROWS = 20
NO_SPAN = {"value": None, "low": None, "high": None}


def coverage_section(coverage: Document, pictures: Sequence[str]) -> Section:
    """Return every rate that can be had, none as "the" rate."""
    blocks: list[Block] = [_rates(coverage), _ladder(coverage)]
    if coverage["totals"].get("build_counts"):
        blocks += _build_counts(coverage["totals"]["build_counts"])
    if "map_sites" in pictures:
        blocks.append(Picture("map_sites", told("map_sites")))
    return Section(told("head_coverage"), (*blocks, _places(coverage)))


def village_table(coverage: Document) -> Table:
    """Return the coverage of each village, worst first."""
    columns = (
        Column(told("name"), 3.2),
        Column(told("code"), 2.6, on_paper=False),
        Column(told("rural"), 1.2),
        Column(told("open_ground"), 2.0, "number"),
        Column(told("area_rate"), 2.8, "span"),
        Column(told("by_networked"), 1.8, "number"),
        Column(told("by_in_service"), 1.8, "number"),
        Column(told("by_repaired"), 1.6, "number"),
        Column(told("working_cameras"), 1.4, "number"),
    )

    def share(village: Document) -> float:
        value = village["area_rate"]["value"]
        return -1.0 if value is None else float(value)

    rows: list[tuple[Cell, ...]] = [
        (
            village["name"] or "",
            village["code"],
            flag(village["rural"]),
            Number(village["open_ground_m2"], "m2"),
            Span(**village["area_rate"]),
            *(Number(village[variant], "share") for variant in VARIANTS),
            Number(village["cameras"]),
        )
        for village in sorted(coverage["villages"], key=share)
    ]
    return Table(told("village_coverage"), columns, rows, told("sheet_villages"))


def gaps_section(coverage: Document) -> Section:
    """Return the gaps by weight."""
    names = {village["code"]: village["name"] for village in coverage["villages"]}
    columns = (
        Column(told("rank"), 1.0, "number"),
        Column(told("place"), 3.0),
        Column(told("village"), 2.2),
        Column(told("area"), 1.4, "number"),
        Column(told("ground"), 1.2, on_paper=False),
        Column(told("sites"), 1.2, "number"),
        Column(told("incidents"), 1.6, "number"),
        Column(told("street_m"), 1.1, "number", on_paper=False),
        Column(told("reason"), 3.4),
        Column(told("nearest"), 3.9),
        Column(told("distance"), 1.6, "number"),
        Column(told("weight"), 1.0, "number", on_paper=False),
        Column(told("lon"), 1.5, "number", on_paper=False),
        Column(told("lat"), 1.4, "number", on_paper=False),
        Column(told("cells"), 1.0, "number", on_paper=False),
        Column(told("id"), 2.0, on_paper=False),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            Number(gap["rank"]),
            place_of_gap(gap),
            names.get(gap["village"]) or gap["village"],
            Number(gap["area_m2"], "m2"),
            term("ground", gap["ground"]),
            Number(gap["sites"]),
            Number(gap["incidents"]),
            Number(gap["street_m"], "m"),
            term("reason", gap["reason"]),
            gap["nearest_camera"],
            Number(gap["distance_m"], "m"),
            Number(gap["weight"], "weight"),
            Number(gap["lon"], "lonlat"),
            Number(gap["lat"], "lonlat"),
            Number(gap["cells"]),
            gap["id"],
        )
        for gap in coverage["gaps"]
    ]
    table = Table(
        told("gaps_listed"), columns, rows, told("sheet_gaps"), PAPER_ROWS, empty=told("no_gaps")
    )
    return Section(told("head_gaps"), (table,))


def place_of_gap(gap: Document) -> Said:
    """Return what a gap is called: by what stands near, else by its rank."""
    if gap["near"]:
        return Said(gap["near"], gap["near"])
    return told("gap_place", rank=gap["rank"])


def _rates(coverage: Document) -> Table:
    totals = coverage["totals"]
    columns = (Column(told("figure"), 4), Column(told("value"), 3, "span"))
    rows: list[tuple[Cell, ...]] = [
        (term("rate", rate), Span(**(totals.get(rate) or NO_SPAN))) for rate in RATES
    ]
    return Table(told("rates"), columns, rows, told("sheet_summary"))


def _ladder(coverage: Document) -> Table:
    """Return the site rate by step of its ladder: of all places, and of each class."""
    totals = coverage["totals"]
    whole = totals.get("site_rate") or {}
    by_class = totals.get("site_rate_by_class") or {}
    columns = (
        Column(told("step"), 3),
        Column(term("state", "total"), 2.4, "span"),
        *(Column(term("area_class", name), 2.4, "span") for name in by_class),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            term("step", step),
            *(Span(**(rates.get(step) or NO_SPAN)) for rates in (whole, *by_class.values())),
        )
        for step in STEPS
    ]
    return Table(told("sites_by_class"), columns, rows, told("sheet_summary"))


def _build_counts(counts: Document) -> list[Block]:
    """Return how many places must have cameras and how many have them, then the cameras'."""
    columns = (
        Column(told("area_class"), 2.4),
        Column(told("required"), 1.2, "number"),
        *(Column(told(name), 1.8, "span") for name in STAGES),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            term("state", "total") if name == "all" else term("area_class", name),
            Number(row["required"]),
            *(Span(**row[stage], unit="half") for stage in STAGES),
        )
        for name, row in counts["sites"].items()
    ]
    sheet = told("sheet_summary")
    return [
        Table(told("build_counts"), columns, rows, sheet),
        _camera_stages(counts["cameras"], coverage_sheet=sheet),
    ]


def _camera_stages(counts: Document, coverage_sheet: Said) -> Table:
    columns = (
        Column(told("state"), 2.4),
        Column(told("count"), 2, "part"),
        Column(told("value"), 3, "span"),
        Column(told("of_unknown"), 1.6, "number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            told(stage),
            Part(about["part"], about["whole"]),
            Span(**about["rate"]),
            Number(about["unknown"]),
        )
        for stage in STAGES[1:]
        if (about := counts.get(stage))
    ]
    return Table(told("camera_counts"), columns, rows, coverage_sheet, empty=told("none"))


def _places(coverage: Document) -> Table:
    """Return every place with each step of its ladder, for a workbook."""
    names = {village["code"]: village["name"] for village in coverage["villages"]}
    columns = (
        Column(told("code")),
        Column(told("name")),
        Column(told("kind")),
        Column(told("area_class")),
        Column(told("village")),
        Column(told("level")),
        Column(told("seen"), kind="span"),
        Column(told("arms"), kind="number"),
        *(Column(term("step", step)) for step in STEPS),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            site["code"],
            site["name"],
            term("site", site["kind"]),
            term("area_class", site["area_class"]),
            names.get(site["village"]) or site["village"],
            term("level", site["level"]),
            Span(**site["seen"]),
            Number(site["arms"]),
            *(term("tri", site[step]) for step in STEPS),
        )
        for site in coverage["sites"]
    ]
    return Table(told("sites"), columns, rows, told("sheet_places"), paper_rows=0)
