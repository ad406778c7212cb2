"""Layers of the cordon page: open exits, posts to hold, how far the runner gets, the ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely import Polygon

from gis.layers import WGS84, Layers
from maps.overlays import Feature, Overlay, feature, thinned
from maps.overlays_incident import map_names, place
from maps.units import each_row
from maps.words import Words
from planner.cordon_problem import CordonProblem
from planner.results_cordon import Cordon

# How closely the ring follows the junctions that are reached: 0 = every bay, 1 = none.
RING_RATIO = 0.2
# Junctions nearer to each other than this are one for the ring.
SPOT_M = 20.0


@dataclass(frozen=True)
class RunnerReach:
    """How far the runner gets until the ring must hold, EPSG:4326; None where it gets nowhere.

    Parameters
    ----------
    streets
        Streets that it may have taken.
    ring
        The area around the junctions that it may have reached.
    """

    streets: shapely.Geometry | None
    ring: shapely.Geometry | None


def runner_reach(problem: CordonProblem) -> RunnerReach:
    """Return how far the runner gets if nobody but staffed checkpoints stops it."""
    net, streets = problem.seen.net, problem.town.streets
    there = problem.runner_s <= problem.params.horizon_s
    taken = np.unique(net.edge[there[net.tail] & there[net.head]])
    if not len(taken):
        return RunnerReach(None, None)
    lines = shapely.multilinestrings(problem.town.thin_lines[taken])
    spots = np.unique(np.round(net.xy[there] / SPOT_M), axis=0) * SPOT_M
    ring = shapely.concave_hull(shapely.multipoints(spots), ratio=RING_RATIO)
    shapes = gpd.GeoSeries(np.array([lines, ring]), crs=streets.crs).to_crs(WGS84)
    drawn = isinstance(ring, Polygon)  # of two junctions it is a line
    return RunnerReach(shapes.iloc[0], shapes.iloc[1] if drawn else None)


def cordon_overlays(
    layers: Layers,
    cordon: Cordon,
    reach: RunnerReach | None,
    say: Words,
    names: Sequence[Overlay] | None = None,
) -> list[Overlay]:
    """Return the layers of the cordon page, lowest first; `names` from `map_names`."""
    return [
        *_reached(reach),
        *(map_names(layers) if names is None else names),
        posts(cordon),
        open_exits(cordon, say),
        place(cordon.lon, cordon.lat, say("Incident")),
    ]


def exit_key(row: Any) -> str:
    """Return what the page calls an open exit."""
    return f"exit:{row.node}"


def exit_name(row: Any, say: Words) -> str:
    """Return what an open exit is called: its junction, else its street."""
    return str(row.junction or row.street or say("unnamed street"))


def post_key(row: Any) -> str:
    """Return what the page calls a post."""
    return f"post:{row.kind}:{row.code}:{row.node}"


def posts(cordon: Cordon) -> Overlay:
    """Return the posts, numbered in the order in which they stand."""
    made = [
        feature(
            shapely.Point(row.lon, row.lat), "post", key=post_key(row), title=row.name, tag=str(n)
        )
        for n, row in enumerate(each_row(cordon.holders), 1)
    ]
    return Overlay("posts", made)


def open_exits(cordon: Cordon, say: Words) -> Overlay:
    """Return the exits that stay open, numbered, the heaviest on top."""
    made = [
        feature(
            shapely.Point(row.lon, row.lat),
            "exit",
            key=exit_key(row),
            title=exit_name(row, say),
            tag=str(n),
        )
        for n, row in enumerate(each_row(cordon.open_exits), 1)
    ]
    return Overlay("exits", made[::-1])


def _reached(reach: RunnerReach | None) -> list[Overlay]:
    """Return the streets that the runner may have taken, pale, and the ring."""
    streets: list[Feature] = []
    ring: list[Feature] = []
    if reach is not None and reach.streets is not None:
        streets = [feature(shape, "reach") for shape in thinned([reach.streets])]
    if reach is not None and reach.ring is not None:
        ring = [feature(shape, "ring") for shape in thinned([reach.ring])]
    return [Overlay("reach", streets), Overlay("ring", ring)]
