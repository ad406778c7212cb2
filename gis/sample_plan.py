"""The plan of the made-up town: straight lines on paper, gently bent on the ground.

Everything is laid out in plan coordinates (u to the east along the main roads, v to the north,
metres) and brought to the ground (x, y metres in the town's CRS) by one smooth bend.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]

# Vertices along a line of the plan stand this far apart.
STEP_M = 40.0


@dataclass(frozen=True)
class Plan:
    """How the plan lies on the ground.

    Parameters
    ----------
    turn_deg
        Direction of the plan's east, counter-clockwise from east.
    bend_u, bend_v
        (amplitude m, wavelength m, phase) of the waves that move u along v, and v along u.
    """

    turn_deg: float
    bend_u: tuple[tuple[float, float, float], ...]
    bend_v: tuple[tuple[float, float, float], ...]

    def ground(self, u: npt.ArrayLike, v: npt.ArrayLike) -> Floats:
        """Return places on the ground, (n, 2) x and y in metres.

        Parameters
        ----------
        u, v
            (n,) plan coordinates.
        """
        across, along = np.asarray(u, float), np.asarray(v, float)
        bent_u = across + _waves(along, self.bend_u)
        bent_v = along + _waves(across, self.bend_v)
        cos, sin = math.cos(math.radians(self.turn_deg)), math.sin(math.radians(self.turn_deg))
        return np.stack([cos * bent_u - sin * bent_v, sin * bent_u + cos * bent_v], axis=-1)

    def turn_at(self, u: npt.ArrayLike, v: npt.ArrayLike) -> Floats:
        """Return where the plan's east points on the ground, degrees counter-clockwise, (n,)."""
        east = self.ground(np.asarray(u, float) + 1, v) - self.ground(u, v)
        return np.asarray(np.degrees(np.arctan2(east[..., 1], east[..., 0])))


def plan_of(town: Mapping[str, Any]) -> Plan:
    """Return the plan that the table of the town describes.

    Examples
    --------
    >>> flat = plan_of({"turn_deg": 90.0, "bend_u": [], "bend_v": []})
    >>> flat.ground([1.0], [0.0]).round(6).tolist()
    [[0.0, 1.0]]
    """
    waves = {
        name: tuple((float(a), float(w), float(p)) for a, w, p in town[name])
        for name in ("bend_u", "bend_v")
    }
    return Plan(float(town["turn_deg"]), waves["bend_u"], waves["bend_v"])


def _waves(along: Floats, waves: tuple[tuple[float, float, float], ...]) -> Floats:
    total = np.zeros_like(along)
    for amplitude, length, phase in waves:
        total = total + amplitude * np.sin(2 * np.pi * along / length + phase)
    return total


def wobbled(plan: Plan, row: Mapping[str, Any], low: float, high: float, *, north: bool) -> Any:
    """Return a line of the plan on the ground.

    Parameters
    ----------
    plan
        How the plan lies.
    row
        Its `at` (m) and `wobble` (amplitude m, wavelength m, phase).
    low, high
        Where along it begins and ends, m.
    north
        True for a line from south to north, False for one from west to east.
    """
    along = np.linspace(low, high, max(2, round((high - low) / STEP_M) + 1))
    amplitude, length, phase = row["wobble"]
    offset = row["at"] + amplitude * np.sin(2 * np.pi * along / length + phase)
    return shapely.linestrings(plan.ground(offset, along) if north else plan.ground(along, offset))


def plan_line(plan: Plan, points: Any) -> Any:
    """Return a line through points of the plan, on the ground.

    Parameters
    ----------
    plan
        How the plan lies.
    points
        (n, 2) u and v, metres.
    """
    dense = shapely.get_coordinates(shapely.segmentize(shapely.linestrings(points), 40.0))
    return shapely.linestrings(plan.ground(dense[:, 0], dense[:, 1]))


def plan_box(plan: Plan, box: Any) -> Any:
    """Return a rectangle of the plan (west, south, east, north), on the ground."""
    ring = shapely.get_coordinates(shapely.segmentize(shapely.box(*box), 40.0))
    return shapely.polygons(plan.ground(ring[:, 0], ring[:, 1]))


def rectangles(middle: Floats, width_m: Floats, depth_m: Floats, turn_deg: Floats) -> Geometries:
    """Return rectangles on the ground.

    Parameters
    ----------
    middle
        (n, 2) centres, metres.
    width_m, depth_m
        (n,) sides, along and across the direction.
    turn_deg
        (n,) direction of the width, degrees counter-clockwise from east.

    Examples
    --------
    >>> box = rectangles(np.zeros((1, 2)), np.array([4.0]), np.array([2.0]), np.array([90.0]))
    >>> np.round(box[0].bounds, 6).tolist()
    [-1.0, -2.0, 1.0, 2.0]
    """
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    across = np.stack([cos, sin], axis=1) * (np.asarray(width_m) / 2)[:, None]
    up = np.stack([-sin, cos], axis=1) * (np.asarray(depth_m) / 2)[:, None]
    corners = [middle + a * across + b * up for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return np.asarray(shapely.polygons(np.stack(corners, axis=1)), dtype=object)


def angled(middle: Floats, width_m: float, depth_m: float, wing_m: float, turn_deg: float) -> Any:
    """Return an L-shaped footprint: a wing along its width and one along its depth.

    Parameters
    ----------
    middle
        (2,) centre of the rectangle around it, metres.
    width_m, depth_m
        Sides of that rectangle.
    wing_m
        Thickness of the wings.
    turn_deg
        Direction of the width, degrees counter-clockwise from east.
    """
    w, d = width_m / 2, depth_m / 2
    shape = np.array(
        [(-w, -d), (w, -d), (w, -d + wing_m), (-w + wing_m, -d + wing_m), (-w + wing_m, d), (-w, d)]
    )
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    return shapely.polygons(middle + shape @ np.array([[cos, sin], [-sin, cos]]))
