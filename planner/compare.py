"""Two answers about coverage beside each other: two days, or two towns; what is gained and lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError
from planner.results import (
    UNKNOWN,
    Assumed,
    Interval,
    Missing,
    missing_lines,
    names_of,
    plain,
    records,
    share_text,
)
from planner.results_coverage import STEPS, Coverage

# The levels of a site, from the worst on; "cannot_tell" is beside them.
LEVELS = ("unseen", "perhaps", "seen")
# Rates that stand beside each other, apart from those of the sites' ladder.
RATES = ("area_rate", "street_rate", "village_rate", "entrance_rate", "junction_rate")
# A difference below this is rounding.
LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class Change:
    """What differs between two answers about coverage.

    Parameters
    ----------
    names
        What the earlier and the later one are called: a day, or a town.
    resolution
        H3 resolution of both.
    totals
        For "before" and "after": cameras (by state), cells, open_ground_m2, the rates, site_rate
        (step to interval); and for "delta": the difference of each rate's value, None where one of
        them is unknown.
    cells
        Index `cell` (uint64 H3 id, ascending) of both; before, after (value, NaN where one has no
        such cell, no ground there, or cannot tell), delta (after less before).
    villages
        code, name, before, after, delta, geometry; those of both.
    sites
        Sites that differ: code, name, kind, area_class, before, after (level, NaN where one does
        not have it), change ("gained", "lost", "new", "gone", "other"), geometry.
    cameras
        Cameras that differ: code, name, before, after (state, NaN where one does not have it),
        change ("added": watches now and did not, "removed": the reverse, "other").
    missing, assumed
        Figures that either lacks, and what either takes for granted.
    """

    names: tuple[str, str]
    resolution: int
    totals: dict[str, Any]
    cells: pd.DataFrame = field(repr=False)
    villages: gpd.GeoDataFrame = field(repr=False)
    sites: gpd.GeoDataFrame = field(repr=False)
    cameras: pd.DataFrame = field(repr=False)
    missing: tuple[Missing, ...] = ()
    assumed: tuple[Assumed, ...] = ()

    def summary(self) -> str:
        """Return a few lines a person can read."""
        before, after = self.totals["before"], self.totals["after"]
        lines = [f"{self.names[0]} -> {self.names[1]}"]
        shown = {"area_rate": "Open ground", "street_rate": "Streets", "village_rate": "Villages"}
        lines += [
            f"{title}: {share_text(before[name])} -> {share_text(after[name])}"
            for name, title in shown.items()
        ]
        in_view = (part["site_rate"].get("in_view", UNKNOWN) for part in (before, after))
        lines.append("Sites: {} -> {}".format(*map(share_text, in_view)))
        sites, cameras = self.sites["change"], self.cameras["change"]
        lines.append(f"Sites gained {sites.eq('gained').sum()}, lost {sites.eq('lost').sum()}")
        lines.append(
            f"Cameras added {cameras.eq('added').sum()}, removed {cameras.eq('removed').sum()}"
        )
        lost = self.villages[self.villages["delta"] < -LEAST].sort_values("delta").head(3)
        worst = zip(names_of(lost), lost["delta"].tolist(), strict=True)
        lines += [f"  {name}: {100 * delta:+.1f} %" for name, delta in worst]
        return "\n".join(lines + missing_lines(self.missing))

    def document(self) -> dict[str, Any]:
        """Return the comparison as JSON-ready values; cells by number only."""
        delta = self.cells["delta"].to_numpy(float)
        return {
            "before": self.names[0],
            "after": self.names[1],
            "resolution": self.resolution,
            "totals": plain(self.totals),
            "cells": {
                "gained": int((delta > LEAST).sum()),
                "lost": int((delta < -LEAST).sum()),
                "unknown": int(np.isnan(delta).sum()),
            },
            "villages": records(self.villages, ["code", "name", "before", "after", "delta"]),
            "sites": records(
                self.sites, ["code", "name", "kind", "area_class", "before", "after", "change"]
            ),
            "cameras": records(self.cameras, ["code", "name", "before", "after", "change"]),
        }


def compare(before: Coverage, after: Coverage, name_before: str, name_after: str) -> Change:
    """Return what differs between two answers about coverage.

    Parameters
    ----------
    before, after
        The two; places that have the same code are the same place.
    name_before, name_after
        What each is called: a day, or a town.

    Raises
    ------
    InputError
        If their cells are not of one resolution, or not the same picture class counts as seen.
    """
    faults = [
        f"{what} is {old} in {name_before}, but {new} in {name_after}"
        for what, old, new in (
            ("the H3 resolution", before.resolution, after.resolution),
            ("the picture class", before.picture_class, after.picture_class),
        )
        if old != new
    ]
    if faults:
        msg = f"cannot be compared: {'; '.join(faults)}; use the same numbers for both"
        raise InputError(msg)
    return Change(
        (name_before, name_after),
        after.resolution,
        _totals(before.totals, after.totals),
        _cells(before.cells, after.cells),
        _villages(before.villages, after.villages),
        _sites(before.sites, after.sites),
        _cameras(before.cameras, after.cameras),
        tuple(dict.fromkeys((*before.missing, *after.missing))),
        tuple(dict.fromkeys((*before.assumed, *after.assumed))),
    )


def _totals(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    names = ("cameras", "cells", "open_ground_m2", *RATES)
    sides = {
        side: {
            **{name: totals[name] for name in names},
            "site_rate": {step: totals["site_rate"].get(step, UNKNOWN) for step in STEPS},
        }
        for side, totals in (("before", before), ("after", after))
    }
    old, new = sides["before"], sides["after"]
    delta: dict[str, Any] = {name: _delta(old[name], new[name]) for name in RATES}
    delta["site_rate"] = {
        step: _delta(old["site_rate"][step], new["site_rate"][step]) for step in STEPS
    }
    return {**sides, "delta": delta}


def _delta(before: Interval, after: Interval) -> float | None:
    if before.value is None or after.value is None:
        return None
    return after.value - before.value


def _cells(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    ids = before.index
    if not ids.equals(after.index):
        ids = ids.union(after.index)
    old, new = (table["value"].reindex(ids).to_numpy(float) for table in (before, after))
    index = pd.Index(ids.to_numpy(np.uint64), name="cell")
    return pd.DataFrame({"before": old, "after": new, "delta": new - old}, index=index)


def _villages(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    both = after[after["code"].isin(before["code"])]
    old = before.set_index("code")["value"].reindex(both["code"]).to_numpy(float)
    new = both["value"].to_numpy(float)
    table = both[["code", "name", "geometry"]].assign(before=old, after=new, delta=new - old)
    return table.reset_index(drop=True)


def _sites(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    old, new = _sides(before, after, "level")
    rank = {level: at for at, level in enumerate(LEVELS)}
    was, now = (np.array([rank.get(level, np.nan) for level in side]) for side in (old, new))
    kinds = [pd.isna(old), pd.isna(new), now > was, now < was]
    change = np.select(kinds, ["new", "gone", "gained", "lost"], "other")
    columns = ["code", "name", "kind", "area_class", "geometry"]
    table = _union(before, after)[columns].assign(before=_text(old), after=_text(new))
    table = table.assign(change=_text(change))[_differ(old, new)].reset_index(drop=True)
    return gpd.GeoDataFrame(table, crs=after.crs)


def _cameras(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    old, new = _sides(before, after, "state")
    was, now = old == "in_use", new == "in_use"
    change = np.select([now & ~was, was & ~now], ["added", "removed"], "other")
    table = _union(before, after)[["code", "name"]].assign(before=_text(old), after=_text(new))
    table = table.assign(change=_text(change))[_differ(old, new)].reset_index(drop=True)
    return pd.DataFrame(table)


def _union(before: pd.DataFrame, after: pd.DataFrame) -> Any:
    """Return the rows of the later table, then those that only the earlier one has."""
    gone = before[~before["code"].isin(after["code"])]
    return pd.concat([part for part in (after, gone) if len(part)] or [after], ignore_index=True)


def _sides(
    before: pd.DataFrame, after: pd.DataFrame, column: str
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Return a column of both, by the rows of `_union`; None where one does not have the row."""
    codes = _union(before, after)["code"]
    old, new = (
        table.set_index("code")[column].reindex(codes).astype(object) for table in (before, after)
    )
    return (
        old.where(old.notna(), None).to_numpy(object),
        new.where(new.notna(), None).to_numpy(object),
    )


def _differ(old: npt.NDArray[np.object_], new: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    return np.asarray(old != new, bool)


def _text(values: npt.NDArray[Any]) -> pd.Series[str]:
    return pd.Series(values, dtype="str")
