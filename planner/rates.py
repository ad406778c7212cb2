"""The rates of coverage, side by side: of sites, villages, entrances, junctions; none is "the" one.

Sites that are planned, under construction or closed are listed, but no rate counts them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.layers import Layers
from planner.params import CoverageParams
from planner.results import UNKNOWN, Interval, records
from planner.results_coverage import STEPS
from planner.sites_seen import SiteLevels, standing

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# Columns of the cameras' table by which they are counted.
GROUPS = ("point_class", "builder", "police_unit")


def place_rates(
    layers: Layers, levels: SiteLevels, cameras: pd.DataFrame, params: CoverageParams
) -> dict[str, Any]:
    """Return the rates of the places, as they stand in the totals of coverage.

    Parameters
    ----------
    layers
        The town.
    levels
        As `planner.sites_seen.site_levels` returns them.
    cameras
        The table `Coverage.cameras`: state, village, point_class, builder, police_unit,
        networked, in_service.
    params
        Numbers of coverage.

    Returns
    -------
    dict
        site_rate (step to interval), site_rate_by_class (area_class to the same), village_rate,
        entrance_rate, junction_rate, cameras_by (see `camera_groups`).
    """
    real = existing(layers)
    kind = levels.sites["kind"].to_numpy()
    return {
        "site_rate": site_rates(levels, real),
        "site_rate_by_class": site_rates_by_class(levels, real),
        "village_rate": village_rate(layers, cameras, params.cameras_per_village),
        "entrance_rate": step_rate(levels, "in_view", real & (kind == "entrance")),
        "junction_rate": step_rate(levels, "in_view", real & (kind == "junction")),
        "cameras_by": {column: camera_groups(cameras, column) for column in GROUPS},
    }


def existing(layers: Layers) -> Bools:
    """Return which sites exist, (n,): built, or of unknown status."""
    status = layers["sites"]["status"]
    return np.asarray(status.isna() | (status == "built"), bool)


def site_rates(levels: SiteLevels, which: Bools) -> dict[str, Interval]:
    """Return the share of some sites on each step of the ladder.

    Parameters
    ----------
    levels
        As `planner.sites_seen.site_levels` returns them.
    which
        (n,) the sites that count.
    """
    return {step: step_rate(levels, step, which) for step in STEPS}


def site_rates_by_class(levels: SiteLevels, which: Bools) -> dict[str, dict[str, Interval]]:
    """Return for each class of area that has sites what `site_rates` tells of them."""
    area_class = levels.sites["area_class"]
    words = sorted(area_class[which].dropna().unique())
    return {word: site_rates(levels, which & (area_class == word).to_numpy()) for word in words}


def step_rate(levels: SiteLevels, step: str, which: Bools) -> Interval:
    """Return the share of some sites that stand on one step of the ladder.

    Parameters
    ----------
    levels
        As `planner.sites_seen.site_levels` returns them.
    step
        One of `planner.results_coverage.STEPS`.
    which
        (n,) the sites that count.
    """
    return share_of(levels.sites[step][which], levels.chances[step][which])


def share_of(words: pd.Series[Any], chances: pd.Series[Any] | None = None) -> Interval:
    """Return the share of places where something holds, with its doubt.

    At least those that say yes, at most all but those that say no; to be expected is the mean
    chance of the places of which anything is known.

    Parameters
    ----------
    words
        (n,) "yes", "perhaps", "no", or NaN where nobody can tell.
    chances
        (n,) the chance of each, NaN where nobody can tell; None takes one half for "perhaps".

    Examples
    --------
    >>> share_of(pd.Series(["yes", "perhaps", "no", None]))
    Interval(value=0.5, low=0.25, high=0.75)
    """
    if chances is None:
        chances = words.map({"yes": 1.0, "perhaps": 0.5, "no": 0.0})
    if not words.notna().any():
        return UNKNOWN
    low, high = float((words == "yes").mean()), float((words != "no").mean())
    return Interval(min(max(float(chances.mean()), low), high), low, high)


def village_rate(layers: Layers, cameras: pd.DataFrame, least: int) -> Interval:
    """Return the share of villages with at least so many working cameras.

    Parameters
    ----------
    layers
        The town.
    cameras
        The table `Coverage.cameras`.
    least
        Number of cameras.
    """
    if not layers.has("cameras") or not layers.has("villages"):
        return UNKNOWN
    share = float((village_cameras(layers, cameras) >= least).mean())
    return Interval(share, share, share)


def village_cameras(layers: Layers, cameras: pd.DataFrame) -> Ints:
    """Return how many working cameras stand in each village, (n,).

    Parameters
    ----------
    layers
        The town.
    cameras
        The table `Coverage.cameras`: state and village.
    """
    codes = pd.Index(layers["villages"]["code"])
    at = codes.get_indexer(cameras.loc[standing(cameras, "in_use", "no_place"), "village"])
    return np.bincount(at[at >= 0], minlength=len(codes)).astype(np.int64)


def camera_groups(cameras: pd.DataFrame, column: str) -> list[dict[str, Any]]:
    """Return how many cameras there are of each owner, class or unit, the largest group first.

    Parameters
    ----------
    cameras
        The table `Coverage.cameras`.
    column
        By what they are counted.

    Returns
    -------
    list of dict
        value (the word, None where it is blank), cameras (all that stand), in_use, networked,
        in_service (known to be so), networked_unknown, in_service_unknown.

    Examples
    --------
    >>> table = pd.DataFrame({"state": ["in_use", "repair"], "builder": ["operator"] * 2})
    >>> flags = pd.array([True, None], "boolean")
    >>> camera_groups(table.assign(networked=flags, in_service=flags), "builder")
    [{'value': 'operator', 'cameras': 2, 'in_use': 1, 'networked': 1, 'in_service': 1,
      'networked_unknown': 1, 'in_service_unknown': 1}]
    """
    there = cameras[~standing(cameras, "removed", "not_yet")]
    counts = pd.DataFrame(
        {
            "value": there[column],
            "cameras": 1,
            "in_use": there["state"] == "in_use",
            **{name: there[name].fillna(False) for name in ("networked", "in_service")},
            **{f"{name}_unknown": there[name].isna() for name in ("networked", "in_service")},
        }
    )
    sums = counts.groupby("value", dropna=False).sum().astype(int).reset_index()
    sums = sums.sort_values(["cameras", "value"], ascending=[False, True], ignore_index=True)
    return records(sums, list(sums.columns))
