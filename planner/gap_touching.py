"""Which cells of a town touch, within one larger cell: H3 lays them out alike in each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis import hexes

Cells = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

_DIGIT_BITS = 3
# Ancestors this many levels up or fewer are laid out from one of them; larger ones hold too much.
_ALIKE_LEVELS = 4


def touching_within(cells: Cells, parent: int) -> tuple[Ints, Ints]:
    """Return the positions of every pair of touching cells of one ancestor, first < second.

    Parameters
    ----------
    cells
        (n,) different cells of one resolution, ascending.
    parent
        Resolution of the ancestors, none of them a pentagon (all far out at sea).

    Examples
    --------
    >>> cells = hexes.children(hexes.from_text(["8b309a6418cdfff"])).ravel()
    >>> [len(part) for part in touching_within(cells, 11)]
    [12, 12]
    """
    if not len(cells):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    levels = int(hexes.resolution_of(cells[:1])[0]) - parent
    ancestors = hexes.parents(cells, parent)
    if levels > _ALIKE_LEVELS:
        first, second = hexes.neighbours(cells)
        same = ancestors[first] == ancestors[second]
        return first[same], second[same]
    new = np.diff(ancestors, prepend=ancestors[:1]) != 0
    number = np.cumsum(new)
    place = _places(cells, levels)
    # Where each cell of each ancestor is among the cells, -1 where it is none of them.
    at = np.full((int(number[-1]) + 1, 1 << (_DIGIT_BITS * levels)), -1, np.int64)
    at[number, place] = np.arange(len(cells))
    one, other = _pattern(ancestors[:1], levels)
    first, second = at[:, one].ravel(), at[:, other].ravel()
    both = (first >= 0) & (second >= 0)
    return first[both], second[both]


def _pattern(ancestor: Cells, levels: int) -> tuple[Ints, Ints]:
    """Return the places of the touching descendants of an ancestor, each pair once."""
    inside = ancestor
    for _ in range(levels):
        inside = hexes.children(inside).ravel()
    place = _places(inside, levels)
    first, second = hexes.neighbours(inside)
    return place[first], place[second]


def _places(cells: Cells, levels: int) -> Ints:
    """Return the last digits of ids as numbers, which tell a cell's place in its ancestor."""
    unused = _DIGIT_BITS * (hexes.FINEST - int(hexes.resolution_of(cells[:1])[0]))
    digits = (1 << (_DIGIT_BITS * levels)) - 1
    return ((cells >> np.uint64(unused)) & np.uint64(digits)).astype(np.int64)
