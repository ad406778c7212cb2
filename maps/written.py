"""A folder of pages that open from the file system, on any computer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gis.layers import Layers
from maps.assets import asset, asset_files
from maps.pages import PAGES, PageName, PageView
from maps.tiles import CHANGE_THEMES, Tiles, build_tiles, drawn_themes
from maps.tiles_grid import tile_count, tiles_within, widened
from maps.views import Answer, render_page, town_view
from maps.words import Lang

Progress = Callable[[str, int, int], None]

LANGUAGES: tuple[Lang, ...] = ("zh", "en")
MOST_TILES = 3000


def write_maps(
    folder: Path,
    layers: Layers,
    answers: Mapping[Any, Answer],
    progress: Progress | None = None,
    *,
    most_tiles: int = MOST_TILES,
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
    most_tiles
        How many tiles at most; fewer mean that the closest zooms are enlarged ones.
    """
    tell = progress or (lambda step, done, steps: None)
    folder.mkdir(parents=True, exist_ok=True)
    for name in asset_files():
        _write(folder / "assets" / name, asset(name))
    themes = _themes(layers, answers)
    view = town_view(layers, most_tiles=most_tiles, themes=tuple(themes))
    view = replace(view, from_files=True)
    _write_tiles(folder / "tiles", themes, view, tell)
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


def _write_page(
    folder: Path, page: PageName, layers: Layers, answer: Answer | None, view: PageView, lang: Lang
) -> Path:
    other: Lang = "en" if lang == "zh" else "zh"
    addresses: dict[str, str] = {name: file_name(name, lang) for name in PAGES}
    view = replace(view, lang=lang, links={**addresses, "lang": file_name(page, other)})
    html = render_page(page, layers, answer, view)
    return _write(folder / file_name(page, lang), html.encode())


def _themes(layers: Layers, answers: Mapping[Any, Answer]) -> dict[str, Tiles]:
    """Return the pictures that the pages of these answers show."""
    coverage = answers["coverage"].result if "coverage" in answers else None
    change = answers["change"].result if "change" in answers else None
    names = ["base"]
    names += drawn_themes(coverage) if coverage is not None else ()
    names += CHANGE_THEMES if change is not None else ()
    return {name: build_tiles(name, layers, coverage, change) for name in names}


def _write_tiles(folder: Path, themes: Mapping[str, Tiles], view: PageView, tell: Progress) -> None:
    bounds = widened(view.bounds)
    zooms = range(view.min_zoom, view.max_native_zoom + 1)
    steps, done = sum(tile_count(bounds, z) for z in zooms), 0
    for z in zooms:
        tell(f"tiles of zoom {z}", done, steps)
        for x, y in tiles_within(bounds, z):
            for name, tiles in themes.items():
                if z <= view.native_zoom(name):
                    _write(folder / name / str(z) / str(x) / f"{y}.png", tiles.png(z, x, y))
        done += tile_count(bounds, z)
    tell("done", steps, steps)


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
