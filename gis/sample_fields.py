"""The fields: tracks, fish ponds and farm buildings."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from gis.sample_drawn import Drawn
from gis.sample_plan import Plan, plan_box, plan_line, rectangles

# What the name of a field of ponds ends with.
POND_NAME = "鱼塘"
# West to east and south to north, from pond to pond, and the dike between two.
POND_M = (115.0, 62.0)
DIKE_M = 9.0


def draw_fields(
    plan: Plan,
    box: tuple[float, float, float, float],
    cell: Any,
    margins: tuple[float, float, float, float],
    name: str,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> Drawn:
    """Return the tracks, ponds and farm buildings of one cell.

    Parameters
    ----------
    plan
        How the plan lies.
    box
        West, south, east, north of the cell in the plan.
    cell
        The cell on the ground.
    margins
        How far from each side of the box nothing is built.
    name
        Name of the village.
    table
        A part of `open_ground` of `data/profiles/sample.toml`.
    rng
        Source of chance.
    """
    west, south, east, north = box
    us = _spaced(west, east, table["track_pitch_m"], rng)
    vs = _spaced(south, north, table["track_pitch_m"], rng)
    drawn = Drawn()
    lines = [[(u, south - 90), (u, north + 90)] for u in us]
    lines += [[(west - 90, v), (east + 90, v)] for v in vs]
    for points in lines:
        path = shapely.intersection(plan_line(plan, points), cell)
        drawn.streets.extend(
            {"geometry": part, "highway": "track", "name": None}
            for part in shapely.get_parts(path)
            if shapely.length(part) > 40
        )
    for u0, u1 in zip([west + margins[0], *us], [*us, east - margins[2]], strict=True):
        for v0, v1 in zip([south + margins[1], *vs], [*vs, north - margins[3]], strict=True):
            field = (u0 + 12, v0 + 12, u1 - 12, v1 - 12)
            if min(field[2] - field[0], field[3] - field[1]) < 60:
                continue
            chance = rng.random()
            if chance < table["farm_share"]:
                _farm(drawn, plan, field, name, rng)
            elif chance < table["farm_share"] + table["pond_share"]:
                _ponds(drawn, plan, field, name)
    return drawn


def _spaced(low: float, high: float, pitch_m: float, rng: np.random.Generator) -> list[float]:
    count = max(1, round((high - low) / pitch_m))
    step = (high - low) / count
    return [low + step * (k + float(rng.uniform(-0.12, 0.12))) for k in range(1, count)]


def _farm(
    drawn: Drawn, plan: Plan, field: tuple[float, ...], name: str, rng: np.random.Generator
) -> None:
    west, south, east, _ = field
    count = int(rng.integers(2, 7))
    width, depth = float(rng.uniform(36, min(70.0, east - west - 4))), 8.5
    us = np.full(count, west + 4 + width / 2)
    vs = south + 10 + 12.0 * np.arange(count)
    ones = np.ones(count)
    shapes = rectangles(plan.ground(us, vs), width * ones, depth * ones, plan.turn_at(us, vs))
    top = field[3] - depth
    drawn.buildings.extend(
        {
            "geometry": shape,
            "kind": "farm",
            "use": "farm",
            "storeys": 1,
            "row": None,
            "place": name,
        }
        for shape, v in zip(shapes, vs.tolist(), strict=True)
        if v < top
    )


def _ponds(drawn: Drawn, plan: Plan, field: tuple[float, ...], name: str) -> None:
    """Add a field of fish ponds with dikes between them."""
    west, south, east, north = field
    us = np.linspace(west, east, max(1, round((east - west) / POND_M[0])) + 1)
    vs = np.linspace(south, north, max(1, round((north - south) / POND_M[1])) + 1)
    dike = DIKE_M / 2
    ponds = [
        plan_box(plan, (u0 + dike, v0 + dike, u1 - dike, v1 - dike))
        for u0, u1 in pairwise(us.tolist())
        for v0, v1 in pairwise(vs.tolist())
    ]
    drawn.water.append({"name": f"{name}{POND_NAME}", "geometry": shapely.multipolygons(ponds)})
