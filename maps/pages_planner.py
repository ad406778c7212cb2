"""Pages of whoever plans, with a map: targets down to gaps, faults, scorecards, what to mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import shapely

from gis.layers import Layers
from gis.profiles import load
from maps.legend_coverage import coverage_legend
from maps.overlays import MOST_FEATURES, Overlay, closer, feature, place_name, thinned
from maps.overlays_coverage import coverage_overlays
from maps.overlays_labels import street_labels, village_labels
from maps.overlays_targets import failing_places, targets_overlays
from maps.pages import PLANNER, PageView, draw_page
from maps.panels import Entry, Figure, Item, LegendGroup, Panel, Section, Switch, mark_swatch
from maps.panels_planner import Tree, planner_tree, points_of_gaps
from maps.panels_targets import targets_panel
from maps.tiles import drawn_themes
from maps.units import each_row, known
from maps.words import Words, words
from planner.results_coverage import Coverage
from planner.results_targets import Targets

# Name of a part of the planner's page to the last part of its address; "" for the first.
TABS: Mapping[str, str] = {
    "targets": "",
    "files": "files",
    "checks": "checks",
    "cards": "cards",
    "list": "list",
    "reports": "reports",
    "compare": "compare",
    "teams": "teams",
}
MEND_LOOKS = {"overdue": "unseen"}
SEVERITIES = {"error": ("▲", "bad"), "warning": ("◆", "plain"), "note": ("○", "plain")}


@dataclass(frozen=True)
class Tab:
    """One part of the planner's page: its words, its address, whether it is shown."""

    name: str
    text: str
    href: str
    shown: bool


def tabs(shown: str, lang: str, base: str = "") -> tuple[Tab, ...]:
    """Return the parts of the planner's page.

    Parameters
    ----------
    shown
        The part that is shown.
    lang
        "zh" or "en".
    base
        Way from the page that is shown to where `/planner` is: "" beside it, "../" from below.
    """
    say = words(lang)
    texts = {
        "targets": say("Targets"),
        "files": say("My files"),
        "checks": say("Grids and faults"),
        "cards": say("Scorecards"),
        "list": say("To be mended"),
        "reports": say("Reports"),
        "compare": say("Two dates"),
        "teams": say("Links and hazards"),
    }
    return tuple(
        Tab(name, texts[name], f"{base}planner{'/' * bool(way)}{way}?lang={lang}", name == shown)
        for name, way in TABS.items()
    )


def targets_tab(
    layers: Layers, targets: Targets | None, coverage: Coverage | None, view: PageView, base: str
) -> str:
    """Return the page that leads from a target to its gaps, as HTML.

    Parameters
    ----------
    layers
        The town.
    targets, coverage
        The answers; None where they were never computed.
    view
        What the page shows besides.
    base
        As for `tabs`.
    """
    say = words(view.lang)
    tree = None if targets is None else planner_tree(layers, targets, coverage, say)
    overlays, legend = _ground(layers, coverage, say)
    if coverage is not None and tree is not None:
        points = points_of_gaps(coverage, tree.gap_ids, say)
        overlays.append(Overlay("gap_points", points, (), 14, "gaps"))
    if targets is not None:
        overlays.append(failing_places(layers, targets, say))
        legend = (_failing_legend(say), *legend)
    overlays.append(Overlay("cell", []))
    items = () if tree is None or targets is None else _items(tree, targets, say)
    panel = Panel(_figures(targets, say), (), legend, items=items)
    themes = () if coverage is None else drawn_themes(coverage)
    return _page("targets", overlays, panel, view, themes, base, tree=tree)


def cards_tab(layers: Layers, targets: Targets | None, view: PageView, base: str) -> str:
    """Return the page of the scorecards of stations and villages, as HTML."""
    say = words(view.lang)
    if targets is None:
        return _page("cards", [], Panel(_figures(None, say), (), ()), view, (), base, sections=())
    panel = targets_panel(targets, say)
    cards = [
        one
        for one in panel.sections
        if any(":" in e.key and not e.key.startswith("target:") for e in one.entries)
    ]
    return _page(
        "cards", targets_overlays(layers, targets, say), panel, view, (), base,
        sections=[replace(one, look="open") for one in cards],
    )  # fmt: skip


