"""Whole pages: a Folium map, and beside it what it means in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from gis.layers import Layers
from maps.assets import TOKENS
from maps.basemaps import Basemap, told_basemaps
from maps.drawn import drawn_map, with_features
from maps.overlays import Overlay, paths
from maps.overlays_change import change_overlays
from maps.overlays_coverage import coverage_overlays
from maps.overlays_patrol import patrol_overlays
from maps.overlays_response import response_overlays
from maps.overlays_targets import targets_overlays
from maps.panels import Panel
from maps.panels_change import change_panel
from maps.panels_coverage import coverage_panel
from maps.panels_patrol import patrol_panel
from maps.panels_response import response_panel
from maps.panels_targets import targets_panel
from maps.policy import content_policy
from maps.style import style
from maps.tiles import CHANGE_THEMES, SIDE_THEMES, drawn_themes
from maps.tiles_grid import MAX_ZOOM, Bounds, widened
from maps.words import Lang, Words, words
from planner.compare import Change
from planner.patrol import Patrol
from planner.results import Assumed, Missing
from planner.results_coverage import Coverage
from planner.results_response import Response
from planner.results_targets import Targets

# Every page is named after the kind of answer it shows.
PageName = Literal["coverage", "response", "patrol", "roster", "targets", "change"]
PAGES: tuple[PageName, ...] = ("coverage", "response", "patrol", "roster", "targets", "change")
# What a server shows besides, as of now.
LiveName = Literal["duty", "incident", "cordon"]
LIVE: tuple[LiveName, ...] = ("duty", "incident", "cordon")
# Where a server's pages begin.
HomeName = Literal["dashboard"]
HOME: HomeName = "dashboard"
# Where those who plan work.
PlannerName = Literal["planner"]
PLANNER: PlannerName = "planner"
# Page to the command that makes its answer, where it is not the page's own name.
COMMANDS: Mapping[str, str] = MappingProxyType(
    {"change": "coverage --against YYYY-MM-DD", "roster": "roster plan"}
)
# How close the map goes to show one thing.
CLOSE_ZOOM = 17
# Closer than this, cells are drawn no finer: one is larger than 15 px.
CELL_ZOOM = 17


@dataclass(frozen=True)
class PageView:
    """What a page shows besides its answer.

    Parameters
    ----------
    town
        Name of the town.
    lang
        "zh" or "en".
    links
        Page name and "lang" (the same page in the other language) to its address; those of `LIVE`
        only where a server shows them, each with a query that more may be added to.
    bounds
        West, south, east, north of the town, degrees.
    made_up, revision, attribution
        As in `gis.layers.Layers`.
    assumed, warnings, missing
        As in the answer.
    tiles, assets
        Where tiles and files are, as the page refers to them.
    min_zoom, max_native_zoom
        Zooms for which there are tiles; closer in, they are enlarged.
    from_files
        True where the page is opened from a folder.
    side_zoom
        Closest zoom for which there are tiles of the side themes; None for that of the others.
    targets
        Figure of the page to the share to reach.
    params
        The numbers the answer was made with.
    focus
        What the map shows first, as `bounds`; None for the whole town.
    video
        Address of a camera's picture in the town's video platform, {code} for its code; "" = none.
    basemaps
        Base maps to choose from, beside the program's own; their tiles are beside `tiles`.
    """

    town: str
    lang: Lang
    links: Mapping[str, str]
    bounds: Bounds
    made_up: bool = False
    revision: int = 0
    attribution: tuple[str, ...] = ()
    assumed: tuple[Assumed, ...] = ()
    warnings: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    tiles: str = "tiles"
    assets: str = "assets"
    min_zoom: int = 9
    max_native_zoom: int = 19
    from_files: bool = False
    side_zoom: int | None = None
    targets: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    focus: Bounds | None = None
    video: str = ""
    basemaps: tuple[Basemap, ...] = ()

    def native_zoom(self, theme: str) -> int:
        """Return the closest zoom for which there are tiles of a theme."""
        if theme == "base":
            return self.max_native_zoom
        closest = min(self.max_native_zoom, CELL_ZOOM)
        return closest if self.side_zoom is None or theme not in SIDE_THEMES else self.side_zoom


def coverage_page(layers: Layers, coverage: Coverage, view: PageView) -> str:
    """Return the page of what the cameras see, as HTML."""
    say = words(view.lang)
    overlays = coverage_overlays(layers, coverage, say)
    site_class = str(view.params.get("site_class", ""))
    panel = coverage_panel(layers, coverage, say, view.targets, site_class)
    return draw_page("coverage", overlays, panel, view, drawn_themes(coverage))


def response_page(layers: Layers, response: Response, view: PageView) -> str:
    """Return the page of the 1-3-5 minute circles, as HTML."""
    say = words(view.lang)
    overlays = response_overlays(layers, response, say)
    return draw_page("response", overlays, response_panel(response, say, view.targets), view)


def patrol_page(layers: Layers, patrol: Patrol, view: PageView) -> str:
    """Return the page of tonight's patrol routes, as HTML."""
    say = words(view.lang)
    overlays = patrol_overlays(layers, patrol, say)
    return draw_page("patrol", overlays, patrol_panel(patrol, say), view, date=patrol.date)


