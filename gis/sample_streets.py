"""The streets of the made-up town: every line cut where it meets another, in one network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.ops import substring

from gis.sample_drawn import Rows
from gis.sample_ground import GRID_M

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]

# Ends that stand over a crossing by less than this are cut off: a street that ends at a dual
# carriageway is drawn to its middle.
STUB_M = 11.0
# Crossings nearer to one another are one.
JOIN_M = 0.8
# Streets that a drive may lead to.
THROUGH = ("primary", "secondary", "tertiary", "unclassified")


def main_roads(roads: pd.DataFrame, gap_m: float) -> Rows:
    """Return the carriageways of the main roads.

    Parameters
    ----------
    roads
        name, highway, dual, geometry.
    gap_m
        Between the middles of the two carriageways of a dual one; traffic keeps right.
    """
    rows: Rows = []
    for road in roads.to_dict("records"):
        row = {"highway": road["highway"], "name": road["name"]}
        if road["dual"] is True:
            right = shapely.offset_curve(road["geometry"], -gap_m / 2)
            left = shapely.reverse(shapely.offset_curve(road["geometry"], gap_m / 2))
            rows += [{**row, "geometry": side, "oneway": "yes"} for side in (right, left)]
        else:
            rows.append({**row, "geometry": road["geometry"]})
    return rows


def lay_streets(drawn: Rows, water: Any, bridged: Any) -> pd.DataFrame:
    """Return the streets from crossing to crossing, all connected.

    Parameters
    ----------
    drawn
        geometry, highway, name, and perhaps oneway and drive: a drive is cut where it first meets
        a street that is none, and left out if it meets none.
    water
        Where a street is a bridge.
    bridged
        Kinds of street that cross water; the others end there.

    Returns
    -------
    DataFrame
        geometry (metres), highway, name, oneway, bridge.
    """
    columns = ["geometry", "highway", "name", "oneway", "drive"]
    rows = _drives_cut(pd.DataFrame(drawn).reindex(columns=columns))
    pieces = _noded(rows)
    wet = _bridges(pieces, water)
    pieces = wet[~wet["bridge"] | wet["highway"].isin(bridged)].reset_index(drop=True)
    pieces = _without_stubs(pieces)
    pieces = pieces.assign(geometry=list(_ends_joined(pieces["geometry"].to_numpy())))
    whole = _mainland(_without_stubs(pieces))
    return whole.assign(geometry=list(_ends_drawn_in(whole["geometry"].to_numpy())))


def _drives_cut(rows: pd.DataFrame) -> pd.DataFrame:
    kinds = rows["highway"].isin(THROUGH)
    through = shapely.union_all(rows.loc[kinds, "geometry"].to_numpy())
    shapely.prepare(through)
    shapes: list[Any] = []
    for path, drive in zip(rows["geometry"], rows["drive"], strict=True):
        if drive is not True:
            shapes.append(path)
            continue
        met = shapely.get_coordinates(shapely.intersection(path, through))
        far_m = shapely.line_locate_point(path, shapely.points(met)) if len(met) else np.zeros(0)
        shapes.append(substring(path, 0, float(far_m.min()) + 0.6) if len(met) else None)
    kept = pd.Series([shape is not None for shape in shapes], index=rows.index)
    return rows.assign(geometry=shapes).loc[kept]


def _noded(rows: pd.DataFrame) -> pd.DataFrame:
    lines = rows["geometry"].to_numpy()
    parts = shapely.get_parts(shapely.union_all(lines, grid_size=GRID_M))
    middle = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    _, source = shapely.STRtree(lines).query_nearest(middle, all_matches=False)
    kept = rows.iloc[source].assign(geometry=list(parts)).reset_index(drop=True)
    # Noding may turn a piece round; a one-way street must run as it was drawn.
    shapes = np.array(parts, dtype=object)
    begin, end = (
        shapely.line_locate_point(lines[source], shapely.get_point(shapes, at)) for at in (0, -1)
    )
    turned = (kept["oneway"] == "yes").to_numpy() & (begin > end)
    shapes[turned] = shapely.reverse(shapes[turned])
    return pd.DataFrame(kept.assign(geometry=shapes)[["geometry", "highway", "name", "oneway"]])


def _bridges(pieces: pd.DataFrame, water: Any) -> pd.DataFrame:
    """Return the pieces cut at the banks, with those over water marked."""
    lines = pieces["geometry"].to_numpy()
    shapely.prepare(water)
    over = np.flatnonzero(shapely.intersects(water, lines))
    dry = np.setdiff1d(np.arange(len(lines)), over)
    parts = [pieces.iloc[dry].assign(bridge=False)]
    for bridge, cut in ((False, shapely.difference), (True, shapely.intersection)):
        cuts = cut(lines[over], water, grid_size=GRID_M)
        shapes, owner = shapely.get_parts(cuts, return_index=True)
        flat = (shapely.get_dimensions(shapes) == 1) & ~shapely.is_empty(shapes)
        parts.append(
            pieces.iloc[over[owner[flat]]].assign(geometry=list(shapes[flat]), bridge=bridge)
        )
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def _ends_joined(lines: Geometries) -> Geometries:
    """Return the lines with ends that are nearly at one place moved to the busiest of them."""
    tail, head, places = end_nodes(lines)
    near = cKDTree(places).query_pairs(JOIN_M, output_type="ndarray")
    links = coo_array((np.ones(len(near)), near.T), shape=(len(places), len(places)))
    _, group = connected_components(links, directed=False)
    degree = np.bincount(np.concatenate([tail, head]), minlength=len(places))
    order = np.lexsort((-degree, group))
    _, first = np.unique(group[order], return_index=True)
    one = places[order[first]][group]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    begin = np.searchsorted(line, np.arange(len(lines)))
    xy[begin] = one[tail]
    xy[np.append(begin[1:], len(xy)) - 1] = one[head]
    return np.asarray(shapely.linestrings(xy, indices=line), dtype=object)


def _ends_drawn_in(lines: Geometries) -> Geometries:
    """Return the lines with a vertex where another one ends on them, as rounding left it."""
    tail, head, places = end_nodes(lines)
    degree = np.bincount(np.concatenate([tail, head]), minlength=len(places))
    loose = np.flatnonzero(degree == 1)
    ends = np.asarray(shapely.points(places[loose]), dtype=object)
    end, line = shapely.STRtree(lines).query(ends, predicate="dwithin", distance=JOIN_M)
    own = (tail[line] == loose[end]) | (head[line] == loose[end])
    drawn = lines.copy()
    for at, other in zip(end[~own].tolist(), line[~own].tolist(), strict=True):
        xy = shapely.get_coordinates(drawn[other])
        vertices = np.asarray(shapely.points(xy), dtype=object)
        along = shapely.line_locate_point(drawn[other], vertices)
        here = shapely.line_locate_point(drawn[other], ends[at])
        xy = np.insert(xy, np.searchsorted(along, here), places[loose[at]], axis=0)
        drawn[other] = shapely.linestrings(xy)
    return drawn


def end_nodes(lines: Geometries) -> tuple[Ints, Ints, Floats]:
    """Return the node at the beginning and the end of each line, and where the nodes lie.

    Parameters
    ----------
    lines
        (n,) LineStrings; ends with equal coordinates are one node.
    """
    first = shapely.get_coordinates(shapely.get_point(lines, 0))
    last = shapely.get_coordinates(shapely.get_point(lines, -1))
    places, node = np.unique(np.vstack([first, last]), axis=0, return_inverse=True)
    node = np.asarray(node, np.int64).ravel()
    return node[: len(lines)], node[len(lines) :], places


def _without_stubs(pieces: pd.DataFrame) -> pd.DataFrame:
    lines = pieces["geometry"].to_numpy()
    tail, head, places = end_nodes(lines)
    degree = np.bincount(np.concatenate([tail, head]), minlength=len(places))
    loose = (degree[tail] == 1) | (degree[head] == 1)
    stub = (loose & (shapely.length(lines) < STUB_M)) | (tail == head)
    return pieces.iloc[np.flatnonzero(~stub)].reset_index(drop=True)


def _mainland(pieces: pd.DataFrame) -> pd.DataFrame:
    lines = pieces["geometry"].to_numpy()
    tail, head, places = end_nodes(lines)
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(len(places), len(places)))
    _, part = connected_components(links, directed=False)
    length = np.bincount(part[tail], shapely.length(lines))
    return pieces.iloc[np.flatnonzero(part[tail] == length.argmax())].reset_index(drop=True)


def street_columns(
    streets: pd.DataFrame, table: Mapping[str, Any], rng: np.random.Generator
) -> pd.DataFrame:
    """Return the streets with every column of the layer but the place.

    Parameters
    ----------
    streets
        As `lay_streets` returns them.
    table
        `streets` of `data/profiles/sample.toml`.
    rng
        Source of chance.
    """
    highway = streets["highway"]
    walk_only = highway == "footway"
    share = highway.map(table["lit_share"]).to_numpy(float)
    return streets.assign(
        code=[f"S{number:05d}" for number in range(1, len(streets) + 1)],
        oneway=streets["oneway"].where(streets["oneway"].notna(), "no"),
        oneway_bicycle=streets["oneway"],
        foot="yes",
        bicycle=np.where(walk_only, "no", "yes"),
        car=np.where(walk_only, "no", "yes"),
        speed_kmh=highway.map(table["speed_kmh"]).astype("float64"),
        lit=rng.random(len(streets)) < share,
        bridge=streets["bridge"],
        tunnel=False,
        level=np.where(streets["bridge"], 1, 0),
    )
