"""Pages of a town as its server or its written folder shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from gis.layers import Layers
from maps.pages import (
    CELL_ZOOM,
    PageName,
    PageView,
    change_page,
    coverage_page,
    patrol_page,
    response_page,
    targets_page,
    unavailable_page,
)
from maps.pages_roster import roster_page
from maps.tiles import THEMES
from maps.tiles_grid import Bounds, tile_count, widened
from planner.patrol import Patrol
from planner.results import Assumed
from planner.results_response import Response
from planner.roster import Roster

# Tiles for closer zooms than these show nothing new; a server draws them when they are asked for.
FINEST_ZOOM = 19
# Where no layer tells where the town is.
NOWHERE: Bounds = (-180.0, -60.0, 180.0, 75.0)
# How far out the map goes beyond the zoom at which few tiles show all of the town.
WIDER_ZOOMS = 3
FEW_TILES = 9


class Answer(Protocol):
    """One answer: its result and its document."""

    @property
    def result(self) -> Any:
        """The result, of the class that its page draws."""
        ...

    @property
    def document(self) -> Mapping[str, Any]:
        """The document, with `assumed` and `warnings`."""
        ...


# Page to what draws it.
DRAWN: Mapping[PageName, Callable[[Layers, Any, PageView], str]] = {
    "coverage": coverage_page,
    "response": response_page,
    "patrol": patrol_page,
    "roster": roster_page,
    "targets": targets_page,
    "change": change_page,
}


def town_bounds(layers: Layers) -> Bounds:
    """Return the box around a town: west, south, east, north, degrees."""
    if layers.extent is not None:
        box = layers.extent.bounds
    else:
        boxes = [frame.total_bounds for frame in layers.frames.values() if len(frame)]
        known = np.array([b for b in boxes if np.isfinite(b).all()]).reshape(-1, 4)
        if not len(known):
            return NOWHERE
        box = (*known[:, :2].min(axis=0), *known[:, 2:].max(axis=0))
    west, south, east, north = (float(side) for side in box)
    return west, south, east, north


def town_view(
    layers: Layers, *, most_tiles: int | None = None, themes: Sequence[str] = THEMES
) -> PageView:
    """Return what all pages of a town share: each adds its language, links and answer.

    Parameters
    ----------
    layers
        The town.
    most_tiles
        How many tiles all themes may have together; None where they are drawn when asked for.
    themes
        Which pictures there are.
    """
    bounds = town_bounds(layers)
    counts = [tile_count(widened(bounds), z) for z in range(FINEST_ZOOM + 1)]
    whole = max(z for z, count in enumerate(counts) if count <= FEW_TILES or z == 0)
    min_zoom = max(whole - WIDER_ZOOMS, 0)
    view = PageView(
        layers.town,
        "zh",
        {},
        bounds,
        layers.made_up,
        layers.revision,
        layers.attribution,
        min_zoom=min_zoom,
        max_native_zoom=FINEST_ZOOM,
    )
    if most_tiles is None:
        return view
    for closest in range(FINEST_ZOOM, min_zoom, -1):
        side = max(min(closest, CELL_ZOOM) - 1, min_zoom)
        view = replace(view, max_native_zoom=closest, side_zoom=side)
        if tiles_of(view, themes) <= most_tiles:
            return view
    return replace(view, max_native_zoom=min_zoom, side_zoom=min_zoom)


def tiles_of(view: PageView, themes: Sequence[str]) -> int:
    """Return how many tiles some themes have together."""
    return sum(
        tile_count(widened(view.bounds), z)
        for theme in themes
        for z in range(view.min_zoom, view.native_zoom(theme) + 1)
    )


def answer_view(view: PageView, answer: Answer) -> PageView:
    """Return a view with what an answer assumes, warns of and lacks."""
    document = answer.document
    return replace(
        view,
        assumed=tuple(Assumed(**one) for one in document["assumed"]),
        warnings=tuple(document["warnings"]),
        missing=answer.result.missing,
        params=document.get("params", {}),
    )


def render_page(page: PageName, layers: Layers, answer: Answer | None, view: PageView) -> str:
    """Return one page as HTML, or the page that says why it cannot be had.

    Parameters
    ----------
    page
        Its name.
    layers
        The town.
    answer
        Its answer, or None where it has not been computed.
    view
        What it shows besides; assumptions, warnings and missing figures come from the answer.
    """
    if answer is None:
        return unavailable_page(page, view)
    view, result = answer_view(view, answer), answer.result
    if _is_empty(result):
        return unavailable_page(page, view, result.missing)
    return DRAWN[page](layers, result, view)


def _is_empty(result: Any) -> bool:
    """Return whether an answer has nothing that its page could show."""
    if isinstance(result, Response):
        return not len(result.circles) and not len(result.sites)
    if isinstance(result, Roster):
        return result.nights.empty
    return isinstance(result, Patrol) and not len(result.teams)
