"""A plan read back from its document, as it was given out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import LineString
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gis.layers import WGS84
from planner.patrol import Patrol
from planner.patrol_tables import LEFT_COLUMNS, LEG_COLUMNS, STOP_COLUMNS, TEAM_COLUMNS

# What a team's part of a document holds beside its row, its route and its legs.
TOLD = ("ladder", "ladder_legs")


def given_patrol(document: Mapping[str, Any]) -> Patrol:
    """Return the plan that a document tells of, as `planner.patrol.Patrol.document` made it.

    Parameters
    ----------
    document
        Of any day; what a document of an earlier program lacks is empty.

    Examples
    --------
    >>> from planner.patrol import no_patrol
    >>> from planner.params import PatrolParams
    >>> none = no_patrol(PatrolParams.default(), ()).document()
    >>> given_patrol(none).document() == none
    True
    """
    teams = document["teams"]
    legs = [{**leg, "team": team["code"]} for team in teams for leg in team.get("legs", ())]
    stops = [{**stop, "team": team["code"]} for team in teams for stop in team["stops"]]
    points = gpd.points_from_xy([stop["lon"] for stop in stops], [stop["lat"] for stop in stops])
    rows = [{**team, "return_": team["return"]} for team in teams]
    unmet = document.get("unmet", ())
    return Patrol(
        document["date"],
        document.get("seed", 0),
        document.get("score", 0),
        document.get("bound"),
        _placed(rows, TEAM_COLUMNS, [_way(team) for team in teams]),
        _placed(stops, STOP_COLUMNS, points),
        _table(document.get("left_out", ()), LEFT_COLUMNS),
        _table(unmet, LEFT_COLUMNS),
        _placed(legs, LEG_COLUMNS, [_way(leg) for leg in legs]),
        {team["code"]: tuple(team["streets"]) for team in teams if team.get("streets")},
        {
            "teams": {team["code"]: _told(team) for team in teams if team["stops"]},
            "costs": {stop["code"]: stop["cost"] for stop in stops if "cost" in stop},
            "sentences": {row["code"]: row["sentence"] for row in unmet if "sentence" in row},
        },
    )


def _way(row: Mapping[str, Any]) -> BaseGeometry:
    """Return the way of a team or leg; empty where none is told."""
    return shape(row["geometry"]) if row.get("geometry") else LineString()


def _told(team: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told beside the tables of one team: directions and ladder."""
    steps = [list(leg.get("steps", [])) for leg in team.get("legs", ())]
    return {"steps": steps, **{name: team[name] for name in TOLD if name in team}}


def _table(rows: Sequence[Mapping[str, Any]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({name: [row.get(name) for row in rows] for name in columns})


def _placed(
    rows: Sequence[Mapping[str, Any]], columns: list[str], geometry: Any
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(_table(rows, columns), geometry=geometry, crs=WGS84)
