"""Walls lower than the camera: each hides itself and the strip of ground behind it.

Along a ray that enters a footprint at distance a and leaves it at b, a wall of height z hides from
a to b (h - t) / (h - z) a target of height t from a camera of height h. So what is hidden is the
footprint and what its far edges sweep when scaled about the camera: exact polygons.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import shapely

from gis.footprints import Footprints, union_by

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

# An edge whose triangle with the camera is smaller is in line with it and casts no shadow.
IN_LINE_M2 = 1e-9
# Strips are united on a grid of a micrometre: of many that overlap, the exact union of GEOS (3.14)
# now and then leaves out one whole.
GRID_M = 1e-6
# A strip is cut to a box of so many ranges: nearly in line, it would run very far.
BOX_RANGES = 2.0


def without_low_walls(
    views: Shapes,
    xy: Floats,
    range_m: Floats,
    height_m: Floats,
    footprints: Footprints,
    target_m: float = 0.0,
) -> Shapes:
    """Return views without the footprints lower than their camera and the strips behind them.

    Parameters
    ----------
    views
        (n,) what each camera sees past the walls at least as high as it, from the camera on.
    xy, range_m, height_m
        (n, 2), (n,), (n,) of the cameras, metres; a height of NaN looks over nothing.
    footprints
        Pieces with heights; the cameras stand outside.
    target_m
        What must be seen stands so high above the ground.
    """
    high = np.flatnonzero(~np.isnan(height_m))
    camera, piece = footprints.tree.query(views[high], predicate="intersects")
    camera = high[camera]
    top_m = footprints.polygon_top_m[piece]
    over = top_m < height_m[camera]
    camera, piece, top_m = camera[over], piece[over], top_m[over]
    if not len(camera):
        return views
    solids = footprints.polygons[piece]
    casts = np.flatnonzero((top_m > target_m) & (height_m[camera] > target_m))
    of = camera[casts]
    strips, strip = _strips(
        solids[casts],
        xy[of],
        (height_m[of] - target_m) / (height_m[of] - top_m[casts]),
        range_m[of],
    )
    shapes, owner = np.concatenate([solids, strips]), np.concatenate([camera, of[strip]])
    order = np.argsort(owner, kind="stable")
    some, number = np.unique(owner[order], return_inverse=True)
    views = views.copy()
    views[some] = shapely.difference(views[some], union_by(shapes[order], number, GRID_M))
    return views


def _strips(solids: Shapes, xy: Floats, stretch: Floats, range_m: Floats) -> tuple[Shapes, Ints]:
    """Return what the far edges of each solid (k,) sweep away from the point: and their solids.

    Scaled about the point from 1 to `stretch` (k,), as far as the range needs. Far edges that
    follow each other sweep one strip: seen from the point they lie side by side.
    """
    rings, of_ring = shapely.get_rings(solids, return_index=True)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    solid = of_ring[ring]
    vertices = vertices - xy[solid]
    same = ring[1:] == ring[:-1]
    a, b, ring, solid = vertices[:-1][same], vertices[1:][same], ring[:-1][same], solid[:-1][same]
    double_m2 = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    along = b - a
    length_m2 = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip(-(a * along).sum(axis=1) / length_m2, 0.0, 1.0)
    away_m = np.hypot(*(a + share[:, None] * along).T)
    # The solid lies on the left of an edge: on the near side of a far one.
    far = np.flatnonzero((double_m2 > IN_LINE_M2) & (away_m < range_m[solid]))
    if not len(far):
        return np.zeros(0, dtype=object), np.zeros(0, np.int64)
    first = _chains(a, far, ring)
    solid, nearest_m = solid[far[first]], np.minimum.reduceat(away_m[far], first)
    reach = np.minimum(stretch[solid], range_m[solid] / np.maximum(nearest_m, 1e-9))
    strips, long = _swept(a[far], b[far], first, reach, xy[solid], BOX_RANGES * range_m[solid])
    # Edges all but in line with the point fold their strip onto itself.
    wrong = ~shapely.is_valid(strips)
    strips[wrong] = shapely.make_valid(strips[wrong], method="structure", keep_collapsed=False)
    if long.any():
        half = BOX_RANGES * range_m[solid[long]]
        x, y = xy[solid[long]].T
        box = shapely.box(x - half, y - half, x + half, y + half)
        strips[long] = shapely.intersection(strips[long], box)
    there = ~shapely.is_empty(strips)
    return strips[there], solid[there]


def _chains(a: Floats, far: Ints, ring: Ints) -> Ints:
    """Return where among the `far` edges each chain of edges that follow each other begins.

    A chain ends where it has turned by a quarter, so that none closes around the point.
    """
    new = (np.diff(far, prepend=-2) != 1) | (np.diff(ring[far], prepend=-1) != 0)
    quarter = np.floor(np.arctan2(a[far, 1], a[far, 0]) / (math.pi / 2))
    new |= np.diff(quarter, prepend=-9) != 0
    return np.flatnonzero(new)


def _swept(
    a: Floats, b: Floats, first: Ints, reach: Floats, xy: Floats, half_m: Floats
) -> tuple[Shapes, npt.NDArray[np.bool_]]:
    """Return the strip of each chain of edges, and whether it runs out of the box of its range.

    A strip is bounded by its chain, forth, and the same scaled by `reach`, back.
    """
    count = np.diff(np.append(first, len(a)))
    chain = np.repeat(np.arange(len(first)), count)
    last = first + count - 1
    near = np.concatenate([a, b[last]])
    owner = np.concatenate([chain, np.arange(len(first))])
    place = np.concatenate([np.arange(len(a)), last + 0.5])
    corners = np.concatenate([near, near * reach[owner][:, None]])
    order = np.lexsort(
        (np.concatenate([place, -place]), np.repeat([0, 1], len(place)), np.tile(owner, 2))
    )
    corners, owner = corners[order], np.tile(owner, 2)[order]
    begin = np.searchsorted(owner, np.arange(len(first)))
    long = np.maximum.reduceat(np.abs(corners).max(axis=1), begin) > 2 * half_m
    return shapely.polygons(shapely.linearrings(corners + xy[owner], indices=owner)), long
