"""The pictures a town's maps are made of, by theme."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from gis.errors import LayerMissingError, NotFoundError
from gis.layers import Layers
from maps.tiles_base import BaseTiles
from maps.tiles_cells import CellTiles
from planner.results_coverage import Coverage

__all__ = ["CELL_THEMES", "THEMES", "BaseTiles", "CellTiles", "Tiles", "build_tiles"]

# Theme to the share of each cell it draws.
CELL_THEMES: Mapping[str, str] = MappingProxyType(
    {"cells": "value", "cells_low": "low", "cells_high": "high"}
)
THEMES = ("base", *CELL_THEMES)


class Tiles(Protocol):
    """Pictures of one theme."""

    def png(self, z: int, x: int, y: int) -> bytes:
        """Return one tile of 256 x 256 pixels."""
        ...


def build_tiles(theme: str, layers: Layers, coverage: Coverage | None = None) -> Tiles:
    """Return the pictures of one theme: "base", "cells", "cells_low" or "cells_high".

    Parameters
    ----------
    theme
        What to draw.
    layers
        The town.
    coverage
        Its coverage, which cells need.

    Raises
    ------
    NotFoundError
        If there is no such theme.
    LayerMissingError
        If cells are wanted without a coverage.

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
    if coverage is None:
        raise LayerMissingError("cells", ["cameras"])
    return CellTiles.build(coverage.cells, CELL_THEMES[theme])
