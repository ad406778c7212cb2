"""What each gap is: how large, what stands there, what it weighs, and why it is unseen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis import hexes
from planner.frames import Columns, columns_of, rows_of_both
from planner.gap_ground import GapGround
from planner.gap_reasons import KINDS, REASONS
from planner.ground import rows_of, sums
from planner.params import CoverageParams

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]
# What ground a gap can mostly be; of equals, the first.
GROUNDS = ("site", "street", "open")


def describe_patches(
    ground: GapGround, where: Ints, kind: Ints, reason: Ints, patch: Ints, params: CoverageParams
) -> Columns:
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
    dict
        first (position of the smallest cell, ascending), id, village, weight, area_m2, cells,
        middle (position of the cell nearest the mean), lon, lat (of that), near, ground, sites,
        incidents, street_m, reason, outline (None until it is drawn).
    """
    first = where[patch[where] == where]
    count = len(first)
    inside = patch[where] >= 0
    where, kind, reason = where[inside], kind[inside], reason[inside]
    group = np.searchsorted(first, patch[where])
    open_m2 = ground.open_m2[where]
    area_m2, street_m = (
        sums(group, open_m2, count),
        sums(group, ground.street_m[where], count),
    )
    sites = columns_of(ground.sites)
    site_at = rows_of(sites["cell"], where)
    mine = np.flatnonzero(site_at >= 0)
    site_group, names = group[site_at[mine]], np.asarray(sites["name"], dtype=object)[mine]
    heft = sites["weight"][mine]
    incidents = _incidents(ground, where, group, count, params)
    kinds = firsts(group, kind, count)
    weight = sums(site_group, heft, count)
    weight += params.street_per_100_m * street_m / 100 + params.ground_per_ha * area_m2 / 1e4
    # A hidden number must not come out of the weight again.
    weight += params.per_incident * incidents.to_numpy(dtype=float, na_value=0)
    which = np.select([ground.front[where], ground.street_m[where] > 0], [0, 1], 2)
    middle = _middles(ground.xy[where], where, group, count)
    lon, lat = hexes.centres(ground.cells[middle])
    return {
        "first": first,
        "id": np.asarray(hexes.to_text(ground.cells[first]), dtype=object),
        "village": ground.village[first],
        "weight": _factors(params)[kinds] * weight,
        "area_m2": area_m2,
        "cells": np.bincount(group, minlength=count),
        "middle": middle,
        "lon": lon,
        "lat": lat,
        "near": _names(ground, where, group, site_group, names, heft, count),
        "ground": _most(group, which, open_m2, count, GROUNDS),
        "sites": np.bincount(site_group, minlength=count),
        "incidents": incidents,
        "street_m": street_m,
        "reason": _reasons(kinds, _most(group, reason.clip(0), open_m2, count, REASONS)),
        "outline": np.full(count, None, object),
    }


def with_others(patches: Columns, before: Columns, kept: Ints) -> Columns:
    """Return patches and those that were there before, by their smallest cell.

    Parameters
    ----------
    patches
        As `describe_patches` returns them.
    before, kept
        Others, and which of them stay, (m,) positions.
    """
    both = np.concatenate([before["first"], patches["first"]])
    rows = np.concatenate([kept, np.arange(len(before["first"]), len(both))])
    rows = rows[np.argsort(both[rows])]
    return rows_of_both(before, patches, rows)


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
    ground: GapGround,
    where: Ints,
    group: Ints,
    site_group: Ints,
    sites: Words,
    heft: Floats,
    count: int,
) -> Words:
    """Return what each patch is near: its heaviest site, else its longest street, else None.

    `group` is the patch of each cell in `where`; `sites` and `heft` are names and weights.
    """
    near = np.full(count, None, object)
    streets = columns_of(ground.streets)
    begin, end = (np.searchsorted(streets["cell"], where, side) for side in ("left", "right"))
    size = end - begin
    here = np.repeat(begin - np.cumsum(size) + size, size) + np.arange(size.sum())
    names = streets["name"].categories
    code = streets["name"].codes[here].astype(np.int64)
    keys, which = np.unique(np.repeat(group, size) * len(names) + code, return_inverse=True)
    length_m = sums(which, streets["length_m"][here], len(keys))
    order = keys[np.lexsort((-keys, length_m))]  # the longest last; of equals, the first name
    if len(names):
        near[order // len(names)] = names[order % len(names)].to_numpy(object)
    named = np.flatnonzero(pd.notna(sites))[::-1]  # of equals, the first site
    named = named[np.argsort(heft[named], kind="stable")]
    near[site_group[named]] = sites[named]
    return near
