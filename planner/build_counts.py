"""Required, built, networked, online, in service: how far a class of sites has come."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.layers import Layers
from planner.frames import Columns, columns_of
from planner.params import CoverageParams
from planner.rates import existing
from planner.results import UNKNOWN, Interval
from planner.sites_seen import SiteCameras, SiteGround, site_cameras, standing

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# Each asks for more than the one before it.
STAGES = ("built", "networked", "online", "in_service")


def build_counts(
    layers: Layers,
    ground: SiteGround,
    cameras: pd.DataFrame | Columns,
    params: CoverageParams,
    serving: SiteCameras | None = None,
) -> dict[str, Any]:
    """Return how many sites must be watched, and how many have come how far.

    A site is required if it exists (built, or of unknown status). It is built once an outdoor,
    fixed camera carries its code or stands within `near_camera_m`, at work or in repair. It is
    networked, online and in service once one of those cameras is.

    Parameters
    ----------
    layers
        The town.
    ground
        As `planner.sites_seen.site_ground` returns it.
    cameras
        The table `Coverage.cameras`, or its columns: state, networked, in_service.
    params
        Numbers of coverage.
    serving
        As `planner.sites_seen.site_cameras` returns it, if it is at hand.

    Returns
    -------
    dict
        sites: area_class, or "all", to required (a number) and one interval of numbers for each
        of `STAGES`; cameras: see `camera_stages`.
    """
    real = existing(layers)
    area_class = np.asarray(columns_of(layers["sites"])["area_class"], dtype=object)
    number, words = pd.factorize(area_class, sort=True)
    groups = {"all": real}
    for at, word in enumerate(words.tolist()):
        if (real & (number == at)).any():
            groups[word] = real & (number == at)
    if serving is None:
        serving = site_cameras(layers, ground, params)
    stages = _site_stages(layers, serving, cameras, len(real))
    return {
        "sites": {word: _counted(stages, members) for word, members in groups.items()},
        "cameras": camera_stages(layers, cameras),
    }


def camera_stages(layers: Layers, cameras: pd.DataFrame | Columns) -> dict[str, Any]:
    """Return how many of the cameras that stand are networked, online and in service.

    Parameters
    ----------
    layers
        The town.
    cameras
        The table `Coverage.cameras`, or its columns: state, networked, in_service.

    Returns
    -------
    dict
        built: the number of cameras, those removed and those not yet there left out; then each
        other stage to part (known to be so), unknown, whole (of how many), rate (their share).
        All are None where the town has no cameras.
    """
    if not layers.has("cameras"):
        return dict.fromkeys(STAGES)
    there = ~standing(cameras, "removed", "not_yet")
    reached = _reached(layers, cameras, there)
    rest = {stage: _part(*reached[stage], int(there.sum())) for stage in STAGES[1:]}
    return {"built": int(there.sum()), **rest}


def _reached(
    layers: Layers, cameras: pd.DataFrame | Columns, there: Bools
) -> dict[str, tuple[Bools, Bools]]:
    """Return for each stage which cameras have reached it for certain, and which may have.

    Online is a networked camera in use that sent pictures at all in the time it was watched.
    """
    share, told = columns_of(layers["cameras"])["online_share"], columns_of(cameras)
    at_work = there & ~standing(cameras, "repair")
    networked, in_service = (
        [told[name].to_numpy(bool, na_value=unknown) for unknown in (False, True)]
        for name in ("networked", "in_service")
    )
    stages: dict[str, list[Bools]] = {"built": [there, there]}
    stages["networked"] = [flag & there for flag in networked]
    sends = (share > 0, (share > 0) | np.isnan(share))
    stages["online"] = [
        linked & at_work & some for linked, some in zip(stages["networked"], sends, strict=True)
    ]
    stages["in_service"] = [
        online & flag for online, flag in zip(stages["online"], in_service, strict=True)
    ]
    return {stage: (surely, perhaps) for stage, (surely, perhaps) in stages.items()}


def _site_stages(
    layers: Layers, serving: SiteCameras, cameras: pd.DataFrame | Columns, n: int
) -> dict[str, tuple[Bools, Bools]] | None:
    """Return for each stage which sites have reached it for certain, and which may have."""
    if not layers.has("cameras"):
        return None
    there = standing(cameras, "in_use", "repair", "no_place")
    site, camera = serving.of(there)
    return {
        stage: (_any(site[surely[camera]], n), _any(site[perhaps[camera]], n))
        for stage, (surely, perhaps) in _reached(layers, cameras, there).items()
    }


def _any(site: Ints, n: int) -> Bools:
    """Return which of `n` sites are named."""
    return np.bincount(site, minlength=n) > 0


def _counted(stages: dict[str, tuple[Bools, Bools]] | None, members: Bools) -> dict[str, Any]:
    """Return the numbers of some sites; one of which it is unknown counts half."""
    counts: dict[str, Any] = {"required": int(members.sum())}
    if stages is None:
        return counts | dict.fromkeys(STAGES, UNKNOWN)
    for stage, (surely, perhaps) in stages.items():
        low, high = int((surely & members).sum()), int((perhaps & members).sum())
        counts[stage] = Interval((low + high) / 2, low, high)
    return counts


def _part(surely: Bools, perhaps: Bools, whole: int) -> dict[str, Any]:
    """Return part, unknown, whole and rate of a number of cameras."""
    part = int(surely.sum())
    unknown = int(perhaps.sum()) - part
    rate = UNKNOWN
    if whole > unknown:
        low, high = part / whole, (part + unknown) / whole
        rate = Interval(part / (whole - unknown), low, high)
    return {"part": part, "unknown": unknown, "whole": whole, "rate": rate}
