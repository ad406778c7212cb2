"""What is near a place: cameras that see it, road checkpoints, volunteer teams, names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from shapely import Point

from gis.crs import to_wgs84
from gis.layers import WGS84, Layers
from gis.profiles import load
from gis.proposals_junctions import junctions_of
from gis.streets import Streets
from planner.incident_teams import TeamPlace
from planner.rates import existing
from planner.results_coverage import Coverage
from planner.results_incident import CameraThere, CheckpointNear, NamedNear, TeamNear
from planner.week import on_duty

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Placed:
    """Rows of a layer as plain values, with their shapes in metres and a point of each in degrees.

    Parameters
    ----------
    rows
        (n,) column to value, None where unknown.
    shapes
        (n,) metres.
    lonlat
        (n, 2) degrees.
    """

    rows: tuple[dict[str, Any], ...] = field(repr=False)
    shapes: Shapes = field(repr=False)
    lonlat: Floats = field(repr=False)

    def near(self, place: Point, near_m: float) -> list[tuple[int, float]]:
        """Return the rows that are as near as that, nearest first: position and metres."""
        apart_m = shapely.distance(self.shapes, place)
        order = np.argsort(apart_m, kind="stable")
        return [(row, float(apart_m[row])) for row in order.tolist() if apart_m[row] <= near_m]


@dataclass(frozen=True, eq=False)
class Around:
    """What a town has, ready to be searched; `prepare_around` makes it.

    Parameters
    ----------
    crs
        Metric CRS of all shapes.
    views
        Views of cameras with what is told of each camera; None without a coverage.
    view_tree
        Their shapes.
    sites, junctions
        Those with names.
    site_tree
        All sites, in the order of their layer.
    checkpoints, teams
        The layers.
    ladder
        Steps of pictures and the pixels per metre each needs, the finest first.
    """

    crs: CRS = field(repr=False)
    views: Placed | None = field(repr=False)
    view_tree: shapely.STRtree = field(repr=False)
    sites: Placed = field(repr=False)
    junctions: Placed = field(repr=False)
    site_tree: shapely.STRtree = field(repr=False)
    checkpoints: Placed = field(repr=False)
    teams: Placed = field(repr=False)
    ladder: tuple[tuple[str, float], ...]

    def summary(self) -> str:
        """Return one line: how many views and names are known."""
        views = 0 if self.views is None else len(self.views.rows)
        return f"{views} views, {len(self.sites.rows) + len(self.junctions.rows)} names"


def prepare_around(
    layers: Layers, streets: Streets | None, coverage: Coverage | None, crs: CRS, ladder: str
) -> Around:
    """Return what a town has, ready to be searched around any place.

    Parameters
    ----------
    layers, streets, coverage
        The town, its network and what its cameras see, where they are known.
    crs
        Metric CRS to search in.
    ladder
        Ladder of pixel densities (`data/profiles/optics.toml`) that pictures are judged by.
    """
    sites = layers["sites"]
    views = None if coverage is None else _views(layers, coverage, crs)
    crossings = sites[sites["kind"] == "junction"]
    if streets is not None:
        columns = ["code", "name", "kind", "geometry"]
        found = junctions_of(layers, streets)
        crossings = gpd.GeoDataFrame(pd.concat([crossings[columns], found[columns]]))
    steps = load("optics")["ladders"][ladder]
    densities = [
        (name, float(step["px_per_m"])) for name, step in steps.items() if name != "source"
    ]
    return Around(
        crs,
        views,
        shapely.STRtree([] if views is None else views.shapes),
        _named(sites[existing(layers) & (sites["kind"] != "junction").to_numpy(bool)], crs),
        _named(crossings, crs),
        shapely.STRtree(np.asarray(sites.to_crs(crs).geometry.array, dtype=object)),
        _placed(layers["road_checkpoints"], crs),
        _placed(layers["teams"], crs),
        tuple(sorted(densities, key=lambda step: -step[1])),
    )


def cameras_at(around: Around, place: Point, near_m: float) -> tuple[CameraThere, ...]:
    """Return the cameras whose view holds a place (metres), or comes as near as `near_m`."""
    if around.views is None:
        return ()
    found = around.view_tree.query(place, predicate="dwithin", distance=near_m)
    holds = shapely.covers(around.views.shapes[found], place).tolist()
    cameras = []
    for at, sees in zip(found.tolist(), holds, strict=True):
        row = around.views.rows[at]
        far_m = float(np.hypot(row["x"] - place.x, row["y"] - place.y))
        px = row["px_at_1_m"] / max(far_m, 1.0) if sees and row["px_at_1_m"] is not None else None
        picture = None if px is None else _picture(around, px)
        cameras.append(
            CameraThere(
                row["code"], row["name"], "place" if sees else "near", row["repair"],
                row["certain"], far_m, px, picture, *around.views.lonlat[at].tolist(),
            )
        )  # fmt: skip
    cameras.sort(key=lambda c: (c.repair, c.sees == "near", -(c.px_per_m or 0.0), c.distance_m))
    return tuple(cameras)


def checkpoints_at(
    around: Around, place: Point, near_m: float, minute: int | None
) -> tuple[CheckpointNear, ...]:
    """Return the road checkpoints near a place, and which are staffed at the minute."""
    found = []
    for at, far_m in around.checkpoints.near(place, near_m):
        row = around.checkpoints.rows[at]
        staffed = row["kind"] == "staffed" and _present(row["hours"], minute)
        told = (row["code"], row["name"], row["kind"], row["road"], row["directions"])
        lonlat = around.checkpoints.lonlat[at].tolist()
        found.append(CheckpointNear(*told, staffed, far_m, *lonlat))
    return tuple(found)


def teams_at(
    around: Around,
    place: Point,
    near_m: float,
    minute: int | None,
    planned: Mapping[str, TeamPlace | None] | None = None,
) -> tuple[TeamNear, ...]:
    """Return the volunteer teams near a place, never to be sent, nearest first.

    Parameters
    ----------
    around, place, near_m
        What is searched, around where (metres), and how far.
    minute
        Minute of the week: teams whose shift is on; None = all.
    planned
        Where teams are by the plan of the evening (`planner.incident_teams.planned_places`); a
        team that is not in it is at its base.
    """
    planned = {} if planned is None else planned
    to_metres = Transformer.from_crs(WGS84, around.crs, always_xy=True) if planned else None
    found = []
    for row, lonlat, shape in zip(
        around.teams.rows, around.teams.lonlat.tolist(), around.teams.shapes, strict=True
    ):
        if not _present(row["shifts"], minute):
            continue
        at = planned.get(row["code"])
        if row["code"] not in planned:
            far_m = float(shapely.distance(shape, place))
            found.append(TeamNear(row["code"], row["name"], far_m, *lonlat))
        elif at is not None and to_metres is not None:
            far_m = float(Point(to_metres.transform(at.lon, at.lat)).distance(place))
            told = ("stop" if at.there else "way", at.stop)
            found.append(TeamNear(row["code"], row["name"], far_m, at.lon, at.lat, False, *told))
    return tuple(sorted((t for t in found if t.distance_m <= near_m), key=lambda t: t.distance_m))


def names_at(around: Around, place: Point, near_m: float) -> tuple[NamedNear, ...]:
    """Return the nearest site and the nearest junction with a name, as far as `near_m`."""
    found = []
    for layer, places in (("sites", around.sites), ("streets", around.junctions)):
        for at, far_m in places.near(place, near_m)[:1]:
            row, middle = places.rows[at], shapely.centroid(places.shapes[at])
            bearing = np.degrees(np.arctan2(place.x - middle.x, place.y - middle.y)) % 360.0
            told = (layer, row["kind"], row["code"], row["name"])
            found.append(NamedNear(*told, far_m, float(bearing)))
    return tuple(sorted(found, key=lambda near: near.distance_m))


def _views(layers: Layers, coverage: Coverage, crs: CRS) -> Placed:
    # A camera that has gone since the coverage was made has no view any more.
    cameras = layers["cameras"].drop_duplicates("code").set_index("code")
    places = gpd.GeoSeries(cameras.geometry)
    views = coverage.views[coverage.views["camera"].isin(places.index)].to_crs(crs)
    told = coverage.cameras.drop_duplicates("code").set_index("code").reindex(views["camera"])
    stands = gpd.GeoSeries(places.reindex(views["camera"]), crs=places.crs)
    xy = shapely.get_coordinates(np.asarray(stands.to_crs(crs).array, dtype=object))
    table = pd.DataFrame(
        {
            "code": views["camera"].to_numpy(object),
            "name": told["name"].to_numpy(object),
            "repair": views["repair"].to_numpy(bool),
            "certain": views["certain"].to_numpy(bool),
            "px_at_1_m": told["px_at_1_m"].to_numpy(float),
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )
    shapes = np.asarray(views.geometry.array, dtype=object)
    shapely.prepare(shapes)
    return Placed(_rows(table), shapes, shapely.get_coordinates(np.asarray(stands.array, object)))


def _named(frame: gpd.GeoDataFrame, crs: CRS) -> Placed:
    return _placed(frame[frame["name"].notna()], crs)


def _placed(frame: gpd.GeoDataFrame, crs: CRS) -> Placed:
    inner = shapely.point_on_surface(np.asarray(to_wgs84(frame).geometry.array, dtype=object))
    shapes = np.asarray(frame.to_crs(crs).geometry.array, dtype=object)
    return Placed(_rows(pd.DataFrame(frame.drop(columns="geometry"))), shapes, _lonlat(inner))


def _lonlat(points: Shapes) -> Floats:
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _rows(table: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    """Return the rows as plain values, None where unknown."""
    plain = table.astype(object).where(table.notna(), None)
    return tuple({str(name): row[name] for name in row} for row in plain.to_dict("records"))


def _present(hours: str | None, minute: int | None) -> bool:
    return minute is None or bool(on_duty([hours], minute)[0])


def _picture(around: Around, px_per_m: float) -> str | None:
    return next((step for step, least in around.ladder if px_per_m >= least), None)
