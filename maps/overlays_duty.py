"""Layers of the duty board: units where they stand now, and open incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import shapely

from gis.duty_rows import Closure, OpenIncident
from gis.layers import Layers
from maps.overlays import Overlay, feature
from maps.overlays_incident import map_names
from maps.panels_duty import Closing, moment_text, street_names
from maps.units import each_row, known
from maps.words import Words
from planner.duty import UnitState, moved_units
from planner.results_incident import kind_title


def duty_overlays(
    layers: Layers,
    states: Mapping[str, UnitState],
    opened: Sequence[OpenIncident],
    say: Words,
    names: Sequence[Overlay] | None = None,
) -> list[Overlay]:
    """Return the layers of the duty board, lowest first; `names` from `map_names`."""
    return [
        *(map_names(layers, say.lang) if names is None else names),
        units(layers, states),
        cases(opened, say),
    ]


def units(layers: Layers, states: Mapping[str, UnitState]) -> Overlay:
    """Return the units where they stand by; dashed where they are busy or off."""
    made = []
    for row in each_row(moved_units(layers, states)["units"]):
        name = row.name if known(row.name) else row.code
        css = None if states[row.code].state == "ready" else "away"
        made.append(
            feature(row.geometry, "unit", key=f"unit:{row.code}", title=name, tag=name, css=css)
        )
    return Overlay("units", made)


def cases(opened: Sequence[OpenIncident], say: Words) -> Overlay:
    """Return the open incidents with their numbers."""
    made = [
        feature(
            shapely.Point(one.lon, one.lat),
            "place",
            key=f"case:{one.number}",
            title=f"{one.number} · {kind_title(one.kind, say.lang)}",
            tag=str(one.number),
        )
        for one in opened
    ]
    return Overlay("cases", made)


def closure_overlays(
    layers: Layers, closed: Sequence[Closure], closing: Closing | None, now: datetime, say: Words
) -> list[Overlay]:
    """Return the closed streets, and the one that is about to be closed."""
    names, lines = street_names(layers), layers["streets"].set_index("code").geometry
    fields = (say("Until"), say("Reason"), say("Code"))
    made = []
    for one in closed:
        until = say("until it is opened") if one.until is None else moment_text(one.until, now)
        title, values = names.get(one.street, one.street), [until, one.reason, one.street]
        key = f"closed:{one.street}"
        made.append(feature(lines[one.street], "closed", key=key, title=title, values=values))
    chosen = []
    if closing is not None and closing.line is not None:
        title = closing.name or closing.code
        key, values = f"closing:{closing.code}", ["", "", closing.code]
        chosen = [feature(closing.line, "closing", key=key, title=title, values=values)]
    return [Overlay("closed", made, fields), Overlay("closing", chosen, fields)]
