"""What is taken for granted where a town's layers do not say, each time named.

A town known from OpenStreetMap alone has no posts, no teams, no tiers and often no village
boundary. The table is `data/profiles/assumptions.toml`; whatever is filled in here comes back
as `Assumed` entries, so that no answer passes it off as known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Point, Polygon

from gis.errors import InputError
from gis.layers import WGS84, Layers, conform
from gis.profiles import load
from planner.results import Assumed
from planner.tiers import default_tiers, site_grounds
from planner.week import on_duty

# Which layer tells what the town's area is where villages and the extent are unknown.
AREA_LAYERS = ("grids", "areas", "buildings", "streets", "sites", "cameras")

_TIERS_TOLD = {
    "town": "by kind and class of site",
    "fringe": "by kind and class of site, on the fringe",
    "countryside": "by kind and class of site, in the countryside",
}


@dataclass(frozen=True)
class Completed:
    """A town with every gap filled that an answer needs filled, and what was filled."""

    layers: Layers
    assumed: tuple[Assumed, ...]

    def summary(self) -> str:
        """Return one line for each assumption."""
        return "\n".join(
            f"assumed {a.layer}{f'.{a.column}' if a.column else ''}: {a.value} ({a.rows} rows)"
            for a in self.assumed
        )


def complete(layers: Layers, tiers_min: Mapping[str, Any] | None = None) -> Completed:
    """Return the town with villages, tiers, units and teams filled in where they are unknown.

    Parameters
    ----------
    layers
        The town as it is known; it is not changed.
    tiers_min
        A table like [tiers_min] of `data/profiles/response.toml`, the default.

    Raises
    ------
    InputError
        If there is not a single geometry that could tell where the town is.

    Examples
    --------
    >>> square = gpd.GeoDataFrame(
    ...     {"code": ["a"], "kind": ["patrol"]}, geometry=[shapely.box(24, 60, 24.01, 60.01)]
    ... )
    >>> town = Layers("Town", {"areas": conform(square, "areas")})
    >>> [a.layer for a in complete(town).assumed]
    ['villages', 'units', 'teams']
    """
    assumed: list[Assumed] = []
    tiers_min = load("response")["tiers_min"] if tiers_min is None else tiers_min
    steps = (_villages, partial(_tiers, table=tiers_min), _units, _teams)
    for step in steps:
        layers, made = step(layers)
        assumed += made
    return Completed(layers, tuple(assumed))


def study_area(layers: Layers) -> Polygon | MultiPolygon:
    """Return the town's area, EPSG:4326: its villages, else its extent, else what there is.

    Raises
    ------
    InputError
        If no layer holds a geometry.
    """
    if layers.has("villages"):
        return _area(shapely.union_all(layers["villages"].geometry.to_numpy()))
    if layers.extent is not None:
        return layers.extent
    for layer in AREA_LAYERS:
        if layers.has(layer):
            geometry = layers[layer].geometry.to_numpy()
            polygons = shapely.get_dimensions(geometry) == 2
            if layer in ("grids", "areas") and polygons.all():
                return _area(shapely.union_all(geometry))
            hull = shapely.convex_hull(shapely.union_all(geometry))
            # About 50 m around, so that a single camera still has ground to see.
            return _area(shapely.buffer(hull, 0.0005))
    msg = "the town has no place yet: import villages, areas, or an OpenStreetMap file first"
    raise InputError(msg)


def _area(geometry: Any) -> Polygon | MultiPolygon:
    """Return the polygon parts of a geometry."""
    parts = shapely.get_parts(geometry)
    polygons = parts[shapely.get_dimensions(parts) == 2]
    return polygons[0] if len(polygons) == 1 else MultiPolygon(list(polygons))


def _villages(layers: Layers) -> tuple[Layers, list[Assumed]]:
    if layers.has("villages"):
        return layers, []
    area = study_area(layers)
    village = gpd.GeoDataFrame(
        {"code": ["assumed/village"], "name": [layers.town]}, geometry=[area], crs=WGS84
    )
    made = Assumed("villages", "", "one village: the area the files cover", 1)
    return layers.replaced(villages=conform(village, "villages")), [made]


def _tiers(layers: Layers, table: Mapping[str, Any]) -> tuple[Layers, list[Assumed]]:
    sites = layers["sites"]
    unclassed = sites["area_class"].isna()
    untiered = sites["tier_min"].isna()
    made: list[Assumed] = []
    if unclassed.any():
        sites = sites.assign(area_class=sites["area_class"].fillna("other"))
        made.append(Assumed("sites", "area_class", "other", int(unclassed.sum())))
    if untiered.any():
        tiers, ground = default_tiers(layers, table), site_grounds(layers)
        sites = sites.assign(tier_min=sites["tier_min"].fillna(tiers))
        counts = pd.Series(ground[untiered.to_numpy()]).value_counts()
        made += [
            Assumed("sites", "tier_min", told, int(counts[name]))
            for name, told in _TIERS_TOLD.items()
            if name in counts
        ]
    return (layers.replaced(sites=sites) if made else layers), made


def _units(layers: Layers) -> tuple[Layers, list[Assumed]]:
    table = load("assumptions")["units"]
    made: list[Assumed] = []
    units = layers["units"]
    if not len(units):
        bases, where = _bases(layers, table["stations"], table["main_streets"])
        units = conform(
            gpd.GeoDataFrame(
                {
                    "code": [f"assumed/unit/{code}" for code in bases["code"]],
                    "name": bases["name"].tolist(),
                    "kind": "station",
                    "station": bases["code"].tolist(),
                    "mode": table["mode"],
                },
                geometry=bases.geometry.to_list(),
                crs=WGS84,
            ),
            "units",
        )
        made.append(Assumed("units", "", f"one unit by {table['mode']} at {where}", len(units)))
    elif units["mode"].isna().any():
        made.append(Assumed("units", "mode", table["mode"], int(units["mode"].isna().sum())))
        units = units.assign(mode=units["mode"].fillna(table["mode"]))
    unread = units["duty_hours"].notna() & ~units["duty_hours"].map(_readable).astype(bool)
    if unread.any():
        note = "always on duty: cannot be read"
        made.append(Assumed("units", "duty_hours", note, int(unread.sum())))
        units = units.assign(duty_hours=units["duty_hours"].mask(unread))
    return (layers.replaced(units=units) if made else layers), made


def _readable(hours: object) -> bool:
    try:
        on_duty([hours if isinstance(hours, str) else None], 0)
    except InputError:
        return False
    return True


def _teams(layers: Layers) -> tuple[Layers, list[Assumed]]:
    table = load("assumptions")["teams"]
    if not layers.has("teams"):
        bases = layers["units"].iloc[: max(1, table["max_teams"] // table["per_base"])]
        rows = [base for base in range(len(bases)) for _ in range(table["per_base"])]
        seats = bases.iloc[rows]
        teams = gpd.GeoDataFrame(
            {
                "code": [f"assumed/team/{k + 1}" for k in range(len(seats))],
                "name": [f"{k + 1}" for k in range(len(seats))],
                "mode": table["mode"],
                "size": table["size"],
                "shifts": table["shifts"],
            },
            geometry=seats.geometry.to_list(),
            crs=WGS84,
        )
        note = f"{table['per_base']} teams on {table['mode']} a unit, {table['shifts']}"
        return layers.replaced(teams=conform(teams, "teams")), [
            Assumed("teams", "", note, len(teams))
        ]
    teams, made = layers["teams"], []
    for column in ("mode", "shifts", "size"):
        blank = teams[column].isna()
        if blank.any():
            teams = teams.assign(**{column: teams[column].fillna(table[column])})
            made.append(Assumed("teams", column, table[column], int(blank.sum())))
    return (layers.replaced(teams=teams) if made else layers), made


def _bases(
    layers: Layers, kinds: Sequence[str], main_streets: Sequence[str]
) -> tuple[gpd.GeoDataFrame, str]:
    """Return where units stand (code, name, point) and that place in words."""
    stations = layers["stations"]
    ranks = [(stations["kind"] == kind, f"each {kind}") for kind in kinds]
    for chosen, where in [*ranks, (stations["code"].notna(), "each station")]:
        if chosen.any():
            here = stations[chosen]
            points = shapely.point_on_surface(here.geometry.to_numpy())
            return here.set_geometry(gpd.GeoSeries(points, here.index, crs=WGS84)), where
    centre = shapely.centroid(study_area(layers))
    point = _central_junction(layers["streets"], centre, main_streets)
    where = "the centre of the town" if point is None else "the main junction nearest the centre"
    base = {"code": ["assumed/station"], "name": [layers.town]}
    return gpd.GeoDataFrame(base, geometry=[point or centre], crs=WGS84), where


def _central_junction(
    streets: gpd.GeoDataFrame, centre: Point, main_streets: Sequence[str]
) -> Point | None:
    """Return the junction of main streets nearest a point: a vertex that two streets share."""
    main = streets[streets["highway"].isin(list(main_streets))]
    xy, street = shapely.get_coordinates(main.geometry.to_numpy(), return_index=True)
    visits = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "street": street}).drop_duplicates()
    junctions = visits.groupby(["x", "y"]).size().loc[lambda n: n > 1].index.to_frame().to_numpy()
    if not len(junctions):
        return None
    squeeze = np.cos(np.radians(centre.y))
    d = np.hypot((junctions[:, 0] - centre.x) * squeeze, junctions[:, 1] - centre.y)
    return Point(junctions[d.argmin()])
