"""The rates of coverage, side by side: of sites, villages, entrances, junctions; none is "the" one.

Sites that are planned, under construction or closed are listed, but no rate counts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.layers import Layers
from planner.frames import Columns, columns_of, found_at
from planner.params import CoverageParams
from planner.results import UNKNOWN, Interval
from planner.results_coverage import STEPS
from planner.sites_seen import SiteLevels, standing

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Columns of the cameras' table by which they are counted.
GROUPS = ("point_class", "builder", "police_unit")


def place_rates(
    layers: Layers,
    levels: SiteLevels,
    cameras: pd.DataFrame | Columns,
    params: CoverageParams,
    working: Ints | None = None,
) -> dict[str, Any]:
    """Return the rates of the places, as they stand in the totals of coverage.

    Parameters
    ----------
    layers
        The town.
    levels
        As `planner.sites_seen.site_levels` returns them.
    cameras
        The table `Coverage.cameras`, or its columns: state, village, point_class, builder,
        police_unit, networked, in_service.
    params
        Numbers of coverage.
    working
        As `village_cameras` returns it, if it is at hand.

    Returns
    -------
    dict
        site_rate (step to interval), site_rate_by_class (area_class to the same), village_rate,
        entrance_rate, junction_rate, cameras_by (see `camera_groups`).
    """
    real, sites = existing(layers), levels.columns
    kind = np.asarray(sites["kind"], dtype=object)
    ladder = _ladder(sites, levels.chances, STEPS)
    entrances, junctions = (_rates(ladder, real & (kind == k)) for k in ("entrance", "junction"))
    return {
        "site_rate": _rates(ladder, real),
        "site_rate_by_class": _rates_by_class(ladder, sites["area_class"], real),
        "village_rate": village_rate(layers, cameras, params.cameras_per_village, working),
        "entrance_rate": entrances["in_view"],
        "junction_rate": junctions["in_view"],
        "cameras_by": dict(zip(GROUPS, _grouped(cameras, GROUPS), strict=True)),
    }


def existing(layers: Layers) -> Bools:
    """Return which sites exist, (n,): built, or of unknown status."""
    status = np.asarray(columns_of(layers["sites"])["status"], dtype=object)
    return np.asarray(pd.isna(status) | (status == "built"), bool)


@dataclass(frozen=True, eq=False)
class _Ladder:
    """Where each step holds, (steps, n): surely, surely not, and by what chance, NaN = unknown."""

    steps: tuple[str, ...]
    yes: Bools
    no: Bools
    chance: Floats


def _ladder(
    words: Mapping[str, Any], chances: Mapping[str, Any], steps: tuple[str, ...]
) -> _Ladder:
    told = np.stack([np.asarray(words[step], object) for step in steps])
    chance = np.stack([np.asarray(chances[step], float) for step in steps])
    yes, no = (np.asarray(told == word, bool) for word in ("yes", "no"))
    return _Ladder(steps, yes, no, np.where(pd.isna(told), np.nan, chance))


def _rates(ladder: _Ladder, which: Bools) -> dict[str, Interval]:
    """Return the share of some places on each step of the ladder."""
    count = int(which.sum())
    chance = ladder.chance[:, which]
    known = ~np.isnan(chance)
    parts = ladder.yes[:, which], ladder.no[:, which], known
    yes, no, knowing = (part.sum(axis=1).tolist() for part in parts)
    total = np.where(known, chance, 0.0).sum(axis=1).tolist()
    rates = {}
    for at, step in enumerate(ladder.steps):
        rates[step] = UNKNOWN
        if knowing[at]:
            low, high = yes[at] / count, (count - no[at]) / count
            rates[step] = Interval(min(max(total[at] / knowing[at], low), high), low, high)
    return rates


def _rates_by_class(
    ladder: _Ladder, area_class: Any, real: Bools
) -> dict[str, dict[str, Interval]]:
    """Return the same for each class of area that has sites."""
    number, words = pd.factorize(np.asarray(area_class, dtype=object), sort=True)
    groups = {word: real & (number == at) for at, word in enumerate(words.tolist())}
    return {word: _rates(ladder, members) for word, members in groups.items() if members.any()}


def share_of(words: pd.Series[Any], chances: pd.Series[Any] | None = None) -> Interval:
    """Return the share of places where something holds, with its doubt.

    At least those that say yes, at most all but those that say no; to be expected is the mean
    chance of the places of which anything is known.

    Parameters
    ----------
    words
        (n,) "yes", "perhaps", "no", or NaN where nobody can tell.
    chances
        (n,) the chance of each, NaN where nobody can tell; None takes one half for "perhaps".

    Examples
    --------
    >>> share_of(pd.Series(["yes", "perhaps", "no", None]))
    Interval(value=0.5, low=0.25, high=0.75)
    """
    if chances is None:
        chances = words.map({"yes": 1.0, "perhaps": 0.5, "no": 0.0})
    ladder = _ladder({"it": words}, {"it": chances}, ("it",))
    return _rates(ladder, np.ones(len(words), bool))["it"]


def village_rate(
    layers: Layers, cameras: pd.DataFrame | Columns, least: int, working: Ints | None = None
) -> Interval:
    """Return the share of villages with at least so many working cameras.

    Parameters
    ----------
    layers
        The town.
    cameras
        The table `Coverage.cameras`, or its columns.
    least
        Number of cameras.
    working
        As `village_cameras` returns it, if it is at hand.
    """
    if not layers.has("cameras") or not layers.has("villages"):
        return UNKNOWN
    if working is None:
        working = village_cameras(layers, cameras)
    share = float((working >= least).mean())
    return Interval(share, share, share)


def village_cameras(layers: Layers, cameras: pd.DataFrame | Columns) -> Ints:
    """Return how many working cameras stand in each village, (n,).

    Parameters
    ----------
    layers
        The town.
    cameras
        The table `Coverage.cameras`, or its columns: state and village.
    """
    codes = columns_of(layers["villages"])["code"].tolist()
    working = standing(cameras, "in_use", "no_place")
    number, words = pd.factorize(columns_of(cameras)["village"][working])
    at = found_at(words.tolist(), codes)[number[number >= 0]]
    return np.bincount(at[at >= 0], minlength=len(codes)).astype(np.int64)


def camera_groups(cameras: pd.DataFrame | Columns, column: str) -> list[dict[str, Any]]:
    """Return how many cameras there are of each owner, class or unit, the largest group first.

    Parameters
    ----------
    cameras
        The table `Coverage.cameras`, or its columns.
    column
        By what they are counted.

    Returns
    -------
    list of dict
        value (the word, None where it is blank), cameras (all that stand), in_use, networked,
        in_service (known to be so), networked_unknown, in_service_unknown.

    Examples
    --------
    >>> table = pd.DataFrame({"state": ["in_use", "repair"], "builder": ["operator"] * 2})
    >>> flags = pd.array([True, None], "boolean")
    >>> camera_groups(table.assign(networked=flags, in_service=flags), "builder")
    [{'value': 'operator', 'cameras': 2, 'in_use': 1, 'networked': 1, 'in_service': 1,
      'networked_unknown': 1, 'in_service_unknown': 1}]
    """
    return next(_grouped(cameras, (column,)))


def _grouped(cameras: pd.DataFrame | Columns, by: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """Yield `camera_groups` of several columns."""
    told = columns_of(cameras)
    flags = {"cameras": ~standing(cameras, "removed", "not_yet")}
    flags["in_use"] = standing(cameras, "in_use")
    for name in ("networked", "in_service"):
        flags[name] = told[name].to_numpy(bool, na_value=False)
    for name in ("networked", "in_service"):
        flags[f"{name}_unknown"] = told[name].isna()
    some = {name: np.flatnonzero(flag & flags["cameras"]) for name, flag in flags.items()}
    for column in by:
        number, words = pd.factorize(told[column], use_na_sentinel=False)
        counts = {
            name: np.bincount(number[rows], minlength=len(words)).tolist()
            for name, rows in some.items()
        }
        yield _group_rows(words.tolist(), counts)


def _group_rows(words: list[Any], counts: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Return the groups that have cameras, the largest first."""
    rows = [
        {"value": None if pd.isna(word) else word, **{name: n[at] for name, n in counts.items()}}
        for at, word in enumerate(words)
        if counts["cameras"][at]
    ]
    return sorted(rows, key=lambda row: (-row["cameras"], row["value"] is None, row["value"] or ""))
