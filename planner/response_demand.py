"""What must be reached: street length, households, open ground, each with the places it lies in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from scipy.spatial import KDTree

from gis import hexes
from gis.layers import WGS84, Layers
from gis.profiles import load
from gis.streets import Streets
from planner.grids_households import find_households
from planner.grounds import grounds_of
from planner.params import ResponseParams
from planner.response_kernels import first_two_beside
from planner.response_streets import FirstTwo, Pieces
from planner.response_times import LAST_LIMIT_M
from planner.results import Assumed, Missing, names_of
from planner.results_coverage import Coverage

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

GROUNDS = ("town", "fringe", "countryside")


@dataclass(frozen=True, eq=False)
class Scope:
    """One way to divide a town.

    Parameters
    ----------
    name
        "town", "village", "grid", "beat" or "ground".
    code, title
        Code and name of each part, (parts,).
    """

    name: str
    code: Sequence[str]
    title: Sequence[str]


@dataclass(frozen=True, eq=False)
class Demand:
    """One thing that is to be reached, in many places.

    Parameters
    ----------
    what
        "street_m", "households" or "open_m2".
    xy
        (k, 2) places, in the CRS of the network.
    amount
        (k,) how much of it is there.
    part
        Scope to (k,) the part that each place lies in, -1 = none.
    """

    what: str
    xy: Floats = field(repr=False)
    amount: Floats = field(repr=False)
    part: Mapping[str, Ints] = field(repr=False)


def scopes_of(layers: Layers) -> tuple[Scope, ...]:
    """Return the ways to divide a town: as a whole, by village, grid, beat and ground."""
    divided = [("village", layers["villages"]), ("grid", layers["grids"]), ("beat", beats(layers))]
    return (
        Scope("town", [""], [layers.town]),
        *(Scope(name, frame["code"].tolist(), names_of(frame).tolist()) for name, frame in divided),
        Scope("ground", GROUNDS, GROUNDS),
    )


def beats(layers: Layers) -> gpd.GeoDataFrame:
    """Return the beats of a town: its areas of that kind."""
    areas = layers["areas"]
    return areas[areas["kind"].eq("beat").fillna(False).astype(bool)]


def parts_of(
    layers: Layers, lonlat: Floats, ground: npt.NDArray[np.object_] | None = None
) -> dict[str, Ints]:
    """Return which part of each scope some places lie in, (k,) each; -1 = none.

    Of parts that overlap the first one counts.

    Parameters
    ----------
    layers
        The town.
    lonlat
        (k, 2) degrees.
    ground
        (k,) the ground they lie on, if it is known.
    """
    tree = shapely.STRtree(np.asarray(shapely.points(lonlat), dtype=object))
    village, grid, beat = (
        _part_of(tree, frame) for frame in (layers["villages"], layers["grids"], beats(layers))
    )
    ground = grounds_of(layers, lonlat) if ground is None else ground
    number = pd.Index(GROUNDS).get_indexer(pd.Index(ground))
    return {
        "town": np.where(village >= 0, 0, -1),
        "village": village,
        "grid": grid,
        "beat": beat,
        "ground": np.where(village >= 0, number, -1).astype(np.int64),
    }


def _part_of(tree: shapely.STRtree, frame: gpd.GeoDataFrame) -> Ints:
    """Return the position of the first shape that each point of a tree lies in, -1 = none."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    shape, point = tree.query(shapes, predicate="intersects")
    found = np.full(len(tree.geometries), -1, np.int64)
    order = np.argsort(-shape, kind="stable")
    found[point[order]] = shape[order]
    return found


def street_demand(
    layers: Layers, pieces: Pieces, edge_ground: npt.NDArray[np.object_], crs: CRS
) -> Demand:
    """Return the streets as what is to be reached, in metres.

    Parameters
    ----------
    layers
        The town.
    pieces
        Its streets.
    edge_ground
        (m,) ground of each edge.
    crs
        CRS of the network.
    """
    lonlat = moved(pieces.xy, crs, WGS84)
    parts = parts_of(layers, lonlat, edge_ground[pieces.edge])
    return Demand("street_m", pieces.xy, pieces.length_m, parts)


