"""Whole files: the real ones counted by the rule of their README, and those that are no files."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
import shapely
from pyproj import Geod

from gis.errors import CrsError, FileMissingError, FormatError, ParameterError
from gis.osm import LAYERS, OsmExtract, read_osm, read_town
from gis.schema import schema

DATA = Path(__file__).parents[1] / "data"
NODE = b'<osm version="0.6"><node id="1" version="1" lat="30" lon="120"/></osm>'

# File, km of streets, building ways, camera nodes, villages: ../shared/data/README.md.
REAL = [
    ("tsinghua.osm.pbf", 102, 509, 0, 0),
    ("liechtenstein.osm.pbf", 1138, 8991, 0, 11),
    ("north-bayreuth.osm.gz", 533, 4255, 0, None),
    ("manhattan.osm.pbf", 32, 1368, 0, 0),
    ("heidelberg-old-town.osm.pbf", 30, 1366, 5, 0),
    ("heidelberg-region.osm.pbf", 3780, 5, None, 0),
]


def street_km(streets: gpd.GeoDataFrame) -> float:
    return sum(map(Geod(ellps="WGS84").geometry_length, streets.geometry)) / 1000


def of_type(frame: gpd.GeoDataFrame, kind: str) -> int:
    return int(frame["code"].str.startswith(f"{kind}/").sum())


def faults(layers: dict[str, gpd.GeoDataFrame]) -> list[str]:
    """Return what of the layers breaks their schemas."""
    found = [] if list(layers) == list(LAYERS) else ["other layers"]
    for name, frame in layers.items():
        rules = schema(name)
        types = set(frame.geometry.geom_type.dropna())
        found += [f"{name}: {bad}" for bad in types - rules.geometry_types]
        found += [f"{name}: CRS"] if frame.crs != "EPSG:4326" else []
        found += [f"{name}: codes"] if frame["code"].duplicated().any() else []
        found += [f"{name}: lacks {c.name}" for c in rules.columns if c.name not in frame]
        found += [f"{name}: invalid"] if not frame.geometry.dropna().is_valid.all() else []
        if rules.geometry_types and (frame.geometry.isna() | frame.geometry.is_empty).any():
            found.append(f"{name}: without geometry")
        for column in rules.columns:
            values = frame[column.name].dropna()
            if column.words and not set(values) <= set(column.words):
                found.append(f"{name}.{column.name}: {set(values) - set(column.words)}")
            if column.low is not None and (values < column.low).any():
                found.append(f"{name}.{column.name}: too low")
            if column.high is not None and (values > column.high).any():
                found.append(f"{name}.{column.name}: too high")
            if column.required and len(values) < len(frame):
                found.append(f"{name}.{column.name}: missing")
    return found


def outside(town: OsmExtract) -> list[str]:
    """Return the layers with a row that is not in the clip area by the rule of its layer."""
    layers = town.layers
    tests = {name: layers[name].representative_point() for name in ("sites", "stations")}
    tests["cameras"] = layers["cameras"].geometry
    tests["barriers"] = layers["barriers"].geometry
    vertices = layers["streets"].geometry.get_coordinates()
    tests["streets"] = gpd.GeoSeries.from_xy(vertices["x"], vertices["y"], crs=4326)
    found = [name for name, points in tests.items() if not points.intersects(town.clip).all()]
    # Cutting rounds the corners it makes.
    return found + ["villages"] * (not layers["villages"].within(town.clip.buffer(1e-9)).all())


@pytest.mark.real
@pytest.mark.parametrize(("name", "km", "buildings", "cameras", "villages"), REAL)
def test_real_files_agree_with_their_counts(
    shared_data: Path, name: str, km: int, buildings: int, cameras: int | None, villages: int | None
) -> None:
    town = read_town(shared_data / name)
    layers = town.layers
    assert faults(layers) == []
    assert outside(town) == []
    assert street_km(layers["streets"]) == pytest.approx(km, rel=0.02)
    assert of_type(layers["buildings"], "way") == pytest.approx(buildings, rel=0.02)
    assert cameras is None or of_type(layers["cameras"], "node") == cameras
    assert villages is None or len(layers["villages"]) == villages


@pytest.mark.real
def test_helsinki_has_its_cameras(helsinki_pbf: Path) -> None:
    layers = read_osm(helsinki_pbf)
    assert faults(layers) == []
    assert street_km(layers["streets"]) == pytest.approx(93, rel=0.02)
    assert of_type(layers["buildings"], "way") == pytest.approx(423, rel=0.02)
    assert of_type(layers["cameras"], "node") == 221
    assert layers["cameras"]["kind"].notna().sum() == 6
    assert layers["cameras"]["azimuth_deg"].notna().sum() == 0


@pytest.mark.real
def test_old_town_has_directions_and_a_camera_drawn_as_a_way(shared_data: Path) -> None:
    cameras = read_osm(shared_data / "heidelberg-old-town.osm.pbf")["cameras"]
    assert sorted(cameras["azimuth_deg"].dropna()) == [100, 260, 320]
    assert of_type(cameras, "way") == 1


@pytest.mark.real
def test_liechtenstein_is_partitioned_by_its_villages(shared_data: Path) -> None:
    town = read_town(shared_data / "liechtenstein.osm.pbf")
    villages = town.layers["villages"].to_crs("EPSG:32632")
    assert {"Vaduz", "Schaan", "Planken"} <= set(villages["name"])
    # 160 km2; neighbours share their borders, with exclaves within each other.
    assert villages.area.sum() / 1e6 == pytest.approx(160, rel=0.01)
    assert villages.union_all().area == pytest.approx(villages.area.sum(), rel=1e-9)


@pytest.mark.real
def test_street_vertices_are_nodes_bit_for_bit(shared_data: Path) -> None:
    path = shared_data / "tsinghua.osm.pbf"
    nodes = {(n.lon, n.lat) for n in osmium.FileProcessor(str(path), osmium.osm.NODE)}
    lines = read_osm(path)["streets"].geometry
    assert set(map(tuple, shapely.get_coordinates(lines))) <= nodes


@pytest.mark.real
def test_boundary_narrows_every_layer(shared_data: Path) -> None:
    path = shared_data / "tsinghua.osm.pbf"
    triangle = shapely.Polygon([(116.312, 39.992), (116.33, 39.996), (116.318, 40.01)])
    whole, part = read_town(path), read_town(path, triangle)
    assert part.clip.equals(triangle)
    assert outside(part) == []
    for name in ("streets", "buildings", "sites"):
        assert 0 < len(part.layers[name]) < len(whole.layers[name])
        assert set(part.layers[name]["code"]) <= set(whole.layers[name]["code"])
    metric = gpd.GeoDataFrame(geometry=[triangle], crs=4326).to_crs("EPSG:32650")
    assert len(read_osm(path, metric)["buildings"]) == len(part.layers["buildings"])


def test_boundary_far_away_leaves_empty_layers_with_all_columns() -> None:
    layers = read_osm(DATA / "streets_with_odd_tags.osm", shapely.box(0, 0, 1, 1))
    assert faults(layers) == []
    assert not any(map(len, layers.values()))
    assert {"via_lon", "via_lat"} <= set(layers["restrictions"])


def test_boundary_without_area_or_crs_is_refused() -> None:
    path = DATA / "one_node.osm"
    with pytest.raises(CrsError, match="coordinate system"):
        read_osm(path, gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)]))
    for flat in (shapely.Polygon(), gpd.GeoDataFrame(geometry=[], crs=4326)):
        with pytest.raises(ParameterError, match="no area"):
            read_osm(path, flat)


def test_boundary_is_not_changed() -> None:
    boundary = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    before = boundary.copy(deep=True)
    read_osm(DATA / "one_node.osm", boundary.to_crs(3857))
    read_osm(DATA / "one_node.osm", boundary)
    assert before.equals(boundary)


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("header_states_half_the_globe", (120, 30, 120.01, 30.02)),
        ("header_smaller_than_nodes", (120, 30, 120.01, 30.01)),
        ("streets_with_odd_tags", (120, 30, 120.005, 30.001)),
    ],
)
def test_clip_is_the_box_that_nodes_fill_or_their_extent(
    name: str, bounds: tuple[float, ...]
) -> None:
    assert read_town(DATA / f"{name}.osm").clip.bounds == bounds


def test_one_node_is_a_town_of_one_shop() -> None:
    town = read_town(DATA / "one_node.osm")
    assert town.layers["sites"]["code"].tolist() == ["node/1"]
    assert town.clip.area > 0
    assert town.summary().startswith("streets 0, buildings 0, sites 1, cameras 0")
    assert town.summary().endswith("left out: nothing")


@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2", ".OSM"])
def test_every_format_gives_the_same(tmp_path: Path, ending: str) -> None:
    text = (DATA / "streets_with_odd_tags.osm").read_bytes()
    pack = {".gz": gzip.compress, ".bz2": bz2.compress}.get(Path(ending).suffix, bytes)
    path = tmp_path / f"镇 a{ending}"
    path.write_bytes(pack(text))
    expected = read_osm(DATA / "streets_with_odd_tags.osm")["streets"]
    assert read_osm(path)["streets"].equals(expected)


@pytest.mark.parametrize("ending", [".osm.pbf", ".pbf"])
def test_pbf_gives_the_same(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"town{ending}"
    with osmium.SimpleWriter(osmium.io.File(str(path), "pbf")) as writer:
        for item in osmium.FileProcessor(str(DATA / "streets_with_odd_tags.osm")):
            writer.add(item)
    expected = read_osm(DATA / "streets_with_odd_tags.osm")["streets"]
    assert read_osm(path)["streets"].equals(expected)


def test_missing_files_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.osm.pbf", tmp_path, Path("-")):
        with pytest.raises(FileMissingError, match="there is no such file") as caught:
            read_osm(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.osm", b"", "damaged"),
        ("empty.osm.pbf", b"", "no nodes|damaged"),
        ("bare.osm", b'<osm version="0.6"/>', "no nodes"),
        ("page.osm", b"<html><body>404</body></html>", "damaged"),
        ("letter.osm", NODE.replace(b"30", b"3O"), "damaged"),
        ("no_day.osm", NODE.replace(b"version", b'timestamp="2011-04-31x" version'), "damaged"),
        ("beyond_the_pole.osm", NODE.replace(b"30", b"130"), "no nodes"),
        ("noise.osm.pbf", bytes(range(256)) * 4, "damaged"),
        ("plain.osm.gz", b'<osm version="0.6"/>', "no nodes|damaged"),
        ("half.osm.bz2", bz2.compress(b'<osm version="0.6"/>')[:-9], "damaged"),
        ("town.geojson", b"{}", "must end in .osm, .osm.bz2"),
    ],
)
def test_what_is_no_map_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=message) as caught:
        read_osm(tmp_path / name)
    assert name in str(caught.value)


@pytest.mark.parametrize(("name", "why"), [("cut_short", "damaged"), ("without_nodes", "no nodes")])
def test_broken_fixtures_are_refused(name: str, why: str) -> None:
    with pytest.raises(FormatError, match=f"{name}.osm.*{why}"):
        read_osm(DATA / f"{name}.osm")


def test_history_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.osm"
    path.write_text('<osmChange version="0.6"><create/></osmChange>', encoding="utf-8")
    with pytest.raises(FormatError, match="several versions"):
        read_osm(path)


READABLE = sorted(p for p in DATA.glob("*.osm") if p.stem not in ("cut_short", "without_nodes"))


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_odd_fixtures_keep_to_the_schema(path: Path) -> None:
    town = read_town(path)
    assert faults(town.layers) == []
    assert outside(town) == []
    text = " ".join(frame.to_csv() for frame in town.layers.values())
    assert not any(word in text for word in ("Li Lei", "a@b", "123,", "operator", "phone"))
    assert town.clip.area > 0
