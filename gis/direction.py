"""Doubt of a direction: what a camera sees for certain, and what it may see.

A camera looks somewhere within `doubt_deg` to either side of the azimuth that is stated for it,
each way as likely as any other. So a ray lies in its view for certain, with a chance, or never.
All take arrays or numbers that broadcast.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Doubt of a direction that nobody knows: every way is as likely.
UNKNOWN_DEG = 180.0
# Angles nearer than this are one: what rounding does to a ray along the edge of a view.
SAME_DEG = 1e-9


def doubt_of_deg(
    azimuth_deg: npt.ArrayLike, fov_deg: npt.ArrayLike, stated_deg: npt.ArrayLike
) -> Floats:
    """Return how far to either side of its azimuth a camera may look.

    Parameters
    ----------
    azimuth_deg
        Direction that is stated; NaN = unknown.
    fov_deg
        Horizontal field of view; from 360 on there is no direction to doubt.
    stated_deg
        Doubt that is stated; NaN = none.

    Returns
    -------
    ndarray
        0 (certain) to 180 (unknown).

    Examples
    --------
    >>> doubt_of_deg([90, 90, np.nan, np.nan], [80, 80, 80, 360], [np.nan, 22.5, 5, 5]).tolist()
    [0.0, 22.5, 180.0, 0.0]
    """
    azimuth_deg, fov_deg = np.asarray(azimuth_deg, float), np.asarray(fov_deg, float)
    stated_deg = np.asarray(stated_deg, float)
    stated = np.clip(np.where(np.isnan(stated_deg), 0.0, stated_deg), 0.0, UNKNOWN_DEG)
    doubt_deg = np.where(np.isnan(azimuth_deg), UNKNOWN_DEG, stated)
    return np.asarray(np.where(fov_deg >= 360, 0.0, doubt_deg), float)


def widest_fov_deg(fov_deg: npt.ArrayLike, doubt_deg: npt.ArrayLike) -> Floats:
    """Return the angle of all that a camera may see, about the azimuth that is stated.

    Examples
    --------
    >>> widest_fov_deg([80, 80, 80], [0, 22.5, 180]).tolist()
    [80.0, 125.0, 360.0]
    """
    wide_deg = np.asarray(fov_deg, float) + 2 * np.asarray(doubt_deg, float)
    return np.asarray(np.minimum(360.0, wide_deg))


def chance_seen(
    offset_deg: npt.ArrayLike, fov_deg: npt.ArrayLike, doubt_deg: npt.ArrayLike
) -> Floats:
    """Return the chance that a ray lies in the view of a camera whose direction is in doubt.

    It is 1 exactly where the ray is seen whichever way the camera looks, and above 0 wherever it
    may be seen.

    Parameters
    ----------
    offset_deg
        Angle from the stated azimuth to the ray, any turn.
    fov_deg
        Horizontal field of view, above 0; edges belong to it.
    doubt_deg
        0 (certain) to 180 (unknown: fov / 360 for every ray).

    Examples
    --------
    >>> chance_seen([0, 20, 30, 45, 60, 61], 60, 30).round(3).tolist()
    [1.0, 0.667, 0.5, 0.25, 0.0, 0.0]
    >>> chance_seen([0, 90, 180], 90, 180).tolist()
    [0.25, 0.25, 0.25]
    """
    offset_deg, half_deg = np.asarray(offset_deg, float), np.asarray(fov_deg, float) / 2
    doubt_deg = np.asarray(doubt_deg, float)
    off_deg = np.abs((offset_deg + 180) % 360 - 180)
    # The view lies over [-off - half, -off + half] and, once round, over the same plus 360; the
    # true direction over [-doubt, doubt]. What they share of the latter is the chance.
    shared_deg = np.zeros(np.broadcast_shapes(off_deg.shape, half_deg.shape, doubt_deg.shape))
    for turn_deg in (-360.0, 0.0, 360.0):
        low = np.maximum(off_deg + turn_deg - half_deg, -doubt_deg)
        high = np.minimum(off_deg + turn_deg + half_deg, doubt_deg)
        shared_deg += np.maximum(high - low, 0.0)
    chance = np.divide(
        shared_deg, 2 * doubt_deg, out=np.zeros_like(shared_deg), where=doubt_deg > 0
    )
    certain = (off_deg + doubt_deg <= half_deg + SAME_DEG) | (half_deg >= 180)
    # Rounding must not make a ray certain that one direction in doubt would miss.
    below_one = np.nextafter(1.0, 0.0)
    return np.asarray(np.where(certain, 1.0, np.minimum(chance, below_one)))
