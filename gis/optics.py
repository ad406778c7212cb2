"""Lens, sensor and mounting: field of view, dead zone, pixel density, reach.

Formulas are those of a pinhole camera: a scene of width `w d / f` fills a sensor of width `w` at
distance `d` behind a lens of focal length `f`. All take arrays or numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS, Proj

from gis.profiles import load

Floats = npt.NDArray[np.float64]


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


def camera_optics(cameras: pd.DataFrame) -> pd.DataFrame:
    """Return field of view and range of each camera: its own, from its lens, or by its kind.

    Parameters
    ----------
    cameras
        Layer cameras: kind, fov_deg, range_m, focal_mm, sensor_width_mm, resolution_px.

    Returns
    -------
    DataFrame
        Same index; fov_deg, range_m, near_m (0), fov_assumed and range_assumed (True where the
        kind's default was taken).

    Examples
    --------
    >>> dome = pd.DataFrame({"kind": ["dome"], "fov_deg": [None], "range_m": [30.0]})
    >>> camera_optics(dome)[["fov_deg", "range_m", "fov_assumed"]].values.tolist()
    [[360.0, 30.0, True]]
    """
    table = load("optics")
    kind = _column(cameras, "kind", "unknown").fillna("unknown")
    fov_deg = _numbers(cameras, "fov_deg")
    by_lens = field_of_view_deg(_numbers(cameras, "sensor_width_mm"), _numbers(cameras, "focal_mm"))
    fov_deg = np.where(np.isnan(fov_deg), by_lens, fov_deg)
    fov_assumed = np.isnan(fov_deg)
    fov_deg = np.where(fov_assumed, _defaults(kind, table, "fov_deg"), fov_deg)
    range_m = _numbers(cameras, "range_m")
    step = table["range_class"]
    asked = table["ladders"][step["ladder"]][step["step"]]["px_per_m"]
    narrow = np.where(fov_assumed | (fov_deg >= 180), np.nan, fov_deg)
    range_m = np.where(
        np.isnan(range_m), reach_m(asked, _numbers(cameras, "resolution_px"), narrow), range_m
    )
    range_assumed = np.isnan(range_m)
    range_m = np.where(range_assumed, _defaults(kind, table, "range_m"), range_m)
    return pd.DataFrame(
        {
            "fov_deg": fov_deg,
            "range_m": range_m,
            "near_m": 0.0,
            "fov_assumed": fov_assumed,
            "range_assumed": range_assumed,
        },
        index=cameras.index,
    )


def grid_azimuth_deg(
    azimuth_deg: npt.ArrayLike, lon: npt.ArrayLike, lat: npt.ArrayLike, crs: CRS
) -> Floats:
    """Return directions clockwise from a map's north (+y) for directions from true north.

    Parameters
    ----------
    azimuth_deg
        (n,) degrees clockwise from true north; NaN stays NaN.
    lon, lat
        (n,) where, in degrees.
    crs
        The map's CRS; its meridian convergence is taken off.

    Examples
    --------
    >>> float(grid_azimuth_deg([90.0], [121.72], [30.15], CRS(32651))[0].round(2))
    90.64
    """
    factors = Proj(crs).get_factors(np.asarray(lon, float), np.asarray(lat, float))
    turned = np.asarray(azimuth_deg, float) - np.asarray(factors.meridian_convergence)
    return np.asarray(turned % 360)


def _column(frame: pd.DataFrame, name: str, default: Any) -> pd.Series[Any]:
    return frame[name] if name in frame else pd.Series(default, index=frame.index)


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    values = pd.to_numeric(_column(frame, name, math.nan))
    return np.asarray(values.to_numpy(dtype=float, na_value=math.nan))


def _defaults(kind: pd.Series[Any], table: dict[str, Any], number: str) -> Floats:
    by_kind = {name: row[number] for name, row in table["defaults"].items()}
    return np.asarray(kind.map(by_kind).fillna(by_kind["unknown"]), float)
