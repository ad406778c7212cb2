"""Walls lower than the camera: each hides itself and the strip of ground behind it.

Along a ray that enters a footprint at distance a and leaves it at b, a wall of height z hides from
a to b (h - t) / (h - z) a target of height t from a camera of height h. So what is hidden is the
footprint and what its far edges sweep when scaled about the camera: exact polygons.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from gis.footprints import Footprints, union_by

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

# An edge whose triangle with the camera is smaller is in line with it and casts no shadow.
IN_LINE_M2 = 1e-9
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
    low = np.flatnonzero(footprints.polygon_top_m < np.max(height_m[high], initial=-np.inf))
    camera, piece = shapely.STRtree(footprints.polygons[low]).query(
        views[high], predicate="intersects"
    )
    camera, piece = high[camera], low[piece]
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
    views[some] = shapely.difference(views[some], union_by(shapes[order], number))
    return views


def _strips(solids: Shapes, xy: Floats, stretch: Floats, range_m: Floats) -> tuple[Shapes, Ints]:
    """Return what the far edges of each solid (k,) sweep away from the point: and their solids.

    Scaled about the point from 1 to `stretch` (k,), as far as the range needs.
    """
    rings, of_ring = shapely.get_rings(solids, return_index=True)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    solid = of_ring[ring]
    vertices = vertices - xy[solid]
    same = ring[1:] == ring[:-1]
    a, b, solid = vertices[:-1][same], vertices[1:][same], solid[:-1][same]
    double_m2 = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    along = b - a
    length_m2 = np.maximum((along**2).sum(axis=1), 1e-300)
    share = np.clip(-(a * along).sum(axis=1) / length_m2, 0.0, 1.0)
    away_m = np.hypot(*(a + share[:, None] * along).T)
    # The solid lies on the left of an edge: on the near side of a far one.
    far = (double_m2 > IN_LINE_M2) & (away_m < range_m[solid])
    a, b, solid, away_m = a[far], b[far], solid[far], away_m[far]
    reach = np.minimum(stretch[solid], range_m[solid] / np.maximum(away_m, 1e-9))[:, None]
    corners = np.stack([a, b, b * reach, a * reach], axis=1)
    strips = shapely.polygons(corners + xy[solid][:, None, :])
    long = np.abs(corners).max(axis=(1, 2)) > 2 * BOX_RANGES * range_m[solid]
    if long.any():
        half = BOX_RANGES * range_m[solid[long]]
        x, y = xy[solid[long]].T
        box = shapely.box(x - half, y - half, x + half, y + half)
        strips[long] = shapely.intersection(strips[long], box)
    sound = shapely.is_valid(strips) & ~shapely.is_empty(strips)
    return strips[sound], solid[sound]
