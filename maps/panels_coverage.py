"""Figures and lists of the coverage page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gis.layers import Layers
from maps.legend_coverage import coverage_legend
from maps.overlays import place_name, say_kind
from maps.overlays_coverage import gap_title, worst_sites
from maps.panels import MOST_ENTRIES, WORST, Entry, Figure, Panel, Section, share_figure
from maps.panels_rates import coverage_notes, coverage_tables
from maps.units import doubt, each_row, ground, interval, known, length, percent, share_text
from maps.words import Words
from planner.rates import existing
from planner.results import UNKNOWN
from planner.results_coverage import Coverage


def coverage_panel(
    layers: Layers,
    coverage: Coverage,
    say: Words,
    targets: Mapping[str, float],
    site_class: str = "",
) -> Panel:
    """Return what stands beside the map of coverage.

    Parameters
    ----------
    layers, coverage
        The town and the answer.
    say
        Words of the page's language.
    targets
        Figure ("area_rate", "site_rate", ...) to the share to reach.
    site_class
        The picture class that the site rate asks for, "" where it is not known.
    """
    return Panel(
        _figures(layers, coverage, say, targets),
        (
            worst_gaps(coverage, say),
            _gaps(coverage, say),
            _sites(coverage, say),
            *_villages(coverage, say),
        ),
        coverage_legend(coverage, say),
        coverage_notes(coverage, say),
        _lacking(coverage, "area_rate"),
        say("Day: {day}", day=coverage.at) if coverage.at else "",
        coverage_tables(coverage, say, site_class),
    )


def _lacking(coverage: Coverage, figure: str) -> tuple[str, ...]:
    return next((m.layers for m in coverage.missing if m.figure == figure), ())


def _figures(
    layers: Layers, coverage: Coverage, say: Words, targets: Mapping[str, float]
) -> tuple[Figure, ...]:
    totals = coverage.totals
    area = totals["area_rate"]
    open_m2 = totals["open_ground_m2"]
    seen_m2 = ground(area.value * open_m2, say) if area.value is not None else ""
    counts = {
        "area_rate": f"{seen_m2} / {ground(open_m2, say)}",
        "site_rate": _site_count(layers, coverage),
        "village_rate": _village_count(coverage),
    }
    titles = {
        "area_rate": say("Open ground seen"),
        "site_rate": say("Places in view"),
        "street_rate": say("Streets seen"),
        "village_rate": say("Villages with cameras"),
    }
    extra = {
        "entrance_rate": say("Entrances in view"),
        "junction_rate": say("Junctions in view"),
    }
    # Those a town rarely has are named below, with the other figures that cannot be had.
    titles |= {name: title for name, title in extra.items() if totals[name].value is not None}
    shares = {name: totals.get(name, UNKNOWN) for name in titles}
    shares["site_rate"] = (totals.get("site_rate") or {}).get("in_view", UNKNOWN)
    return tuple(
        share_figure(
            title,
            shares[name],
            say,
            count=counts.get(name, ""),
            target=targets.get(name),
            lacking=_lacking(coverage, name),
        )
        for name, title in titles.items()
    )


def _site_count(layers: Layers, coverage: Coverage) -> str:
    # As the rate counts them: without those planned or closed.
    absent = layers["sites"]["code"][~existing(layers)]
    level = coverage.sites["level"][~coverage.sites["code"].isin(absent)]
    sure, total = int((level == "seen").sum()), len(level)
    most = sure + int((level == "perhaps").sum())
    return f"{sure} / {total}" if most == sure else f"{sure}–{most} / {total}"


def _village_count(coverage: Coverage) -> str:
    share = coverage.totals["village_rate"].value
    count = len(coverage.villages)
    return f"{round(share * count)} / {count}" if share is not None else ""


def _gap_entry(row: Any, say: Words, **looks: str) -> Entry:
    note = say.term("reason", row.reason)
    distance = getattr(row, "distance_m", None)
    if known(distance):
        away = say("nearest camera {length}", length=length(distance, say))
        note = f"{note} · {away}"
    return Entry(
        gap_title(row, say),
        note,
        ground(row.area_m2, say),
        _what_is_in(row, say),
        f"gap:{row.id}",
        **looks,
    )


def _what_is_in(row: Any, say: Words) -> str:
    """Return what a gap holds: places, else what kind of ground it is; and its incidents."""
    sites = int(getattr(row, "sites", 0) or 0)
    incidents = getattr(row, "incidents", None)
    told = [say("{n} places", n=sites) if sites else say.term("ground", getattr(row, "ground", ""))]
    if known(incidents) and incidents:
        told.append(say("{n} incidents", n=f"{incidents:.0f}"))
    return " · ".join(part for part in told if part)


def worst_gaps(coverage: Coverage, say: Words) -> Section:
    """Return the worst three gaps, each with its rank."""
    rows = each_row(coverage.gaps.head(WORST))
    entries = tuple(_gap_entry(row, say, badge=str(row.rank)) for row in rows)
    empty = say("No gaps.") if coverage.totals["area_rate"].value is not None else ""
    return Section(say("Worst three gaps"), entries, look="worst", empty=empty)


def _gaps(coverage: Coverage, say: Words) -> Section:
    drawn = coverage.gaps[coverage.gaps.geometry.notna()]
    rows = each_row(drawn.iloc[WORST:MOST_ENTRIES])
    entries = tuple(_gap_entry(row, say, badge=str(row.rank), badge_css="plain") for row in rows)
    return Section(say("More gaps"), entries, str(len(coverage.gaps)))


def _sites(coverage: Coverage, say: Words) -> Section:
    rows = worst_sites(coverage)
    unseen = rows[rows["level"] == "unseen"]
    entries = tuple(
        Entry(
            place_name(row, say_kind(say, "site", row)),
            say_kind(say, "site", row),
            percent(row.value),
            doubt(interval(row)),
            f"site:{row.code}",
        )
        for row in each_row(unseen.head(MOST_ENTRIES))
    )
    return Section(say("Unseen places"), entries, f"{len(unseen)} / {len(rows)}")


def _villages(coverage: Coverage, say: Words) -> list[Section]:
    if len(coverage.villages) < 2:
        return []
    rows = pd.DataFrame(coverage.villages).sort_values("value", na_position="first")
    entries = tuple(
        Entry(place_name(row), ground(row.open_ground_m2, say), share_text(interval(row)))
        for row in each_row(rows)
    )
    return [Section(say("Villages, worst first"), entries, str(len(rows)))]
