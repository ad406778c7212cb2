"""Posts of the made-up town: units, teams, patrol points, checkpoints and service points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.sample_sites import fronts, main_crossings
from gis.sample_town import Town

Geometries = npt.NDArray[np.object_]


def posts_of(
    layer: str, town: Town, sites: pd.DataFrame, stations: pd.DataFrame, table: Mapping[str, Any]
) -> pd.DataFrame:
    """Return a layer of posts that the table lists, each on the street before a place it names.

    Parameters
    ----------
    layer
        "units", "teams" or "service_points".
    town
        The built town.
    sites, stations
        Their layers, geometry in metres.
    table
        As `data/profiles/sample.toml`: `at` is the name of a site or of a station.
    """
    places = {
        **dict(zip(sites["name"], sites["geometry"], strict=True)),
        **dict(zip(stations["name"], stations["geometry"], strict=True)),
    }
    rows = pd.DataFrame(table[layer])
    first = {kind: group["geometry"].iloc[0] for kind, group in sites.groupby("kind")}
    streets = town.streets.loc[town.streets["highway"] != "track", "geometry"].to_numpy()
    shapes = [
        _on_street(places[at] if at in places else first[at.removeprefix("first:")], streets)
        for at in rows["at"]
    ]
    code = {"units": "U", "teams": "T", "service_points": "F"}[layer]
    return rows.drop(columns="at").assign(
        geometry=shapes, code=[f"{code}{number:02d}" for number in range(1, len(rows) + 1)]
    )


def patrol_points_of(
    town: Town, sites: pd.DataFrame, table: Mapping[str, Any], rng: np.random.Generator
) -> pd.DataFrame:
    """Return the layer of patrol points: at sites of some kinds, and in the old villages.

    Parameters
    ----------
    town
        The built town.
    sites
        Its layer, geometry in metres.
    table
        As `data/profiles/sample.toml`.
    rng
        Source of chance.
    """
    about = table["patrol_points"]
    built = sites[(sites["status"] == "built") & sites["kind"].isin(about["kinds"])]
    chosen = built.iloc[np.sort(rng.permutation(len(built))[: about["at_sites"]])]
    streets = town.streets.loc[town.streets["highway"] != "track", "geometry"].to_numpy()
    rows = [
        (row["name"], row["name"], _on_street(row["geometry"], streets))
        for row in chosen.to_dict("records")
    ]
    houses = town.buildings
    own = np.flatnonzero(houses["use"] == "house")
    picked = rng.choice(own, size=about["goal"] - len(rows), replace=False)
    points = fronts(houses["geometry"].to_numpy()[picked], streets)
    places = houses["place"].to_numpy()[picked]
    rows += [
        (f"{place}{mark}", mark, point)
        for place, point, mark in zip(
            places, points, rng.choice(about["landmarks"], len(picked)), strict=True
        )
    ]
    n = len(rows)
    return pd.DataFrame(
        {
            "code": [f"X{number:03d}" for number in range(1, n + 1)],
            "name": [f"{name}巡更点" for name, *_ in rows],
            "landmark": [mark for _, mark, _ in rows],
            "dwell_s": rng.choice(about["dwell_s"], n).astype(float),
            "window": rng.choice(about["windows"], n, p=about["window_shares"]),
            "visits": rng.choice([1, 2, 3], n, p=about["visit_shares"]),
            "required": rng.random(n) < about["required_share"],
            "geometry": [point for *_, point in rows],
        }
    )


def _on_street(shape: Any, streets: Geometries) -> Any:
    """Return the place on a street nearest a shape."""
    near = streets[shapely.STRtree(streets).nearest(shape)]
    return shapely.get_point(shapely.shortest_line(shape, near), -1)


def checkpoints_of(town: Town, table: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Return the layer of road checkpoints: where main roads cross the edge roads of the town."""
    about = table["road_checkpoints"]
    crossings = main_crossings(town)
    far = shapely.distance(crossings["geometry"].to_numpy(), shapely.Point(0, 0))
    chosen = crossings.iloc[np.argsort(-far - 2000 * (crossings["rank"] < 3))[: about["goal"]]]
    streets = town.streets.loc[town.streets["highway"] == "tertiary", "geometry"].to_numpy()
    n = len(chosen)
    roads = [name.split("与")[0] for name in chosen["name"]]
    kinds = rng.choice(list(about["kinds"]), n, p=list(about["kinds"].values()))
    return pd.DataFrame(
        {
            "code": [f"K{number:02d}" for number in range(1, n + 1)],
            "name": [f"{road}卡口{at}" for at, road in enumerate(roads, start=1)],
            "kind": kinds,
            "road": roads,
            "directions": rng.choice(["both", "in", "out"], n, p=[0.7, 0.15, 0.15]),
            "setup_s": [float(about["setup_s"][kind]) for kind in kinds],
            "hours": [about["hours"][kind] for kind in kinds],
            "geometry": [_on_street(shape, streets) for shape in chosen["geometry"]],
        }
    )