def checks_tab(
    layers: Layers,
    faults: gpd.GeoDataFrame,
    warnings: Sequence[str],
    view: PageView,
    base: str,
    *,
    lacking: Sequence[str] = (),
) -> str:
    """Return the page of the grids and of what is wrong with the town's files, as HTML.

    Parameters
    ----------
    layers
        The town.
    faults
        As `gis.checks_faults.faults_table`.
    warnings
        What was not checked.
    lacking
        Layers without which nothing can be checked.
    view, base
        As for `targets_tab`.
    """
    say = words(view.lang)
    rows = faults.head(MOST_FEATURES)
    rows = rows.assign(place=range(len(rows)))
    made, sections = [], []
    placed = rows.geometry.notna()
    shapes = thinned(rows.geometry[placed])
    for row, shape in zip(each_row(rows[placed]), shapes, strict=True):
        look = "gap_worst" if shape.geom_type.endswith("Polygon") else "unseen"
        spot = shape if look == "gap_worst" else shapely.point_on_surface(shape)
        made.append(feature(spot, look, key=f"fault:{row.place}", title=getattr(row, view.lang)))
    items = [_fault_item(row, view.lang, say) for row in each_row(rows)]
    for kind in dict.fromkeys(rows["kind"]):
        some = rows[rows["kind"] == kind]
        sections.append(_fault_section(some, view.lang, say))
    grids = _grids(layers, say)
    overlays = [
        grids,
        Overlay("faults", made),
        *street_labels(layers, view.lang),
        village_labels(layers, view.lang),
    ]
    legend = (
        LegendGroup(say("Grids"), (), (Switch("grids", say("grid outlines")),)),
        LegendGroup(
            say("Faults"),
            (mark_swatch("unseen", say("something is wrong here")),),
            (Switch("faults", say("faults with a place")),),
        ),
    )
    figures = (
        Figure(say("Faults"), str(len(faults))),
        Figure(say("Grids"), str(len(layers["grids"]))),
    )
    return _page(
        "checks", overlays, Panel(figures, (), legend, items=tuple(items)), view, (), base,
        sections=sections, told=[say.sentence(one) for one in warnings], total=len(faults),
        lacking=lacking,
    )  # fmt: skip


def list_tab(
    layers: Layers, items: Any, shown: Any, asked: Mapping[str, str], view: PageView, base: str
) -> str:
    """Return the page of what must be mended, as HTML.

    Parameters
    ----------
    layers
        The town.
    items
        All of `planner.results_rectification.Rectification.items`; None where it was never made.
    shown
        Those that were asked for.
    asked
        "state", "unit" and "fault" as they were asked for, "" for all.
    view, base
        As for `targets_tab`.
    """
    say = words(view.lang)
    if items is None:
        panel = Panel((Figure(say("To be mended"), say("cannot tell")),), (), ())
        return _page("list", [], panel, view, (), base, asked=asked, choices=None, mends=(), more=0)
    most = int(load("planner")["shown"]["items"])
    rows = shown.head(most)
    placed = rows[rows["lon"].notna()]
    made = [
        feature(shapely.Point(row.lon, row.lat), MEND_LOOKS.get(row.state, "cannot_tell"),
                key=f"mend:{row.id}", title=_mend_title(row, view.lang))
        for row in each_row(placed)
    ]  # fmt: skip
    entries = tuple(_mend_entry(row, view.lang, say) for row in each_row(rows))
    about = tuple(_mend_item(row, view.lang, say) for row in each_row(rows))
    counts = items["state"].value_counts()
    figures = (
        Figure(say("To be mended"), str(int((items["state"] != "closed").sum()))),
        Figure(say("Overdue"), str(counts.get("overdue", 0))),
    )
    legend = (
        LegendGroup(
            say("To be mended"),
            (
                mark_swatch("unseen", say("overdue")),
                mark_swatch("cannot_tell", say("within its time")),
            ),
            (Switch("mends", say("places to be mended")),),
        ),
    )
    overlays = [
        Overlay("mends", made, (), closer(len(made))),
        *street_labels(layers, view.lang),
        village_labels(layers, view.lang),
    ]
    faults = load("rectification")["faults"]
    choices = {
        "state": [
            ("left", say("open or overdue")),
            ("overdue", say("overdue")),
            ("closed", say("mended")),
        ],
        "fault": [
            (one, str(faults[one][view.lang]))
            for one in dict.fromkeys(items["fault"])
            if one in faults
        ],
        "unit": [(one, one) for one in sorted(set(items["unit"].dropna()))],
    }
    return _page(
        "list", overlays, Panel(figures, (), legend, items=about), view, (), base,
        asked=asked, choices=choices, mends=entries, more=len(shown) - len(entries),
    )  # fmt: skip


def _page(
    tab: str,
    overlays: Sequence[Overlay],
    panel: Panel,
    view: PageView,
    themes: Sequence[str],
    base: str,
    **more: Any,
) -> str:
    return draw_page(
        PLANNER, overlays, panel, view, themes,
        template="planner.html", tab=tab, tabs=tabs(tab, view.lang, base), base=base, **more,
    )  # fmt: skip


