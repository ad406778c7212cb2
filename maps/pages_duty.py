"""The duty board: who is ready, busy or off and where, open incidents, closed streets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import shapely

from gis.duty_rows import Closure, OpenIncident
from gis.layers import Layers
from maps.overlays import Overlay
from maps.overlays_duty import closure_overlays, duty_overlays
from maps.overlays_incident import focus_on
from maps.pages import PageView, draw_page
from maps.panels_duty import Closing, closed_rows, closing_words, duty_panel, duty_rows
from maps.panels_live import case_of
from maps.words import words
from planner.duty import UnitState


def duty_page(
    layers: Layers,
    states: Mapping[str, UnitState],
    view: PageView,
    *,
    now: datetime,
    opened: Sequence[OpenIncident] = (),
    closed: Sequence[Closure] = (),
    closing: Closing | None = None,
    names: Sequence[Overlay] | None = None,
) -> str:
    """Return the duty board, as HTML.

    Parameters
    ----------
    layers
        The town, its units with modes.
    states
        Unit to what it does, for every unit.
    view
        What it shows besides; `links` with those of `maps.pages.LIVE`.
    now
        The time in the town.
    opened
        The open incidents, their times in those of the town.
    closed
        The streets that are closed.
    closing
        The street that is about to be closed, None for none.
    names
        From `maps.overlays_incident.map_names`, where they are kept; else they are made.
    """
    say = words(view.lang)
    if closing is not None and closing.line is not None:
        west, south, *_ = shapely.bounds(closing.line).tolist()
        view = replace(view, focus=focus_on(west, south, [closing.line]))
    units = layers["units"]
    pairs = zip(units["code"].tolist(), units["name"].tolist(), strict=True)
    called = {code: name for code, name in pairs if isinstance(name, str)}
    return draw_page(
        "duty",
        [
            *duty_overlays(layers, states, opened, say, names),
            *closure_overlays(layers, closed, closing, now, say),
        ],
        duty_panel(layers, states, opened, say),
        view,
        when=say("As of {time}", time=f"{now:%H:%M:%S}"),
        cases=[case_of(one, called, view.links, say) for one in opened],
        rows=duty_rows(layers, states, say),
        closures=closed_rows(layers, closed, now, say),
        closing=None if closing is None else closing_words(closing, say),
    )
