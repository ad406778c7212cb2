"""The ground of the made-up town: main lines, cells, villages and water."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.sample_plan import Plan, plan_line, plan_of, wobbled

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]

# Lines run on this far beyond the edge of the town before they are cut there.
BEYOND_M = 400.0
# Places nearer than this are one: lines that end on another one meet it.
GRID_M = 0.05


@dataclass(frozen=True, eq=False)
class Ground:
    """The town before anything is built.

    Parameters
    ----------
    plan
        How the plan lies on the ground.
    outline
        The town.
    roads
        Main roads: name, highway, dual, geometry (the middle of both carriageways).
    canals
        Canals: name, width_m, geometry (the middle line).
    sea
        Water north of the town.
    cells
        (k,) polygons that partition the town.
    village
        (k,) letter of the village of each cell.
    use
        (k,) letter of the use of each cell.
    boxes
        (k, 4) west, south, east, north of each cell in the plan.
    margins
        (k, 4) how far from each of these sides the road or canal there may reach, metres.
    units, cell_of_unit
        (m,) the cells cut along the streets of their quarters, and the cell of each; cells are
        unions of units, vertex by vertex.
    """

    plan: Plan
    outline: Any = field(repr=False)
    roads: pd.DataFrame = field(repr=False)
    canals: pd.DataFrame = field(repr=False)
    sea: Any = field(repr=False)
    cells: Geometries = field(repr=False)
    village: npt.NDArray[np.str_] = field(repr=False)
    use: npt.NDArray[np.str_] = field(repr=False)
    boxes: Floats = field(repr=False)
    margins: Floats = field(repr=False)
    units: Geometries = field(repr=False)
    cell_of_unit: Ints = field(repr=False)

    @property
    def canal_water(self) -> Geometries:
        """Return the surface of each canal, cut at the edge of the town."""
        banks = shapely.buffer(
            self.canals["geometry"].to_numpy(), self.canals["width_m"].to_numpy() / 2, quad_segs=3
        )
        return np.asarray(shapely.intersection(banks, self.outline), dtype=object)


def lay_ground(table: Mapping[str, Any]) -> Ground:
    """Return the ground that a table describes.

    Parameters
    ----------
    table
        As `data/profiles/sample.toml`.
    """
    plan = plan_of(table["town"])
    upright, level = table["north_south"], table["west_east"]
    south, north = sorted((level[0]["at"], level[-1]["at"]))
    west, east = upright[0]["at"], upright[-1]["at"]
    rows = [
        {**row, "geometry": wobbled(plan, row, south - BEYOND_M, north + BEYOND_M, north=True)}
        for row in upright
    ] + [
        {**row, "geometry": wobbled(plan, row, west - BEYOND_M, east + BEYOND_M, north=False)}
        for row in level
    ]
    boxes = _boxes(upright, level)
    use = np.array([letter for row in table["cells"]["use"] for letter in row])
    borders = [row["geometry"] for row in rows if row.get("cell", True)]
    whole = _faces(plan, boxes, borders)
    streets = quarter_streets(plan, boxes, whole, use, table["plots"]["street_pitch_m"])
    units = _polygonized([*borders, *(path for paths in streets.values() for path in paths)])
    middle = shapely.point_on_surface(units)
    unit, cell_of_unit = shapely.STRtree(whole).query(middle, predicate="within")
    units = units[unit]
    # Put together out of their units, neighbouring cells have the same vertices on their border.
    cells = np.array(
        [shapely.coverage_union_all(units[cell_of_unit == cell]) for cell in range(len(boxes))],
        dtype=object,
    )
    outline = shapely.coverage_union_all(cells)
    lines = pd.DataFrame(rows)
    shore = wobbled(plan, level[0], west - BEYOND_M, east + BEYOND_M, north=False)
    sea = shapely.buffer(shore, table["town"]["sea_m"], single_sided=True, cap_style="flat")
    return Ground(
        plan=plan,
        outline=outline,
        roads=_within(lines[lines["kind"] == "road"], shapely.buffer(outline, 0.5)),
        canals=_within(lines[lines["kind"] == "canal"], shapely.buffer(outline, 20.0)),
        sea=shapely.difference(sea, outline),
        cells=cells,
        village=np.array([letter for row in table["cells"]["village"] for letter in row]),
        use=use,
        boxes=boxes,
        margins=_margins(upright, level),
        units=units,
        cell_of_unit=cell_of_unit.astype(np.int64),
    )


def _boxes(upright: list[dict[str, Any]], level: list[dict[str, Any]]) -> Floats:
    """Return the plan's box of each cell, row by row from the north-west."""
    us = [row["at"] for row in upright if row.get("cell", True)]
    vs = [row["at"] for row in level if row.get("cell", True)]
    return np.array(
        [(u0, v0, u1, v1) for v1, v0 in pairwise(vs) for u0, u1 in pairwise(us)],
        dtype=float,
    )


