"""Where the rows of a layer are, kept in memory: which of them meet a box, in the order of codes.

A search through the database reads all rows near a box to sort them by code, though most of them
are not on the page. Some hundred bytes a row are enough to know which rows are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Box = tuple[float, float, float, float]
# West, south, east, north in degrees; four None for a row without a place.
Sides = Sequence[float | None]


@dataclass(frozen=True, eq=False)
class LayerBoxes:
    """The bounding boxes of a layer as it was at one moment; many threads may share them.

    Parameters
    ----------
    codes
        The code of each row, sorted.
    order
        (n,) where each of them stood in what it was made from.
    sides
        (4, k) west, south, east and north of the rows that have a place, degrees, from west to
        east.
    positions
        (k,) position of each of them in `codes`.
    widest
        No row is wider, degrees.
    """

    codes: tuple[str, ...] = field(repr=False)
    order: npt.NDArray[np.int64] = field(repr=False)
    sides: npt.NDArray[np.float64] = field(repr=False)
    positions: npt.NDArray[np.int64] = field(repr=False)
    widest: float = field(repr=False)

    def touching(self, boxes: Iterable[Box], after: str = "") -> npt.NDArray[np.int64]:
        """Return the positions, ascending, of the rows whose bounding box meets any of some boxes.

        Parameters
        ----------
        boxes
            (west, south, east, north), degrees; edges count.
        after
            Only rows with a code after this one.
        """
        found = [self._touching(box) for box in boxes]
        rows = np.sort(found[0]) if len(found) == 1 else np.unique(np.concatenate(found))
        return rows[np.searchsorted(rows, bisect_right(self.codes, after)) :] if after else rows

    def _touching(self, box: Box) -> npt.NDArray[np.int64]:
        west, south, east, north = box
        first = np.searchsorted(self.sides[0], west - self.widest, "left")
        last = np.searchsorted(self.sides[0], east, "right")
        _, lower, right, upper = self.sides[:, first:last]
        meets: npt.NDArray[np.bool_] = (right >= west) & (lower <= north) & (upper >= south)
        rows: npt.NDArray[np.int64] = self.positions[first:last][meets]
        return rows


def layer_boxes(codes: Sequence[str], sides: Sequence[Sides]) -> LayerBoxes:
    """Return the boxes of rows.

    Parameters
    ----------
    codes
        Of each row, in any order.
    sides
        Of each row.

    Examples
    --------
    >>> boxes = layer_boxes(["b", "a", "c"], [(1, 1, 2, 2), (0, 0, 1, 1), (None,) * 4])
    >>> boxes.codes, boxes.touching([(1, 1, 3, 3)]).tolist()
    (('a', 'b', 'c'), [0, 1])
    >>> boxes.touching([(1, 1, 3, 3)], after="a").tolist()
    [1]
    """
    order = np.array(sorted(range(len(codes)), key=codes.__getitem__), dtype=np.int64)
    known = np.array(sides, dtype=float).reshape(-1, 4)[order].T
    placed = np.flatnonzero(~np.isnan(known[0]))
    placed = placed[np.argsort(known[0, placed], kind="stable")]
    known = np.ascontiguousarray(known[:, placed])
    # A little more: the difference of two numbers is rounded.
    widest = float((known[2] - known[0]).max(initial=0.0)) + 1e-9
    return LayerBoxes(tuple(codes[at] for at in order.tolist()), order, known, placed, widest)
