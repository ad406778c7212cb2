"""1-3-5 minute circles: every site's units and times against its tier."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis import travel
from gis.layers import WGS84, Layers
from gis.streets import Streets
from planner.entries import entry_points
from planner.params import ResponseParams
from planner.results import Missing, Response

Floats = npt.NDArray[np.float64]

# Farther than this from any street that a unit can reach, a site counts as off the network.
SITE_LIMIT_M = 200.0


def respond(layers: Layers, streets: Streets | None, params: ResponseParams) -> Response:
    """Return who can be where in the bands' minutes, and which sites are reached too late.

    A unit's time to a site is its turnout, the drive or walk along the streets, and the last
    metres on foot from the street to the site.

    Parameters
    ----------
    layers
        The town with units, modes and tiers; `planner.assume.complete` fills in what is unknown.
    streets
        Its street network, or None where it has no streets.
    params
        Numbers of response.

    Returns
    -------
    Response
        With empty tables, and `missing` naming the layers, where there is nothing to answer with.
    """
    columns = ["code", "name", "kind", "tier_min", "geometry"]
    sites = layers["sites"][columns].set_geometry(entry_points(layers))
    units = layers["units"]
    time_s = _unit_times(units, sites, streets, params)
    missing = tuple(
        Missing(figure, tuple(lacking))
        for figure, needed in {
            "circles": ("streets", "units"),
            "sites": ("streets", "units", "sites"),
        }.items()
        if (lacking := layers.missing(*needed))
    )
    judged = _judged(sites, units, time_s)
    return Response(
        params.bands_s,
        judged,
        _times(sites, units, np.where(time_s <= params.horizon_s, time_s, np.inf)),
        _tiers(judged),
        _unit_table(units, judged, time_s),
        _circles(units, streets, params),
        missing,
    )


def _turnout_s(units: gpd.GeoDataFrame, params: ResponseParams) -> pd.Series[float]:
    return units["turnout_s"].fillna(params.turnout_s)


def _unit_times(
    units: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    streets: Streets | None,
    params: ResponseParams,
) -> Floats:
    """Return seconds from each unit to each site (units, sites), inf where it cannot come."""
    time_s = np.full((len(units), len(sites)), np.inf)
    if streets is None or not time_s.size:
        return time_s
    turnout_s = _turnout_s(units, params).to_numpy(float)
    for mode in units["mode"].unique():
        rows = np.flatnonzero(units["mode"] == mode)
        stands, last_m = _nearest_reachable(streets, units.iloc[rows], sites, mode)
        drive_s = travel.matrix(streets, units.iloc[rows], stands, mode=mode)
        time_s[rows] = turnout_s[rows, None] + drive_s + last_m / params.last_metres_ms
    return time_s
    turnout_s = _turnout_s(units, params).to_numpy(float)
    for mode in units["mode"].unique():
        rows = np.flatnonzero(units["mode"] == mode)
        drive_s = travel.matrix(streets, units.iloc[rows], sites, mode=mode)
        last_m = streets.snap(sites.geometry, mode=mode)["offset_m"].to_numpy(float)
        walk_s = np.where(np.isnan(last_m), np.inf, last_m / params.last_metres_ms)
        time_s[rows] = turnout_s[rows, None] + drive_s + walk_s
    return time_s


def _nearest_reachable(
    streets: Streets, units: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, mode: str
) -> tuple[gpd.GeoSeries, Floats]:
    """Return where on a street each site is reached by some unit, and how far it is from there.

    The street nearest a site may be one that no unit can enter, such as a one-way street whose
    beginning lies outside the map; the unit then stops in the next one and walks.
    """
    reached = np.isfinite(travel.nearest(streets, units, mode=mode).time_s)
    arcs = np.isfinite(streets.seconds[mode]) & reached[streets.arc_tail]
    n = len(streets.edge_geometry)
    lines = streets.edge_geometry[arcs[0 : 2 * n : 2] | arcs[1 : 2 * n : 2]]
    places = sites.geometry.to_crs(streets.crs).to_numpy()
    (site, line), apart_m = shapely.STRtree(lines).query_nearest(
        places, max_distance=SITE_LIMIT_M, return_distance=True, all_matches=False
    )
    stands, last_m = places.copy(), np.full(len(places), np.inf)
    along = shapely.line_locate_point(lines[line], places[site])
    stands[site] = shapely.line_interpolate_point(lines[line], along)
    last_m[site] = apart_m
    return gpd.GeoSeries(stands, sites.index, crs=streets.crs), last_m


def _judged(sites: gpd.GeoDataFrame, units: gpd.GeoDataFrame, time_s: Floats) -> gpd.GeoDataFrame:
    """Return each site with its first unit and whether that meets the tier."""
    padded = np.vstack([time_s, np.full((1, len(sites)), np.inf)])
    first = padded.argmin(axis=0)
    first_s = padded[first, np.arange(len(sites))]
    tier_s = sites["tier_min"].to_numpy(float, na_value=np.nan) * 60
    reached = np.isfinite(first_s)
    codes: list[str | None] = [*units["code"], None]
    late_s = np.maximum(first_s - tier_s, 0.0)
    met = pd.array(first_s <= tier_s, dtype="boolean")
    # Without a single unit nobody can tell; with units, a place none can reach is not met.
    met[np.full(len(sites), not len(units)) | np.isnan(tier_s)] = pd.NA
    off_streets = "no unit can get there by street" if len(units) else None
    return sites.assign(
        first_unit=_texts(
            [codes[unit] if here else None for unit, here in zip(first, reached, strict=True)],
            sites,
        ),
        first_s=first_s,
        met=met,
        late_s=late_s,
        reason=_texts([None if here else off_streets for here in reached], sites),
    )


def _texts(values: list[str | None], like: gpd.GeoDataFrame) -> pd.Series[str]:
    return pd.Series(values, index=like.index, dtype="str")


def _times(sites: gpd.GeoDataFrame, units: gpd.GeoDataFrame, time_s: Floats) -> pd.DataFrame:
    """Return every reachable (site, unit) pair, soonest first within each site."""
    unit, site = np.nonzero(np.isfinite(time_s))
    found = time_s[unit, site]
    order = np.lexsort((unit, found, site))
    return pd.DataFrame(
        {
            "site": sites["code"].to_numpy()[site[order]],
            "unit": units["code"].to_numpy()[unit[order]],
            "time_s": found[order],
        }
    ).astype({"site": "str", "unit": "str"})


def _tiers(judged: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return for each tier its sites, those met, and the share."""
    known = judged.dropna(subset=["tier_min", "met"])
    groups = known.groupby(known["tier_min"].astype(int))["met"]
    tiers = pd.DataFrame({"sites": groups.size(), "met": groups.sum().astype(int)})
    return tiers.assign(share=tiers["met"] / tiers["sites"]).reset_index()


