"""The made-up town put together: what each cell holds, its streets, its houses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count, cycle, product
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis.sample_buildings import fit_buildings
from gis.sample_drawn import Drawn, joined
from gis.sample_fields import POND_NAME, draw_fields
from gis.sample_ground import Ground, lay_ground, quarter_streets
from gis.sample_lanes import draw_core
from gis.sample_plots import draw_quarter
from gis.sample_streets import lay_streets, main_roads, street_columns

# Nobody digs a pond so near to a way into a village: houses stand along it.
POND_CLEAR_M = 20.0


@dataclass(frozen=True, eq=False)
class Town:
    """The built town, in metres.

    Parameters
    ----------
    ground
        Lines, cells and villages.
    streets, buildings
        Columns of their layers, with further ones: use, storeys, row, place, unit and cell of a
        building.
    plots, gates, cores, entries
        As drawn; `entries` are the points where ways into villages leave the main roads.
    water
        name, geometry of every canal, creek, pond and of the sea.
    """

    ground: Ground
    streets: pd.DataFrame = field(repr=False)
    buildings: pd.DataFrame = field(repr=False)
    plots: pd.DataFrame = field(repr=False)
    gates: pd.DataFrame = field(repr=False)
    cores: pd.DataFrame = field(repr=False)
    entries: pd.DataFrame = field(repr=False)
    water: pd.DataFrame = field(repr=False)


def build_town(table: Mapping[str, Any], seed: int) -> Town:
    """Return the town that a table and a seed make.

    Parameters
    ----------
    table
        As `data/profiles/sample.toml`.
    seed
        Source of all chance.
    """
    ground = lay_ground(table)
    main = main_roads(ground.roads, table["streets"]["dual_gap_m"])
    drawn = _drawn(ground, main, table, seed)
    kept = [_without_ponds_on(row, drawn.streets) for row in drawn.water]
    drawn.water[:] = [row for row in kept if not shapely.is_empty(row["geometry"])]
    inner = shapely.union_all([row["geometry"] for row in drawn.water])
    canals = shapely.union_all(ground.canal_water)
    water = shapely.union(inner, canals)
    kinds = [kind for kind in table["streets"]["width_m"] if kind != "track"]
    laid = lay_streets([*main, *drawn.streets], water, kinds)
    streets = street_columns(laid, table["streets"], np.random.default_rng([seed, 20]))
    buildings = fit_buildings(
        drawn.buildings, streets, water, ground, table, np.random.default_rng([seed, 21])
    )
    names = [
        {"name": row["name"], "geometry": shape}
        for row, shape in zip(ground.canals.to_dict("records"), ground.canal_water, strict=True)
    ]
    ponds = [row | {"geometry": shapely.difference(row["geometry"], canals)} for row in drawn.water]
    entries = [
        {
            "name": row["entry"],
            "village": row["village"],
            "geometry": shapely.get_point(row["geometry"], -1),
        }
        for row in drawn.streets
        if row.get("entry")
    ]
    return Town(
        ground=ground,
        streets=streets,
        buildings=buildings,
        plots=pd.DataFrame(drawn.plots),
        gates=pd.DataFrame(drawn.gates),
        cores=pd.DataFrame(drawn.cores),
        entries=pd.DataFrame(entries),
        water=pd.DataFrame([*names, *ponds, {"name": "杭州湾", "geometry": ground.sea}]),
    )


def _without_ponds_on(row: dict[str, Any], streets: list[dict[str, Any]]) -> dict[str, Any]:
    """Return water without the ponds that a way into a village runs through, its banks too."""
    if not row["name"].endswith(POND_NAME):
        return row
    ways = [street["geometry"] for street in streets if street["highway"] != "track"]
    ponds = shapely.get_parts(row["geometry"])
    near, _ = shapely.STRtree(ways).query(ponds, predicate="dwithin", distance=POND_CLEAR_M)
    return row | {"geometry": shapely.multipolygons(np.delete(ponds, near))}


def _drawn(
    ground: Ground, main: list[dict[str, Any]], table: Mapping[str, Any], seed: int
) -> Drawn:
    roads = shapely.union_all([row["geometry"] for row in main])
    plots = table["plots"]
    streets = _names(plots["street_first"], plots["street_last"])
    estates = _names(plots["estate_first"], plots["estate_last"], plots["pilot_estate"])
    works = _names(plots["factory_first"], plots["factory_last"])
    supply: dict[str, dict[str, Iterator[str]]] = {
        "c": {"use": chain(plots["centre"], cycle(["estate"])), "plot": estates},
        "n": {"use": cycle(plots["new"]), "plot": estates},
        "i": {"use": cycle(["industry"]), "plot": works},
    }
    paths = quarter_streets(
        ground.plan, ground.boxes, ground.cells, ground.use, plots["street_pitch_m"]
    )
    parts = []
    for cell, use in enumerate(ground.use.tolist()):
        rng = np.random.default_rng([seed, 10, cell])
        west, south, east, north = ground.boxes[cell].tolist()
        margins = tuple(ground.margins[cell].tolist())
        letter = str(ground.village[cell])
        village = village_name(table, letter)
        if use == "o":
            part = _core(ground, cell, village, roads, table, rng)
        elif use in table["open_ground"]:
            part = draw_fields(
                ground.plan,
                (west, south, east, north),
                ground.cells[cell],
                margins,
                village,
                table["open_ground"][use],
                rng,
            )
        else:
            part = draw_quarter(
                ground.plan,
                (west, south, east, north),
                paths[cell],
                margins,
                {**supply[use], "street": streets},
                plots["street_pitch_m"][use],
                table,
                rng,
            )
        for row in (*part.plots, *part.cores, *part.streets):
            row["village"] = letter
            row["cell"] = cell
        parts.append(part)
    return joined(parts)


def _core(
    ground: Ground,
    cell: int,
    village: str,
    roads: Any,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> Drawn:
    west, south, east, north = ground.boxes[cell].tolist()
    w, s, e, n = ground.margins[cell].tolist()
    room = ((east - west - w - e) / 2 - 18, (north - south - s - n) / 2 - 14)
    u = (west + w + east - e) / 2
    v = (south + s + north - n) / 2
    largest = [table["lanes"][half][1] for half in ("half_length_m", "half_depth_m")]
    slack = np.maximum(0.0, np.array(room) - largest)
    u, v = u + rng.uniform(-1, 1) * slack[0], v + rng.uniform(-1, 1) * slack[1]
    middle = ground.plan.ground(u, v)
    turn_deg = float(ground.plan.turn_at(u, v)) + float(rng.uniform(-9, 9))
    taken = int((ground.village[:cell] == ground.village[cell])[ground.use[:cell] == "o"].sum())
    name = village + ("", "东", "西", "南", "北")[taken] if taken else village
    part = draw_core(middle, turn_deg, room, name, roads, table["lanes"], rng)
    part.cores.append({"geometry": shapely.points(middle), "name": name})
    return part


def _names(first: list[str], last: list[str], *own: str) -> Iterator[str]:
    """Return names that do not repeat: every beginning with one end after the other."""
    turns = range(len(last))
    pairs = (
        f"{a}{last[(turn + k) % len(last)]}" for turn, (k, a) in product(turns, enumerate(first))
    )
    return chain(own, pairs, (f"{last[0]}{n}" for n in count(1)))


def village_name(table: Mapping[str, Any], letter: str) -> str:
    """Return the short name of a village, such as "民生" for 民生村委会."""
    name = table["villages"][letter]["name"]
    return str(name.removesuffix("村委会").removesuffix("居委会").removesuffix("村"))
