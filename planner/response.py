"""1-3-5 minute circles: who can be where in time, what is not, and what depends on whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.layers import Layers
from gis.modes import emergency_rules
from gis.streets import Streets
from planner import response_judged as judging
from planner.entries import entry_points
from planner.grounds import grounds_of, grounds_of_edges
from planner.network import drawn, town_at
from planner.params import ResponseParams
from planner.rates import existing
from planner.response_areas import areas_table
from planner.response_away import away, own_places, unit_table
from planner.response_bands import bands_table
from planner.response_circles import circles, reached_streets
from planner.response_crew import Crew, crew_of
from planner.response_demand import (
    GROUNDS,
    Demand,
    ground_demand,
    household_demand,
    parts_of,
    scopes_of,
    street_demand,
    walked_to,
)
from planner.response_services import services_table
from planner.response_streets import FirstTwo, Pieces, first_two, pieces_of, soonest
from planner.response_times import Posts, posts_of, stops_of, unit_times
from planner.response_week import week_tables
from planner.results import Assumed, Missing
from planner.results_coverage import Coverage
from planner.results_response import Response
from planner.tiers import tiers_at

__all__ = ["reached_streets", "respond"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def respond(
    layers: Layers,
    streets: Streets | None,
    params: ResponseParams,
    *,
    coverage: Coverage | None = None,
    states: Mapping[str, str] | None = None,
) -> Response:
    """Return who can be where in the bands' minutes, and which places are reached too late.

    A unit's time to a place is its turnout, the way from its post to the street, the way along
    the streets, and the last metres on foot from the street to the place.

    Parameters
    ----------
    layers
        The town with units, modes and tiers; `planner.assume.complete` fills in what is unknown.
    streets
        Its street network, as `planner.network.build_network` returns it: by day, with
        its closures; None where it has no streets.
    params
        Numbers of response; `at`, `level` and `emergency` say who comes and how fast.
    coverage
        The coverage of the same town, whose open ground is then counted.
    states
        Unit code to "ready", "busy" or "off"; a unit that is not named goes by its duty hours.

    Returns
    -------
    Response
        With empty tables, and `missing` naming the layers, where there is nothing to answer with.

    Raises
    ------
    ParameterError
        If there is no such level of duty.
    """
    crew = crew_of(layers, params, states)
    sites = _sites(layers, params)
    if streets is None:
        nobody_s = np.full((len(crew.units), len(sites.table)), np.inf)
        return _answer(layers, params, crew, sites, nobody_s, states is not None)
    ground = grounds_of_edges(streets, layers, params.grounds)
    now = town_at(streets, layers, params, minute=params.minute, ground=ground)
    whole = drawn(streets, layers, emergency=params.emergency)
    posts = posts_of(streets, whole, crew, params)
    stops = stops_of(streets, whole, posts, sites.table.geometry, params)
    known: dict[bytes, Floats] = {}
    every_s = unit_times(now, crew, posts, stops, known)
    time_s = np.where(crew.comes[:, None], every_s, np.inf)
    town = _town(layers, now, whole, crew, posts, params, coverage, ground)
    week, week_tiers = week_tables(
        layers,
        streets,
        ground,
        crew,
        sites.tier_s,
        lambda timed: unit_times(timed, crew, posts, stops, known),
        emergency=params.emergency,
        traffic=params.traffic,
    )
    demands = [d for d, _ in town.demands if d.what != "open_m2"] + [_as_demand(sites, streets)]
    return replace(
        _answer(layers, params, crew, sites, time_s, states is not None, now, town),
        circles=circles(crew, posts, now, params),
        areas=areas_table(layers, now, town.pieces, town.soonest_s, params),
        week=week,
        week_tiers=week_tiers,
        services=services_table(layers, streets, whole, town.pieces, demands, params),
    )


@dataclass(frozen=True, eq=False)
class _Sites:
    """The places that exist.

    Parameters
    ----------
    table
        (n,) places, each entered at a point where a street passes.
    tier_s
        (n,) seconds within which each must be reached; NaN where unknown.
    part
        Scope to (n,) the part each lies in, -1 = none.
    """

    table: gpd.GeoDataFrame = field(repr=False)
    tier_s: Floats = field(repr=False)
    part: Mapping[str, Ints] = field(repr=False)


@dataclass(frozen=True, eq=False)
class _Town:
    """What of a town is to be reached, and when that is.

    Parameters
    ----------
    pieces
        The pieces of its streets.
    soonest_s
        (k,) when each piece is first reached, within the horizon.
    demands
        Streets, households and, if known, open ground, each with the first two units there.
    assumed, missing
        Of the households and the ground.
    """

    pieces: Pieces = field(repr=False)
    soonest_s: Floats = field(repr=False)
    demands: list[tuple[Demand, FirstTwo]] = field(repr=False)
    assumed: tuple[Assumed, ...]
    missing: tuple[Missing, ...]


def _sites(layers: Layers, params: ResponseParams) -> _Sites:
    real = existing(layers)
    sites = layers["sites"][real]
    inner = _lonlat(shapely.point_on_surface(np.asarray(sites.geometry.array, dtype=object)))
    ground = grounds_of(layers, inner, params.grounds)
    part = parts_of(layers, inner, ground)
    codes = [*layers["villages"]["code"], None]
    village = [codes[at] for at in part["village"].tolist()]
    tier_min = tiers_at(layers, params.level, params.levels)[real]
    table = sites[["code", "name", "kind", "geometry", "area_class", "weight"]].assign(
        tier_min=pd.Series(tier_min, sites.index).astype("Int64"),
        village=pd.Series(village, sites.index, dtype="str"),
        ground=pd.Series(ground, sites.index, dtype="str"),
    )
    # Places outside every village belong to the town all the same.
    everywhere = {
        "town": np.zeros(len(sites), np.int64),
        "ground": pd.Index(GROUNDS).get_indexer(pd.Index(ground)).astype(np.int64),
    }
    placed = table.set_geometry(entry_points(layers)[real])
    return _Sites(placed, tier_min * 60, {**part, **everywhere})


def _as_demand(sites: _Sites, streets: Streets) -> Demand:
    """Return the places as what is to be reached; those without a shape lie nowhere."""
    xy = _lonlat(sites.table.geometry.to_crs(streets.crs).to_numpy())
    there = np.isfinite(xy).all(axis=1)
    part = {scope: part[there] for scope, part in sites.part.items()}
    return Demand("sites", xy[there], np.ones(int(there.sum())), part)


def _lonlat(points: npt.NDArray[np.object_]) -> Floats:
    """Return x and y of points, (n, 2); NaN where there is none."""
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _town(
    layers: Layers,
    now: Streets,
    whole: Streets,
    crew: Crew,
    posts: Sequence[Posts],
    params: ResponseParams,
    coverage: Coverage | None,
    ground: npt.NDArray[np.object_],
) -> _Town:
    pieces = pieces_of(now)
    reached, both = [], FirstTwo.nobody(len(pieces.edge))
    for mine in posts:
        two = first_two(now, pieces, crew, mine.among(crew), params.bands_s[-1])
        reached.append((mine.mode, two))
        both = both.merged(two)
    homes, assumed, missing = household_demand(layers, now.crs, params.grounds)
    beside = [homes] if homes.amount.sum() else []
    if coverage is None:
        missing = (*missing, Missing("open ground", ("coverage",)))
    else:
        beside.append(ground_demand(layers, coverage, now.crs, params.grounds))
    demands = [(street_demand(layers, pieces, ground, now.crs), both)]
    demands += [(demand, walked_to(demand, pieces, reached, whole, params)) for demand in beside]
    reached_s = soonest(now, pieces, crew, posts, params.horizon_s)
    return _Town(pieces, reached_s, demands, assumed, missing)


def _answer(
    layers: Layers,
    params: ResponseParams,
    crew: Crew,
    sites: _Sites,
    time_s: Floats,
    by_duty: bool,
    now: Streets | None = None,
    town: _Town | None = None,
) -> Response:
    """Return what the times of the units tell; without a network they tell that nobody knows."""
    table = judging.judged(sites.table, crew, time_s, known=now is not None)
    demands = [] if town is None else town.demands
    kept = [(d, two) for d, two in demands if d.what != "open_m2"]
    losses = away(crew, time_s, sites.tier_s, params.bands_s[-1], kept)
    beat, own = own_places(layers, table, sites.part["beat"])
    times = [(demand, two.first_s) for demand, two in demands]
    return Response(
        params.bands_s,
        table,
        judging.times(sites.table, crew, time_s, params.horizon_s),
        judging.tiers(table),
        unit_table(crew, table, time_s, beat, own, losses),
        circles(crew, (), None, params),
        (*_missing(layers), *(() if town is None else town.missing)),
        at=params.at,
        level=params.level,
        emergency=params.emergency,
        by_duty=by_duty,
        network=None if now is None else now.revision,
        promises=judging.promises(table, crew, time_s).iloc[: 0 if now is None else None],
        sensitivity=judging.sensitivity(table, params.delays_s),
        bands=bands_table(params.bands_s, scopes_of(layers), table, sites.part, times),
        assumed=(
            *crew.assumed,
            *_blue_lights(now, params),
            *(() if town is None else town.assumed),
        ),
    )


def _blue_lights(now: Streets | None, params: ResponseParams) -> tuple[Assumed, ...]:
    """Return what is taken for granted of cars in an emergency, where that was asked for."""
    if now is None or not params.emergency:
        return ()
    rules = emergency_rules()
    value = (
        f"cars with blue lights: {rules['limit_share']:.0%} of the limit, "
        f"{rules['delay_share']:.0%} of the delays of traffic"
    )
    open_edges = now.arc_edge[np.isfinite(now.seconds["car"]) & (now.arc_edge >= 0)]
    return (Assumed("streets", "speed_kmh", value, len(np.unique(open_edges))),)


def _missing(layers: Layers) -> tuple[Missing, ...]:
    needs = {"circles": ("streets", "units"), "sites": ("streets", "units", "sites")}
    return tuple(
        Missing(figure, tuple(lacking))
        for figure, needed in needs.items()
        if (lacking := layers.missing(*needed))
    )
