"""A street network as networkx sees it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import shapely
from shapely import LineString

from gis.modes import MODES

if TYPE_CHECKING:
    from gis.streets import Streets


def graph_of(streets: Streets) -> nx.MultiDiGraph[int]:
    """Return the network as a graph: nodes x, y; one edge for each arc, keyed by it.

    Edges carry length_m, foot_s, ebike_s, car_s (absent = not permitted), geometry in the
    direction of travel, street, `edge`, its number in the arrays over edges, and `forward`,
    whether it is travelled as drawn. A connector has no length: edge -1, street None.

    Parameters
    ----------
    streets
        The network.
    """
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs=streets.crs)
    with _without_collection():
        _fill(graph, streets)
    return graph


@contextmanager
def _without_collection() -> Iterator[None]:
    """Pause the garbage collector, which would look through a growing graph again and again."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _fill(graph: nx.MultiDiGraph[int], streets: Streets) -> None:
    graph.add_nodes_from(
        (node, {"x": x, "y": y}) for node, (x, y) in enumerate(streets.xy.tolist())
    )
    times = {f"{mode}_s": streets.seconds[mode].tolist() for mode in MODES}
    # Connectors, edge -1, find what they are at the end.
    length_m, street = [*streets.edge_length_m.tolist(), 0.0], [*streets.edge_street, None]
    rows = zip(
        streets.arc_tail.tolist(),
        streets.arc_head.tolist(),
        streets.arc_edge.tolist(),
        streets.arc_forward.tolist(),
        _lines(streets),
        strict=True,
    )
    for arc, (tail, head, edge, forward, line) in enumerate(rows):
        own = {name: row[arc] for name, row in times.items() if row[arc] < float("inf")}
        if not own:
            continue
        graph.add_edge(
            tail,
            head,
            key=arc,
            edge=edge,
            forward=forward,
            length_m=length_m[edge],
            geometry=line,
            street=street[edge],
            **own,
        )


def _lines(streets: Streets) -> list[LineString]:
    """Return the geometry of each arc in the direction of travel, (a,)."""
    edge, forward = streets.arc_edge, streets.arc_forward
    drawn = np.empty(len(edge), dtype=object)
    along, against = (edge >= 0) & forward, (edge >= 0) & ~forward
    backward = shapely.reverse(streets.edge_geometry)
    drawn[along], drawn[against] = streets.edge_geometry[edge[along]], backward[edge[against]]
    between = np.flatnonzero(edge < 0)
    ends = np.column_stack([streets.arc_tail[between], streets.arc_head[between]])
    drawn[between] = shapely.linestrings(streets.xy[ends])
    return drawn.tolist()
