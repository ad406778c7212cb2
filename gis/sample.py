"""A seeded, made-up town with every layer.

The town stands for no place: names of villages are those of a public list, all else is invented
(`data/profiles/sample.toml`). One seed always makes the same town.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gis.crs import town_crs
from gis.layers import WGS84, Layers, conform
from gis.profiles import load
from gis.sample_addresses import addresses_of
from gis.sample_areas import areas_of
from gis.sample_cameras import camera_places
from gis.sample_devices import camera_columns
from gis.sample_divisions import grids_of, villages_of
from gis.sample_records import facts_of, incidents_of
from gis.sample_services import checkpoints_of, patrol_points_of, posts_of
from gis.sample_sites import sites_of, stations_of
from gis.sample_town import build_town
from gis.sample_turns import barriers_of, restrictions_of
from gis.schema import schema

# Positions are kept to so many decimals of a degree: about a centimetre.
DECIMALS = 7


def make_sample(seed: int = 2019) -> Layers:
    """Return the made-up town, with every layer.

    Parameters
    ----------
    seed
        Another seed makes another town of the same plan.

    Returns
    -------
    Layers
        All layers, EPSG:4326; `made_up` is True.

    Examples
    --------
    >>> from gis.sample_ground import lay_ground
    >>> round(lay_ground(load("sample")).outline.area / 1e6)
    60
    """
    table = load("sample")
    about = table["town"]
    frames = _frames(table, seed)
    crs = town_crs(about["lon"], about["lat"])
    layers = {name: _placed(frame, name, crs) for name, frame in frames.items()}
    shapes = pd.concat([layers["villages"].geometry, layers["areas"].geometry])
    west, south, east, north = shapely.total_bounds(shapes.to_numpy()).tolist()
    return Layers(
        about["name"],
        layers,
        extent=shapely.box(west, south, east, north),
        made_up=True,
        attribution=(about["attribution"],),
    )


def _frames(table: Mapping[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """Return every layer in metres."""
    chance = iter(np.random.default_rng([seed, 50 + k]) for k in range(20))
    town = build_town(table, seed)
    villages = villages_of(town, table)
    grids = grids_of(town, villages, table)
    stations = stations_of(town)
    sites = sites_of(town, stations, table, next(chance))
    addresses = addresses_of(town, villages, grids, table, next(chance))
    places = camera_places(town, villages, sites, table, next(chance))
    cameras = camera_columns(places, table, next(chance))
    incidents = incidents_of(town, sites, table, next(chance))
    return {
        "villages": villages,
        "grids": grids,
        "areas": areas_of(town, villages, sites, table),
        "sites": sites,
        "addresses": addresses,
        "buildings": town.buildings,
        "streets": town.streets,
        "barriers": barriers_of(town, next(chance)),
        "restrictions": restrictions_of(town, next(chance)),
        "cameras": cameras,
        "stations": stations,
        "units": posts_of("units", town, sites, stations, table),
        "teams": posts_of("teams", town, sites, stations, table),
        "patrol_points": patrol_points_of(town, sites, table, next(chance)),
        "road_checkpoints": checkpoints_of(town, table, next(chance)),
        "service_points": posts_of("service_points", town, sites, stations, table),
        "incidents": incidents,
        "facts": facts_of(
            villages, grids, sites, addresses, cameras, incidents, table, next(chance)
        ),
    }


def _placed(frame: pd.DataFrame, layer: str, crs: CRS) -> gpd.GeoDataFrame:
    """Return the columns of the layer, in degrees."""
    known = [column.name for column in schema(layer).columns if column.name in frame]
    plain = pd.DataFrame(frame[known]).reset_index(drop=True)
    if "geometry" not in frame:
        return conform(plain, layer)
    degrees = gpd.GeoSeries(frame["geometry"].to_numpy(), crs=crs).to_crs(WGS84).to_numpy()
    rounded = shapely.transform(degrees, lambda xy: np.round(xy, DECIMALS))
    return conform(gpd.GeoDataFrame(plain, geometry=rounded, crs=WGS84), layer)
