"""The circles as a layer to take away: exact parts of streets, and the areas drawn from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from gis.errors import LayerMissingError, ParameterError
from gis.made_up import marked
from planner.incidents import IncidentTown
from planner.network import drawn, town_at
from planner.response_circles import circles, reached_streets
from planner.response_crew import crew_of
from planner.response_times import posts_of

What = Literal["streets", "areas"]

# Circles of more than an hour are no circles of 1, 3 and 5 minutes any more.
MOST_MIN = 60.0


def circles_layer(
    town: IncidentTown,
    what: What,
    *,
    minutes: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> gpd.GeoDataFrame:
    """Return what the units of a town reach, as a layer for other programs.

    Parameters
    ----------
    town
        The town with its network, closures in it.
    what
        "streets" for the exact parts of streets, which are the truth; "areas" for the polygons
        that maps show.
    minutes
        One circle; None takes all of them. Every circle holds the smaller ones.
    options
        Numbers of response to change: at, level.

    Returns
    -------
    GeoDataFrame
        minutes, mode, of streets also street (code) and edge; made_up where the data are; geometry
        (EPSG:4326).

    Raises
    ------
    LayerMissingError
        If the town has no streets or units.
    ParameterError
        If the minutes are not from above 0 to 60, or an option is not as it should be.
    """
    lacking = town.layers.missing("streets", "units")
    if lacking or town.streets is None:
        raise LayerMissingError("the circles", lacking or ["streets"])
    if minutes is not None and not 0 < minutes <= MOST_MIN:
        msg = f"minutes must be above 0 and at most {MOST_MIN:g}, not {minutes:g}"
        raise ParameterError(msg)
    params = replace(town.params, **(options or {}))
    if minutes is not None:
        params = replace(params, bands_s=(minutes * 60,))
    if what == "areas":
        now = town_at(town.streets, town.layers, params, minute=params.minute)
        whole = drawn(town.streets, town.layers, emergency=params.emergency)
        crew = crew_of(town.layers, params)
        found = circles(crew, posts_of(town.streets, whole, crew, params), now, params)
    else:
        parts = [
            reached_streets(town.streets, town.layers, params, band_s).assign(band_s=band_s)
            for band_s in params.bands_s
        ]
        found = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs)
    found = found.assign(minutes=found["band_s"] / 60)
    columns = ["minutes", "mode", *(("street", "edge") if what == "streets" else ()), "geometry"]
    layer = gpd.GeoDataFrame(found[columns], crs=found.crs)
    return marked(layer) if town.layers.made_up else layer
