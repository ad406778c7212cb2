"""Pages of a town as its server or its written folder shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from gis.layers import Layers
from maps.pages import (
    CELL_ZOOM,
    PageName,
    PageView,
    coverage_page,
    patrol_page,
    response_page,
    unavailable_page,
)
from maps.tiles import CELL_THEMES
from maps.tiles_grid import Bounds, tile_count, widened
from planner.patrol import Patrol
from planner.results import Assumed, Response
from planner.results_coverage import Coverage

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
    def result(self) -> Coverage | Response | Patrol:
        """The result."""
        ...

    @property
    def document(self) -> Mapping[str, Any]:
        """The document, with `assumed` and `warnings`."""
        ...


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


def town_view(layers: Layers, *, most_tiles: int | None = None) -> PageView:
    """Return what all pages of a town share: each adds its language, links and answer.

    Parameters
    ----------
    layers
        The town.
    most_tiles
        How many tiles all themes may have together; None where they are drawn when asked for.
    """
    bounds = town_bounds(layers)
    counts = [tile_count(widened(bounds), z) for z in range(FINEST_ZOOM + 1)]
    whole = max(z for z, count in enumerate(counts) if count <= FEW_TILES or z == 0)
    min_zoom = max(whole - WIDER_ZOOMS, 0)
    themes = [1 + len(CELL_THEMES) * (z <= CELL_ZOOM) for z in range(len(counts))]
    totals = np.cumsum(np.multiply(counts, themes)[min_zoom:])
    levels = len(totals) if most_tiles is None else int((totals <= most_tiles).sum())
    return PageView(
        layers.town,
        "zh",
        {},
        bounds,
        layers.made_up,
        layers.revision,
        layers.attribution,
        min_zoom=min_zoom,
        max_native_zoom=min_zoom + max(levels, 1) - 1,
    )


def answer_view(view: PageView, answer: Answer) -> PageView:
    """Return a view with what an answer assumes, warns of and lacks."""
    document = answer.document
    return replace(
        view,
        assumed=tuple(Assumed(**one) for one in document["assumed"]),
        warnings=tuple(document["warnings"]),
        missing=answer.result.missing,
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
    if isinstance(result, Coverage):
        return coverage_page(layers, result, view)
    if isinstance(result, Response):
        if not len(result.circles) and not len(result.sites):
            return unavailable_page(page, view, result.missing)
        return response_page(layers, result, view)
    if not len(result.teams):
        return unavailable_page(page, view, result.missing)
    return patrol_page(layers, result, view)
