"""The planned quarters: estates, the centre and the industrial park, plot by plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis.sample_drawn import Drawn
from gis.sample_ground import quarter_lines
from gis.sample_plan import Plan, angled, plan_box, plan_line, rectangles

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]

# A way runs on so far over the line it ends at.
OVER_M = 0.6
STREET_MARGIN_M = 9.0
# A plot that is narrower stays empty.
LEAST_SIDE_M = 90.0
# So deep are the shops with their backs to an estate, on this share of its sides.
SHOP_M = 8.4
SHOPS_SHARE = 0.6


def draw_quarter(
    plan: Plan,
    box: Box,
    paths: list[Any],
    margins: Box,
    supply: Mapping[str, Iterator[str]],
    pitch_m: float,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> Drawn:
    """Return the streets and plots of one cell.

    Parameters
    ----------
    plan
        How the plan lies.
    box
        West, south, east, north of the cell in the plan.
    paths
        The lines of its streets on the ground.
    margins
        How far from each side of the box nothing is built, for the sake of roads and canals.
    supply
        `use` of its plots as they come, and names for each `plot` and `street`.
    pitch_m
        Distance of its streets, about.
    table
        `data/profiles/sample.toml`.
    rng
        Source of chance.
    """
    us, vs = quarter_lines(np.array(box), pitch_m)
    drawn = Drawn()
    for path in paths:
        name = next(supply["street"])
        drawn.streets.append({"geometry": path, "highway": "unclassified", "name": name})
    for v0, v1 in zip(vs[:-1].tolist(), vs[1:].tolist(), strict=True):
        for u0, u1 in zip(us[:-1].tolist(), us[1:].tolist(), strict=True):
            plot = (u0, v0, u1, v1)
            sides = zip(plot, box, margins, strict=True)
            w, s, e, n = (margin if a == b else STREET_MARGIN_M for a, b, margin in sides)
            inner = (u0 + w, v0 + s, u1 - e, v1 - n)
            if min(inner[2] - inner[0], inner[3] - inner[1]) > LEAST_SIDE_M:
                use, name = next(supply["use"]), next(supply["plot"])
                _add_plot(drawn, plan, plot, inner, use, name, table, rng)
    return drawn


def _add_plot(
    drawn: Drawn,
    plan: Plan,
    box: Box,
    inner: Box,
    use: str,
    name: str,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> None:
    drawn.plots.append({"geometry": plan_box(plan, inner), "use": use, "name": name})
    start = len(drawn.buildings)
    if use == "estate":
        _estate(drawn, plan, inner, box, name, table["plots"]["slab_share"], rng)
    elif use == "industry":
        _sheds(drawn, plan, inner, box, name, rng)
    else:
        _standing(drawn, plan, inner, box, use, name, table["standing"][use])
    yard = shapely.buffer(drawn.plots[-1]["geometry"], 0.5)
    kept = [row for row in drawn.buildings[start:] if shapely.covers(yard, row["geometry"])]
    drawn.buildings[start:] = kept


def _gate(drawn: Drawn, plan: Plan, box: Box, inner: Box, u: float, kind: str, *, up: bool) -> None:
    """Add a drive from the street on the south (or north) side, with a gate at the plot's edge."""
    street, edge = (box[3], inner[3]) if up else (box[1], inner[1])
    sign = 1 if up else -1
    # The main road may lie some way off the straight line of the plan.
    path = plan_line(plan, [(u, edge - sign * 16), (u, street + sign * 46)])
    drawn.streets.append({"geometry": path, "highway": "service", "name": None, "drive": True})
    car = "yes" if kind == "lift_gate" else "no"
    gate = {"kind": kind, "foot": "yes", "bicycle": "yes", "car": car}
    at = shapely.points(plan.ground(u, edge))
    drawn.gates.append({"geometry": at, **gate})


