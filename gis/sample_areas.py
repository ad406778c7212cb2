"""The areas of the made-up town: beats, key areas, water, and where no camera may look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis.sample_town import Town


def areas_of(
    town: Town, villages: pd.DataFrame, sites: pd.DataFrame, table: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the layer of areas, geometry in metres.

    Parameters
    ----------
    town
        The built town.
    villages, sites
        Their layers, geometry in metres.
    table
        As `data/profiles/sample.toml`.
    """
    whole = shapely.coverage_union_all(villages["geometry"].to_numpy())
    rows = [
        {"kind": "town", "name": table["town"]["name"], "geometry": whole},
        *_beats(villages, table),
        *_uses(town),
        *_key_places(sites),
        *_private(town),
        *_water(town),
    ]
    areas = pd.DataFrame(rows)
    kinds = areas["kind"]
    number = areas.groupby(kinds).cumcount() + 1
    return areas.assign(code=[f"{k}-{n:03d}" for k, n in zip(kinds, number, strict=True)])


def _beats(villages: pd.DataFrame, table: Mapping[str, Any]) -> list[dict[str, Any]]:
    shape_of = dict(zip(villages["letter"], villages["geometry"], strict=True))
    rows: list[dict[str, Any]] = [
        {
            "kind": "beat",
            "name": f"第{number}巡区",
            "geometry": shapely.coverage_union_all([shape_of[letter] for letter in letters]),
        }
        for number, letters in enumerate(table["beats"]["villages"], start=1)
    ]
    second = set(table["beats"]["second_station"])
    for name, mine in (("沥海责任区刑侦队", False), ("产业园区责任区刑侦队", True)):
        chosen = [
            row["geometry"]
            for row, letters in zip(rows, table["beats"]["villages"], strict=False)
            if (letters in second) == mine
        ]
        rows.append(
            {
                "kind": "investigation",
                "name": name,
                "geometry": shapely.coverage_union_all(chosen),
            }
        )
    return rows


def _uses(town: Town) -> list[dict[str, Any]]:
    ground = town.ground
    cells, use = ground.cells, ground.use
    fields = cells[use == "f"]
    largest = fields[np.argsort(shapely.area(fields))[::-1][:4]]
    rows = [
        ("key_public", "中心区重点公共区域", shapely.coverage_union_all(cells[use == "c"])),
        ("key_industry", "滨海产业园", shapely.coverage_union_all(cells[use == "i"])),
        ("planned", "二期拓展区", largest[0]),
        ("planned", "海塘湿地公园二期", cells[use == "p"][0]),
        ("rural", "围垦农业示范区", largest[1]),
        ("consent_needed", "通信设施保护范围", _circle(largest[2], 160.0)),
        ("consent_needed", "海防设施保护范围", _circle(largest[3], 220.0)),
    ]
    rows += [
        ("patrol", f"{core['name']}夜巡区", shapely.buffer(core["geometry"], 260.0, quad_segs=6))
        for core in town.cores.iloc[::6].to_dict("records")
    ]
    return [{"kind": kind, "name": name, "geometry": shape} for kind, name, shape in rows]


def _circle(cell: Any, radius_m: float) -> Any:
    return shapely.buffer(shapely.centroid(cell), radius_m, quad_segs=8)


def _key_places(sites: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the surroundings of the places that schools, hospitals and the like are."""
    rows = []
    for kind, area_kind in (
        ("school", "key_public"),
        ("hospital", "key_public"),
        ("square", "key_public"),
        ("station", "key_public"),
        ("dangerous_goods", "key_industry"),
        ("fuel", "key_industry"),
    ):
        for site in sites[sites["kind"] == kind].to_dict("records"):
            around = shapely.buffer(site["geometry"], 50.0, quad_segs=4)
            rows.append({"kind": area_kind, "name": f"{site['name']}周边", "geometry": around})
    return rows


def _private(town: Town) -> list[dict[str, Any]]:
    """Return the insides of wards, guest rooms and dormitories, where no camera may look."""
    rows = []
    for use, name, count in (
        ("hospital", "病房楼内部", 2),
        ("hotel", "客房内部", 1),
        ("school", "学生宿舍内部", 2),
        ("campus", "学生宿舍内部", 1),
        ("works", "职工宿舍内部", 2),
    ):
        own = town.buildings[town.buildings["use"] == use].iloc[:count]
        rows += [
            {"kind": "no_camera", "name": f"{place}{name}", "geometry": shape}
            for place, shape in zip(own["place"], own["geometry"], strict=True)
        ]
    yard = town.plots[town.plots["use"] == "park"].iloc[0]
    toilet = shapely.buffer(shapely.centroid(yard["geometry"]), 9.0, quad_segs=2)
    rows.append({"kind": "no_camera", "name": "公园公共厕所", "geometry": toilet})
    rows.append({"kind": "other", "name": "公园音乐广场", "geometry": yard["geometry"]})
    return rows


def _water(town: Town) -> list[dict[str, Any]]:
    rows = []
    for name, shape in zip(town.water["name"], town.water["geometry"], strict=True):
        parts = shapely.get_parts(shape)
        parts = parts[(shapely.get_dimensions(parts) == 2) & (shapely.area(parts) > 20)]
        if len(parts):
            whole = parts[0] if len(parts) == 1 else shapely.multipolygons(list(parts))
            rows.append({"kind": "water", "name": name, "geometry": whole})
    return rows
