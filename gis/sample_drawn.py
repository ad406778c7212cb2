"""What is drawn on the plan of the made-up town, before it is checked and cut to fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Rows = list[dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows of each sort, shapes in metres on the ground.

    Parameters
    ----------
    streets
        geometry, highway, name.
    buildings
        geometry, kind, use, storeys, row (houses of one row may share walls), place (whose they
        are: a village core or a plot).
    plots
        geometry, use, name, cell: what one owner holds.
    gates
        geometry (a point on a street), kind, and yes or no for foot, bicycle, car.
    water
        geometry, name.
    cores
        geometry (a point in its middle), name, village, cell: the old villages.
    """

    streets: Rows = field(default_factory=list)
    buildings: Rows = field(default_factory=list)
    plots: Rows = field(default_factory=list)
    gates: Rows = field(default_factory=list)
    water: Rows = field(default_factory=list)
    cores: Rows = field(default_factory=list)


def joined(parts: Iterable[Drawn]) -> Drawn:
    """Return everything that several drawings hold, in their order."""
    whole = Drawn()
    for part in parts:
        for one in fields(Drawn):
            getattr(whole, one.name).extend(getattr(part, one.name))
    return whole


def houses_along(
    front: Floats, widths_m: Floats, groups: Floats, gap_m: float, depth_m: Floats
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Return houses in rows along a line, on its left side.

    Houses of one group stand wall to wall: they share both corners of that wall, so that they
    never overlap however the line bends.

    Parameters
    ----------
    front
        (n, 2) line of their fronts, metres, from its beginning.
    widths_m
        (k,) width of each house that may be built; those beyond the end of the line are not.
    groups
        (g,) how many houses each group has, k in all or more.
    gap_m
        Between groups.
    depth_m
        (g,) depth of each group.

    Returns
    -------
    houses, group
        The polygons, and the group of each.

    Examples
    --------
    >>> street = np.array([[0.0, 0.0], [40.0, 0.0]])
    >>> built, _ = houses_along(street, np.full(9, 10.0), np.full(4, 3), 2.0, np.full(4, 8.0))
    >>> [house.bounds for house in built]
    [(0.0, 0.0, 10.0, 8.0), (10.0, 0.0, 20.0, 8.0), (20.0, 0.0, 30.0, 8.0)]
    """
    steps = np.hypot(*np.diff(front, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    tangent = np.gradient(front, along, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    normal /= np.hypot(*normal.T)[:, None]
    group = np.repeat(np.arange(len(groups)), groups.astype(int))[: len(widths_m)]
    ends = np.cumsum(widths_m[: len(group)]) + gap_m * group
    # The wall between two houses of a group is one and the same number for both.
    begins = np.concatenate([[0.0], ends[:-1] + gap_m * np.diff(group)])
    kept = ends <= along[-1]
    group, begins, ends = group[kept], begins[kept], ends[kept]
    depth = depth_m[group][:, None]
    low, high = _at(front, along, begins), _at(front, along, ends)
    low_back, high_back = (
        wall + depth * _at(normal, along, where) for wall, where in ((low, begins), (high, ends))
    )
    rings = np.stack([low, high, high_back, low_back], axis=1)
    return np.asarray(shapely.polygons(rings), dtype=object), group


def _at(values: Floats, along: Floats, where: Floats) -> Floats:
    return np.stack([np.interp(where, along, column) for column in values.T], axis=1)