def _estate(
    drawn: Drawn,
    plan: Plan,
    inner: Box,
    box: Box,
    name: str,
    slab_share: float,
    rng: np.random.Generator,
) -> None:
    west, south, east, north = inner
    loop = (west + 14, south + 14, east - 14, north - 14)
    ring = shapely.get_coordinates(shapely.box(*loop))
    drawn.streets.append({"geometry": plan_line(plan, ring), "highway": "service", "name": None})
    middle_u = (west + east) / 2
    _gate(drawn, plan, box, inner, middle_u + float(rng.uniform(-30, 30)), "lift_gate", up=False)
    _gate(drawn, plan, box, inner, middle_u + float(rng.uniform(-30, 30)), "wicket_gate", up=True)
    slabs = rng.random() < slab_share
    storeys = int(rng.choice([6, 6, 7, 11])) if slabs else int(rng.choice([17, 18, 24, 26]))
    pitch_v, width, depth, gap = (
        (14 + max(20.0, storeys * 2.6), float(rng.uniform(40, 58)), 13.5, 11.0)
        if slabs
        else (52.0, 27.0, 19.0, 24.0)
    )
    for side in (west + SHOP_M / 2 + 0.5, east - SHOP_M / 2 - 0.5):
        if rng.random() < SHOPS_SHARE:
            for v in np.arange(south + 22, north - 30, 38.0).tolist():
                us = np.array([side])
                _rectangles(
                    drawn, plan, us, v, SHOP_M, 34.0, 2, f"{name}商铺", "commercial", "shops"
                )
    rows = np.arange(loop[1] + 7 + depth / 2, loop[3] - 6 - depth / 2, pitch_v)
    for row, v in enumerate(rows.tolist()):
        shift = 0.0 if slabs or row % 2 == 0 else (width + gap) / 2
        us = np.arange(loop[0] + 7 + width / 2 + shift, loop[2] - 6 - width / 2, width + gap)
        _rectangles(drawn, plan, us, v, width, depth, storeys, name)
        path_v = v + pitch_v / 2
        if row + 1 < len(rows):
            path = plan_line(plan, [(loop[0] - OVER_M, path_v), (loop[2] + OVER_M, path_v)])
            drawn.streets.append({"geometry": path, "highway": "footway", "name": None})


def _rectangles(
    drawn: Drawn,
    plan: Plan,
    us: Floats,
    v: float,
    width: float,
    depth: float,
    storeys: int,
    name: str,
    kind: str = "residential",
    use: str = "flats",
) -> None:
    if not len(us):
        return
    vs = np.full(len(us), v)
    full = np.ones(len(us))
    shapes = rectangles(plan.ground(us, vs), width * full, depth * full, plan.turn_at(us, vs))
    drawn.buildings.extend(
        {
            "geometry": shape,
            "kind": kind,
            "use": use,
            "storeys": storeys,
            "row": None,
            "place": name,
        }
        for shape in shapes
    )


def _sheds(
    drawn: Drawn, plan: Plan, inner: Box, box: Box, name: str, rng: np.random.Generator
) -> None:
    west, south, east, north = inner
    middle = (west + east) / 2
    _gate(drawn, plan, box, inner, middle, "lift_gate", up=False)
    spine = plan_line(plan, [(middle, south + 10), (middle, north - 12)])
    drawn.streets.append({"geometry": spine, "highway": "service", "name": None})
    half = (east - west) / 2 - 22
    _rectangles(
        drawn, plan, np.array([middle - half / 2]), south + 16, 46, 13, 4, name, "office", "works"
    )
    v = south + 40.0
    while v < north - 30:
        depth = float(rng.uniform(28, 56))
        width = float(rng.uniform(0.6, 1.0)) * half
        us = np.array([middle - 9 - width / 2, middle + 9 + width / 2])
        if v + depth < north - 6:
            _rectangles(
                drawn,
                plan,
                us,
                v + depth / 2,
                width,
                depth,
                int(rng.choice([2, 3, 4])),
                name,
                "industrial",
                "works",
            )
        v += depth + float(rng.uniform(10, 18))


def _standing(
    drawn: Drawn,
    plan: Plan,
    inner: Box,
    box: Box,
    use: str,
    name: str,
    rows: list[list[Any]],
) -> None:
    middle_u, middle_v = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    if use == "park":
        ring = shapely.get_coordinates(
            shapely.buffer(shapely.Point(middle_u, middle_v), 62, quad_segs=6)
        )
        drawn.streets.append(
            {"geometry": plan_line(plan, ring), "highway": "footway", "name": None}
        )
        way = plan_line(plan, [(middle_u, middle_v - 61), (middle_u, box[1] - 46)])
        drawn.streets.append({"geometry": way, "highway": "footway", "name": None, "drive": True})
    else:
        way = plan_line(plan, [(middle_u + 99, inner[3] - 8), (middle_u + 99, box[1] - 46)])
        drawn.streets.append({"geometry": way, "highway": "service", "name": None, "drive": True})
    for east, up, width, depth, storeys, kind, *wing in rows:
        u, v = middle_u + east, middle_v + up
        turn_deg = float(plan.turn_at(u, v))
        at = plan.ground(u, v)
        shape = (
            angled(at, width, depth, wing[0], turn_deg)
            if wing
            else rectangles(at[None], np.array([width]), np.array([depth]), np.array([turn_deg]))[0]
        )
        drawn.buildings.append(
            {
                "geometry": shape,
                "kind": kind,
                "use": use,
                "storeys": storeys,
                "row": None,
                "place": name,
            }
        )
