"""Places that are stops by themselves: patrol points, sites, gaps of camera coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.layers import WGS84, Layers
from planner.entries import entry_points
from planner.patrol_clock import Clock
from planner.patrol_params import PatrolParams
from planner.patrol_teams import shifts_s
from planner.patrol_windows import ANY_TIME, of_the_evening, visits_apart, windows_s

Ints = npt.NDArray[np.int64]


def stop_rows(columns: dict[str, Any], points: Any) -> gpd.GeoDataFrame:
    """Return candidates open all night, unless `columns` says otherwise.

    Parameters
    ----------
    columns
        Values of columns; `parts` as `parts_of` makes them.
    points
        Where they are, EPSG:4326.
    """
    n = len(points)
    defaults = {
        "code": [""] * n,
        "name": [None] * n,
        "kind": [""] * n,
        "reason": [""] * n,
        "prize": np.zeros(n, np.int64),
        "dwell_s": np.zeros(n, np.int64),
        "opens_s": np.full(n, ANY_TIME[0], np.int64),
        "closes_s": np.full(n, ANY_TIME[1], np.int64),
        "required": np.zeros(n, bool),
        "landmark": [None] * n,
        "parts": pd.Series([()] * n, dtype=object),
    }
    frame = gpd.GeoDataFrame({**defaults, **columns}, geometry=list(points), crs=WGS84)
    texts = ("code", "name", "kind", "reason", "landmark")
    return frame.astype({**dict.fromkeys(texts, "str"), "parts": object})


def parts_of(names: Sequence[str], points: Sequence[float]) -> pd.Series[Any]:
    """Return parts of one name each, as the column `parts` of `stop_rows` holds them.

    Examples
    --------
    >>> parts_of(["gap"], [8.2])[0]
    ({'part': 'gap', 'points': 8},)
    """
    pairs = zip(names, points, strict=True)
    made = [({"part": name, "points": round(worth)},) for name, worth in pairs]
    return pd.Series(made, dtype=object)


def with_part(stops: gpd.GeoDataFrame, name: str, points: Ints) -> gpd.GeoDataFrame:
    """Return the stops with one more part where it is worth anything.

    Parameters
    ----------
    stops
        Candidates.
    name
        The part.
    points
        (n,) what it is worth at each.
    """
    more = [({"part": name, "points": int(worth)},) if worth > 0 else () for worth in points]
    both = [(*old, *new) for old, new in zip(stops["parts"], more, strict=True)]
    return stops.assign(parts=pd.Series(both, stops.index, dtype=object))


def patrol_points_of(layers: Layers, params: PatrolParams) -> gpd.GeoDataFrame:
    """Return a stop for each visit that a patrol point wants this evening.

    The codes of further visits end in "#2", "#3" and so on. Their windows lie as far apart as the
    point's `visit_gap_s` asks, within the hours in which teams are out.

    Parameters
    ----------
    layers
        The town: patrol points, and the teams for their hours.
    params
        Numbers of the patrols.
    """
    points = layers["patrol_points"]
    clock = Clock(params.date, params.timezone)
    shifts = [shift for shift in shifts_s(layers["teams"], params) if shift[1] > shift[0]]
    out_s = (min((b for b, _ in shifts), default=0), max((e for _, e in shifts), default=0))
    usual = points["manner"].fillna(params.manner["patrol_point"]).map(params.dwell_s)
    dwell_s = points["dwell_s"].fillna(usual).astype(int).to_numpy()
    gaps_s = points["visit_gap_s"].fillna(params.visit_gap_s).astype(int)
    visits = points["visits"].fillna(1).astype(int)
    row, number, opens, closes = [], [], [], []
    windows = windows_s(points, "window", "patrol_points", "00:00-24:00")
    for at, window in enumerate(windows):
        begin, end = of_the_evening(window, out_s)
        if visits.iloc[at] > 1:
            begin, end = max(begin, out_s[0]), min(end, out_s[1])
        whole = clock.tick(begin), clock.tick(end)
        for visit in visits_apart(
            whole, visits.iloc[at], gaps_s.iloc[at], dwell_s[at], params.least_visit_s
        ):
            row.append(at)
            number.append(visit.number)
            opens.append(visit.opens_s)
            closes.append(visit.closes_s)
    chosen = points.iloc[row]
    suffix = [f"#{n + 1}" if n else "" for n in number]
    return stop_rows(
        {
            "code": (chosen["code"].to_numpy(object) + np.array(suffix, object)).tolist(),
            "name": chosen["name"].to_numpy(),
            "kind": "patrol_point",
            "dwell_s": dwell_s[row].astype(np.int64),
            "opens_s": np.array(opens, np.int64),
            "closes_s": np.array(closes, np.int64),
            "required": chosen["required"].fillna(False).to_numpy(bool),
            "landmark": chosen["landmark"].to_numpy(),
            "parts": parts_of(
                ["patrol_point"] * len(row), [params.prize["patrol_point"]] * len(row)
            ),
        },
        chosen.geometry.to_numpy(),
    )


def sites_of(layers: Layers, params: PatrolParams) -> gpd.GeoDataFrame:
    """Return a stop at the entry of each site that is in use, worth its class times its weight.

    Parameters
    ----------
    layers
        The town: sites, and streets for where a site is entered.
    params
        Prizes and manners of visit.
    """
    sites = layers["sites"]
    built = ~sites["status"].isin(["planned", "under_construction", "closed"])
    entries = entry_points(layers).to_numpy()[built]
    sites = sites[built]
    klass = sites["area_class"].fillna("other")
    prize = klass.map(params.prize).astype(float) * sites["weight"].fillna(1.0)
    manner = sites["kind"].map(params.manner["sites"]).fillna(params.manner["site"])
    return stop_rows(
        {
            "code": sites["code"].to_numpy(),
            "name": sites["name"].to_numpy(),
            "kind": sites["kind"].to_numpy(),
            "dwell_s": manner.map(params.dwell_s).to_numpy(np.int64),
            "parts": parts_of(klass.tolist(), prize.tolist()),
        },
        entries,
    )


def gaps_of(gaps: gpd.GeoDataFrame, params: PatrolParams) -> gpd.GeoDataFrame:
    """Return a stop at each gap of camera coverage.

    Parameters
    ----------
    gaps
        As `planner.results_coverage.Coverage` holds them.
    params
        Prizes and manners of visit.
    """
    return stop_rows(
        {
            "code": [f"gap/{code}" for code in gaps["id"]],
            "name": gaps["near"].to_numpy(),
            "kind": "gap",
            "dwell_s": int(params.dwell_s[params.manner["gap"]]),
            "parts": parts_of(["gap"] * len(gaps), [params.prize["gap"]] * len(gaps)),
        },
        shapely.points(gaps["lon"].to_numpy(), gaps["lat"].to_numpy()),
    )
