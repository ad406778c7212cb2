"""Layers of the page of many nights: every stop by how long it waits at most."""

from __future__ import annotations

from typing import Any

import numpy as np

from gis.layers import Layers
from maps.overlays import Overlay, feature
from maps.overlays_labels import street_labels, village_labels
from maps.overlays_patrol import stop_name
from maps.style import style
from maps.units import NONE, each_row, known, percent
from maps.words import Words
from planner.roster import Roster


def roster_overlays(layers: Layers, roster: Roster, say: Words) -> list[Overlay]:
    """Return the layers of the page of many nights, lowest first."""
    return [*street_labels(layers, say.lang), village_labels(layers, say.lang), _stops(roster, say)]


def _stops(roster: Roster, say: Words) -> Overlay:
    fields = (
        *(say("Why"), say("Visits"), say("Longest wait"), say("Mean wait")),
        *(say("Most common half hour"), say("Spread of the times"), say("The fixed plan")),
    )
    # The longest wait is drawn last, above the others.
    rows = roster.stops.sort_values("worst_idle_h", kind="stable")
    made = [
        feature(
            row.geometry,
            wait_look(row),
            key=stop_key(row),
            title=stop_name(row, say),
            values=_values(row, len(roster.nights), say),
        )
        for row in each_row(rows)
    ]
    return Overlay("waits", made, fields)


def _values(row: Any, nights: int, say: Words) -> list[str]:
    return [
        say.term("why", row.reason),
        say("{n} in {nights} nights", n=row.visits, nights=nights),
        hours(row.worst_idle_h, say),
        hours(row.mean_idle_h, say),
        habit(row, say),
        say("± {n} min", n=f"{row.spread_min:.0f}") if known(row.spread_min) else "",
        say(
            "{n} visits, longest wait {wait}",
            n=row.fixed_visits,
            wait=hours(row.fixed_worst_idle_h, say),
        ),
    ]


def habit(row: Any, say: Words) -> str:
    """Return the most common half hour of a stop with its share; "" where nobody comes."""
    if not row.visits or not known(row.common_half_hour):
        return ""
    share = percent(row.common_share)
    return say("from {hour}: {share} of its visits", hour=row.common_half_hour, share=share)


def hours(wait_h: float | None, say: Words) -> str:
    """Return a wait in hours, from two days on in days."""
    if wait_h is None or not known(wait_h):
        return NONE
    if wait_h < 48:
        return say("{n} h", n=f"{wait_h:.0f}")
    return say("{n} days", n=f"{wait_h / 24:.1f}")


def stop_key(row: Any) -> str:
    """Return what the page calls a stop."""
    return f"stop:{row.code}"


def wait_look(row: Any) -> str:
    """Return the mark of a stop: the class of its longest wait; a stop nobody visits stands out."""
    if not row.visits or not known(row.worst_idle_h):
        return "unseen"
    limits = style()["waits"]["limits_h"]
    return f"wait_{int(np.searchsorted(limits, row.worst_idle_h, side='left'))}"
