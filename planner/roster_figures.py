"""What many nights come to: how long stops wait, how easily a visit is foreseen, who walks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner.roster_nights import Night
from planner.roster_times import SLOT_TICKS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DAY_TICKS = 86_400
HOUR_TICKS = 3600.0


@dataclass(frozen=True, eq=False)
class Visits:
    """All visits of many nights, one entry a visit.

    Parameters
    ----------
    night, team, stop
        (v,) number of the night, vehicle, point.
    tick
        (v,) when service begins, since the midnight before the night.
    nights, points
        How many there are.
    """

    night: Ints
    team: Ints
    stop: Ints
    tick: Ints
    nights: int
    points: int


def visits_of(nights: Sequence[Night], points: int) -> Visits:
    """Return the visits of some nights, in order of night and team.

    Parameters
    ----------
    nights
        As `planner.roster_nights.draw_nights` gives them.
    points
        How many points the problem has.
    """
    rows = [
        (number, team, stop, tick)
        for number, night in enumerate(nights)
        for team, tour in enumerate(night.tours)
        if tour is not None
        for stop, tick in zip(tour.route, tour.begins, strict=True)
    ]
    night, team, stop, tick = np.array(rows, np.int64).reshape(-1, 4).T
    return Visits(night, team, stop, tick, len(nights), points)


def waits(visits: Visits, place: Ints) -> pd.DataFrame:
    """Return how long each place waits between two visits.

    Waiting begins with the evening before the first night and ends with the last night, so that
    a place that nobody ever visits waits all the time.

    Parameters
    ----------
    visits
        Of some nights.
    place
        (points,) place of each point; visits to any point of a place end its waiting.

    Returns
    -------
    DataFrame
        Index `place`: visits, mean_idle_h, worst_idle_h.

    Examples
    --------
    >>> once = Visits(*(np.array([x]) for x in (1, 0, 0, 72_000)), nights=3, points=2)
    >>> waits(once, np.array([0, 1]))[["visits", "worst_idle_h"]].values.tolist()
    [[1.0, 48.0], [0.0, 72.0]]
    """
    moment = visits.night * DAY_TICKS + visits.tick
    usual = int(np.median(visits.tick)) if len(moment) else 0
    begin, end = usual - DAY_TICKS, (visits.nights - 1) * DAY_TICKS + usual
    numbers = np.unique(place)
    rows = pd.DataFrame({"place": place[visits.stop], "moment": moment})
    ends = pd.DataFrame(
        {"place": np.tile(numbers, 2), "moment": np.repeat([begin, end], len(numbers))}
    )
    every = pd.concat([rows, ends]).sort_values(["place", "moment"])
    every["idle_h"] = every.groupby("place")["moment"].diff() / HOUR_TICKS
    grouped = every.groupby("place")["idle_h"]
    counts = rows.groupby("place").size().reindex(numbers, fill_value=0)
    return pd.DataFrame(
        {"visits": counts, "mean_idle_h": grouped.mean(), "worst_idle_h": grouped.max()}
    )


def habits(visits: Visits) -> pd.DataFrame:
    """Return how alike the times are at which each point is visited.

    Parameters
    ----------
    visits
        Of some nights.

    Returns
    -------
    DataFrame
        Index `stop`, points that are visited: visits, spread_min (standard deviation of the time
        of day), common_slot (the most common half hour, seconds after midnight), common_share (of
        its visits).

    Examples
    --------
    >>> ticks = np.array([68_400, 68_500, 70_300])
    >>> table = habits(Visits(np.arange(3), np.zeros(3, int), np.ones(3, int), ticks, 3, 2))
    >>> table.round(2).to_dict("index")
    {1: {'visits': 3, 'spread_min': 14.55, 'common_slot': 68400, 'common_share': 0.67}}
    """
    rows = pd.DataFrame({"stop": visits.stop, "tick": visits.tick})
    rows["slot"] = rows["tick"] // SLOT_TICKS * SLOT_TICKS
    grouped = rows.groupby("stop")["tick"]
    slots = rows.groupby(["stop", "slot"]).size().rename("count").reset_index()
    common = slots.sort_values(["stop", "count", "slot"], ascending=[True, False, True])
    common = common.drop_duplicates("stop").set_index("stop")
    table = pd.DataFrame({"visits": grouped.size(), "spread_min": grouped.std(ddof=0) / 60.0})
    table["common_slot"] = common["slot"]
    table["common_share"] = common["count"] / table["visits"]
    return table


def shares_by_slot(visits: Visits) -> pd.DataFrame:
    """Return when each point is visited: how its visits are spread over the half hours.

    Parameters
    ----------
    visits
        Of some nights.

    Returns
    -------
    DataFrame
        One row a point and half hour with a visit, in this order: stop, slot (seconds after
        midnight), share (of the point's visits, 0..1).

    Examples
    --------
    >>> ticks = np.array([68_400, 68_500, 70_300, 70_300])
    >>> visits = Visits(np.arange(4), np.zeros(4, int), np.ones(4, int), ticks, 4, 2)
    >>> shares_by_slot(visits).to_dict("list")
    {'stop': [1, 1], 'slot': [68400, 70200], 'share': [0.5, 0.5]}
    """
    rows = pd.DataFrame({"stop": visits.stop, "slot": visits.tick // SLOT_TICKS * SLOT_TICKS})
    counts = rows.groupby(["stop", "slot"]).size().rename("count").reset_index()
    share = counts["count"] / counts.groupby("stop")["count"].transform("sum")
    return counts[["stop", "slot"]].assign(share=share)


def overlap(visits: Visits) -> Floats:
    """Return which share of a night's stops the night before visited too, (nights,); first NaN."""
    sets = [set(visits.stop[visits.night == number].tolist()) for number in range(visits.nights)]
    return np.array(
        [
            np.nan if not number or not here else len(here & sets[number - 1]) / len(here)
            for number, here in enumerate(sets)
        ]
    )


def hours_of(nights: Sequence[Night], teams: int) -> pd.DataFrame:
    """Return how often and how long each team goes out.

    Returns
    -------
    DataFrame
        Index the team's number: nights, hours.
    """
    out = np.zeros((len(nights), teams))
    for number, night in enumerate(nights):
        for team, tour in enumerate(night.tours):
            out[number, team] = 0 if tour is None else tour.back - tour.departure
    return pd.DataFrame({"nights": (out > 0).sum(axis=0), "hours": out.sum(axis=0) / HOUR_TICKS})
