"""From layers to the arrays of a street network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from gis.errors import ParameterError
from gis.junctions import Rules, arcs_of
from gis.modes import MODES, paces
from gis.noding import node_lines
from gis.noding_meets import END_ON_LINE, LOOSE_END
from gis.snapping import points_in
from gis.streets_input import (
    checked_lines,
    gates_of,
    levels_of,
    metric_crs,
    repair_table,
    shut_nodes,
)
from gis.streets_report import StreetsReport
from gis.ticks import whole_ticks
from gis.turn_costs import prices_of, roundabouts
from gis.turns import Turns, banned_turns

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]

# Streets of OpenStreetMap have codes that begin so: what only crosses there is on purpose.
OSM_CODE = "way/"
# What a column `junction` of the streets calls a roundabout.
ROUNDABOUTS = ("roundabout", "circular")


@dataclass(frozen=True, eq=False)
class Parts:
    """The fields of `gis.streets.Streets`, named and shaped as there."""

    crs: CRS
    xy: Floats
    junction: Ints
    source: Ints
    edge_tail: Ints
    edge_head: Ints
    edge_length_m: Floats
    edge_geometry: Geometries
    edge_street: Geometries
    edge_kind: Geometries
    edge_row: Ints
    arc_tail: Ints
    arc_head: Ints
    arc_edge: Ints
    arc_forward: Flags
    seconds: Mapping[str, Floats]
    report: StreetsReport
    repairs: pd.DataFrame


def parts_of(
    streets: gpd.GeoDataFrame,
    *,
    speeds: Mapping[str, Any] | None,
    barriers: gpd.GeoDataFrame | None,
    restrictions: pd.DataFrame | None,
    tolerance_m: float,
    turn_costs: Mapping[str, Any] | None,
) -> Parts:
    """Return the arrays of a network; parameters and errors are those of `Streets.build`."""
    if not 0 <= tolerance_m < np.inf:
        msg = f"tolerance_m is {tolerance_m}; it must be 0 or more metres"
        raise ParameterError(msg)
    crs = metric_crs(streets)
    lines, codes = checked_lines(streets, crs)
    gates = gates_of(barriers)
    at = None if gates is None else shapely.get_coordinates(points_in(gates, crs))
    noded = node_lines(
        lines,
        breaks=at,
        tolerance_m=tolerance_m,
        level=levels_of(streets),
        own=~np.char.startswith(codes.astype(str), OSM_CODE),
    )
    length_m = shapely.length(noded.geometry)
    pace = {mode: np.column_stack(paces(streets, mode, speeds)) for mode in MODES}
    times = {mode: _times(length_m, pace[mode][noded.line]) for mode in MODES}
    permitted = {mode: np.isfinite(times[mode]) for mode in MODES}
    turns = Turns({}, 0, {})
    if restrictions is not None and len(restrictions):
        turns = banned_turns(
            restrictions,
            tail=noded.tail,
            head=noded.head,
            xy=noded.xy,
            street=codes[noded.line],
            permitted=permitted,
            crs=crs,
        )
    kind = _column(streets, "highway")
    prices = None
    if turn_costs is not None:
        marked = np.isin(_column(streets, "junction").astype(str), ROUNDABOUTS)
        oneway = np.isfinite(pace["car"]).sum(axis=1) == 1
        prices = prices_of(
            turn_costs,
            tail=noded.tail,
            head=noded.head,
            n_nodes=len(noded.xy),
            geometry=noded.geometry,
            kind=kind[noded.line],
            roundabout=roundabouts(lines, oneway, marked)[noded.line],
            permitted=permitted["car"],
        )
    rules = Rules(
        gates=shut_nodes(gates, noded.break_node),
        turns=turns.banned,
        priced=None if prices is None else prices.priced,
        price_s=None if prices is None else prices.seconds,
    )
    arcs = arcs_of(noded.tail, noded.head, len(noded.xy), rules, permitted)
    repaired = Counter(noded.repairs.kind.tolist())
    report = StreetsReport(
        nodes=len(noded.xy),
        edges=len(noded.tail),
        length_m=float(length_m.sum()),
        loose_ends_joined=sum(repaired[kind] for kind in (LOOSE_END, END_ON_LINE)),
        barriers_used=int((noded.break_node >= 0).sum()),
        barriers_off_streets=int((noded.break_node < 0).sum()),
        restrictions_used=turns.used,
        restrictions_ignored=turns.ignored,
        repairs=dict(sorted(repaired.items())),
        turns_priced=0 if prices is None else int(prices.priced.sum()),
    )
    return Parts(
        crs=crs,
        xy=noded.xy[arcs.junction],
        junction=arcs.junction,
        edge_tail=noded.tail,
        edge_head=noded.head,
        edge_length_m=length_m,
        edge_geometry=noded.geometry,
        edge_street=codes[noded.line],
        edge_kind=kind[noded.line],
        edge_row=noded.line,
        arc_tail=arcs.tail,
        arc_head=arcs.head,
        arc_edge=arcs.base >> 1,
        arc_forward=(arcs.base & 1) == 0,
        source=arcs.source,
        seconds={mode: arcs.seconds(mode, times[mode]) for mode in MODES},
        report=report,
        repairs=repair_table(noded.repairs, codes, crs),
    )


def _times(length_m: Floats, pace: Floats) -> Floats:
    """Return the time of each arc, (2 m,), from s/m along and against, (m, 2)."""
    may = np.isfinite(pace)
    seconds = whole_ticks(length_m[:, None] * np.where(may, pace, 0.0))
    return np.where(may, seconds, np.inf).ravel()


def _column(streets: gpd.GeoDataFrame, name: str) -> Geometries:
    """Return a column of the layer, (k,), with None for what is missing."""
    column = np.full(len(streets), None, dtype=object)
    if name in streets:
        values = streets[name].to_numpy(dtype=object)
        known = np.asarray(pd.notna(values))
        column[known] = values[known]
    return column
