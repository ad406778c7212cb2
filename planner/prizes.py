"""Why a stop is worth visiting: the candidates of an evening, each with its prize and reason."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.errors import Fault, InputError, LayerFaultsError
from gis.layers import WGS84, Layers
from planner.entries import entry_points
from planner.params import PatrolParams
from planner.week_hours import span_min

DAY_S = 86_400


def window_s(text: str) -> tuple[int, int]:
    """Return a window such as "22:00-02:00" as seconds after midnight, the end after the start.

    Raises
    ------
    InputError
        If the text is not two times of day.

    Examples
    --------
    >>> window_s("19:00-21:30"), window_s("22:00-02:00")
    ((68400, 77400), (79200, 93600))
    """
    begin, end = span_min(text)
    return begin * 60, end * 60


def windows_s(frame: pd.DataFrame, column: str, layer: str, unknown: str) -> list[tuple[int, int]]:
    """Return the window of each row; `unknown` where it states none.

    Raises
    ------
    LayerFaultsError
        If a row's text is not a window; all rows at once.
    """
    windows, faults = [], []
    for code, text in zip(frame["code"], frame[column].fillna(unknown), strict=True):
        try:
            windows.append(window_s(text))
        except InputError as error:
            faults.append(Fault(code, column, str(error)))
    if faults:
        raise LayerFaultsError(layer, faults)
    return windows


def candidates(
    layers: Layers, params: PatrolParams, gaps: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Return every place worth a visit, the most worthwhile first.

    Parameters
    ----------
    layers
        The town: patrol points and sites.
    params
        Prizes and dwell times.
    gaps
        Gaps of camera coverage in order of rank, or None.

    Returns
    -------
    GeoDataFrame
        code, name, kind, reason, prize, dwell_s, opens_s, closes_s (seconds after midnight),
        required, geometry (a point, EPSG:4326).
    """
    parts = [_visits(_patrol_points(layers, params), layers, params), _sites(layers, params)]
    if gaps is not None and len(gaps):
        parts.append(_gaps(gaps.head(params.gap_stops), params))
    parts = [part for part in parts if len(part)]
    if not parts:
        return _stops({}, np.zeros(0, object))
    stops = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=WGS84)
    return stops.sort_values(
        ["required", "prize", "code"], ascending=[False, False, True], ignore_index=True
    )


def _stops(columns: dict[str, Any], points: Any) -> gpd.GeoDataFrame:
    """Return candidates open all night, unless `columns` says otherwise."""
    n = len(points)
    defaults = {
        "code": [""] * n,
        "name": [None] * n,
        "kind": [""] * n,
        "reason": [""] * n,
        "prize": np.zeros(n, np.int64),
        "dwell_s": np.zeros(n, np.int64),
        "opens_s": np.zeros(n, np.int64),
        "closes_s": np.full(n, 2 * DAY_S, np.int64),
        "required": np.zeros(n, bool),
    }
    return gpd.GeoDataFrame({**defaults, **columns}, geometry=list(points), crs=WGS84).astype(
        {"code": "str", "name": "str", "kind": "str", "reason": "str"}
    )


def _patrol_points(layers: Layers, params: PatrolParams) -> gpd.GeoDataFrame:
    points = layers["patrol_points"]
    windows = windows_s(points, "window", "patrol_points", "00:00-24:00")
    opens = np.array([begin for begin, _ in windows], np.int64)
    # A window after midnight belongs to the night that began the evening before.
    late = np.array([begin < DAY_S // 2 and end < DAY_S // 2 for begin, end in windows], bool)
    shift = np.where(late, DAY_S, 0)
    closes = np.array([end for _, end in windows], np.int64)
    all_day = np.array([end - begin == DAY_S for begin, end in windows], bool)
    return _stops(
        {
            "code": points["code"].to_numpy(),
            "name": points["name"].to_numpy(),
            "kind": "patrol_point",
            "reason": "patrol_point",
            "prize": params.prize["patrol_point"],
            "dwell_s": points["dwell_s"]
            .fillna(params.dwell_s["patrol_point"])
            .to_numpy()
            .astype(int),
            "opens_s": opens + shift,
            "closes_s": np.where(all_day, 2 * DAY_S, closes + shift),
            "required": points["required"].fillna(False).to_numpy(bool),
        },
        points.geometry.to_numpy(),
    )


def _visits(points: gpd.GeoDataFrame, layers: Layers, params: PatrolParams) -> gpd.GeoDataFrame:
    """Return a stop for each visit that a patrol point wants, their windows one after another.

    The part of its window that falls into the teams' shifts is cut into equal parts; the codes of
    further visits end in "#2", "#3" and so on.
    """
    visits = layers["patrol_points"]["visits"].fillna(1).to_numpy(int)
    if (visits <= 1).all():
        return points
    shifts = windows_s(layers["teams"], "shifts", "teams", params.unnamed_shift)
    begin = max(0, min((shift[0] for shift in shifts), default=0))
    end = max((shift[1] for shift in shifts), default=2 * DAY_S)
    row = np.repeat(np.arange(len(points)), visits)
    nth = np.concatenate([np.arange(count) for count in visits])
    several = visits[row] > 1
    stops = points.iloc[row].reset_index(drop=True)
    opens = np.where(several, np.maximum(stops["opens_s"], begin), stops["opens_s"])
    closes = np.where(several, np.minimum(stops["closes_s"], end), stops["closes_s"])
    part = (closes - opens) / visits[row]
    suffix = [f"#{n + 1}" if n else "" for n in nth]
    return stops.assign(
        code=stops["code"] + suffix,
        opens_s=(opens + nth * part).astype(np.int64),
        closes_s=np.where(several, opens + (nth + 1) * part - 1, closes).astype(np.int64),
    )


def _sites(layers: Layers, params: PatrolParams) -> gpd.GeoDataFrame:
    sites = layers["sites"]
    built = ~sites["status"].isin(["planned", "under_construction", "closed"])
    entries = entry_points(layers).to_numpy()[built]
    sites = sites[built]
    klass = sites["area_class"].fillna("other")
    prize = klass.map(params.prize).astype(float) * sites["weight"].fillna(1.0)
    return _stops(
        {
            "code": sites["code"].to_numpy(),
            "name": sites["name"].to_numpy(),
            "kind": sites["kind"].to_numpy(),
            "reason": klass.to_numpy(),
            "prize": prize.round().to_numpy().astype(np.int64),
            "dwell_s": int(params.dwell_s["site"]),
        },
        entries,
    )


def _gaps(gaps: gpd.GeoDataFrame, params: PatrolParams) -> gpd.GeoDataFrame:
    return _stops(
        {
            "code": [f"gap/{code}" for code in gaps["id"]],
            "name": gaps["near"].to_numpy(),
            "kind": "gap",
            "reason": "gap",
            "prize": params.prize["gap"],
            "dwell_s": int(params.dwell_s["gap"]),
        },
        shapely.points(gaps["lon"].to_numpy(), gaps["lat"].to_numpy()),
    )
