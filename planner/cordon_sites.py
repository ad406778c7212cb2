"""Sites that cordons are planned for ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.errors import NotFoundError
from gis.layers import WGS84, Layers
from gis.profiles import load
from planner.entries import entry_points
from planner.rates import existing

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class KeySite:
    """A site, and where one enters it, degrees."""

    code: str
    name: str
    lon: float
    lat: float


def key_sites(layers: Layers, plans: Mapping[str, Any] | None = None) -> list[KeySite]:
    """Return the sites that are planned for, those of the shortest tier first.

    Of which kinds and tiers, and how many: [plans] of the cordon's numbers; None = of the profile.
    """
    about = load("cordon")["plans"] if plans is None else plans
    sites = layers["sites"]
    soon = sites["tier_min"].le(about["tier_min"]).fillna(False)
    wanted = (sites["kind"].isin(about["kinds"]) | soon).to_numpy(bool)
    rows = np.flatnonzero(wanted & existing(layers))
    chosen = sites.iloc[rows].reset_index(drop=True)
    order = chosen.sort_values(["tier_min", "code"], kind="stable").index.to_numpy()
    return _at(layers, rows[order[: about["limit"]]])


def site_of(layers: Layers, code: str) -> KeySite:
    """Return a site by its code.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    rows = np.flatnonzero(layers["sites"]["code"].eq(code).to_numpy(bool))
    if not len(rows):
        msg = f"there is no site {code}"
        raise NotFoundError(msg)
    return _at(layers, rows[:1])[0]


def _at(layers: Layers, rows: Ints) -> list[KeySite]:
    sites = layers["sites"].iloc[rows]
    at = entry_points(layers).to_crs(WGS84)
    lon, lat = at.x.to_numpy()[rows], at.y.to_numpy()[rows]
    names = sites["name"].where(sites["name"].notna(), sites["code"])
    return [
        KeySite(*one) for one in zip(sites["code"], names, lon.tolist(), lat.tolist(), strict=True)
    ]
