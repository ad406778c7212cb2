"""What is lost while a unit is away, each in turn; and which units serve nothing alone."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.layers import Layers
from gis.villages_of import village_of
from planner.response_crew import Crew
from planner.response_demand import Demand, beats
from planner.response_streets import FirstTwo

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def away(
    crew: Crew,
    time_s: Floats,
    tier_s: Floats,
    band_s: float,
    amounts: list[tuple[Demand, FirstTwo]],
) -> pd.DataFrame:
    """Return what only one unit serves, for each unit; NA for units that do not come.

    Parameters
    ----------
    crew
        The units.
    time_s
        (units, n) seconds to each place.
    tier_s
        (n,) seconds within which each must be reached; NaN where unknown.
    band_s
        The last band.
    amounts
        Streets and households, each with the first two units there.

    Returns
    -------
    DataFrame
        (units,) sites_alone (places in time by it only), lost_sites, lost_street_m,
        lost_households (within the last band by it only; NaN where nobody knows them), alone
        (False where all of these are 0).
    """
    n = len(crew.units)
    columns: dict[str, npt.NDArray[Any]] = {
        "sites_alone": _only_one(time_s, tier_s),
        "lost_sites": _only_one(time_s, np.full(len(tier_s), band_s)),
    }
    columns |= {f"lost_{what}": np.full(n, np.nan) for what in ("street_m", "households")}
    for demand, two in amounts:
        columns[f"lost_{demand.what}"] = lost(two, demand.amount, band_s, n)
    table = pd.DataFrame(columns, index=pd.RangeIndex(n))
    alone = pd.array((table > 0).any(axis=1).to_numpy(bool), dtype="boolean")
    alone[~crew.comes] = pd.NA
    table = table.astype({"sites_alone": "Int64", "lost_sites": "Int64"})
    table.loc[~crew.comes, :] = pd.NA
    return table.assign(alone=alone)


def lost(two: FirstTwo, amount: Floats, band_s: float, n: int) -> Floats:
    """Return how much each unit alone reaches within a band, (n,).

    Examples
    --------
    >>> first_s, second_s = np.array([10.0, 10.0]), np.array([20.0, 400.0])
    >>> two = FirstTwo(first_s, second_s, np.array([0, 1]))
    >>> lost(two, np.array([5.0, 7.0]), 300, 2).tolist()
    [0.0, 7.0]
    """
    only = (two.first_s <= band_s) & (two.second_s > band_s)
    return np.bincount(two.owner[only], amount[only], n).astype(float)


def unit_table(
    crew: Crew,
    sites: gpd.GeoDataFrame,
    time_s: Floats,
    beat: list[str | None],
    own: Bools,
    losses: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Return the units with what they are first at, their own places, and what is lost without.

    Parameters
    ----------
    crew
        The units.
    sites
        As `planner.response_judged.judged` returns them.
    time_s
        (units, n) seconds.
    beat
        (units,) code of the beat each stands on; None = on none.
    own
        (units, n) the places of each unit's beat or station.
    losses
        As `away` returns it.
    """
    units = crew.units
    first = sites.groupby("first_unit").agg(sites=("code", "size"), slowest_s=("first_s", "max"))
    first = first.reindex(units["code"])
    quiet = np.isnan(crew.promise_s) | ~crew.comes
    met = pd.array(first["slowest_s"].fillna(0).to_numpy() <= crew.promise_s, dtype="boolean")
    met[quiet] = pd.NA
    own_in = pd.array((own & (time_s <= crew.promise_s[:, None])).sum(axis=1), dtype="Int64")
    own_in[quiet] = pd.NA
    columns = ["code", "name", "kind", "mode", "tier_min", "geometry"]
    return units[columns].assign(
        sites_first=first["sites"].fillna(0).astype(int).to_numpy(),
        met=met,
        comes=crew.comes,
        reason=pd.Series(crew.reason, units.index, dtype="str"),
        beat=pd.Series(beat, units.index, dtype="str"),
        own_sites=own.sum(axis=1),
        own_in=own_in,
        **{str(name): losses[name].array for name in losses},
    )


def own_places(
    layers: Layers, sites: gpd.GeoDataFrame, site_beat: Ints
) -> tuple[list[str | None], Bools]:
    """Return the beat each unit stands on, and which places are its own.

    Its own are those on its beat; of a unit on no beat, those in the villages of its station.

    Parameters
    ----------
    layers
        The town.
    sites
        (n,) places with their village.
    site_beat
        (n,) position of the beat each lies on, -1 = none.

    Returns
    -------
    tuple
        Code of the beat of each unit or None; (units, n) flags.
    """
    units, areas = layers["units"], beats(layers)
    beat = village_of(units.geometry.x, units.geometry.y, areas)
    codes = [*areas["code"].tolist(), None]
    villages = layers["villages"].drop_duplicates("code").set_index("code")
    station = sites["village"].map(villages["station"]).to_numpy(object)
    mine = (units["station"].to_numpy(object)[:, None] == station) & ~pd.isna(station)
    on_beat = (beat[:, None] == site_beat) & (site_beat >= 0)
    return [codes[at] for at in beat.tolist()], np.where((beat >= 0)[:, None], on_beat, mine)


def _only_one(time_s: Floats, limit_s: Floats) -> Ints:
    """Return how many places each unit alone reaches within their limits, (units,)."""
    inside = time_s <= limit_s
    return np.asarray((inside & (inside.sum(axis=0) == 1)).sum(axis=1), np.int64)
