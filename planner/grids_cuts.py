"""Straight lines that cut large blocks between their buildings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]

# A cut runs this far over both ends, so that noding finds it to cross the border of the block.
OVER_M = 0.01


def cut_lines(
    block: shapely.Polygon,
    places: Floats,
    households: Ints,
    buildings: shapely.STRtree,
    *,
    max_area_m2: float,
    max_households: float,
    table: Mapping[str, Any],
) -> list[shapely.Geometry]:
    """Return straight lines that cut a block until its pieces are small enough.

    Each piece is cut across its longer side (or, if that is better, its shorter one) where the
    cut is short, runs through few buildings, and halves the piece. A building with more
    households than allowed is one piece's, whatever it holds.

    Parameters
    ----------
    block
        Polygon, metres.
    places
        (n, 2) where households live in it, metres.
    households
        (n,) how many.
    buildings
        Tree of footprints, metres.
    max_area_m2, max_households
        What a piece may have.
    table
        `cut` of `data/profiles/grids.toml`.
    """
    lines: list[shapely.Geometry] = []
    waiting = [(block, places, households)]
    while waiting:
        piece, at, held = waiting.pop()
        crowded = held.sum() > max_households and len(held) > 1
        if piece.area <= max_area_m2 and not crowded:
            continue
        line = _best_cut(piece, at, held, buildings, crowded, table)
        if line is None:
            continue
        parts = _parts(piece, line)
        if len(parts) < 2:
            continue
        lines.append(line)
        tree = shapely.STRtree(parts)
        owner = np.full(len(at), -1)
        point, part = tree.query(shapely.points(at), predicate="intersects")
        owner[point] = part
        waiting += [
            (part, at[owner == k], held[owner == k]) for k, part in enumerate(parts.tolist())
        ]
    return lines


def _parts(piece: shapely.Polygon, line: shapely.Geometry) -> Shapes:
    """Return what a line cuts a polygon into."""
    edges = shapely.get_parts(shapely.union_all([piece.boundary, line]))
    parts = shapely.get_parts(shapely.polygonize(edges))
    return parts[shapely.contains(piece, shapely.point_on_surface(parts))]


def _best_cut(
    piece: shapely.Polygon,
    at: Floats,
    held: Ints,
    buildings: shapely.STRtree,
    crowded: bool,
    table: Mapping[str, Any],
) -> shapely.Geometry | None:
    """Return the cheapest of the cuts across both sides of a piece."""
    lines, halves = _cuts(piece, at, held, crowded, table)
    inside = shapely.intersection(lines, piece)
    length_m = shapely.length(inside)
    through_m = np.zeros(len(lines))
    line, building = buildings.query(inside, predicate="intersects")
    walls = shapely.intersection(inside[line], buildings.geometries[building])
    np.add.at(through_m, line, shapely.length(walls))
    side_m = np.sqrt(piece.area)
    cost = (length_m + table["through_buildings"] * through_m) / side_m
    cost += table["off_half"] * 2 * np.abs(halves - 0.5)
    cost[(length_m <= 0) | (halves <= 0) | (halves >= 1)] = np.inf
    best = int(np.argmin(cost))
    if not np.isfinite(cost[best]):
        return None
    return _longer(inside[best])


def _cuts(
    piece: shapely.Polygon, at: Floats, held: Ints, crowded: bool, table: Mapping[str, Any]
) -> tuple[Shapes, Floats]:
    """Return lines across a piece, (n,), and the share of it on one side of each, (n,)."""
    box = shapely.get_coordinates(shapely.oriented_envelope(piece))
    shares = np.linspace(table["from_share"], table["to_share"], table["places"])
    lines: list[npt.NDArray[Any]] = []
    halves: list[Floats] = []
    for corner, along, across in ((box[0], box[1], box[3]), (box[0], box[3], box[1])):
        length = np.hypot(*(along - corner))
        if length == 0:
            continue
        feet = corner + shares[:, None] * (along - corner)
        ends = np.stack([feet, feet + (across - corner)], axis=1)
        lines.append(np.asarray(shapely.linestrings(ends), dtype=object))
        if crowded:
            where = (at - corner) @ (along - corner) / length**2
            before = (where[None, :] <= shares[:, None]) @ held
            halves.append(before / held.sum())
        else:
            halves.append(shares)
    return np.concatenate(lines), np.concatenate(halves)


def _longer(cut: shapely.Geometry) -> shapely.Geometry:
    """Return a cut with each of its parts a little longer at both ends."""
    parts = shapely.get_parts(cut)
    parts = parts[shapely.get_dimensions(parts) == 1]
    ends = shapely.get_coordinates(parts).reshape(len(parts), -1, 2)[:, [0, -1]]
    way = ends[:, 1] - ends[:, 0]
    way *= OVER_M / np.hypot(way[:, 0], way[:, 1])[:, None]
    return shapely.MultiLineString(np.stack([ends[:, 0] - way, ends[:, 1] + way], axis=1).tolist())
