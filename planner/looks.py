"""Which camera sees which point, how surely and how finely; and what several see together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gis.direction import chance_seen
from gis.sight_points import points_within
from planner.camera_views import Views
from planner.ground_kernels import add_up

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Variant = Literal["in_use", "networked", "linked", "in_service", "repaired"]

# Nearer than this a picture is taken to be no finer.
NEAREST_M = 1.0
# Pixel densities are measured at this height above the ground, as the reach of a camera is.
AIM_M = 1.0
# What counts of a camera of which nobody knows whether it is linked or in service.
HALF = 0.5
# A point at the very end of a view still has the pixel density that the view stands for.
_ROUNDING = 1 - 1e-9


@dataclass(frozen=True, eq=False)
class Looks:
    """Pairs of a camera and a point that it sees or may see, sorted by point, then camera.

    Parameters
    ----------
    camera
        (p,) position in `Views.cameras`.
    point
        (p,) position of the point.
    chance
        (p,) that the point lies in the camera's sector, above 0; 1 where it is certain.
    px_per_m
        (p,) pixels that a metre across gets there.
    """

    camera: Ints = field(repr=False)
    point: Ints = field(repr=False)
    chance: Floats = field(repr=False)
    px_per_m: Floats = field(repr=False)

    @cached_property
    def first(self) -> Ints:
        """Return where the looks at each point begin that any camera looks at."""
        new = np.ones(len(self.point), bool)
        np.not_equal(self.point[1:], self.point[:-1], out=new[1:])
        return np.flatnonzero(new)

    def summary(self) -> str:
        """Return one line: pairs, points, cameras."""
        points, cameras = len(np.unique(self.point)), len(np.unique(self.camera))
        return f"{len(self.point)} looks of {cameras} cameras at {points} points"


@dataclass(frozen=True, eq=False)
class Scores:
    """What several cameras together see of each point.

    Parameters
    ----------
    low, value, high
        (n,) seen for certain (0 or 1), the chance that some camera sees it, and whether any may
        (0 or 1).
    cameras
        (n,) how many may see it.
    px_per_m
        (n,) the best pixel density of those that see it for certain, 0 where none does.
    """

    low: Floats = field(repr=False)
    value: Floats = field(repr=False)
    high: Floats = field(repr=False)
    cameras: Ints = field(repr=False)
    px_per_m: Floats = field(repr=False)

    @property
    def shares(self) -> Floats:
        """Return low, value and high, (3, n)."""
        return np.stack([self.low, self.value, self.high])

    def summary(self) -> str:
        """Return one line: how many points are seen, and may be."""
        return f"{len(self.low)} points, {int(self.low.sum())} seen, {int(self.high.sum())} perhaps"


def look(views: Views, xy: Floats) -> Looks:
    """Return which cameras see which points.

    Parameters
    ----------
    views
        The cameras' views.
    xy
        (m, 2) points in the views' CRS, metres.

    Returns
    -------
    Looks
        A camera whose direction is in doubt looks at every point it may see, with the chance that
        it does.
    """
    camera, point = points_within(views.polygons, xy)
    return looks_at(views, camera, point, xy[point])


def look_at_each(views: Views, *points: Floats) -> tuple[Looks, ...]:
    """Return `look` for several sets of points at once.

    Parameters
    ----------
    views
        The cameras' views.
    points
        (m, 2) each, metres.
    """
    begin = np.cumsum([0, *(len(xy) for xy in points)])
    every = look(views, np.concatenate(points))
    at = np.searchsorted(every.point, begin)
    return tuple(
        Looks(
            every.camera[low:high],
            every.point[low:high] - start,
            every.chance[low:high],
            every.px_per_m[low:high],
        )
        for low, high, start in zip(at[:-1], at[1:], begin[:-1], strict=True)
    )


def looks_between(looks: Looks, low: Ints, high: Ints) -> Looks:
    """Return the looks at the points of some ranges.

    Parameters
    ----------
    looks
        Who sees what.
    low, high
        (r,) where each range begins and ends, ascending; the end is left out.
    """
    at = between(looks.point, low, high)
    return Looks(looks.camera[at], looks.point[at], looks.chance[at], looks.px_per_m[at])


def between(ascending: Ints, low: Ints, high: Ints) -> Ints:
    """Return where sorted values stand that lie in ascending ranges: low to high, that left out.

    Examples
    --------
    >>> between(np.array([2, 3, 5, 8]), np.array([2, 5]), np.array([3, 9])).tolist()
    [0, 2, 3]
    """
    begin = np.searchsorted(ascending, low)
    size = np.searchsorted(ascending, high) - begin
    skip = np.cumsum(size) - size
    return np.asarray(np.repeat(begin - skip, size) + np.arange(size.sum()))


def looks_at(views: Views, camera: Ints, point: Ints, xy: Floats) -> Looks:
    """Return looks for pairs of a camera and a point in its view.

    Parameters
    ----------
    views
        The cameras' views.
    camera, point
        (p,) positions of each pair, in any order.
    xy
        (p, 2) the point of each pair, metres.
    """
    lens = views.columns
    step = xy - np.stack([lens["x"], lens["y"]], axis=1)[camera]
    fov_deg, doubt_deg = lens["fov_deg"][camera], lens["doubt_deg"][camera]
    # What is certain is told by the view itself, whose border is exact.
    certain = (doubt_deg == 0) | (fov_deg >= 360)
    bearing_deg = np.degrees(np.arctan2(step[:, 0], step[:, 1]))
    off_deg = bearing_deg - np.nan_to_num(lens["azimuth_deg"])[camera]
    chance = np.where(certain, 1.0, chance_seen(off_deg, fov_deg, doubt_deg))
    rise_m = np.nan_to_num(lens["height_m"] - AIM_M)[camera]
    slant_m = np.maximum(np.sqrt((step**2).sum(axis=1) + rise_m**2), NEAREST_M)
    px_per_m = lens["px_at_1_m"][camera] / slant_m
    order = np.lexsort((camera, point))
    order = order[chance[order] > 0]
    return Looks(camera[order], point[order], chance[order], px_per_m[order])


def counted(views: Views, variant: Variant) -> Floats:
    """Return how far each camera counts, (n,): 1, 0, or a half where nobody knows.

    Parameters
    ----------
    views
        The cameras' views.
    variant
        "in_use" for all that work; "networked" and "in_service" for those of them that are, a
        half where it is unknown; "linked" for those of them that are not known to be off the
        network; "repaired" for all, with those in repair.
    """
    return _counted(views.columns, variant)


def counted_each(views: Views, variants: Sequence[Variant]) -> Floats:
    """Return `counted` for several variants, (n, variants)."""
    cameras = views.columns
    return np.stack([_counted(cameras, variant) for variant in variants], axis=1)


def _counted(cameras: Mapping[str, Any], variant: Variant) -> Floats:
    working = ~np.asarray(cameras["repair"], bool)
    if variant == "repaired":
        return np.ones(len(working))
    if variant == "in_use":
        return working.astype(float)
    column = "networked" if variant == "linked" else variant
    unknown = 1.0 if variant == "linked" else HALF
    known = cameras[column].to_numpy(dtype=float, na_value=unknown)
    return np.asarray(working * known)


def score(looks: Looks, count: int, counts: npt.ArrayLike, least_px: float = 0.0) -> Scores:
    """Return what the cameras that count see of each point, together.

    Cameras whose direction is in doubt are taken as independent of each other.

    Parameters
    ----------
    looks
        Who sees what.
    count
        How many points there are, n.
    counts
        (cameras,) whether each camera counts, or the chance that it does: one between 0 and 1
        is left out of `low`, counts by its chance in `value`, and whole in `high`.
    least_px
        Pixels per metre below which a picture does not count.

    Examples
    --------
    >>> both = Looks(np.array([0, 1]), np.array([0, 0]), np.array([0.5, 0.5]), np.array([9.0, 9]))
    >>> float(score(both, 1, [True, True]).value[0])
    0.75
    """
    seen, parts = score_seen(looks, counts, least_px)
    low, value, high, sharpest = np.zeros((4, count))
    scores = Scores(low, value, high, np.zeros(count, np.int64), sharpest)
    for name in ("low", "value", "high", "cameras", "px_per_m"):
        getattr(scores, name)[seen] = getattr(parts, name)
    return scores


def score_seen(looks: Looks, counts: npt.ArrayLike, least_px: float = 0.0) -> tuple[Ints, Scores]:
    """Return the points that any camera looks at, ascending, and `score` of these alone.

    Parameters
    ----------
    looks, counts, least_px
        As for `score`.
    """
    first = looks.first
    begin = np.append(first, len(looks.point))
    counts = np.asarray(counts, float)
    least = least_px * _ROUNDING
    parts = add_up(looks.camera, looks.chance, looks.px_per_m, begin, counts, least)
    return looks.point[first], Scores(*parts)
