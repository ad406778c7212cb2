"""The overview of a town: one look for whoever commands, and the parts of it that change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import shapely

from gis.duty_rows import Closure, OpenIncident
from gis.layers import Layers
from gis.profiles import load
from gis.store_field import Hazard, Signal
from maps.legend_dashboard import dashboard_legend
from maps.overlays import Overlay, feature
from maps.overlays_dashboard import SWITCHES, THEMES, empty_layers
from maps.overlays_duty import cases, closure_overlays, units
from maps.pages import HOME, PageView, draw_page, fragments
from maps.panels import Panel, Section
from maps.panels_dashboard import Answers, KeyFigure, key_figures, worst_lists
from maps.panels_dashboard_hours import Hours
from maps.panels_dashboard_live import (
    hazards_seen,
    open_cases,
    state_counts,
    teams_tonight,
)
from maps.panels_duty import duty_panel, duty_rows
from maps.words import Words, words
from planner.duty import UnitState
from planner.patrol import Patrol

PARTS = ("figures", "duty", "cases", "worst", "patrols", "hazards")


@dataclass(frozen=True)
class Overview:
    """What of an overview changes with the town and its answers only, in one language.

    Parameters
    ----------
    figures
        The key figures.
    worst
        Theme to its worst three places.
    panel
        Legend and sheet of the page.
    warning
        What the reader must know of the answers, "" for nothing.
    patrol
        The plan of an evening, None where there is none.
    unit_names
        Unit code to name.
    """

    figures: tuple[KeyFigure, ...]
    worst: Mapping[str, Section] = field(repr=False)
    panel: Panel = field(repr=False)
    warning: str = ""
    patrol: Patrol | None = field(default=None, repr=False)
    unit_names: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Moment:
    """The town as it is now.

    Parameters
    ----------
    now
        The time in the town.
    level
        Level of duty.
    states
        Unit to what it does.
    opened, closed
        Open incidents and closed streets, their times in those of the town.
    signals, hazards
        What teams say and report.
    changes
        Whether whoever looks may change anything.
    """

    now: datetime
    level: int
    states: Mapping[str, UnitState] = field(repr=False)
    opened: Sequence[OpenIncident] = ()
    closed: Sequence[Closure] = ()
    signals: Sequence[Signal] = ()
    hazards: Sequence[Hazard] = ()
    changes: bool = True


def overview(
    layers: Layers, answers: Answers, links: Mapping[str, str], say: Words,
    old: Sequence[str] = (),
) -> Overview:  # fmt: skip
    """Return what of an overview changes with the town and its answers only.

    Parameters
    ----------
    layers
        The town.
    answers
        What is known.
    links
        As in `maps.pages.PageView`.
    say
        Words of the page's language.
    old
        Kinds of answers that were made before the last change of the town.
    """
    figures = key_figures(answers, links, say)
    units = layers["units"]
    pairs = zip(units["code"].tolist(), units["name"].tolist(), strict=True)
    return Overview(
        figures,
        worst_lists(answers, say),
        Panel(tuple(one.figure for one in figures), (), dashboard_legend(answers, say)),
        _old_text(old, say),
        answers.patrol,
        {code: name for code, name in pairs if isinstance(name, str)},
    )


def _old_text(old: Sequence[str], say: Words) -> str:
    """Return which answers are older than the town, "" where none is."""
    named = {
        "coverage": say("Coverage"),
        "response": say("1-3-5 minutes"),
        "patrol": say("Patrol"),
        "targets": say("Targets"),
    }
    told = [named[kind] for kind in old if kind in named]
    if not told:
        return ""
    return say(
        "Computed before the last change of the town: {answers}", answers=say(", ").join(told)
    )


def dashboard_parts(
    layers: Layers, about: Overview, moment: Moment, view: PageView
) -> dict[str, str]:
    """Return the parts of the panel as HTML: those of `PARTS`."""
    say = words(view.lang)
    return fragments(
        "dashboard_parts.html",
        PARTS,
        view,
        key_figures=about.figures,
        sections=[
            (SWITCHES[theme], about.worst[theme]) for theme in THEMES if theme in about.worst
        ],
        counts=state_counts(moment.states, about.unit_names, say),
        rows=duty_rows(layers, moment.states, say, changes=moment.changes),
        incidents=open_cases(moment.opened, about.unit_names, view.links, say),
        teams=teams_tonight(about.patrol, moment.signals, moment.now, say),
        evening=None if about.patrol is None else about.patrol.date,
        today=f"{moment.now:%Y-%m-%d}",
        reported=hazards_seen(moment.hazards, say, changes=moment.changes),
        changes=moment.changes,
    )


def now_layers(layers: Layers, moment: Moment, say: Words) -> list[Overlay]:
    """Return the layers of what goes on now, lowest first."""
    return [
        *closure_overlays(layers, moment.closed, None, moment.now, say),
        hazard_layer(moment, say),
        units(layers, moment.states),
        _worded(cases(moment.opened, say), say),
    ]


def _worded(overlay: Overlay, say: Words) -> Overlay:
    """Return the open incidents with a word, as bare numbers are those of the worst places."""
    made = [
        {**one, "properties": {**one["properties"], "tag": f"{say('Incident')} {about['tag']}"}}
        for one in overlay.features
        for about in (one["properties"],)
    ]
    return replace(overlay, features=made)


def hazard_layer(moment: Moment, say: Words) -> Overlay:
    """Return the hazards that are not mended yet."""
    kinds = load("hazards")["kinds"]
    made = [
        feature(
            shapely.Point(one.lon, one.lat),
            "late",
            key=f"hazard:{one.number}",
            title=kinds.get(one.kind, kinds["other"])[say.lang],
            values=[load("hazards")["states"][one.state][say.lang], f"{one.night}"],
        )
        for one in moment.hazards
        if one.state != "done"
    ]
    return Overlay("hazards", made, (say("State"), say("Night")))


def now_items(layers: Layers, moment: Moment, say: Words) -> dict[str, dict[str, Any]]:
    """Return what a click on a unit or an open incident shows."""
    panel = duty_panel(layers, moment.states, moment.opened, say)
    return {item.key: item.plain() for item in panel.items}


def dashboard_page(
    layers: Layers,
    about: Overview,
    moment: Moment,
    view: PageView,
    *,
    names: Sequence[Overlay] = (),
    hours: Hours | None = None,
    has_cells: bool = True,
    wall: str = "",
) -> str:
    """Return the overview, as HTML; the layers of its themes come later.

    Parameters
    ----------
    layers
        The town, its units with modes.
    about, moment
        What it shows.
    view
        What it shows besides.
    names
        Names on the map.
    hours
        The day hour by hour, None where it is not known.
    has_cells
        Whether there are pictures of what is seen.
    wall
        Name of the wall screen that it is shown on, "" for none.
    """
    say = words(view.lang)
    panel = about.panel
    items = duty_panel(layers, moment.states, moment.opened, say).items
    return draw_page(
        HOME,
        [*empty_layers(), *names, *now_layers(layers, moment, say)],
        Panel(panel.figures, (), panel.legend, items=items),
        view,
        ("cells",) if has_cells else (),
        parts=dashboard_parts(layers, about, moment, view),
        about=about,
        theme_words=theme_words(say),
        switches=SWITCHES,
        level=say.term("duty_level", str(moment.level)),
        now=moment.now,
        hours=hours,
        refresh_s=load("dashboard")["refresh_s"],
        wall=wall,
        changes=moment.changes,
    )


def theme_words(say: Words) -> Mapping[str, str]:
    """Return the theme of the map to its word."""
    return MappingProxyType(
        {
            "coverage": say("Coverage"),
            "response": "1-3-5",
            "patrol": say("Patrol"),
            "checkpoints": say("Checkpoints"),
        }
    )
