"""The pictures a town's maps are made of, by theme."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np

from gis.errors import LayerMissingError, NotFoundError
from gis.layers import Layers
from maps.scales import Scale, scale
from maps.style import style
from maps.tiles_base import BaseTiles
from maps.tiles_cells import CellTiles
from maps.tiles_ground import CellGround
from planner.compare import Change
from planner.results_coverage import Coverage

__all__ = [
    "CELL_THEMES",
    "CHANGE_THEMES",
    "COVERAGE_THEMES",
    "SIDE_THEMES",
    "THEMES",
    "BaseTiles",
    "CellTiles",
    "Tiles",
    "build_tiles",
    "drawn_themes",
    "scale_of",
]

# Theme to the column of the cells it draws; those of `CHANGE_THEMES` are of a comparison.
CELL_THEMES: Mapping[str, str] = MappingProxyType(
    {name: about["column"] for name, about in style()["themes"].items()}
)
CHANGE_THEMES = tuple(n for n, about in style()["themes"].items() if about["scale"] == "change")
COVERAGE_THEMES = tuple(name for name in CELL_THEMES if name not in CHANGE_THEMES)
# These are one zoom less deep in a folder of written maps.
SIDE_THEMES = tuple(name for name, about in style()["themes"].items() if about.get("side"))
THEMES = ("base", *CELL_THEMES)
# What the themes of one answer share, for as long as there is the answer.
_grounds: WeakKeyDictionary[Coverage | Change, CellGround] = WeakKeyDictionary()


class Tiles(Protocol):
    """Pictures of one theme."""

    def png(self, z: int, x: int, y: int) -> bytes:
        """Return one tile of 256 x 256 pixels."""
        ...


def build_tiles(
    theme: str, layers: Layers, coverage: Coverage | None = None, change: Change | None = None
) -> Tiles:
    """Return the pictures of one theme: "base", or one of `CELL_THEMES`.

    Parameters
    ----------
    theme
        What to draw.
    layers
        The town.
    coverage
        Its coverage, which cells need.
    change
        A comparison of two, which the theme "change" needs.

    Raises
    ------
    NotFoundError
        If there is no such theme.
    LayerMissingError
        If cells are wanted without a coverage, or changes without a comparison.

    Examples
    --------
    >>> len(build_tiles("base", Layers("Town", {})).png(14, 9327, 4742)) > 100
    True
    """
    if theme not in THEMES:
        msg = f"no tiles called {theme!r}; there are: {', '.join(THEMES)}"
        raise NotFoundError(msg)
    if theme == "base":
        return BaseTiles.build(layers)
    answer = change if theme in CHANGE_THEMES else coverage
    if answer is None:
        raise LayerMissingError(theme, ["cameras"])
    return CellTiles.build(
        answer.cells, CELL_THEMES[theme], scale_of(theme, coverage), _ground_of(answer)
    )


def _ground_of(answer: Coverage | Change) -> CellGround:
    """Return the cells of an answer and their parents, made once for all its themes."""
    if answer not in _grounds:
        _grounds[answer] = CellGround.build(answer.cells.index.to_numpy(np.uint64))
    return _grounds[answer]


def drawn_themes(coverage: Coverage) -> tuple[str, ...]:
    """Return the themes of a coverage that have something to show."""
    columns = set(coverage.cells.columns[coverage.cells.notna().any()])
    return tuple(theme for theme in COVERAGE_THEMES if CELL_THEMES[theme] in columns)


def scale_of(theme: str, coverage: Coverage | None = None) -> Scale:
    """Return the classes of a theme; those of pictures depend on the coverage's ladder."""
    name = style()["themes"][theme]["scale"]
    if name == "picture":
        return scale(name, coverage.picture_class if coverage is not None else "")
    return scale(name)
