"""What cameras see of real towns: where the buildings are those of a map, not of a test."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.crs import crs_of_frames, to_metres
from gis.footprints import prepare, step_outside
from gis.layers import WGS84, Layers, conform
from gis.osm import read_town
from gis.sight import views_past
from planner.camera_views import camera_views
from planner.params import CoverageParams, Params
from planner.results_coverage import Coverage
from planner.run import answer_coverage

pytestmark = pytest.mark.real
PARAMS = Params.default()


def osm_town(path: Path) -> Layers:
    extract = read_town(path)
    return Layers(path.name, extract.layers, extract.clip)


def covered(layers: Layers) -> Coverage:
    answer = answer_coverage(layers, PARAMS)
    assert isinstance(answer.result, Coverage)
    return answer.result


def intervals_in(part: Any) -> list[tuple[float, float, float]]:
    """Return every known interval of a document, wherever it stands."""
    if isinstance(part, dict):
        if {"value", "low", "high"} <= part.keys():
            values = part["low"], part["value"], part["high"]
            return [] if part["value"] is None else [values]
        part = list(part.values())
    if isinstance(part, list):
        return [found for one in part for found in intervals_in(one)]
    return []


def check_intervals(coverage: Coverage) -> None:
    found = intervals_in(coverage.document())
    assert len(found) > 5
    assert all(0 <= low <= value <= high for low, value, high in found)
    seen = coverage.cells.dropna(subset="value")
    assert (seen["low"] <= seen["value"]).all()
    assert (seen["value"] <= seen["high"]).all()
    assert seen["high"].between(0, 1).all()


def facade_cameras(layers: Layers, count: int, height_m: float, **columns: Any) -> gpd.GeoDataFrame:
    """Return cameras on facades: at the middle of an outer wall of every so-manieth building."""
    buildings = layers["buildings"]
    crs = crs_of_frames(buildings)
    shapes = to_metres(buildings, crs).geometry.to_numpy()
    shapes = shapes[:: max(1, len(shapes) // count)][:count]
    points = shapely.line_interpolate_point(shapely.boundary(shapes), 0.4, normalized=True)
    table = {"code": [f"c/{k:03}" for k in range(len(points))], "height_m": height_m, **columns}
    frame = gpd.GeoDataFrame(table, geometry=points, crs=crs).to_crs(WGS84)
    return conform(frame, "cameras")


def hidden_by_hand(eye: Any, height_m: float, ground: Any, solids: Any, tops_m: Any) -> bool:
    """Return whether any building stands between an eye and the ground."""
    line = shapely.LineString([eye, ground])
    far_m = math.dist(eye, ground)
    for solid, top_m in zip(solids, tops_m, strict=True):
        cut = shapely.intersection(line, solid)
        if cut.length < 1e-6:
            continue
        behind_m = max(math.dist(eye, point) for point in shapely.get_coordinates(cut))
        if math.isnan(top_m) or top_m >= height_m or height_m * (1 - behind_m / far_m) < top_m:
            return True
    return False


def test_in_helsinki_no_camera_has_a_direction_and_the_interval_says_so(
    helsinki_pbf: Path,
) -> None:
    coverage = covered(osm_town(helsinki_pbf))
    counts = coverage.totals["cameras"]
    assert (counts["total"], counts["in_use"], counts["no_azimuth"]) == (221, 221, 215)
    # Nodes mapped in the middle of a house, the roof of a station: more than 2 m from a wall.
    assert (coverage.cameras["state"] == "no_place").sum() == counts["no_place"] == 17
    assert len(coverage.views) == 221 - 17
    assert coverage.views["certain"].sum() == 6  # the domes
    share = coverage.totals["area_rate"]
    assert share.low < 0.03 < share.value < 0.12 < share.high
    # Of 80 degrees that look anywhere, a place within one camera's reach is seen at 2 in 9.
    lone = coverage.cells[(coverage.cells["cameras"] == 1) & (coverage.cells["low"] == 0)]
    assert (lone["value"] / lone["high"]).to_numpy() == pytest.approx(80 / 360)
    assert coverage.gaps["reason"].value_counts().idxmax() == "direction_unknown"
    assert not coverage.cameras["past_walls"].any()  # 3 heights of cameras, none of the houses
    assert {one.figure for one in coverage.missing} == {"areas", "entrance_rate", "junction_rate"}
    check_intervals(coverage)


def test_in_heidelberg_the_directed_cameras_look_where_their_tags_say(shared_data: Path) -> None:
    town = osm_town(shared_data / "heidelberg-old-town.osm.pbf")
    coverage = covered(town)
    table = coverage.cameras.set_index("code")
    assert table["azimuth_deg"].dropna().to_dict() == {
        "node/417230658": 260.0,
        "node/2590577885": 320.0,
        "node/2895401399": 100.0,
    }
    assert table["state"].value_counts().to_dict() == {"in_use": 4, "indoor": 1, "no_place": 1}
    assert table.loc["node/2590577885", "state"] == "indoor"
    assert table.loc["node/2896356673", "fov_deg"] == 360
    certain = coverage.views.set_index("camera")["certain"]
    assert certain.to_dict() == {
        "node/417230658": True,
        "node/2895401399": True,
        "node/2896356673": True,
        "way/96596042": False,
    }
    views = coverage.views.set_index("camera").to_crs(32632).geometry
    cameras = town["cameras"].set_index("code").to_crs(32632).geometry
    for code in ("node/417230658", "node/2895401399"):
        way = np.array(views[code].centroid.coords[0]) - np.array(cameras[code].coords[0])
        bearing_deg = math.degrees(math.atan2(*way))
        assert abs((bearing_deg - table.loc[code, "azimuth_deg"] + 180) % 360 - 180) < 40
    check_intervals(coverage)


def test_manhattan_without_cameras_names_what_is_missing(shared_data: Path) -> None:
    coverage = covered(osm_town(shared_data / "manhattan.osm.pbf"))
    lacking = {one.figure: one.layers for one in coverage.missing}
    for figure in ("area_rate", "village_rate", "street_rate", "site_rate"):
        assert lacking[figure] == ("cameras",)
    assert coverage.totals["area_rate"].value is None
    assert coverage.cells["value"].isna().all()
    assert len(coverage.gaps) == 0
    assert len(coverage.sites) == (coverage.sites["level"] == "cannot_tell").sum() > 500


def test_in_manhattan_cameras_look_over_low_roofs_as_rays_do(shared_data: Path) -> None:
    town = osm_town(shared_data / "manhattan.osm.pbf")
    buildings = town["buildings"]
    assert buildings["height_m"].notna().mean() > 0.97
    cameras = facade_cameras(town, 60, 18.0, fov_deg=360.0, range_m=70.0, kind="dome")
    views = camera_views(town.replaced(cameras=cameras), CoverageParams.default())
    assert views.cameras["past_walls"].mean() > 0.6
    solids = to_metres(buildings, views.crs).geometry.to_numpy()
    solids = shapely.make_valid(solids)
    tops_m = buildings["height_m"].to_numpy(float)
    tree, rng = shapely.STRtree(solids), np.random.default_rng(5)
    over = 0
    for row, view in zip(views.cameras.itertuples(), views.polygons, strict=True):
        eye = (row.x, row.y)
        for _ in range(25):
            turn, far_m = rng.uniform(0, 2 * math.pi), row.range_m * rng.uniform(0.1, 0.99)
            ground = (row.x + far_m * math.sin(turn), row.y + far_m * math.cos(turn))
            point = shapely.Point(ground)
            if view.boundary.distance(point) < 0.01:
                continue
            line = shapely.LineString([eye, ground])
            met = tree.query(line, predicate="intersects")
            inside = len(tree.query(point, predicate="within")) > 0
            hidden = inside or hidden_by_hand(eye, 18.0, ground, solids[met], tops_m[met])
            assert view.contains(point) == (not hidden)
            crossed = shapely.length(shapely.intersection(line, solids[met])).sum()
            over += not hidden and crossed > 1
    assert over > 20  # seen behind a roof


def test_no_view_over_manhattan_holds_a_building(shared_data: Path) -> None:
    buildings = osm_town(shared_data / "manhattan.osm.pbf")["buildings"]
    shapes = to_metres(buildings, crs_of_frames(buildings)).geometry.to_numpy()
    footprints = prepare(shapes, buildings["height_m"].to_numpy(float))
    west, south, east, north = shapely.total_bounds(shapes)
    # High above the roofs hundreds of strips overlap in each view.
    rng = np.random.default_rng(0)
    xy = np.column_stack(
        [rng.uniform(west + 50, east - 50, 600), rng.uniform(south + 50, north - 50, 600)]
    )
    xy = step_outside(xy, footprints, 15.0)
    xy = xy[~np.isnan(xy[:, 0])]
    height_m = rng.uniform(10, 45, len(xy))
    table = np.column_stack([xy, np.full((len(xy), 4), (np.nan, 360.0, 80.0, 0.0)), height_m])
    views, _ = views_past(table[200:340], footprints, chord_deg=3)
    view, piece = shapely.STRtree(footprints.polygons).query(views, predicate="intersects")
    inside_m2 = shapely.area(shapely.intersection(views[view], footprints.polygons[piece]))
    assert len(view) > 500
    assert inside_m2.max() < 1e-3


def test_in_lujiazui_heights_open_the_view_past_low_roofs(shared_data: Path) -> None:
    read = gpd.read_file(shared_data / "lujiazui" / "buildings.geojson")
    solid = read.geometry.geom_type.isin(["Polygon", "MultiPolygon"])
    table = {"code": read["osm_id"].astype(str) + "/" + read.index.astype(str)}
    frame = gpd.GeoDataFrame(
        {**table, "height_m": read["height"]}, geometry=read.geometry, crs=WGS84
    )[solid]
    buildings = conform(frame, "buildings")
    flat = conform(frame.assign(height_m=np.nan), "buildings")
    town = Layers("Lujiazui", {"buildings": buildings}, shapely.box(*frame.total_bounds))
    lens = {"azimuth_deg": [45.0 * (k % 8) for k in range(80)], "fov_deg": 90.0, "range_m": 70.0}
    town = town.replaced(cameras=facade_cameras(town, 80, 12.0, **lens, kind="fixed"))
    known, opaque = covered(town), covered(town.replaced(buildings=flat))
    assert known.cameras["past_walls"].sum() > 10
    # Without heights only a view that meets no wall at all is past them.
    free = opaque.cameras["past_walls"]
    assert free.sum() < 10
    assert opaque.cameras.loc[free, "view_m2"].to_numpy() == pytest.approx(
        known.cameras.loc[free, "view_m2"].to_numpy()
    )
    # To know heights never takes anything from a view.
    assert (known.cameras["view_m2"] >= opaque.cameras["view_m2"] - 1e-3).all()
    assert (known.cameras["view_m2"] > opaque.cameras["view_m2"] + 1).sum() >= 3
    assert known.totals["area_rate"].value > opaque.totals["area_rate"].value
    assert known.totals["area_rate"].low == known.totals["area_rate"].high  # no doubt
    unknown = {a.rows for a in opaque.assumed if (a.layer, a.column) == ("buildings", "height_m")}
    assert unknown == {len(buildings)}
    check_intervals(known)
