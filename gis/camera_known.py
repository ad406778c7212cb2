"""What a town knows of a camera more finely than a catalogue or a sheet can say it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from gis.layers import Layers


def finer_azimuths(cameras: gpd.GeoDataFrame, town: Layers | None) -> tuple[gpd.GeoDataFrame, int]:
    """Return cameras with the town's azimuth where theirs says the same less finely.

    One of eight directions is known to 22.5 degrees; a surveyed azimuth within these must not be
    overwritten by it. Where the two contradict, that of the file stays.

    Parameters
    ----------
    cameras
        Layer `cameras`.
    town
        What is known already; None for nothing.

    Returns
    -------
    GeoDataFrame
        Same index; `azimuth_deg` and `azimuth_doubt_deg` of some are the town's.
    int
        How many.

    Examples
    --------
    >>> def at(azimuth_deg, doubt_deg):
    ...     told = {"azimuth_deg": [azimuth_deg], "azimuth_doubt_deg": [doubt_deg]}
    ...     return gpd.GeoDataFrame({"code": ["a"], **told}, geometry=[None], crs="EPSG:4326")
    >>> frame, kept = finer_azimuths(at(45.0, 22.5), Layers("t", {"cameras": at(37.0, 2.0)}))
    >>> frame["azimuth_deg"].tolist(), kept
    ([37.0], 1)
    """
    names = ["azimuth_deg", "azimuth_doubt_deg"]
    if town is None or cameras.empty or town["cameras"].empty:
        return cameras, 0
    stored = town["cameras"].drop_duplicates("code").set_index("code")[names]
    known = stored.reindex(cameras["code"]).to_numpy(dtype=float)
    told = cameras[names].to_numpy(dtype=float)
    off_deg = np.abs((known[:, 0] - told[:, 0] + 180) % 360 - 180)
    finer = (off_deg <= told[:, 1]) & (np.nan_to_num(known[:, 1]) < told[:, 1])
    merged = np.where(finer[:, None], known, told)
    columns = {name: merged[:, at] for at, name in enumerate(names)}
    return cameras.assign(**columns), int(finer.sum())


def kept_finer(count: int) -> list[str]:
    """Return a warning that azimuths of the town were kept."""
    if not count:
        return []
    cameras = "camera" if count == 1 else "cameras"
    return [
        f"the azimuth of {count} {cameras} is kept as the town has it: "
        "the file says the same in eight directions only"
    ]
