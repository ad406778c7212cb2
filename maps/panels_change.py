"""Figures, lists and legend of the page of two compared answers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gis.layers import Layers
from maps.legend_coverage import class_swatch
from maps.overlays import place_name, say_kind
from maps.overlays_change import points_text
from maps.panels import (
    MOST_ENTRIES,
    Entry,
    Figure,
    LegendGroup,
    Panel,
    Section,
    Switch,
    mark_swatch,
)
from maps.scales import scale
from maps.units import THIN, each_row, known, percent, share_text
from maps.words import Words
from planner.compare import Change
from planner.results import UNKNOWN


def change_panel(layers: Layers, change: Change, say: Words) -> Panel:
    """Return what stands beside the map of a comparison.

    Parameters
    ----------
    layers
        The town, for the places of its cameras.
    change
        The answer.
    say
        Words of the page's language.
    """
    return Panel(
        _figures(change, say),
        (
            _sites(change, "lost", say("Places no longer in view"), say, say("No place is lost.")),
            _sites(change, "gained", say("Places that came into view"), say),
            _sites(change, "new", say("New places"), say),
            _sites(change, "gone", say("Places no longer there"), say),
            _villages(change, say),
            _cameras(layers, change, "removed", say("Cameras that watch no longer"), say),
            _cameras(layers, change, "added", say("Cameras that watch now"), say),
            _cameras(layers, change, "other", say("Other changes of cameras"), say),
        ),
        _legend(say),
        lead=say(
            "Before: {before}. After: {after}.", before=change.names[0], after=change.names[1]
        ),
    )


def _figures(change: Change, say: Words) -> tuple[Figure, ...]:
    before, after, delta = (change.totals[side] for side in ("before", "after", "delta"))
    titles = {
        "area_rate": say("Open ground seen"),
        "street_rate": say("Streets seen"),
        "village_rate": say("Villages with cameras"),
        "entrance_rate": say("Entrances in view"),
        "junction_rate": say("Junctions in view"),
    }
    sites = (before["site_rate"], after["site_rate"], delta["site_rate"])
    rows = [(say("Places in view"), *(one.get("in_view", UNKNOWN) for one in sites))]
    rows += [(title, before[name], after[name], delta[name]) for name, title in titles.items()]
    rows = [rows[1], rows[0], *rows[2:]]
    return tuple(
        Figure(title, points_text(step, say), count=f"{share_text(old)} → {share_text(new)}")
        for title, old, new, step in rows
        if isinstance(step, float) and known(step)
    ) or (Figure(say("Open ground seen"), say("cannot tell")),)


def _sites(change: Change, kind: str, title: str, say: Words, empty: str = "") -> Section:
    rows = change.sites[change.sites["change"] == kind]
    entries = tuple(
        Entry(
            place_name(row, say_kind(say, "site", row)),
            " · ".join(p for p in (say_kind(say, "site", row), _from_to(row, "level", say)) if p),
            key=f"site:{row.code}",
        )
        for row in each_row(rows.head(MOST_ENTRIES))
    )
    return Section(title, entries, str(len(rows)), "worst" if empty else "more", empty)


def _villages(change: Change, say: Words) -> Section:
    rows = pd.DataFrame(change.villages).sort_values("delta", na_position="last", kind="stable")
    rows = rows[rows["delta"].notna()]
    entries = tuple(
        Entry(
            place_name(row),
            f"{percent(row.before)} → {percent(row.after)}",
            points_text(row.delta, say),
            key=f"village:{row.code}",
        )
        for row in each_row(rows)
    )
    return Section(say("Villages, worst first"), entries, str(len(rows)), "open")


def _cameras(layers: Layers, change: Change, kind: str, title: str, say: Words) -> Section:
    rows = change.cameras[change.cameras["change"] == kind]
    drawn = set(layers["cameras"]["code"])
    entries = tuple(
        Entry(
            place_name(row, say("Camera")),
            _from_to(row, "camera_state", say),
            key=f"camera:{row.code}" if row.code in drawn else "",
        )
        for row in each_row(rows.head(MOST_ENTRIES))
    )
    return Section(title, entries, str(len(rows)))


def _from_to(row: Any, vocabulary: str, say: Words) -> str:
    words = (say.term(vocabulary, side) or say("not there") for side in (row.before, row.after))
    return " → ".join(words)


def _legend(say: Words) -> tuple[LegendGroup, ...]:
    swatch = class_swatch(
        scale("change"),
        ["−50", "0", "+50", f"+100{THIN}%"],
        say("points of the seen share, after less before; hatched = seen less"),
        ("change",),
        start="−100",
    )
    return (
        LegendGroup(say("Open ground"), (swatch,), (Switch("change", say("seen more or less")),)),
        LegendGroup(
            say("Places"),
            (
                mark_swatch("lost", say("no longer in view")),
                mark_swatch("gained", say("came into view")),
                mark_swatch("other", say("otherwise changed")),
            ),
            (Switch("sites", say("places")),),
        ),
        LegendGroup(
            say("Cameras"),
            (
                mark_swatch("camera_removed", say("watches no longer")),
                mark_swatch("camera_added", say("watches now")),
            ),
            (Switch("cameras", say("cameras")),),
        ),
        LegendGroup(say("Villages"), (), (Switch("villages", say("villages")),)),
    )