def _polygonized(lines: list[Any]) -> Geometries:
    noded = shapely.union_all(np.array(lines, dtype=object), grid_size=GRID_M)
    return np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))), dtype=object)


def _faces(plan: Plan, boxes: Floats, borders: list[Any]) -> Geometries:
    """Return the cell that holds the middle of each box."""
    faces = _polygonized(borders)
    middle = plan.ground((boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2)
    point, face = shapely.STRtree(faces).query(shapely.points(middle), predicate="within")
    return np.asarray(faces[face[np.argsort(point)]], dtype=object)


def quarter_lines(box: Floats, pitch_m: float) -> tuple[Floats, Floats]:
    """Return where the streets of a quarter run, u and v, both sides of its box among them.

    Examples
    --------
    >>> us, vs = quarter_lines(np.array([0.0, 0.0, 500.0, 240.0]), 250.0)
    >>> us.tolist(), vs.tolist()
    ([0.0, 250.0, 500.0], [0.0, 240.0])
    """
    west, south, east, north = box.tolist()
    return (
        np.linspace(west, east, max(1, round((east - west) / pitch_m)) + 1),
        np.linspace(south, north, max(1, round((north - south) / pitch_m)) + 1),
    )


def quarter_streets(
    plan: Plan,
    boxes: Floats,
    cells: Geometries,
    use: npt.NDArray[np.str_],
    pitch_m: Mapping[str, float],
) -> dict[int, list[Any]]:
    """Return the lines of the streets inside each planned quarter, from edge to edge of its cell.

    Parameters
    ----------
    plan
        How the plan lies.
    boxes, cells, use
        (k, 4), (k,), (k,) of the cells.
    pitch_m
        Distance of the streets by use; cells of other uses have none.
    """
    streets: dict[int, list[Any]] = {}
    for cell, letter in enumerate(use.tolist()):
        if letter not in pitch_m:
            continue
        west, south, east, north = boxes[cell].tolist()
        us, vs = quarter_lines(boxes[cell], pitch_m[letter])
        paths = [[(u, south - 90), (u, north + 90)] for u in us[1:-1].tolist()]
        paths += [[(west - 90, v), (east + 90, v)] for v in vs[1:-1].tolist()]
        streets[cell] = [
            part
            for path in paths
            for part in shapely.get_parts(shapely.intersection(plan_line(plan, path), cells[cell]))
            if shapely.length(part) > 40
        ]
    return streets


def _margins(upright: list[dict[str, Any]], level: list[dict[str, Any]]) -> Floats:
    """Return how far the line on each side of each cell reaches into it."""
    reach = []
    for lines in (upright, level):
        # Beside the edge of the town runs a road of its own.
        own = {"edge": 75.0, "road": 18.0}
        reach.append(
            [
                (own.get(row["kind"], row.get("width_m", 0) / 2 + 12) + row["wobble"][0])
                + (8.0 if row.get("dual") else 0.0)
                for row in lines
                if row.get("cell", True)
            ]
        )
    us, vs = reach
    return np.array(
        [(w, s, e, n) for n, s in pairwise(vs) for w, e in pairwise(us)],
        dtype=float,
    )


def _within(lines: pd.DataFrame, area: Any) -> pd.DataFrame:
    cut = shapely.intersection(lines["geometry"].to_numpy(), area)
    return lines.assign(geometry=list(cut)).reset_index(drop=True)
