"""What stands around points in a town: the nearest street, buildings, water, the town itself."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from shapely import STRtree

from gis.crs import to_metres, town_crs
from gis.layers import WGS84, Layers

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Box = tuple[float, float, float, float]

# A point this near the middle of a street stands beside it.
ROADSIDE_M = 15.0
# Where neither villages nor an extent are known, the town reaches this far beyond what is there.
MARGIN_DEG = 0.001


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What stands around points, (n,) each; None for what the town has not got.

    Parameters
    ----------
    road_m
        Metres to the middle of the nearest street; infinite for a point that is not on earth.
    near
        Within `ROADSIDE_M` of a street.
    built, wet
        In a building; in an area of kind water.
    home
        In the villages, else in the extent, else in the box around all that the town has.
    """

    road_m: Floats | None
    near: Flags | None
    built: Flags | None
    wet: Flags | None
    home: Flags


@dataclass(frozen=True, eq=False)
class Ground:
    """A town made ready to look at points in it.

    Parameters
    ----------
    box
        (west, south, east, north) of all that the town has, degrees.
    metric
        From EPSG:4326 to the town's metric CRS.
    outline, streets, buildings, water
        Trees of its shapes, metres; None where it has not got them.
    """

    box: Box
    metric: Transformer
    outline: STRtree
    streets: STRtree | None
    buildings: STRtree | None
    water: STRtree | None

    def look(self, lon: Floats, lat: Floats) -> Surroundings:
        """Return what stands around points, (n,) degrees of WGS 84; infinite ones are nowhere."""
        x, y = self.metric.transform(lon, lat)
        points = np.asarray(shapely.points(x, y), dtype=object)
        road_m = None if self.streets is None else _road_m(self.streets, points)
        return Surroundings(
            road_m,
            None if road_m is None else road_m <= ROADSIDE_M,
            None if self.buildings is None else _inside(self.buildings, points),
            None if self.water is None else _inside(self.water, points),
            _inside(self.outline, points),
        )


def ground_of(town: Layers) -> Ground | None:
    """Return a town made ready to look at points in it; None if it has nothing to look at.

    Parameters
    ----------
    town
        Its streets, buildings, villages and areas of kind water are taken, and its extent.

    Examples
    --------
    >>> street = gpd.GeoSeries.from_wkt(["LINESTRING (120.70 30.1, 120.71 30.1)"], crs=WGS84)
    >>> ground = ground_of(Layers("one street", {"streets": street.to_frame("geometry")}))
    >>> ground.look(np.array([120.705]), np.array([30.101])).road_m.round()
    array([111.])
    """
    areas = town["areas"]
    shapes = {
        "outline": _there(town["villages"]),
        "streets": _there(town["streets"]),
        "buildings": _there(town["buildings"]),
        "water": _there(areas[areas["kind"] == "water"]),
    }
    if shapes["outline"].empty and town.extent is not None:
        shapes["outline"] = gpd.GeoSeries([town.extent], crs=WGS84)
    boxes = [some.total_bounds for some in shapes.values() if len(some)]
    if not boxes:
        return None
    west, south = map(float, np.min(boxes, axis=0)[:2])
    east, north = map(float, np.max(boxes, axis=0)[2:])
    if shapes["outline"].empty:
        # Not a buffer: the box of a single street has no area, and none around it.
        corners = (west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG)
        around = shapely.box(*corners)
        shapes["outline"] = gpd.GeoSeries([around], crs=WGS84)
    crs = town_crs((west + east) / 2, (south + north) / 2)
    trees = {name: _tree(some, crs) for name, some in shapes.items() if len(some)}
    metric = Transformer.from_crs(WGS84, crs, always_xy=True)
    return Ground(
        (west, south, east, north),
        metric,
        trees["outline"],
        trees.get("streets"),
        trees.get("buildings"),
        trees.get("water"),
    )


def _there(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    shapes = gpd.GeoSeries(frame.geometry)
    return gpd.GeoSeries(shapes[~(shapes.isna() | shapes.is_empty)])


def _tree(shapes: gpd.GeoSeries, crs: CRS) -> STRtree:
    return STRtree(np.asarray(to_metres(shapes, crs).array, dtype=object))


def _road_m(streets: STRtree, points: npt.NDArray[np.object_]) -> Floats:
    distance_m = np.full(len(points), np.inf)
    there = np.flatnonzero(np.isfinite(shapely.get_coordinates(points)).all(axis=1))
    rows, found = streets.query_nearest(points[there], return_distance=True, all_matches=False)
    distance_m[there[rows[0]]] = found
    return distance_m


def _inside(areas: STRtree, points: npt.NDArray[np.object_]) -> Flags:
    inside = np.zeros(len(points), dtype=bool)
    inside[areas.query(points, predicate="intersects")[0]] = True
    return inside
