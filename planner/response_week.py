"""How many places are in time at every hour of the week: a strip of 168 figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.layers import Layers
from gis.streets import Streets
from gis.time_profiles import period_at
from planner.network import at_minute
from planner.response_crew import HOURS, Crew
from planner.results_response import WEEK, WEEK_TIERS

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.object_]
Times = Callable[[Streets], Floats]


def week_tables(
    layers: Layers,
    streets: Streets,
    ground: Words,
    crew: Crew,
    tier_s: Floats,
    times: Times,
    *,
    emergency: bool = False,
    traffic: Mapping[str, Any] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how many places are in time at the beginning of each hour, in all and by tier.

    What differs between hours is the traffic and who is on duty; each case is computed once.

    Parameters
    ----------
    layers
        The town.
    streets
        The network by day, without what an hour adds.
    ground
        (m,) ground of each edge: "town", "fringe" or "countryside".
    crew
        The units and their week.
    tier_s
        (n,) seconds within which each place must be reached; NaN where unknown.
    times
        Gives the (units, n) seconds of every unit to each place over a network.
    emergency
        Cars drive with blue lights.
    traffic
        The town's table of traffic; None takes that of the profiles.

    Returns
    -------
    tuple of DataFrame
        Columns `WEEK` and `WEEK_TIERS` of `planner.results_response`.
    """
    tier_min = np.unique(tier_s[~np.isnan(tier_s)]) / 60
    counts = np.zeros((HOURS, len(tier_min)), np.int64)
    for hours in _periods(traffic):
        minute = int(hours[0]) * 60
        timed = at_minute(
            streets, layers, minute, emergency=emergency, ground=ground, traffic=traffic
        )
        time_s = times(timed)
        sets, which = np.unique(crew.week[hours], axis=0, return_inverse=True)
        for number, there in enumerate(sets):
            first_s = time_s[there].min(axis=0, initial=np.inf)
            met = first_s <= tier_s
            row = [int(met[tier_s == tier * 60].sum()) for tier in tier_min]
            counts[hours[which.ravel() == number]] = row
    sites = np.array([int((tier_s == tier * 60).sum()) for tier in tier_min], np.int64)
    return _whole(crew, counts, sites), _by_tier(counts, sites, tier_min)


def _periods(traffic: Mapping[str, Any] | None) -> list[npt.NDArray[np.int64]]:
    """Return the hours of the week that have the same traffic."""
    name = np.array([period_at(hour * 60, traffic) for hour in range(HOURS)])
    return [np.flatnonzero(name == period) for period in np.unique(name)]


def _whole(crew: Crew, counts: npt.NDArray[np.int64], sites: npt.NDArray[np.int64]) -> pd.DataFrame:
    met, whole = counts.sum(axis=1), int(sites.sum())
    share = met / whole if whole else np.full(HOURS, np.nan)
    columns = (np.arange(HOURS), crew.week.sum(axis=1), np.full(HOURS, whole), met, share)
    return pd.DataFrame(dict(zip(WEEK, columns, strict=True)))


def _by_tier(
    counts: npt.NDArray[np.int64], sites: npt.NDArray[np.int64], tier_min: Floats
) -> pd.DataFrame:
    tiers = len(tier_min)
    columns = (
        np.repeat(np.arange(HOURS), tiers),
        np.tile(tier_min.astype(np.int64), HOURS),
        np.tile(sites, HOURS),
        counts.ravel(),
        (counts / np.maximum(sites, 1)).ravel(),
    )
    return pd.DataFrame(dict(zip(WEEK_TIERS, columns, strict=True)))