def _ground(
    layers: Layers, coverage: Coverage | None, say: Words
) -> tuple[list[Overlay], tuple[LegendGroup, ...]]:
    """Return the layers and the legend of coverage, without the places that do not fail."""
    if coverage is None:
        return [*street_labels(layers, say.lang), village_labels(layers, say.lang)], ()
    overlays = [one for one in coverage_overlays(layers, coverage, say) if one.name != "sites"]
    # What each camera sees comes when it is asked for: it is most of the page.
    kept = [replace(one, features=[]) if one.name == "views" else one for one in overlays]
    legend = coverage_legend(coverage, say)
    return kept, tuple(one for one in legend if all(s.layer != "sites" for s in one.switches))


def _failing_legend(say: Words) -> LegendGroup:
    return LegendGroup(
        say("Places"),
        (mark_swatch("unseen", say("fails some target")),),
        (Switch("places", say("all places that fail")),),
    )


def _figures(targets: Targets | None, say: Words) -> tuple[Figure, ...]:
    if targets is None:
        return (Figure(say("Targets"), say("cannot tell")),)
    return targets_panel(targets, say).figures


def _items(tree: Tree, targets: Targets, say: Words) -> tuple[Item, ...]:
    """Return what a click shows: targets and scorecards as on their own page, then the tree's."""
    return (*targets_panel(targets, say).items, *tree.items)


def _grids(layers: Layers, say: Words) -> Overlay:
    rows = layers["grids"][layers["grids"].geometry.notna()].head(MOST_FEATURES)
    fields = (say("Kind"), say("Number"))
    made = [
        feature(shape, "area", key=f"grid:{row.code}", title=place_name(row),
                values=[say.term("grid", getattr(row, "kind", None)), str(row.code)])
        for row, shape in zip(each_row(rows), thinned(rows.geometry), strict=True)
    ]  # fmt: skip
    return Overlay("grids", made, fields)


def _fault_section(rows: gpd.GeoDataFrame, lang: str, say: Words) -> Section:
    most = int(load("planner")["shown"]["checks"])
    first = rows.iloc[0]
    sign, css = SEVERITIES.get(first["severity"], ("○", "plain"))
    entries = tuple(
        Entry(
            getattr(row, lang),
            getattr(row, f"mend_{lang}"),
            key=f"fault:{row.place}",
            badge=sign,
            badge_css=css,
        )
        for row in each_row(rows.head(most))
    )
    kinds = load("checks")["kinds"]
    named = kinds.get(first["kind"], {}).get(f"name_{lang}", first["kind"])
    title = f"{say.term('severity', first['severity'])} · {named}"
    return Section(title, entries, str(len(rows)), "open")


def _fault_item(row: Any, lang: str, say: Words) -> Item:
    size = "" if not known(row.area_m2) else say("{n} m²", n=f"{row.area_m2:.0f}")
    return Item(
        f"fault:{row.place}",
        getattr(row, lang),
        (
            (say("State"), say.term("severity", row.severity)),
            (say("Layer"), say.term("layer", row.layer)),
            (say("What to do"), getattr(row, f"mend_{lang}")),
            (say("Number"), say(", ").join(row.codes)),
            (say("Size"), size),
        ),
    )


def _mend_title(row: Any, lang: str) -> str:
    name = row.name if known(row.name) and row.name else row.code
    return f"{name} · {getattr(row, lang)}"


def _mend_entry(row: Any, lang: str, say: Words) -> Entry:
    sign, css = {"overdue": ("▲", "bad"), "closed": ("●", "good")}.get(row.state, ("□", "plain"))
    name = row.name if known(row.name) and row.name else row.code
    unit = row.unit if known(row.unit) else ""
    day = row.closed if row.state == "closed" else row.due
    return Entry(
        str(name), " · ".join(part for part in (getattr(row, lang), unit) if part),
        str(day) if known(day) else "", say.term("mend_state", row.state), f"mend:{row.id}",
        sign, css,
    )  # fmt: skip


def _mend_item(row: Any, lang: str, say: Words) -> Item:
    def text(name: str) -> str:
        value = getattr(row, name)
        return str(value) if known(value) else ""

    return Item(
        f"mend:{row.id}",
        _mend_title(row, lang),
        (
            (say("State"), say.term("mend_state", row.state)),
            (say("Responsible unit"), text("unit")),
            (say("Due date"), text("due")),
            (say("Found on"), text("opened")),
            (say("Mended on"), text("closed")),
            (say("Layer"), say.term("layer", row.layer)),
            (say("Number"), text("code")),
            (say("Remark"), text(f"note_{lang}")),
        ),
    )
