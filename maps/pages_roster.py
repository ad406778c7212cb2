"""The page of many nights: how long stops wait, how easily a visit is foreseen, who walks."""

from __future__ import annotations

from gis.layers import Layers
from maps.overlays_roster import roster_overlays
from maps.pages import PageView, draw_page
from maps.panels_roster import roster_panel
from maps.panels_roster_charts import roster_charts
from maps.words import words
from planner.roster import Roster


def roster_page(layers: Layers, roster: Roster, view: PageView) -> str:
    """Return the page of the plans of many nights, as HTML.

    Parameters
    ----------
    layers
        The town, for its names on the map.
    roster
        The answer.
    view
        What it shows besides.
    """
    say = words(view.lang)
    return draw_page(
        "roster",
        roster_overlays(layers, roster, say),
        roster_panel(roster, say),
        view,
        template="roster.html",
        charts=roster_charts(roster, say),
    )
