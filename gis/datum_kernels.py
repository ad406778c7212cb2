"""Arrays of degrees moved between WGS 84, GCJ-02 and BD-09; `gis.datum` is the way in.

The formulas are those that circulate openly; neither was ever published by its makers. GCJ-02
adds a polynomial and waves in metres, BD-09 turns and stretches the degrees as if they were plane.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from gis.errors import ParameterError

Floats = npt.NDArray[np.float64]
Pair = tuple[Floats, Floats]
Move = Callable[[Floats, Floats], Pair]

# The rectangle in which GCJ-02 is applied: west, south, east, north. It is as rough as that.
CHINA = (73.66, 3.86, 135.05, 53.55)
EARTH = (-180.0, -90.0, 180.0, 90.0)
CENTRE = (105.0, 35.0)
# No point is moved further than this by either shift.
EDGE_DEG = 0.02

# Krasovsky's ellipsoid of 1940, on which the shift in metres becomes one in degrees.
SEMI_MAJOR_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323

BD09_WAVES = np.pi * 3000.0 / 180.0
BD09_LON, BD09_LAT = 0.0065, 0.006

# A turn of the inverse leaves a thirtieth of the error at most, so that after a turn of CLOSE_DEG
# only the last digit is in doubt.
MAX_TURNS = 12
CLOSE_DEG = 4e-13
# Points worked on at once, so that what is in between stays in the processor's cache.
BLOCK = 8192


def by_blocks(move: Move, lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Return what a kernel makes of arrays of any one shape, block by block."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if x.shape != y.shape:
        msg = f"lon and lat must be of one shape, not {x.shape} and {y.shape}"
        raise ParameterError(msg)
    out = np.empty((2, x.size))
    flat_x, flat_y = x.ravel(), y.ravel()
    for start in range(0, x.size, BLOCK):
        part = slice(start, start + BLOCK)
        out[0, part], out[1, part] = move(flat_x[part], flat_y[part])
    return out[0].reshape(x.shape), out[1].reshape(x.shape)


def to_gcj02(lon: Floats, lat: Floats) -> Pair:
    """Return degrees of WGS 84, (n,) each, in GCJ-02; those outside China as they are."""
    inside = within(CHINA, lon, lat)
    x, y = _shifted(np.where(inside, lon, CENTRE[0]), np.where(inside, lat, CENTRE[1]))
    return np.where(inside, x, lon), np.where(inside, y, lat)


def from_gcj02(lon: Floats, lat: Floats) -> Pair:
    """Return degrees of GCJ-02, (n,) each, in WGS 84; those that were not shifted as they are."""
    near = within(CHINA, lon, lat, EDGE_DEG)
    x, y = _undone(_shifted, np.where(near, lon, CENTRE[0]), np.where(near, lat, CENTRE[1]))
    # What counts is where the point came from, so that the way back from the edge closes too.
    inside = near & within(CHINA, x, y)
    return np.where(inside, x, lon), np.where(inside, y, lat)


def to_bd09(lon: Floats, lat: Floats) -> Pair:
    """Return degrees of GCJ-02, (n,) each, in BD-09; those off the earth as they are."""
    there = within(EARTH, lon, lat)
    x, y = _turned(np.where(there, lon, CENTRE[0]), np.where(there, lat, CENTRE[1]))
    return np.where(there, x, lon), np.where(there, y, lat)


def from_bd09(lon: Floats, lat: Floats) -> Pair:
    """Return degrees of BD-09, (n,) each, in GCJ-02; those off the earth as they are."""
    near = within(EARTH, lon, lat, EDGE_DEG)
    x, y = _undone(_turned, np.where(near, lon, CENTRE[0]), np.where(near, lat, CENTRE[1]))
    inside = near & within(EARTH, x, y)
    return np.where(inside, x, lon), np.where(inside, y, lat)


def within(
    box: tuple[float, float, float, float], lon: Floats, lat: Floats, edge_deg: float = 0.0
) -> npt.NDArray[np.bool_]:
    """Return which points lie in a box and not on its edge; NaN lies nowhere."""
    west, south, east, north = box
    across = (lon > west - edge_deg) & (lon < east + edge_deg)
    return across & (lat > south - edge_deg) & (lat < north + edge_deg)


def _shifted(lon: Floats, lat: Floats) -> Pair:
    """Return degrees of WGS 84 in GCJ-02, wherever they are."""
    x, y = lon - CENTRE[0], lat - CENTRE[1]
    root, ripple = np.sqrt(np.abs(x)), _waves(x, 20.0, 1 / 6, 20.0, 1 / 2)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += ripple + _waves(y, 20.0, 1.0, 40.0, 3.0) + _waves(y, 160.0, 12.0, 320.0, 30.0)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += ripple + _waves(x, 20.0, 1.0, 40.0, 3.0) + _waves(x, 150.0, 12.0, 300.0, 30.0)
    phi = np.radians(lat)
    bend = 1.0 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    across_m = SEMI_MAJOR_M / np.sqrt(bend)
    along_m = across_m * (1.0 - ECCENTRICITY_SQUARED) / bend
    return lon + np.degrees(east_m / (across_m * np.cos(phi))), lat + np.degrees(north_m / along_m)


def _waves(at: Floats, high: float, length: float, high_2: float, length_2: float) -> Floats:
    """Return two of the formula's waves; lengths are half wavelengths, in degrees."""
    first, second = np.sin(at * (np.pi / length)), np.sin(at * (np.pi / length_2))
    return np.asarray((high * first + high_2 * second) * (2.0 / 3.0))


def _turned(lon: Floats, lat: Floats) -> Pair:
    """Return degrees of GCJ-02 in BD-09, wherever they are."""
    far = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BD09_WAVES)
    turn = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BD09_WAVES)
    return far * np.cos(turn) + BD09_LON, far * np.sin(turn) + BD09_LAT


def _undone(move: Move, lon: Floats, lat: Floats) -> Pair:
    """Return the places that a move takes to these, by fixed point: the move is nearly rigid."""
    x, y = lon.copy(), lat.copy()
    for _ in range(MAX_TURNS):
        to_x, to_y = move(x, y)
        off_x, off_y = lon - to_x, lat - to_y
        x += off_x
        y += off_y
        if max(np.abs(off_x).max(), np.abs(off_y).max()) <= CLOSE_DEG:
            break
    return x, y