def _unit_table(
    units: gpd.GeoDataFrame, judged: gpd.GeoDataFrame, time_s: Floats
) -> gpd.GeoDataFrame:
    """Return the units with what they are first at, judged by their own tier if they have one."""
    first = judged.groupby("first_unit").agg(sites=("code", "size"), slowest_s=("first_s", "max"))
    first = first.reindex(units["code"])
    tier_s = units["tier_min"].to_numpy(float, na_value=np.nan) * 60
    met = pd.array(first["slowest_s"].fillna(0).to_numpy() <= tier_s, dtype="boolean")
    met[np.isnan(tier_s)] = pd.NA
    columns = ["code", "name", "kind", "mode", "tier_min", "geometry"]
    return units[columns].assign(
        sites_first=first["sites"].fillna(0).astype(int).to_numpy(), met=met
    )


def _circles(
    units: gpd.GeoDataFrame, streets: Streets | None, params: ResponseParams
) -> gpd.GeoDataFrame:
    """Return the circles of each mode, merged over its units, turnout taken off the bands."""
    circles: list[gpd.GeoDataFrame] = []
    if streets is not None and len(units):
        modes, turnouts_s = units["mode"].to_numpy(), _turnout_s(units, params).to_numpy()
        for mode, turnout_s in sorted(set(zip(modes.tolist(), turnouts_s.tolist(), strict=True))):
            left_s = {band - turnout_s: band for band in params.bands_s if band > turnout_s}
            if left_s:
                alike = units[(modes == mode) & (turnouts_s == turnout_s)]
                rings = travel.isochrones(
                    streets, alike.geometry, mode=mode, bands_s=tuple(left_s), merge=True
                )
                circles.append(rings.assign(mode=mode, band_s=rings["band_s"].map(left_s)))
    if not circles:
        return gpd.GeoDataFrame({"mode": [], "band_s": []}, geometry=[], crs=WGS84)
    rings = gpd.GeoDataFrame(pd.concat(circles), crs=WGS84)
    return rings.dissolve(["mode", "band_s"], as_index=False)[["mode", "band_s", "geometry"]]
