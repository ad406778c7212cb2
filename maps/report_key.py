"""The first page: key figures with their targets, the map, the worst three places in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from gis.profiles import load
from maps.report_cells import number_text
from maps.report_model import (
    Block,
    Cell,
    Column,
    Lines,
    Part,
    Picture,
    Said,
    Section,
    Span,
    Status,
    Table,
)
from maps.report_targets import limit_of, span_of, target_title
from maps.report_words import term, told

Document = Mapping[str, Any]
WORST = 3
NO_SPAN = {"value": None, "low": None, "high": None}


def key_section(documents: Mapping[str, Document], pictures: Sequence[str]) -> Section:
    """Return the section of the first page.

    Parameters
    ----------
    documents
        Kind of answer to its document; "coverage" at least.
    pictures
        Names of the pictures there are.
    """
    coverage = documents["coverage"]
    blocks: list[Block] = [_figures(documents)]
    if "targets" in documents:
        blocks.insert(0, Lines(_counts(documents["targets"]), sheet=told("sheet_summary")))
    blocks.append(Lines(_worst(coverage), listed=True, sheet=told("sheet_summary")))
    if "map_cells" in pictures:
        blocks.append(Picture("map_cells", told("map_cells")))
    return Section(told("head_key"), tuple(blocks))


def _counts(targets: Document) -> tuple[Said, ...]:
    counts = Counter(target["status"] for target in targets["targets"])
    known = {name: counts.get(name, 0) for name in load("report")["status"]}
    return (told("statuses", **known),)


def _figures(documents: Mapping[str, Document]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for line in load("report")["headline"]:
        target = _target(documents.get("targets"), line["targets"])
        rows += [_target_row(target)] if target else _plain_rows(line["figure"], documents)
    columns = (
        Column(told("figure"), 4.2),
        Column(told("value"), 3.2, "span"),
        Column(told("count"), 2.4, "part"),
        Column(told("target"), 1.7, "limit"),
        Column(told("status"), 2.2, "status"),
    )
    return Table(told("head_key"), columns, rows, told("sheet_summary"))


def _target(targets: Document | None, ids: Sequence[str]) -> Document | None:
    found = [] if targets is None else targets["targets"]
    return next((one for one in found if one["id"] in ids), None)


def _target_row(target: Document) -> tuple[Cell, ...]:
    return (
        target_title(target),
        span_of(target.get("value"), target["unit"]),
        Part(target.get("part"), target.get("whole"), "half"),
        limit_of(target),
        Status(target["status"]),
    )


def _plain_rows(figure: str, documents: Mapping[str, Document]) -> list[tuple[Cell, ...]]:
    """Return the rows of a figure that no target judges."""
    coverage = documents["coverage"]
    totals = coverage["totals"]
    if figure == "tiers":
        tiers = documents.get("response", {}).get("tiers", [])
        return [
            _row(
                told("tier_met", n=tier["tier_min"]),
                dict.fromkeys(NO_SPAN, tier["share"]),
                Part(tier["met"], tier["sites"]),
            )
            for tier in tiers
        ]
    if figure in ("key_public", "key_industry"):
        by_class = totals.get("site_rate_by_class") or {}
        span = (by_class.get(figure) or {}).get("in_view")
        title = told("site_in_view", **{"class": term("area_class", figure)})
        return [] if span is None else [_row(title, span, _counted(figure, coverage))]
    if figure == "networked":
        return []
    return [_row(term("rate", figure), totals.get(figure), _part(figure, coverage))]


def _part(figure: str, coverage: Document) -> Part:
    """Return the part and the whole of a rate; of open ground, at least the ground there is."""
    counted = _counted(figure, coverage)
    if counted.whole is None and figure == "area_rate":
        return Part(None, coverage["totals"]["open_ground_m2"], "ground_m2")
    if counted.whole is None and figure == "village_rate":
        least = coverage["params"].get("cameras_per_village", 1)
        villages = coverage["villages"]
        return Part(sum(v["cameras"] >= least for v in villages), len(villages))
    return counted


def _counted(figure: str, coverage: Document) -> Part:
    """Return the rate's own part and whole where the document tells them."""
    # Rows are not counted anew: a rate weighs what is only perhaps seen, and leaves out places
    # that are planned or closed.
    about = (coverage["totals"].get("counts") or {}).get(figure) or {}
    unit = about.get("unit", "half")
    return Part(about.get("part"), about.get("whole"), "half" if unit == "count" else unit)


def _row(title: Said, span: Any, part: Part) -> tuple[Cell, ...]:
    return (title, Span(**(span or NO_SPAN)), part, None, Status(None))


def _worst(coverage: Document) -> tuple[Said, ...]:
    gaps = coverage["gaps"][:WORST]
    if not gaps:
        return (told("no_gaps"),)
    return (told("worst"), *(_gap_sentence(gap) for gap in gaps))


def _gap_sentence(gap: Document) -> Said:
    blank = Said("", "")
    sites, distance = gap["sites"], gap["distance_m"]
    return told(
        "worst_gap",
        rank=gap["rank"],
        place=told("gap_near", near=gap["near"])
        if gap["near"]
        else told("gap_place", rank=gap["rank"]),
        area=number_text(gap["area_m2"], "m2"),
        reason=term("reason", gap["reason"]),
        sites=told("worst_sites", n=sites) if sites else blank,
        nearest=blank
        if distance is None
        else told("worst_nearest", distance=number_text(distance, "m")),
    )
