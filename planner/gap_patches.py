"""What each gap is: how large, what stands there, what it weighs, and why it is unseen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner.gap_ground import GapGround
from planner.gap_reasons import KINDS, REASONS
from planner.ground import sums
from planner.params import CoverageParams

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]

# What ground a gap can mostly be; of equals, the first.
GROUNDS = ("site", "street", "open")


def describe_patches(
    ground: GapGround, where: Ints, kind: Ints, reason: Ints, patch: Ints, params: CoverageParams
) -> pd.DataFrame:
    """Return the patches among some cells.

    Parameters
    ----------
    ground
        The town's cells and what stands there.
    where
        (m,) positions of the cells, ascending; the patches lie in them whole.
    kind, reason
        (m,) positions in `planner.gap_reasons.KINDS`, and in `REASONS` for those unseen.
    patch
        (n,) position of the smallest cell of the patch each cell of the town belongs to, -1 for
        none.
    params
        The weights, and from which number on incidents are shown.

    Returns
    -------
    DataFrame
        Index: position of the smallest cell, ascending; columns weight, area_m2, cells, middle
        (position of the cell nearest the mean), near, ground, sites, incidents, street_m, reason.
    """
    ids = where[patch[where] == where]
    number = np.full(len(ground.cells) + 1, -1)  # the last one is for cells of no patch
    number[ids] = np.arange(len(ids))
    group = number[patch[where]]
    inside = group >= 0
    where, kind, reason, group = where[inside], kind[inside], reason[inside], group[inside]
    count = len(ids)
    open_m2 = ground.open_m2[where]
    area_m2, street_m = (
        sums(group, open_m2, count),
        sums(group, ground.street_m[where], count),
    )
    site_group = number[patch[ground.sites["cell"].to_numpy()]]
    sites, site_group = ground.sites[site_group >= 0], site_group[site_group >= 0]
    incidents = _incidents(ground, where, group, count, params)
    kinds = firsts(group, kind, count)
    weight = sums(site_group, sites["weight"].to_numpy(float), count)
    weight += params.street_per_100_m * street_m / 100 + params.ground_per_ha * area_m2 / 1e4
    # A hidden number must not come out of the weight again.
    weight += params.per_incident * incidents.to_numpy(dtype=float, na_value=0)
    which = np.select([ground.front[where], ground.street_m[where] > 0], [0, 1], 2)
    return pd.DataFrame(
        {
            "weight": _factors(params)[kinds] * weight,
            "area_m2": area_m2,
            "cells": np.bincount(group, minlength=count),
            "middle": _middles(ground.xy[where], where, group, count),
            "near": _text(_names(ground, sites, site_group, number[patch], count)),
            "ground": _text(_most(group, which, open_m2, count, GROUNDS)),
            "sites": np.bincount(site_group, minlength=count),
            "incidents": incidents,
            "street_m": street_m,
            "reason": _text(_reasons(kinds, _most(group, reason.clip(0), open_m2, count, REASONS))),
        },
        index=pd.Index(ids, dtype=np.int64),
    )


def firsts(group: Ints, values: Ints, count: int) -> Ints:
    """Return the first value of each group, (count,).

    Examples
    --------
    >>> firsts(np.array([0, 1, 0]), np.array([7, 8, 9]), 2).tolist()
    [7, 8]
    """
    first = np.zeros(count, np.int64)
    first[group[::-1]] = values[::-1]
    return first


def _text(words: Words) -> pd.api.extensions.ExtensionArray:
    return pd.array(words, dtype="str")


def _factors(params: CoverageParams) -> Floats:
    factors = np.ones(len(KINDS))
    factors[KINDS.index("direction_unknown")] = params.doubt_factor
    factors[KINDS.index("not_networked")] = params.linked_factor
    return factors


def _reasons(kinds: Ints, unseen: Words) -> Words:
    """Return the reason of each patch: its kind, or why it is unseen."""
    return np.where(kinds == KINDS.index("unseen"), unseen, np.array(KINDS, object)[kinds])


def _most(group: Ints, value: Ints, weight: Floats, count: int, words: tuple[str, ...]) -> Words:
    """Return the word with the most weight in each group, the first one of equals."""
    total = np.bincount(group * len(words) + value, weight, count * len(words))
    most: Words = np.array(words, object)[total.reshape(count, len(words)).argmax(axis=1)]
    return most


def _incidents(
    ground: GapGround, where: Ints, group: Ints, count: int, params: CoverageParams
) -> pd.arrays.IntegerArray:
    """Return the incidents in each patch; NA where they are unknown, or few enough to hide."""
    total, hidden = np.zeros(count, np.int64), np.ones(count, bool)
    if ground.incidents is not None:
        total = sums(group, ground.incidents[where], count).astype(np.int64)
        hidden = (total > 0) & (total < params.least_total)
    return pd.arrays.IntegerArray(total, hidden)


def _middles(xy: Floats, where: Ints, group: Ints, count: int) -> Ints:
    """Return for each patch its cell nearest the mean: a place inside it."""
    size = np.bincount(group, minlength=count)
    mean = np.stack([sums(group, part, count) / size for part in xy.T], axis=1)
    off = ((xy - mean[group]) ** 2).sum(axis=1)
    least = np.full(count, np.inf)
    np.minimum.at(least, group, off)
    nearest = off == least[group]
    return firsts(group[nearest], where[nearest], count)


def _names(
    ground: GapGround, sites: pd.DataFrame, site_group: Ints, number: Ints, count: int
) -> Words:
    """Return what each patch is near: its heaviest site, else its longest street, else None."""
    near = np.full(count, None, object)
    group = number[ground.streets["cell"].to_numpy()]
    here = group >= 0
    names = np.asarray(ground.streets["name"].cat.categories, object)
    code = ground.streets["name"].cat.codes.to_numpy(np.int64)
    keys, which = np.unique(group[here] * len(names) + code[here], return_inverse=True)
    length_m = sums(which, ground.streets["length_m"].to_numpy(float)[here], len(keys))
    order = keys[np.lexsort((-keys, length_m))]  # the longest last; of equals, the first name
    if len(names):
        near[order // len(names)] = names[order % len(names)]
    named = np.flatnonzero(sites["name"].notna())[::-1]  # of equals, the first site
    named = named[np.argsort(sites["weight"].to_numpy(float)[named], kind="stable")]
    near[site_group[named]] = sites["name"].to_numpy(object)[named]
    return near
