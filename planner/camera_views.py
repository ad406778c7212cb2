"""What each camera may see: its place, direction, lens and view past the buildings."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from gis import crs as coordinates
from gis.direction import doubt_of_deg, widest_fov_deg
from gis.footprints import Footprints, prepare, step_outside, union_by
from gis.layers import WGS84, Layers
from gis.optics import camera_optics, grid_azimuth_deg
from gis.sight import FACADE_M, views_past
from planner.frames import Columns, columns_of, framed
from planner.params import CoverageParams

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]
Table = dict[str, Any]
# By kind, codes and shapes.
Areas = dict[str, tuple[list[str], Shapes]]

# Step of the vertices of a view's far limit: 3 degrees keep it within 0.04 % of the range.
CHORD_DEG = 3.0
# A direction known this closely, by compass or from a map, is drawn as certain.
SURVEYED_DEG = 5.0
# Less of an area than this is rounding along its border.
LEAST_M2 = 0.01
# The states of a camera that has a view.
WATCHING = ("in_use", "repair")

_OF_LENS = ("fov_deg", "range_m", "near_m", "px_at_1_m")
_COLUMNS = (
    *("code", "x", "y", "azimuth_deg", "doubt_deg", "fov_deg", "range_m", "near_m", "height_m"),
    *("px_at_1_m", "repair", "networked", "in_service"),
    *("moved_m", "past_walls", "private_m2", "private", "consent", "view_m2"),
)


@dataclass(frozen=True, eq=False)
class Views:
    """What each camera that watches open ground may see.

    Parameters
    ----------
    columns
        (n,) arrays, one row for each outdoor, immobile camera in use or in repair that has a
        place: code, x, y (metres in `crs`, where it looks from: off the footprint it hangs on),
        azimuth_deg (from the map's north; NaN = all round or unknown), doubt_deg (of the azimuth,
        180 = unknown), fov_deg (its own, not widened by the doubt), range_m (of the picture class
        asked for; 0 = nowhere), near_m, height_m (NaN = unknown), px_at_1_m, repair (bool),
        networked, in_service (boolean, NA = unknown); moved_m (onto its facade), past_walls (True
        where heights were used), private_m2 and private (area of the no_camera areas it would
        look into, and their codes by "/"; cut out), consent (codes of the consent_needed areas
        it looks into), view_m2.
    polygons
        (n,) metres: all it may see, whichever way it looks; no_camera areas are cut out.
    crs
        Metric CRS of the town.
    """

    columns: Columns = field(repr=False)
    polygons: Shapes = field(repr=False)
    crs: CRS = field(repr=False)

    @cached_property
    def cameras(self) -> pd.DataFrame:
        """Return the columns as a table, index 0..n-1."""
        frame: pd.DataFrame = framed(self.columns)
        return frame

    def summary(self) -> str:
        """Return one line: views, those of unknown direction, in repair and into private areas."""
        cameras = self.cameras
        return (
            f"{len(cameras)} views, direction unknown {int((cameras['doubt_deg'] >= 180).sum())}, "
            f"in repair {int(cameras['repair'].sum())}, "
            f"cut at private areas {int((cameras['private'] != '').sum())}"
        )


def town_metres(layers: Layers) -> CRS:
    """Return the metric CRS that views are computed in: of the villages, else of the cameras.

    It does not move when a camera does.

    Raises
    ------
    CrsError
        If neither layer holds a geometry.
    """
    known = [layers[name] for name in ("villages", "cameras") if layers.has(name)]
    return coordinates.crs_of_frames(*known[:1])


def building_footprints(layers: Layers, crs: CRS) -> Footprints:
    """Return the town's buildings ready for sight, with their heights, in a metric CRS."""
    buildings = layers["buildings"]
    shapes = coordinates.to_metres(buildings, crs).geometry.to_numpy()
    return prepare(shapes, buildings["height_m"].to_numpy(float))


