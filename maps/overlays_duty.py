"""Layers of the duty board: units where they stand now, and open incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import shapely

from gis.duty_rows import OpenIncident
from gis.layers import Layers
from maps.overlays import Overlay, feature
from maps.overlays_incident import map_names
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
        *(map_names(layers) if names is None else names),
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
