"""Coverage again after a few cameras changed, with the numbers of a full run."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError
from planner.camera_views import Views
from planner.coverage import finish
from planner.gap_ground import parts_within
from planner.gap_reasons import gap_cameras
from planner.ground import distinct
from planner.looks import Looks
from planner.params import CoverageParams
from planner.prepared import Places, Prepared, Sight, score_cells, see
from planner.results_coverage import Coverage

Ints = npt.NDArray[np.int64]


def rescore(
    prepared: Prepared, cameras: gpd.GeoDataFrame, removed: Collection[str] = ()
) -> tuple[Prepared, Coverage]:
    """Return a town's coverage after some of its cameras changed.

    The numbers are those of a full run: only the views of the cameras that changed are computed
    anew, and everything is added up again in the same order.

    Parameters
    ----------
    prepared
        The town before, from `planner.prepared.prepare` or from here.
    cameras
        Rows of the layer cameras (EPSG:4326, conformed): those whose code the town has take
        their place, others are added behind.
    removed
        Codes of cameras to take out of the layer.

    Returns
    -------
    prepared, coverage
        The town after, and what its cameras see.

    Raises
    ------
    InputError
        If a code comes twice, is not in the town though it shall be removed, or both.
    """
    _check(prepared, cameras, removed)
    before = prepared.layers["cameras"]
    old_codes, changed = pd.Index(before["code"]), pd.Index(cameras["code"])
    # Every row after: from the town before, or from the rows that changed behind them.
    rows = np.arange(len(before))
    swapped = changed.get_indexer(old_codes)
    rows = np.where(swapped < 0, rows, len(before) + swapped)[~old_codes.isin(list(removed))]
    added = len(before) + np.flatnonzero(old_codes.get_indexer(changed) < 0)
    rows = np.concatenate([rows, added]).astype(np.int64)
    after = _taken(before, cameras, rows)
    layers = prepared.layers.replaced(cameras=gpd.GeoDataFrame(after, crs=before.crs))
    few = see(layers.replaced(cameras=cameras), prepared.places, prepared.params)
    sight = _spliced(prepared.sight, few, rows, len(before))
    codes = [*removed, *changed]
    parts = _parts(prepared.places, (prepared.sight, sight), codes, prepared.params)
    result = score_cells(layers, prepared.params, prepared.places, sight, prepared.gaps, parts)
    return result, finish(result)


def _check(prepared: Prepared, cameras: gpd.GeoDataFrame, removed: Collection[str]) -> None:
    codes = cameras["code"]
    wrong = {
        "twice among the changed cameras": codes[codes.duplicated()].tolist(),
        "both changed and removed": sorted(set(codes) & set(removed)),
        "not in the town": sorted(set(removed) - set(prepared.layers["cameras"]["code"])),
    }
    told = [f"{', '.join(map(str, which))}: {what}" for what, which in wrong.items() if which]
    if told:
        msg = f"cameras cannot be changed: {'; '.join(told)}"
        raise InputError(msg)


def _parts(
    places: Places, sights: tuple[Sight, Sight], codes: list[str], params: CoverageParams
) -> Ints:
    """Return the parts of the town that some cameras reach or see, before or after, ascending."""
    parts = []
    for sight in sights:
        lens = sight.views.cameras
        mine = lens["code"].isin(codes).to_numpy()
        cameras = gap_cameras(lens[mine], sight.table, params)
        reach_m = cameras["coarse_m"].to_numpy(float)
        parts.append(parts_within(places.gaps, cameras[["x", "y"]].to_numpy(float), reach_m))
        parts.append(places.gaps.part[sight.ground.point[mine[sight.ground.camera]] // 7])
    return distinct(np.concatenate(parts))


def _spliced(old: Sight, new: Sight, rows: Ints, count: int) -> Sight:
    """Return what the cameras at `rows` see: below `count` those of old, from there on of new."""
    table = _taken(old.table, new.table, rows)
    n = len(old.views.cameras)
    # From the row of the layer to the view, and what has none.
    old_view = pd.Index(old.views.cameras["code"]).get_indexer(old.table["code"])
    new_view = pd.Index(new.views.cameras["code"]).get_indexer(new.table["code"])
    view = np.concatenate([old_view, np.where(new_view < 0, -1, n + new_view)])[rows]
    view = view[view >= 0].astype(np.int64)
    to = np.full(n + len(new.views.cameras), -1, np.int64)
    to[view] = np.arange(len(view))
    views = Views(
        _taken(old.views.cameras, new.views.cameras, view),
        np.concatenate([old.views.polygons, new.views.polygons])[view],
        old.views.crs,
    )
    shapes = gpd.GeoDataFrame(_taken(old.shapes, new.shapes, view), crs=old.shapes.crs)
    parts = [
        _merged(getattr(old, name), getattr(new, name), to, n)
        for name in ("ground", "fronts", "arms", "streets")
    ]
    return Sight(views, shapes, table, *parts)


def _merged(old: Looks, new: Looks, to: Ints, n: int) -> Looks:
    """Return the looks of both, sorted, with cameras numbered by `to`; -1 leaves one out."""
    kept = to[old.camera] >= 0
    camera, point = to[old.camera[kept]], old.point[kept]
    size = len(to) + 1
    mine = to[n + new.camera]
    order = np.lexsort((mine, new.point))
    order = order[mine[order] >= 0]
    at = np.searchsorted(point * size + camera, new.point[order] * size + mine[order])
    return Looks(
        np.insert(camera, at, mine[order]),
        np.insert(point, at, new.point[order]),
        np.insert(old.chance[kept], at, new.chance[order]),
        np.insert(old.px_per_m[kept], at, new.px_per_m[order]),
    )


def _taken(old: pd.DataFrame, new: pd.DataFrame, rows: Ints) -> Any:
    """Return rows of two tables, those of the second numbered behind those of the first."""
    if not len(new):
        return old.take(rows).reset_index(drop=True)
    if not len(old):
        return new.take(rows).reset_index(drop=True)
    return pd.concat([old, new[old.columns]], ignore_index=True).take(rows).reset_index(drop=True)