def camera_states(cameras: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return what keeps each camera from watching open ground, or that it does.

    Parameters
    ----------
    cameras
        Layer cameras.

    Returns
    -------
    Series
        Same index, the first that holds of: "removed" and "not_yet" (as `status` says, which is
        "not_yet" only in a town as of an earlier day), "mobile", "indoor", "no_place" (no
        geometry), "repair", "in_use" (also where nothing is said).
    """
    return pd.Series(states_of(cameras), index=cameras.index, dtype="str")


def watching(cameras: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return which cameras would watch open ground: those in use or in repair, (n,)."""
    return np.isin(states_of(cameras), WATCHING)


def states_of(cameras: gpd.GeoDataFrame) -> npt.NDArray[np.str_]:
    """Return `camera_states` as an array."""
    told = columns_of(cameras)
    places = np.asarray(told["geometry"], dtype=object)
    status = np.asarray(told["status"], dtype=object)
    holds = {
        "removed": status == "removed",
        "not_yet": status == "not_yet",
        "mobile": told["mobile"].to_numpy(bool, na_value=False),
        "indoor": told["indoor"].to_numpy(bool, na_value=False),
        "no_place": ~np.isfinite(shapely.get_x(places)),
        "repair": status == "repair",
    }
    return np.select(list(holds.values()), list(holds), "in_use")


def camera_views(
    layers: Layers,
    params: CoverageParams,
    footprints: Footprints | None = None,
    *,
    crs: CRS | None = None,
    lens: pd.DataFrame | Columns | None = None,
    areas: Areas | None = None,
) -> Views:
    """Return what each camera may see past the buildings.

    A camera more than 2 m inside a building has no place and no view; one nearer to its facade
    looks from there. Each view depends on its own camera alone, so a town with some of its
    cameras gives the same views of these.

    Parameters
    ----------
    layers
        The town: cameras, buildings, and the areas of kind no_camera, which are cut out.
    params
        Ladder, picture class, target height and the share of time online that is in service.
    footprints
        As `building_footprints` returns them, if they are at hand.
    crs
        CRS of `footprints`; absent = `town_metres`.
    lens
        `gis.optics.camera_optics` of the cameras of the layer for the picture class, if at hand.
    areas
        As `watched_areas` returns them, if they are at hand.
    """
    cameras = layers["cameras"]
    if lens is None:
        lens = camera_optics(cameras, ladder=params.ladder, picture_class=params.picture_class)
    rows = np.flatnonzero(watching(cameras))
    if crs is None:
        crs = town_metres(layers)
    if footprints is None:
        footprints = building_footprints(layers, crs)
    if areas is None:
        areas = watched_areas(layers["areas"], crs)
    places = np.asarray(columns_of(cameras)["geometry"], dtype=object)[rows]
    at = shapely.get_coordinates(in_metres(places, crs))
    stands = step_outside(at, footprints, FACADE_M)
    outside = np.flatnonzero(~np.isnan(stands[:, 0]))
    at, stands, rows = at[outside], stands[outside], rows[outside]
    seen = _described(cameras, places[outside], lens, rows, params, crs)
    seen |= {"x": stands[:, 0], "y": stands[:, 1], "moved_m": np.hypot(*(stands - at).T)}
    polygons, seen["past_walls"] = views_past(
        _sight_table(seen), footprints, chord_deg=CHORD_DEG, target_m=params.target_height_m
    )
    polygons, seen["private_m2"], seen["private"] = _without(polygons, *areas["no_camera"])
    seen["consent"] = _met(polygons, *areas["consent_needed"])
    seen["view_m2"] = shapely.area(polygons)
    return Views({name: seen[name] for name in _COLUMNS}, polygons, crs)


def _described(
    cameras: gpd.GeoDataFrame,
    places: Shapes,
    lens: pd.DataFrame | Columns,
    rows: Ints,
    params: CoverageParams,
    crs: CRS,
) -> Table:
    """Return the columns of `Views.cameras` that the layer and the lens tell, of some rows."""
    told, lenses = columns_of(cameras), columns_of(lens)
    stated_deg, doubt_deg, height_m = (
        np.asarray(told[name], float)[rows]
        for name in ("azimuth_deg", "azimuth_doubt_deg", "height_m")
    )
    shown = {name: np.asarray(lenses[name], float)[rows] for name in _OF_LENS}
    # Where a camera covers all round, the direction of its rest is no direction.
    stated_deg = np.where(shown["fov_deg"] >= 360, np.nan, stated_deg)
    lon, lat = shapely.get_x(places), shapely.get_y(places)
    return {
        "code": np.asarray(told["code"], dtype=object)[rows],
        "azimuth_deg": grid_azimuth_deg(stated_deg, lon, lat, crs),
        "doubt_deg": doubt_of_deg(stated_deg, shown["fov_deg"], doubt_deg),
        **shown,
        "height_m": height_m,
        "repair": np.asarray(told["status"], dtype=object)[rows] == "repair",
        "networked": told["networked"][rows],
        "in_service": in_service(told, params)[rows],
    }


def in_service(cameras: Table, params: CoverageParams) -> pd.arrays.BooleanArray:
    """Return whether each camera works and is online often enough; NA where nobody knows.

    Parameters
    ----------
    cameras
        Columns of the layer: status, online_share. One in repair, removed or not yet there is not
        in service, whatever its share.
    params
        The share of time online that is in service.
    """
    share = np.asarray(cameras["online_share"], float)
    status = np.asarray(cameras["status"], dtype=object)
    out = np.logical_or.reduce([status == word for word in ("repair", "removed", "not_yet")])
    works = (share >= params.in_service_share) & ~out
    return pd.arrays.BooleanArray(works, np.isnan(share) & ~out)


def _sight_table(table: Table) -> Floats:
    """Return the cameras as `gis.sight.views_past` takes them: widened by their doubt."""
    wide_deg = widest_fov_deg(table["fov_deg"], table["doubt_deg"])
    azimuth_deg = np.where(wide_deg >= 360, np.nan, table["azimuth_deg"])
    # What begins to see the ground behind the end of its range sees nothing.
    range_m = np.where(table["near_m"] < table["range_m"], table["range_m"], 0.0)
    columns = [table["x"], table["y"], azimuth_deg, wide_deg, range_m]
    return np.column_stack([*columns, table["near_m"], table["height_m"]])


def watched_areas(areas: gpd.GeoDataFrame, crs: CRS) -> Areas:
    """Return the areas of which a view says that it looks into them, by kind.

    Parameters
    ----------
    areas
        Layer areas, EPSG:4326.
    crs
        The town's metric CRS.

    Returns
    -------
    dict
        "no_camera" and "consent_needed" to codes and shapes (metres) of those that have one.
    """
    told, found = columns_of(areas), {}
    shapes = np.asarray(told["geometry"], dtype=object)
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    for kind in ("no_camera", "consent_needed"):
        rows = np.flatnonzero(there & np.asarray(told["kind"] == kind, bool))
        found[kind] = told["code"][rows].tolist(), in_metres(shapes[rows], crs)
    return found


def in_metres(shapes: Shapes, crs: CRS) -> Shapes:
    """Return shapes in degrees, lon and lat, in a metric CRS; for a few it costs little."""
    turn: Any = _turn(crs).transform
    whole: Any = shapely.transform(shapes, turn, interleaved=False)
    return np.asarray(whole, dtype=object)


def in_degrees(shapes: Shapes, crs: CRS) -> Shapes:
    """Return shapes in a metric CRS in degrees, lon and lat."""
    turn: Any = _turn(crs).transform

    back: Any = partial(turn, direction="INVERSE")
    whole: Any = shapely.transform(shapes, back, interleaved=False)
    return np.asarray(whole, dtype=object)


@lru_cache(maxsize=16)
def _turn(crs: CRS) -> Transformer:
    return Transformer.from_crs(WGS84, crs, always_xy=True)


def _pairs(polygons: Shapes, shapes: Shapes) -> tuple[Ints, Ints]:
    """Return which views share ground with which areas, by view, then area."""
    view, area = shapely.STRtree(shapes).query(polygons, predicate="intersects")
    shared_m2 = shapely.area(shapely.intersection(polygons[view], shapes[area]))
    view, area = view[shared_m2 > LEAST_M2], area[shared_m2 > LEAST_M2]
    order = np.lexsort((area, view))
    return view[order], area[order]


def _without(polygons: Shapes, codes: list[str], shapes: Shapes) -> tuple[Shapes, Floats, Shapes]:
    """Return the views with areas cut out, what each loses (m2), and the codes by "/"."""
    lost_m2, names = np.zeros(len(polygons)), np.full(len(polygons), "", dtype=object)
    if len(shapes):
        view, area = _pairs(polygons, shapes)
        names = _joined(view, area, codes, len(polygons))
        into, number = np.unique(view, return_inverse=True)
        cut = shapely.difference(polygons[into], union_by(shapes[area], number))
        lost_m2[into] = shapely.area(polygons[into]) - shapely.area(cut)
        polygons = polygons.copy()
        polygons[into] = cut
    return polygons, lost_m2, names


def _met(polygons: Shapes, codes: list[str], shapes: Shapes) -> Shapes:
    """Return the codes of the areas that each view shares ground with, by "/"."""
    if not len(shapes):
        return np.full(len(polygons), "", dtype=object)
    return _joined(*_pairs(polygons, shapes), codes, len(polygons))


def _joined(view: Ints, area: Ints, codes: list[str], count: int) -> Shapes:
    lists: list[list[str]] = [[] for _ in range(count)]
    for at, which in zip(view.tolist(), area.tolist(), strict=True):
        lists[at].append(codes[which])
    return np.array(["/".join(names) for names in lists], dtype=object)


def views_frame(views: Views) -> gpd.GeoDataFrame:
    """Return the views as `Coverage.views` holds them, EPSG:4326.

    `certain` is False where the direction is in doubt by more than 5 degrees: then the shape is
    all that the camera may see, and it sees only a sector of it.
    """
    frame: gpd.GeoDataFrame = framed(views_columns(views))
    return frame


def views_columns(views: Views) -> Columns:
    """Return the columns of `views_frame`."""
    told = views.columns
    return {
        "camera": told["code"],
        "certain": told["doubt_deg"] <= SURVEYED_DEG,
        "repair": told["repair"],
        "geometry": in_degrees(views.polygons, views.crs),
    }