def targets_page(layers: Layers, targets: Targets, view: PageView) -> str:
    """Return the page of the targets and of each station's and village's scorecard, as HTML."""
    say = words(view.lang)
    overlays = targets_overlays(layers, targets, say)
    return draw_page("targets", overlays, targets_panel(targets, say), view)


def change_page(layers: Layers, change: Change, view: PageView) -> str:
    """Return the page of two compared answers about coverage, as HTML."""
    say = words(view.lang)
    overlays = change_overlays(layers, change, say)
    return draw_page("change", overlays, change_panel(layers, change, say), view, CHANGE_THEMES)


def unavailable_page(page: PageName, view: PageView, missing: Sequence[Missing] = ()) -> str:
    """Return the page that stands where an answer cannot be had: what it lacks, what to do.

    Parameters
    ----------
    page
        Which page it stands for.
    view
        As for the page itself.
    missing
        Figures that cannot be had, with the layers they lack; empty where the answer has not
        been computed yet.
    """
    lacking = list(dict.fromkeys(layer for m in missing for layer in m.layers))
    return _render(
        page,
        view,
        lacking=lacking,
        command=COMMANDS.get(page, page),
        policy=content_policy([], from_files=view.from_files, asks=_is_served(view)),
    )


def draw_page(
    page: PageName | LiveName | HomeName | PlannerName,
    overlays: Sequence[Overlay],
    panel: Panel,
    view: PageView,
    themes: Sequence[str] = (),
    *,
    date: str = "",
    **more: Any,
) -> str:
    """Return a page with its map, as HTML; the map's script is allowed by its hash.

    Parameters
    ----------
    page
        Its name; those of `LIVE`, `HOME` and `PLANNER` have a template of their own.
    overlays, panel
        Layers of the map, lowest first, and what stands beside it.
    view
        What it shows besides.
    themes
        Pictures to choose from.
    date
        The evening that it is about, "" for none.
    more
        What its template takes besides.
    """
    drawn = drawn_map(
        view.bounds,
        tuple((name, view.native_zoom(name)) for name in ("base", *themes)),
        tuple(overlay.name for overlay in overlays),
        tiles=view.tiles,
        assets=view.assets,
        attribution=" · ".join(view.attribution),
    )
    script = f"\n{with_features(drawn.script, overlays)}\n"
    return _render(
        page,
        view,
        panel=panel,
        date=date,
        data=_data(overlays, panel, view, themes),
        map_name=drawn.name,
        script=script,
        scripts=drawn.scripts,
        styles=drawn.styles,
        policy=content_policy([script], from_files=view.from_files, asks=_is_served(view)),
        **more,
    )


def plain_page(
    template: str, view: PageView, *, page: LiveName | PlannerName = "cordon", **values: Any
) -> str:
    """Return a page without a map, as HTML, from a template that takes these values besides."""
    policy = content_policy([], asks=_is_served(view))
    return _render(page, view, template, policy=policy, **values)


