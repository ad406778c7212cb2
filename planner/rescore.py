"""A town again after a few cameras changed, with the numbers of a full run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.layers import conform
from planner.areas_seen import rate_of_shares, village_shares
from planner.cells_seen import cells_again
from planner.frames import columns_of, found_at
from planner.ground import distinct
from planner.looks import Looks
from planner.prepared import Change, Prepared, see
from planner.results import UNKNOWN, Interval
from planner.sights import sight_of, spliced_sight, views_after

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RatesAtOnce:
    """What is seen of the open ground, as far as it can be told without the tables.

    Parameters
    ----------
    area_rate
        The same as in `Coverage.totals`.
    villages
        (n,) the seen share of each village in the order of the layer, as in `Coverage.villages`;
        `UNKNOWN` where there is no open ground or no camera layer.
    """

    area_rate: Interval
    villages: tuple[Interval, ...] = field(repr=False)

    def summary(self) -> str:
        """Return one line: the rate."""
        return f"{self.area_rate} of the open ground of {len(self.villages)} villages seen"


def rescore(
    prepared: Prepared, cameras: gpd.GeoDataFrame, removed: Collection[str] = ()
) -> Prepared:
    """Return a town after some of its cameras changed.

    The numbers are those of a full run: the views of the cameras that changed are computed anew,
    and the cells that they see, before or after, are added up again in the same order. Everything
    else waits until `planner.coverage.finish` asks for it; `rates_at_once` does not.

    Parameters
    ----------
    prepared
        The town before, from `planner.prepared.prepare` or from here; it is not changed, and a
        chain of changes is told once, when it is finished.
    cameras
        Rows of the layer cameras (EPSG:4326): those whose code the town has take
        their place, others are added behind.
    removed
        Codes of cameras to take out of the layer.

    Raises
    ------
    InputError
        If a code comes twice, is not in the town though it shall be removed, or both.
    """
    _check(prepared, cameras, removed)
    cameras = _conformed(cameras, prepared.base.tables.cameras)
    old, places, params = prepared.sight, prepared.places, prepared.params
    codes = cameras["code"].to_numpy(object)
    rows = _rows(old.codes, codes, removed)
    base, changes = prepared.since()
    views, lens = see(base.layers.replaced(cameras=cameras), places, params)
    few = sight_of(codes, views, places)
    view = views_after(old, few, rows)
    gone = np.ones(len(old.counts) + len(few.counts), bool)
    gone[view] = False
    touched = distinct(_touched(old.ground, few.ground, gone) // 7)
    sites = distinct(places.fronts.site[_touched(old.fronts, few.fronts, gone)])
    changed = (*removed, *codes.tolist())
    change = Change(cameras, views, lens, rows, view, touched, sites, changed)
    sight = spliced_sight(old, few, rows)
    seen = cells_again(prepared.seen, sight.ground, sight.counts, touched)
    return Prepared(params, places, sight, seen, base, (*changes, change))


def rates_at_once(prepared: Prepared) -> RatesAtOnce:
    """Return what is seen of the open ground, of all and of each village.

    Parameters
    ----------
    prepared
        As `planner.prepared.prepare` or `rescore` returns it.
    """
    count, known = len(prepared.base.layers["villages"]), len(prepared.sight.codes) > 0
    open_m2, shares = village_shares(prepared.places.ground, prepared.seen, count, known)
    rates = (
        UNKNOWN if np.isnan(value) else Interval(value, low, high)
        for low, value, high in shares[:3].T.tolist()
    )
    return RatesAtOnce(rate_of_shares(open_m2, shares[:3]), tuple(rates))


def _check(prepared: Prepared, cameras: gpd.GeoDataFrame, removed: Collection[str]) -> None:
    codes = cameras["code"].tolist()
    there = set(prepared.sight.codes.tolist()) if removed else set()
    wrong = {
        "twice among the changed cameras": [code for code, n in Counter(codes).items() if n > 1],
        "both changed and removed": sorted(set(codes) & set(removed)),
        "not in the town": sorted(set(removed) - there),
    }
    told = [f"{', '.join(map(str, which))}: {what}" for what, which in wrong.items() if which]
    if told:
        msg = f"cameras cannot be changed: {'; '.join(told)}"
        raise InputError(msg)


def _conformed(cameras: gpd.GeoDataFrame, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return rows with the columns of the layer: a value written into one may change its type."""
    told, wanted = columns_of(cameras), columns_of(layer)
    if told.keys() == wanted.keys() and all(told[n].dtype == wanted[n].dtype for n in wanted):
        return cameras
    return conform(cameras, "cameras")


def _rows(
    old: npt.NDArray[np.object_], changed: npt.NDArray[np.object_], removed: Collection[str]
) -> Ints:
    """Return the layer afterwards: rows of the old one, or of those that changed behind them."""
    at = found_at([*changed.tolist(), *removed], old.tolist())
    swapped, gone = at[: len(changed)], at[len(changed) :]
    rows, behind = np.arange(len(old)), len(old) + np.arange(len(changed))
    rows[swapped[swapped >= 0]] = behind[swapped >= 0]
    return np.concatenate([np.delete(rows, gone), behind[swapped < 0]])


def _touched(old: Looks, few: Looks, gone: npt.NDArray[np.bool_]) -> Ints:
    """Return the points that a view that goes, or one that comes, looks at."""
    return np.concatenate([old.point[gone[old.camera]], few.point])