def household_demand(
    layers: Layers, crs: CRS, grounds: Mapping[str, Any] | None = None
) -> tuple[Demand, tuple[Assumed, ...], tuple[Missing, ...]]:
    """Return the households as what is to be reached, what was assumed of them, what is lacking.

    They are where `planner.grids_households` finds them: by the households of buildings, else
    those of the village spread over its residential buildings or addresses.

    Parameters
    ----------
    layers
        The town.
    crs
        CRS of the network.
    grounds
        Table of grounds (`planner.grounds.grounds_of`).
    """
    found = find_households(layers, layers["villages"], crs, load("grids")["households"])
    lonlat = shapely.get_coordinates(found.places)
    xy = moved(lonlat, WGS84, crs)
    lost = sum(basis in ("area", "unknown") for basis in found.basis)
    missing = (Missing("households", ("buildings or addresses",)),) if lost else ()
    assumed = tuple(a for a in found.assumed if a.value != "spread over the area")
    parts = parts_of(layers, lonlat, grounds_of(layers, lonlat, grounds))
    demand = Demand("households", xy, found.count.astype(float), parts)
    return demand, assumed, missing


def ground_demand(
    layers: Layers, coverage: Coverage, crs: CRS, grounds: Mapping[str, Any] | None = None
) -> Demand:
    """Return the open ground of the cells of a coverage as what is to be reached, in m2."""
    cells = coverage.cells[coverage.cells["open_m2"] > 0]
    lon, lat = hexes.centres(cells.index.to_numpy(np.uint64))
    lonlat = np.column_stack([lon, lat])
    amount = cells["open_m2"].to_numpy(float)
    parts = parts_of(layers, lonlat, grounds_of(layers, lonlat, grounds))
    return Demand("open_m2", moved(lonlat, WGS84, crs), amount, parts)


def walked_to(
    demand: Demand,
    pieces: Pieces,
    reached: Sequence[tuple[str, FirstTwo]],
    drawn: Streets,
    params: ResponseParams,
) -> FirstTwo:
    """Return the first two units at places beside the streets.

    A unit stops where it is soonest at the place: in the place's own piece of street, the nearest
    on the map that its mode can use, or in another, from where the way on foot is long.

    Parameters
    ----------
    demand
        The places.
    pieces
        The streets.
    reached
        A mode, with the first two units of that mode at each piece.
    drawn
        The network with nothing closed.
    params
        Numbers of response.
    """
    two = FirstTwo.nobody(len(demand.xy))
    for mode, there in reached:
        own = own_pieces(demand.xy, pieces, drawn.mainland(mode).usable)
        at = np.flatnonzero(np.isfinite(there.first_s))
        walked = first_two_beside(
            demand.xy,
            own,
            pieces.xy[at],
            at,
            there.first_s[at],
            there.second_s[at],
            there.owner[at],
            *params.last_ms(mode),
            LAST_LIMIT_M,
        )
        two = two.merged(FirstTwo(*walked))
    return two


def own_pieces(xy: Floats, pieces: Pieces, usable: Bools) -> Ints:
    """Return the nearest piece of some edges to each place, -1 = too far, (k,).

    Parameters
    ----------
    xy
        (k, 2) places, in the CRS of the network.
    pieces
        The streets.
    usable
        (m,) which edges count.
    """
    rows = np.flatnonzero(usable[pieces.edge])
    if not len(rows) or not len(xy):
        return np.full(len(xy), -1, np.int64)
    _, nearest = KDTree(pieces.xy[rows]).query(xy, distance_upper_bound=LAST_LIMIT_M)
    return np.append(rows, -1)[nearest]


def moved(xy: Floats, source: Any, target: Any) -> Floats:
    """Return places in another CRS, x and y or longitude and latitude, (k, 2).

    Examples
    --------
    >>> moved(np.array([[120.0, 30.0]]), 4326, 4549).round(1).tolist()
    [[500000.0, 3320113.4]]
    """
    x, y = Transformer.from_crs(source, target, always_xy=True).transform(*xy.T)
    return np.column_stack([x, y])
