"""What the cameras of a town show, from their inventory: angle, range, pixel density.

The ladders of pixel densities and the defaults by kind are data, `data/profiles/optics.toml`; the
formulas are `gis.lenses`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS, Proj

from gis import lenses
from gis.errors import ParameterError
from gis.profiles import load

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
# Columns of a table, and those that a camera layer has.
Columns = dict[str, npt.NDArray[Any]]
Told = Mapping[Any, Any]


class Step(NamedTuple):
    """One step of a ladder of pixel densities."""

    step: str
    px_per_m: float
    verified: bool


def ladder_steps(ladder: str) -> tuple[Step, ...]:
    """Return the steps of a ladder of `data/profiles/optics.toml`, the finest last.

    Raises
    ------
    ParameterError
        If there is no such ladder; the message lists those there are.

    Examples
    --------
    >>> ladder_steps("dori_2014")[1]
    Step(step='detect', px_per_m=25.0, verified=True)
    """
    ladders = load("optics")["ladders"]
    if ladder not in ladders:
        msg = f"no ladder {ladder!r}; there are: {', '.join(ladders)}"
        raise ParameterError(msg)
    steps = [
        Step(name, float(about["px_per_m"]), bool(about["verified"]))
        for name, about in ladders[ladder].items()
        if isinstance(about, dict)
    ]
    return tuple(sorted(steps, key=lambda step: step.px_per_m))


def step_px_per_m(ladder: str, step: str) -> float:
    """Return the pixel density of one step.

    Raises
    ------
    ParameterError
        If there is no such ladder or step; the message lists those there are.
    """
    steps = ladder_steps(ladder)
    for name, px_per_m, _ in steps:
        if name == step:
            return px_per_m
    msg = f"no step {step!r} of {ladder}; there are: {', '.join(s.step for s in steps)}"
    raise ParameterError(msg)


def camera_optics(
    cameras: pd.DataFrame, *, ladder: str | None = None, picture_class: str | None = None
) -> pd.DataFrame:
    """Return what each camera covers and how finely: its own numbers, its lens's, or its kind's.

    What wins:

    * Angle: `fov_deg` as stated, else from focal length and sensor, else by kind. A kind that
      turns covers all round over time, with the density of its lens; so does any other camera
      that is said to see all round, unless it is a panorama.
    * Density: of the lens, where angle and pixels are known; that of the owner's `range_m`, which
      is taken as the reach at `range_class` of the profile; the lower one where both are known,
      since the lens is what is possible and the owner may know of less. The kind's lens with the
      camera's pixels, or the kind's pixels, only where neither is known.
    * Range: where the density asked for ends, or the ground leaves the top of the picture, or
      the profile's longest range; the least of them. It may be 0.

    Where height, tilt and the lens are known, the ground is seen from the dead zone on; a camera
    that turns also tilts and has none.

    Parameters
    ----------
    cameras
        Layer cameras: kind, fov_deg, range_m, focal_mm, sensor_width_mm, resolution_px, hd,
        height_m, tilt_deg; and vertical_fov_deg where a file has it. Absent columns are unknown.
    ladder, picture_class
        Ladder of pixel densities and the step that `range_m` stands for; absent = `range_class`
        of the profile.

    Returns
    -------
    DataFrame
        Same index; kind ("unknown" where missing), turns, fov_deg (covered), lens_fov_deg (of
        the picture), lens_known, vertical_fov_deg (NaN = unknown), resolution_px, px_at_1_m,
        range_m, near_m (inf = never sees the ground), reach_STEP_m for each step of the ladder;
        and what was taken for granted: fov_assumed, lens_assumed, resolution_assumed (the number
        is the kind's, and used), range_assumed (nothing of the camera's own tells its range),
        near_assumed (nothing tells of a dead zone, taken as 0), range_capped (at the longest
        range of the profile).

    Raises
    ------
    ParameterError
        If there is no such ladder or step.

    Examples
    --------
    >>> dome = pd.DataFrame({"kind": ["dome"], "fov_deg": [None], "range_m": [30.0]})
    >>> camera_optics(dome)[["fov_deg", "range_m", "fov_assumed"]].values.tolist()
    [[360.0, 30.0, True]]
    """
    told = {name: column.array for name, column in cameras.items()}
    columns = optics_of(told, len(cameras), ladder=ladder, picture_class=picture_class)
    return pd.DataFrame(columns, index=cameras.index)


def optics_of(
    told: Told, count: int, *, ladder: str | None = None, picture_class: str | None = None
) -> Columns:
    """Return the columns of `camera_optics` for columns of so many cameras."""
    range_class = load("optics")["range_class"]
    ladder = ladder or range_class["ladder"]
    asked = step_px_per_m(ladder, picture_class or range_class["step"])
    height_m = _numbers(told, "height_m", count)
    columns = _angles(told, count)
    columns |= _densities(told, columns, height_m)
    near, far_m = _ground_limits(told, columns, height_m)
    longest_m = float(range_class["longest_m"])
    limit_m = np.minimum(far_m, longest_m)
    at_1_m = columns["px_at_1_m"]
    asked_m = lenses.ground_reach_m(asked, at_1_m, height_m)
    reaches = {
        f"reach_{step}_m": np.minimum(lenses.ground_reach_m(px_per_m, at_1_m, height_m), limit_m)
        for step, px_per_m, _ in ladder_steps(ladder)
    }
    ranges = {
        "range_m": np.minimum(asked_m, limit_m),
        "range_capped": np.minimum(asked_m, far_m) > longest_m,
    }
    return {**columns, **near, **ranges, **reaches}


def _angles(told: Told, count: int) -> Columns:
    """Return kind, turns, fov_deg, lens_fov_deg, and which of both come from the kind."""
    defaults = load("optics")["defaults"]
    kind = [k if k in defaults else "unknown" for k in _words(told, "kind", count)]
    stated = _numbers(told, "fov_deg", count)
    by_lens = lenses.field_of_view_deg(
        _numbers(told, "sensor_width_mm", count), _numbers(told, "focal_mm", count)
    )
    all_round = (stated >= 360) & np.array([k != "panorama" for k in kind], bool)
    turns = np.array([defaults[k].get("turns", False) for k in kind], bool) | all_round
    # What a camera covers by turning says nothing of its lens.
    own = np.where(np.isnan(stated) | (turns & (stated >= 180)), by_lens, stated)
    usual = [defaults[k].get("lens_fov_deg", defaults[k]["fov_deg"]) for k in kind]
    lens_fov_deg = np.where(np.isnan(own), np.array(usual, float), own)
    return {
        "kind": np.array(kind, dtype=object),
        "turns": turns,
        "fov_deg": np.where(turns, 360.0, lens_fov_deg),
        "lens_fov_deg": lens_fov_deg,
        "fov_assumed": np.isnan(stated) & (turns | np.isnan(by_lens)),
        "lens_assumed": np.isnan(own),
    }


def _densities(told: Told, angles: Columns, height_m: Floats) -> Columns:
    """Return resolution_px and px_at_1_m, and what of the lens was assumed for it."""
    pixels, own = _pixels(told, angles["kind"].tolist())
    by_lens = lenses.px_at_1_m(pixels, angles["lens_fov_deg"])
    known = own & ~angles["lens_assumed"]
    stands_for = load("optics")["range_class"]
    stated_m = np.hypot(_numbers(told, "range_m", len(pixels)), lenses.drop_m(height_m))
    stated = step_px_per_m(stands_for["ladder"], stands_for["step"]) * stated_m
    silent = np.isnan(stated)
    lower = np.where(known, np.fmin(by_lens, stated), stated)
    return {
        "resolution_px": pixels,
        "px_at_1_m": np.where(silent, by_lens, lower),
        "lens_known": ~angles["lens_assumed"],
        "lens_assumed": angles["lens_assumed"] & silent,
        "resolution_assumed": ~own & silent,
        "range_assumed": silent & ~known,
    }


def _pixels(told: Told, kind: list[str]) -> tuple[Floats, Flags]:
    """Return the pixels of one line of each picture, and whether they are its own."""
    table = load("optics")
    high = table["high_definition"]
    usual = np.array([table["defaults"][k]["resolution_px"] for k in kind], float)
    hd = np.array([-1 if pd.isna(flag) else int(flag) for flag in _words(told, "hd", len(kind))])
    usual = np.where(hd == 1, np.maximum(usual, high["least_px"]), usual)
    usual = np.where(hd == 0, np.minimum(usual, high["below_px"]), usual)
    own = _numbers(told, "resolution_px", len(kind))
    return np.where(np.isnan(own), usual, own), ~np.isnan(own)


def _ground_limits(told: Told, columns: Columns, height_m: Floats) -> tuple[Columns, Floats]:
    """Return vertical_fov_deg, near_m and near_assumed, and where the ground leaves the top."""
    shape = load("optics")["picture"]["height_per_width"]
    own = _numbers(told, "vertical_fov_deg", len(height_m))
    by_lens = lenses.vertical_fov_deg(columns["lens_fov_deg"], shape)
    by_lens = np.where(columns["lens_known"], by_lens, math.nan)
    vertical_deg = np.where(np.isnan(own), by_lens, own)
    tilt_deg = _numbers(told, "tilt_deg", len(height_m))
    near_m = lenses.dead_zone_m(height_m, tilt_deg, vertical_deg)
    far_m = lenses.far_limit_m(height_m, tilt_deg, vertical_deg)
    turns = columns["turns"]
    known = (height_m > 0) & ~np.isnan(tilt_deg + vertical_deg) & ~turns
    near = {
        "vertical_fov_deg": vertical_deg,
        "near_m": np.where(known, near_m, 0.0),
        "near_assumed": ~known & ~turns,
    }
    return near, np.where(known, far_m, math.inf)


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
    if not np.size(lon):  # which PROJ refuses
        return np.zeros(0)
    factors = _projection(crs).get_factors(np.asarray(lon, float), np.asarray(lat, float))
    turned = np.asarray(azimuth_deg, float) - np.asarray(factors.meridian_convergence)
    return np.asarray(turned % 360)


@lru_cache(maxsize=16)
def _projection(crs: CRS) -> Proj:
    return Proj(crs)


def _words(told: Told, name: str, count: int) -> list[Any]:
    """Return a column as a list; all None where it is absent."""
    return told[name].tolist() if name in told else [None] * count


def _numbers(told: Told, name: str, count: int) -> Floats:
    """Return a column as numbers; NaN where it or a value is absent."""
    if name not in told:
        return np.full(count, math.nan)
    if told[name].dtype == np.float64:
        return np.array(told[name], np.float64)
    numbers = pd.to_numeric(pd.Series(told[name]))
    return np.asarray(numbers.to_numpy(dtype=float, na_value=math.nan))
