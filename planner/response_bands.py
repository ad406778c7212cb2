"""How much is within each band: of places, street length, households and open ground, by scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from planner.response_demand import Demand, Scope
from planner.results_response import BAND

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

AMOUNTS = ("street_m", "households", "open_m2")


def bands_table(
    bands_s: Sequence[float],
    scopes: Sequence[Scope],
    sites: gpd.GeoDataFrame,
    site_part: Mapping[str, Ints],
    demands: Sequence[tuple[Demand, Floats]],
) -> pd.DataFrame:
    """Return how much of everything is within each band, by scope.

    Parameters
    ----------
    bands_s
        Limits, ascending.
    scopes
        Ways to divide the town.
    sites
        (n,) places as `planner.response_judged.judged` returns them.
    site_part
        Scope to (n,) the part each place lies in, -1 = none.
    demands
        What is to be reached, each with (k,) seconds until somebody is there. What is not among
        them is unknown.

    Returns
    -------
    DataFrame
        Columns `planner.results_response.BAND`, cumulative.
    """
    first_s = sites["first_s"].to_numpy(float)
    one = np.ones(len(sites))
    tables = []
    for scope in scopes:
        n = len(scope.code)
        sums = {"sites": within(site_part[scope.name], n, one, first_s, bands_s)}
        for demand, time_s in demands:
            part = demand.part[scope.name]
            sums[demand.what] = within(part, n, demand.amount, time_s, bands_s)
        tables.append(_rows(scope, bands_s, sums))
        outside = site_part[scope.name] < 0
        if scope.name == "village" and outside.any():
            none = Scope(scope.name, [""], [""])
            part = np.where(outside, 0, -1)
            lost = {"sites": within(part, 1, one, first_s, bands_s)}
            tables.append(_rows(none, bands_s, lost))
    for name, column in (("tier", "tier_min"), ("kind", "kind")):
        part, words = pd.factorize(sites[column], sort=True)
        scope = Scope(name, [str(word) for word in words], [str(word) for word in words])
        sums = {"sites": within(part.astype(np.int64), len(words), one, first_s, bands_s)}
        tables.append(_rows(scope, bands_s, sums))
    table = pd.concat(tables, ignore_index=True)
    whole = {"sites": "int64", "sites_in": "int64"}
    return table.astype({"scope": "str", "code": "str", "name": "str", **whole})


def within(
    part: Ints, parts: int, amount: Floats, time_s: Floats, bands_s: Sequence[float]
) -> Floats:
    """Return how much there is in each part, and how much of it within each band.

    Parameters
    ----------
    part
        (k,) part of each place, -1 = none.
    parts
        Number of parts.
    amount
        (k,) how much is there.
    time_s
        (k,) when it is reached.
    bands_s
        (b,) limits.

    Returns
    -------
    ndarray
        (b + 1, parts): the whole, then what is within each band.

    Examples
    --------
    >>> part, amount = np.array([0, 1, 1, -1]), np.array([2.0, 3.0, 4.0, 9.0])
    >>> within(part, 2, amount, np.array([10.0, 50.0, 70.0, 0.0]), [60]).tolist()
    [[2.0, 7.0], [2.0, 3.0]]
    """
    inside = part >= 0
    part, amount, time_s = part[inside], amount[inside], time_s[inside]
    limits = (np.inf, *bands_s)
    return np.stack(
        [np.bincount(part, np.where(time_s <= limit, amount, 0.0), parts) for limit in limits]
    )


def _rows(scope: Scope, bands_s: Sequence[float], sums: Mapping[str, Floats]) -> pd.DataFrame:
    """Return one row for each part and band."""
    n, b = len(scope.code), len(bands_s)
    columns: dict[str, object] = {
        "scope": [scope.name] * (n * b),
        "code": np.repeat(np.asarray(scope.code, object), b),
        "name": np.repeat(np.asarray(scope.title, object), b),
        "band_s": np.tile(np.asarray(bands_s, float), n),
    }
    for what in ("sites", *AMOUNTS):
        found = sums.get(what, np.full((b + 1, n), np.nan))
        inner = what.replace("_m", "_in_m") if "_m" in what else f"{what}_in"
        columns[what] = np.repeat(found[0], b)
        columns[inner] = found[1:].T.ravel()
    return pd.DataFrame(columns)[BAND]
