"""Coverage again after a few cameras changed, with the numbers of a full run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError
from planner.camera_views import Views
from planner.coverage import finish
from planner.frames import taken
from planner.gap_ground import parts_within
from planner.gap_reasons import gap_cameras
from planner.ground import distinct
from planner.ground_kernels import merge_looks
from planner.looks import Looks
from planner.prepared import Places, Prepared, Sight, score_cells, see
from planner.results_coverage import Coverage
from planner.sites_seen import SiteCameras

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
    after = taken(before, cameras, rows)
    layers = prepared.layers.replaced(cameras=after)
    few = see(layers.replaced(cameras=cameras), prepared.places, prepared.params)
    sight = _spliced(prepared.sight, few, rows, len(before))
    codes = [*removed, *changed.tolist()]
    around = gap_cameras(sight.views.cameras, sight.table, prepared.params)
    parts = _parts(
        prepared.places,
        codes,
        [(prepared.around, prepared.sight.ground), (around, sight.ground)],
    )
    result = score_cells(
        layers, prepared.params, prepared.places, sight, around, prepared.gaps, parts
    )
    return result, finish(result)


def _check(prepared: Prepared, cameras: gpd.GeoDataFrame, removed: Collection[str]) -> None:
    codes = cameras["code"].tolist()
    there = set(prepared.layers["cameras"]["code"].tolist()) if removed else set()
    wrong = {
        "twice among the changed cameras": [code for code, n in Counter(codes).items() if n > 1],
        "both changed and removed": sorted(set(codes) & set(removed)),
        "not in the town": sorted(set(removed) - there),
    }
    told = [f"{', '.join(map(str, which))}: {what}" for what, which in wrong.items() if which]
    if told:
        msg = f"cameras cannot be changed: {'; '.join(told)}"
        raise InputError(msg)


def _parts(
    places: Places, codes: Collection[str], times: Collection[tuple[pd.DataFrame, Looks]]
) -> Ints:
    """Return the parts of the town that some cameras reach or see, before or after, ascending."""
    parts = []
    for around, looks in times:
        mine = np.isin(around["code"].tolist(), list(codes))
        xy, reach_m = around[["x", "y"]].to_numpy(float), around["coarse_m"].to_numpy(float)
        parts.append(parts_within(places.gaps, xy[mine], reach_m[mine]))
        parts.append(places.gaps.part[looks.point[mine[looks.camera]] // 7])
    return distinct(np.concatenate(parts))


def _spliced(old: Sight, new: Sight, rows: Ints, count: int) -> Sight:
    """Return what the cameras at `rows` see: below `count` those of old, from there on of new."""
    lens, table = taken(old.lens, new.lens, rows), taken(old.table, new.table, rows)
    n = len(old.views.cameras)
    # From the row of the layer to the view, and what has none.
    old_view = pd.Index(old.views.cameras["code"]).get_indexer(old.table["code"])
    new_view = pd.Index(new.views.cameras["code"]).get_indexer(new.table["code"])
    view = np.concatenate([old_view, np.where(new_view < 0, -1, n + new_view)])[rows]
    view = view[view >= 0].astype(np.int64)
    to = np.full(n + len(new.views.cameras), -1, np.int64)
    to[view] = np.arange(len(view))
    views = Views(
        taken(old.views.cameras, new.views.cameras, view),
        np.concatenate([old.views.polygons, new.views.polygons])[view],
        old.views.crs,
    )
    shapes = taken(old.shapes, new.shapes, view)
    parts = [
        _merged(getattr(old, name), getattr(new, name), to, n)
        for name in ("ground", "fronts", "arms", "streets")
    ]
    place = np.full(count + len(new.table), -1, np.int64)
    place[rows] = np.arange(len(rows))
    attached, close, inside = (
        _renumbered(one, other, place, count)
        for one, other in (
            (old.serving.attached, new.serving.attached),
            (old.serving.close, new.serving.close),
            (old.inside, new.inside),
        )
    )
    return Sight(views, shapes, table, lens, SiteCameras(attached, close), inside, *parts)


def _renumbered(old: Ints, new: Ints, place: Ints, count: int) -> Ints:
    """Return both sets of pairs with a camera, those of `new` numbered from `count` on."""
    pairs = np.hstack([old, new + np.array([[0], [count]])])
    pairs[1] = place[pairs[1]]
    return pairs[:, pairs[1] >= 0]


def _merged(old: Looks, new: Looks, to: Ints, n: int) -> Looks:
    """Return the looks of both, sorted, with cameras numbered by `to`; -1 leaves one out."""
    mine = to[n + new.camera]
    order = np.lexsort((mine, new.point))
    order = order[mine[order] >= 0]
    return Looks(
        *merge_looks(
            *(old.camera, old.point, old.chance, old.px_per_m, to),
            *(mine[order], new.point[order], new.chance[order], new.px_per_m[order]),
        )
    )
