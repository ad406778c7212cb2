"""Streets by the length that is seen: points along them, each standing for its piece.

A narrow lane between buildings has hardly a cell of its own, so lanes are measured along their
line, not by the ground they lie on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from gis import crs as coordinates
from gis import hexes
from gis.layers import Layers
from planner.frames import Columns
from planner.ground import Floats, Ground, Ints, lonlat_of, rows_of, sums
from planner.looks import Scores


@dataclass(frozen=True, eq=False)
class StreetSamples:
    """Points along the streets of the town, each in the middle of its piece.

    Parameters
    ----------
    codes, names
        (s,) of every street of the layer.
    street
        (m,) position in the layer, ascending.
    row
        (m,) position of the cell each point lies in; points outside the town are left out.
    xy
        (m, 2) metres in the town's CRS.
    length_m
        (m,) how much street each point stands for.
    """

    codes: npt.NDArray[np.object_] = field(repr=False)
    names: npt.NDArray[np.object_] = field(repr=False)
    street: Ints = field(repr=False)
    row: Ints = field(repr=False)
    xy: Floats = field(repr=False)
    length_m: Floats = field(repr=False)

    @cached_property
    def inside(self) -> Ints:
        """Return the positions of the streets with any length inside the town, ascending."""
        return np.flatnonzero(sums(self.street, self.length_m, len(self.codes)) > 0)

    @cached_property
    def lengths(self) -> Columns:
        """Return street, name and length_m of the streets inside the town."""
        length_m = sums(self.street, self.length_m, len(self.codes))
        told = {"street": self.codes, "name": self.names, "length_m": length_m}
        return {name: values[self.inside] for name, values in told.items()}

    def summary(self) -> str:
        """Return one line: points and length."""
        return f"{len(self.row)} points along {self.length_m.sum() / 1000:.1f} km of streets"


def street_samples(layers: Layers, ground: Ground, every_m: float) -> StreetSamples:
    """Return points along the streets inside the town.

    Parameters
    ----------
    layers
        The town, with or without streets.
    ground
        Its cells.
    every_m
        Spacing; a shorter street has one point.
    """
    streets = layers["streets"]
    metres = coordinates.to_metres(streets.geometry, ground.crs)
    parts, street = shapely.get_parts(np.asarray(metres.array, object), return_index=True)
    length_m = shapely.length(parts)
    parts, street, length_m = parts[length_m > 0], street[length_m > 0], length_m[length_m > 0]
    part, xy, piece_m = along(parts, length_m, every_m)
    row = rows_of(hexes.cell_of_points(*lonlat_of(xy, ground.crs), ground.resolution), ground.cells)
    inside = row >= 0
    return StreetSamples(
        streets["code"].to_numpy(object),
        streets["name"].to_numpy(object),
        street[part[inside]].astype(np.int64),
        row[inside],
        xy[inside],
        piece_m[inside],
    )


def along(
    lines: npt.NDArray[np.object_], length_m: Floats, every_m: float
) -> tuple[Ints, Floats, Floats]:
    """Return points along lines: those in the middle of equal pieces about `every_m` long.

    Parameters
    ----------
    lines
        (n,) LineStrings, metres.
    length_m
        (n,) their lengths, above 0.
    every_m
        Spacing.

    Returns
    -------
    line, xy, piece_m
        (m,) position of the line, ascending; (m, 2); (m,) length of the piece.

    Examples
    --------
    >>> lines = np.array([shapely.LineString([(0, 0), (3, 0), (3, 7)])])
    >>> along(lines, np.array([10.0]), 5.0)[1].tolist()
    [[2.5, 0.0], [3.0, 4.5]]
    """
    pieces = np.maximum(1, np.round(length_m / every_m)).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), pieces)
    piece_m = (length_m / pieces)[line]
    number = np.arange(len(line)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    if not len(line):
        return line, np.zeros((0, 2)), piece_m
    corners, owner = shapely.get_coordinates(lines, return_index=True)
    step = np.diff(corners, axis=0)
    step[owner[1:] != owner[:-1]] = 0
    run_m = np.concatenate([[0.0], np.cumsum(np.hypot(step[:, 0], step[:, 1]))])
    first, last = (
        np.searchsorted(owner, np.arange(len(lines)), side) for side in ("left", "right")
    )
    want_m = run_m[first[line]] + (number + 0.5) * piece_m
    at = np.clip(np.searchsorted(run_m, want_m, "right") - 1, first[line], last[line] - 2)
    span_m = run_m[at + 1] - run_m[at]
    share = np.divide(want_m - run_m[at], span_m, out=np.zeros(len(at)), where=span_m > 0)
    xy = corners[at] + np.clip(share, 0, 1)[:, None] * (corners[at + 1] - corners[at])
    return line, xy, piece_m


def streets_seen(samples: StreetSamples, seen: Ints, scores: Scores, known: bool) -> Columns:
    """Return the share of the length of each street that is seen.

    Parameters
    ----------
    samples
        As `street_samples` returns them.
    seen, scores
        (k,) positions of the points that anybody may see, and what is seen of these.
    known
        False where the town has no camera layer, so that nobody can tell.

    Returns
    -------
    dict
        Columns street (code), name, length_m (inside the town), value, low, high; streets in the
        order of the layer, those outside left out.
    """
    inside, columns = samples.inside, dict(samples.lengths)
    length_m = columns["length_m"]
    street, piece_m = samples.street[seen], samples.length_m[seen]
    for name, part in (("value", scores.value), ("low", scores.low), ("high", scores.high)):
        columns[name] = np.full(len(inside), np.nan)
        if known:
            seen_m = sums(street, part * piece_m, len(samples.codes))
            columns[name] = (seen_m[inside] / length_m).clip(0, 1)
    return columns
