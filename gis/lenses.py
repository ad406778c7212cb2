"""Lens and mounting: field of view, dead zone, pixel density, reach.

Formulas are those of a pinhole camera: a scene of width `w d / f` fills a sensor of width `w` at
distance `d` behind a lens of focal length `f`. All take arrays or numbers that broadcast.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Pixel density is asked for so high above the ground: in the middle of a person.
AIM_M = 1.0


def field_of_view_deg(sensor_mm: npt.ArrayLike, focal_mm: npt.ArrayLike) -> Floats:
    """Return the angle that a lens shows, along the side of the sensor that is given.

    Parameters
    ----------
    sensor_mm
        Width (or height) of the sensor.
    focal_mm
        Focal length.

    Examples
    --------
    >>> float(field_of_view_deg(5.6, 4.0).round(1))
    70.0
    """
    ratio = np.asarray(sensor_mm, float) / (2 * np.asarray(focal_mm, float))
    return np.asarray(2 * np.degrees(np.arctan(ratio)))


def pixel_density_px_per_m(
    distance_m: npt.ArrayLike, resolution_px: npt.ArrayLike, fov_deg: npt.ArrayLike
) -> Floats:
    """Return the pixels that one metre across the view gets at a distance.

    Parameters
    ----------
    distance_m
        Along the axis of the lens.
    resolution_px
        Pixels across the picture.
    fov_deg
        Horizontal field of view, below 180.

    Examples
    --------
    >>> float(pixel_density_px_per_m(22, 1920, 70).round(1))
    62.3
    """
    width_m = 2 * np.asarray(distance_m, float) * np.tan(np.radians(fov_deg) / 2)
    return np.asarray(np.asarray(resolution_px, float) / width_m)


def reach_m(
    px_per_m: npt.ArrayLike, resolution_px: npt.ArrayLike, fov_deg: npt.ArrayLike
) -> Floats:
    """Return the distance up to which a picture has a pixel density.

    Parameters
    ----------
    px_per_m
        Density asked for.
    resolution_px
        Pixels across the picture.
    fov_deg
        Horizontal field of view, below 180.

    Examples
    --------
    >>> float(reach_m(25, 1920, 70).round())
    55.0
    """
    return pixel_density_px_per_m(px_per_m, resolution_px, fov_deg)


def dead_zone_m(
    height_m: npt.ArrayLike, tilt_deg: npt.ArrayLike, vertical_fov_deg: npt.ArrayLike
) -> Floats:
    """Return how far from its mast's foot a camera begins to see the ground, inf if it never does.

    Parameters
    ----------
    height_m
        Of the lens above ground.
    tilt_deg
        Of the axis below the horizon.
    vertical_fov_deg
        Vertical field of view.

    Examples
    --------
    >>> float(dead_zone_m(4, 15, 43).round(1))
    5.4
    """
    down_deg = np.asarray(tilt_deg, float) + np.asarray(vertical_fov_deg, float) / 2
    near = np.asarray(height_m, float) / np.tan(np.radians(np.clip(down_deg, 1e-9, 90)))
    return np.asarray(np.select([down_deg >= 90, down_deg <= 0], [0.0, np.inf], near))


def far_limit_m(
    height_m: npt.ArrayLike, tilt_deg: npt.ArrayLike, vertical_fov_deg: npt.ArrayLike
) -> Floats:
    """Return how far a camera sees the ground at the top of its picture, inf at the horizon.

    Parameters
    ----------
    height_m, tilt_deg, vertical_fov_deg
        As for `dead_zone_m`.

    Examples
    --------
    >>> far_limit_m(6, [30, 10], 40).round(1).tolist()
    [34.0, inf]
    """
    down_deg = np.asarray(tilt_deg, float) - np.asarray(vertical_fov_deg, float) / 2
    below = np.tan(np.radians(np.clip(down_deg, 1e-9, 90)))
    return np.asarray(np.where(down_deg <= 0, np.inf, np.asarray(height_m, float) / below))


def px_at_1_m(resolution_px: npt.ArrayLike, fov_deg: npt.ArrayLike) -> Floats:
    """Return pixels per metre one metre ahead; at `d` metres the picture has a `d`-th of it.

    A lens of up to 115 degrees keeps lines straight; a wider one spreads its pixels over the
    angle instead. Between 115 and 180 degrees the coarser of both is taken, so that a wider lens
    never shows finer.

    Parameters
    ----------
    resolution_px
        Pixels across the picture.
    fov_deg
        Horizontal field of view, above 0 to 360.

    Examples
    --------
    >>> px_at_1_m(1920, [70, 90, 180, 360]).round().tolist()
    [1371.0, 960.0, 611.0, 306.0]
    """
    angle = np.radians(np.asarray(fov_deg, float))
    flat = 2 * np.tan(np.minimum(angle, math.pi * 0.99) / 2)
    spread = np.where(angle < math.pi, np.minimum(flat, math.pi), angle)
    return np.asarray(np.asarray(resolution_px, float) / spread)


def ground_reach_m(
    px_per_m: npt.ArrayLike, at_1_m_px: npt.ArrayLike, height_m: npt.ArrayLike
) -> Floats:
    """Return how far along the ground a picture has a pixel density; 0 if nowhere.

    The density falls with the slant distance, from the lens to `AIM_M` above the ground. The reach
    is that along the axis: off it by an angle `a` the picture is finer by `1 / cos a`, so an arc
    of this radius keeps within what the lens shows.

    Parameters
    ----------
    px_per_m
        Density asked for.
    at_1_m_px
        As `px_at_1_m` returns it.
    height_m
        Of the lens above ground; NaN = as if at `AIM_M`.

    Examples
    --------
    >>> ground_reach_m(25, 1371, [float("nan"), 8, 60]).round(1).tolist()
    [54.8, 54.4, 0.0]
    """
    slant_m = np.asarray(at_1_m_px, float) / np.asarray(px_per_m, float)
    return np.asarray(np.sqrt(np.maximum(slant_m**2 - drop_m(height_m) ** 2, 0.0)))


def ground_px_per_m(
    at_1_m_px: npt.ArrayLike, distance_m: npt.ArrayLike, height_m: npt.ArrayLike
) -> Floats:
    """Return the pixel density along the axis at a distance along the ground.

    Parameters
    ----------
    at_1_m_px, height_m
        As for `ground_reach_m`.
    distance_m
        From the foot of the mast.

    Examples
    --------
    >>> ratio = ground_px_per_m(1000, [10, 20], 1) / ground_px_per_m(1000, [10, 20], 8)
    >>> ratio.round(2).tolist()
    [1.22, 1.06]
    """
    slant_m = np.hypot(np.asarray(distance_m, float), drop_m(height_m))
    # Nearer than 1 cm every density is the same.
    return np.asarray(np.asarray(at_1_m_px, float) / np.maximum(slant_m, 0.01))


def vertical_fov_deg(fov_deg: npt.ArrayLike, height_per_width: float) -> Floats:
    """Return the vertical field of view of a straight picture; NaN where the lens bends it.

    Parameters
    ----------
    fov_deg
        Horizontal field of view.
    height_per_width
        Of the picture.

    Examples
    --------
    >>> vertical_fov_deg([70, 180], 9 / 16).round(1).tolist()
    [43.0, nan]
    """
    fov_deg = np.asarray(fov_deg, float)
    flat = 2 * np.tan(np.radians(fov_deg) / 2)
    straight = (fov_deg < 180) & (flat <= math.pi)
    angle = 2 * np.degrees(np.arctan(np.where(straight, flat, math.nan) * height_per_width / 2))
    return np.asarray(angle)


def drop_m(height_m: npt.ArrayLike) -> Floats:
    """Return how far the lens hangs above what it looks at; 0 where its height is unknown."""
    return np.nan_to_num(np.maximum(np.asarray(height_m, float) - AIM_M, 0.0), nan=0.0)