def fragments(template: str, names: Sequence[str], view: PageView, **values: Any) -> dict[str, str]:
    """Return parts of a page as HTML: macros of a template, by name.

    Parameters
    ----------
    template
        File of the macros.
    names
        Which of them.
    view
        As for the page.
    values
        What they take besides.
    """
    known = {"_": words(view.lang), "view": view, **values}
    module = _templates().get_template(template).make_module(known)
    return {name: getattr(module, name)() for name in names}


def problem_page(reason: str, view: PageView, back: str = "") -> str:
    """Return the page that stands where one cannot be shown: why, and the ways back.

    Parameters
    ----------
    reason
        What is wrong, in the page's language.
    view
        What it shows besides.
    back
        Address of who comes to the place that was asked about, "" for none.
    """
    return plain_page("problem.html", view, reason=reason, back=back)


def _is_served(view: PageView) -> bool:
    """Return whether a server shows the page, whose scripts may ask it."""
    return LIVE[0] in view.links


def _data(
    overlays: Sequence[Overlay], panel: Panel, view: PageView, themes: Sequence[str]
) -> dict[str, Any]:
    """Return what the page's script has to know."""
    say = words(view.lang)
    layers: dict[str, Any] = {
        overlay.name: {
            "variable": f"geo_json_{overlay.name}",
            "fields": overlay.fields,
            "from_zoom": overlay.from_zoom,
            "follows": overlay.follows or overlay.name,
        }
        for overlay in overlays
    }
    layers |= {
        theme: {"variable": f"tile_layer_{theme}", "fields": [], "follows": theme}
        for theme in themes
    }
    return {
        "bounds": view.focus or view.bounds,
        "reach": widened(view.bounds),
        "min_zoom": view.min_zoom,
        "max_zoom": MAX_ZOOM,
        "close_zoom": CLOSE_ZOOM,
        "native_zoom": {theme: view.native_zoom(theme) for theme in ("base", *themes)},
        "basemaps": told_basemaps(view.basemaps, view.tiles.removesuffix("tiles")),
        "layers": layers,
        "order": list(layers),
        "routes": [overlay.name for overlay in overlays if overlay.name.startswith("route_")],
        "items": {item.key: item.plain() for item in panel.items},
        "marks": style()["marks"],
        "paths": paths(),
        "accent": style()["tokens"]["light"]["accent"],
        "bad": style()["status"]["not_met"],
        "words": {"zoom_in": say("Zoom in"), "zoom_out": say("Zoom out")},
    }


def _assumption(say: Words, assumed: Assumed) -> str:
    """Return one thing taken for granted, as a sentence."""
    place = say.term("layer", assumed.layer)
    if assumed.column:
        place = say("{layer}: {column}", layer=place, column=say.term("column", assumed.column))
    value = assumed.value if isinstance(assumed.value, str) else f"{assumed.value:g}"
    return say(
        "{place}: {value} (rows: {n})", place=place, value=say.sentence(value), n=assumed.rows
    )


def _lacks(say: Words, missing: Sequence[Missing]) -> list[str]:
    """Return the figures that cannot be had, those that lack the same layers together."""
    figures: dict[tuple[str, ...], list[str]] = {}
    for one in missing:
        figures.setdefault(one.layers, []).append(say.term("figure", one.figure))
    return [
        say(
            "{figures}: lacks {layers}",
            figures=say(", ").join(names),
            layers=say(" and ").join(say.sentence(layer) for layer in layers),
        )
        for layers, names in figures.items()
    ]


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("maps"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(
    page: PageName | LiveName | HomeName | PlannerName,
    view: PageView,
    template: str = "",
    **values: Any,
) -> str:
    say = words(view.lang)
    name = f"{page}.html" if page in (*LIVE, HOME, PLANNER) else "page.html"
    name = template or (name if "panel" in values else "unavailable.html")
    return (
        _templates()
        .get_template(name)
        .render(
            _=say,
            page=page,
            pages=[name for name in (HOME, *PAGES, *LIVE[:1], PLANNER) if name in view.links],
            view=view,
            tokens=TOKENS,
            html_lang={"zh": "zh-CN", "en": "en"}[view.lang],
            assumed=[_assumption(say, one) for one in view.assumed],
            warnings=[say.sentence(one) for one in view.warnings],
            missing=_lacks(say, view.missing),
            **values,
        )
    )
