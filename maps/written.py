"""A folder of pages that open from the file system, on any computer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from gis.layers import Layers
from maps.assets import asset, asset_files
from maps.pages import (
    PAGES,
    PageName,
    PageView,
    coverage_page,
    patrol_page,
    response_page,
    unavailable_page,
)
from maps.tiles import CELL_THEMES, build_tiles
from maps.tiles_grid import Bounds, tile_count, tiles_within, widened
from maps.words import Lang
from planner.patrol import Patrol
from planner.results import Assumed, Coverage, Response

Progress = Callable[[str, int, int], None]

LANGUAGES: tuple[Lang, ...] = ("zh", "en")
MOST_TILES = 3000
# Tiles for closer zooms than this show nothing new.
FINEST_ZOOM = 18
# Where no layer tells where the town is.
NOWHERE: Bounds = (-180.0, -60.0, 180.0, 75.0)
# How far out the map goes beyond the zoom at which few tiles show all of the town.
WIDER_ZOOMS = 3


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


def write_maps(
    folder: Path,
    layers: Layers,
    answers: Mapping[Any, Answer],
    progress: Progress | None = None,
) -> list[Path]:
    """Write all pages in both languages, their files and their tiles; return the pages.

    Parameters
    ----------
    folder
        Where to write; made if it is not there. Files of an earlier time are replaced.
    layers
        The town.
    answers
        Page name to its answer; a page without one says how to get it.
    progress
        Called with what is being written, its number, and how many there are.
    """
    tell = progress or (lambda step, done, steps: None)
    folder.mkdir(parents=True, exist_ok=True)
    for name in asset_files():
        _write(folder / "assets" / name, asset(name))
    coverage = answers["coverage"].result if "coverage" in answers else None
    assert coverage is None or isinstance(coverage, Coverage)
    view = town_view(layers)
    _write_tiles(folder / "tiles", layers, coverage, view, tell)
    return [
        _write_page(folder, page, layers, answers.get(page), view, lang)
        for lang in LANGUAGES
        for page in PAGES
    ] + [_write(folder / "index.html", (folder / file_name("coverage", "zh")).read_bytes())]


def file_name(page: PageName, lang: Lang) -> str:
    """Return the file of a page.

    Examples
    --------
    >>> file_name("coverage", "zh"), file_name("patrol", "en")
    ('coverage.html', 'patrol.en.html')
    """
    return f"{page}.html" if lang == "zh" else f"{page}.{lang}.html"


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


def town_view(layers: Layers) -> PageView:
    """Return what all pages of a written folder share; each changes its own part."""
    bounds = town_bounds(layers)
    tiled = widened(bounds)
    themes = 1 + len(CELL_THEMES)
    fits = next(z for z in range(FINEST_ZOOM, -1, -1) if tile_count(tiled, z) <= 9 or z == 0)
    min_zoom = max(fits - WIDER_ZOOMS, 0)
    native, total = min_zoom, 0
    for z in range(min_zoom, FINEST_ZOOM + 1):
        total += themes * tile_count(tiled, z)
        if total > MOST_TILES:
            break
        native = z
    return PageView(
        layers.town,
        "zh",
        {},
        bounds,
        layers.made_up,
        layers.revision,
        layers.attribution,
        min_zoom=min_zoom,
        max_native_zoom=native,
        from_files=True,
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


def _write_page(
    folder: Path, page: PageName, layers: Layers, answer: Answer | None, view: PageView, lang: Lang
) -> Path:
    other: Lang = "en" if lang == "zh" else "zh"
    addresses: dict[str, str] = {name: file_name(name, lang) for name in PAGES}
    view = replace(view, lang=lang, links={**addresses, "lang": file_name(page, other)})
    html = render_page(page, layers, answer, view)
    return _write(folder / file_name(page, lang), html.encode())


def _write_tiles(
    folder: Path, layers: Layers, coverage: Coverage | None, view: PageView, tell: Progress
) -> None:
    names = ["base"] if coverage is None else ["base", *CELL_THEMES]
    themes = {name: build_tiles(name, layers, coverage) for name in names}
    bounds = widened(view.bounds)
    zooms = range(view.min_zoom, view.max_native_zoom + 1)
    steps, done = sum(tile_count(bounds, z) for z in zooms), 0
    for z in zooms:
        tell(f"tiles of zoom {z}", done, steps)
        for x, y in tiles_within(bounds, z):
            for name, tiles in themes.items():
                _write(folder / name / str(z) / str(x) / f"{y}.png", tiles.png(z, x, y))
        done += tile_count(bounds, z)
    tell("done", steps, steps)


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
