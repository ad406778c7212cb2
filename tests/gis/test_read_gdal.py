"""GDAL in its child: nothing but the file is opened, and limits hold."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import sys

import geopandas as gpd
import pyogrio
import pytest
from shapely import LineString, Point, Polygon

from gis import read_gdal
from gis.errors import FormatError
from gis.read import read_layer
from gis.read_gdal import read_through_gdal
from gis.read_gdal_child import choose

VRT = """<OGRVRTDataSource><OGRVRTLayer name="cameras">
<SrcDataSource>{target}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.gpkg"
    frame = gpd.GeoDataFrame({"code": ["a"]}, geometry=[Point(120.7, 30.1)], crs=4326)
    frame.to_file(path, layer="cameras", driver="GPKG")
    return path


@pytest.fixture
def listener():
    """A socket that must never hear anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server
        with pytest.raises(TimeoutError):
            server.accept()


def child_of(path, driver, layer="cameras"):
    return read_through_gdal(path, [path], driver, layer)


@pytest.mark.parametrize("driver", ["GPKG", "ESRI Shapefile"])
@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".geojson", ".vrt"])
def test_a_vrt_reaches_no_other_file(good, tmp_path, driver, ending):
    path = tmp_path / f"cameras{ending}"
    path.write_text(VRT.format(target=good))
    # What GDAL does of itself with the same bytes.
    assert len(pyogrio.read_dataframe(path)) == 1
    with pytest.raises(FormatError, match="is a damaged"):
        child_of(path, driver)


@pytest.mark.parametrize("name", ["cameras.gpkg", "cameras.geojson", "cameras.shp", "cameras.zip"])
def test_a_vrt_reaches_no_host(tmp_path, listener, name):
    host, port = listener.getsockname()
    path = tmp_path / name
    path.write_text(VRT.format(target=f"/vsicurl/http://{host}:{port}/cameras.gpkg"))
    with pytest.raises(FormatError):
        read_layer(path, "cameras", crs="wgs84")
    with pytest.raises(FormatError):
        child_of(path, "GPKG")


def test_tables_of_other_modules_are_refused(good):
    with sqlite3.connect(good) as base:
        base.execute("PRAGMA writable_schema=ON")
        base.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', "
            "'x', 'x', 0, 'CREATE VIRTUAL TABLE x USING VirtualOGR(''/etc/passwd'')')"
        )
    with pytest.raises(FormatError, match="module virtualogr, which may open other files"):
        read_layer(good, "cameras")


def test_a_view_that_never_ends_is_stopped(good, monkeypatch):
    with sqlite3.connect(good) as base:
        base.execute(
            "CREATE VIEW endless AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 "
            "FROM n) SELECT n.fid, c.geom FROM n, cameras c"
        )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "VALUES ('endless', 'features', 'endless', 4326)"
        )
        base.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('endless', 'geom', 'POINT', 4326, 0, 0)"
        )
    limits = {"cpu_s": 2, "wall_s": 60, "memory_bytes": 2 << 30}
    plain = read_gdal.limit
    monkeypatch.setattr(
        read_gdal, "limit", lambda part, name: limits.get(name) or plain(part, name)
    )
    with pytest.raises(FormatError, match=r"took more than 2 s|needs more than"):
        child_of(good, "GPKG", "endless")


def test_the_child_opens_nothing_else(good, tmp_path, monkeypatch):
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace.txt"
    plain = subprocess.run

    def traced(command, **options):
        traps = ["-f", "-qq", "-e", "trace=open,openat,connect,bind,sendto", "-o", str(trace)]
        return plain([strace, *traps, *command], **options)

    monkeypatch.setattr(read_gdal.subprocess, "run", traced)
    try:
        assert len(child_of(good, "GPKG").frame) == 1
    except FormatError:
        if "ptrace" in trace.read_text() or not trace.read_text():
            pytest.skip("strace may not trace here")
        raise
    calls = trace.read_text().splitlines()
    assert not [call for call in calls if "connect(" in call or "bind(" in call]
    opened = [call.split('"')[1] for call in calls if '"' in call and "ENOENT" not in call]
    ours = [name for name in opened if "input.gpkg" in name]
    assert ours
    assert all("fengqiao-" in name for name in ours)
    data = [n for n in opened if n.endswith((".gpkg", ".vrt", ".shp", ".geojson", "-wal"))]
    assert set(data) <= set(ours)
    # Libraries and their tables, the system's own, and the task's folder.
    allowed = (sys.prefix, sys.base_prefix, "/usr", "/lib", "/etc", "/proc", "/sys", "/dev")
    project = read_gdal.__file__.rpartition("/gis/")[0]
    strange = [
        name
        for name in opened
        if name.startswith("/") and not name.startswith((*allowed, project)) and name not in ours
    ]
    assert all("fengqiao-" in name for name in strange)


def test_a_geopackage_that_is_open_elsewhere(good):
    good.with_name("good.gpkg-wal").write_bytes(b"x" * 100)
    with pytest.raises(FormatError, match=r"open in another program \(good.gpkg-wal"):
        read_layer(good, "cameras")


def test_long_codes_of_a_geopackage_beside_a_blank(tmp_path):
    path = tmp_path / "cameras.gpkg"
    frame = gpd.GeoDataFrame(
        {"code": ["a", "b"], "site_code": [9007199254740993, 1], "hd": [True, False]},
        geometry=[Point(120.7, 30.1)] * 2,
        crs=4326,
    )
    frame.to_file(path, driver="GPKG")
    with sqlite3.connect(path) as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute("UPDATE cameras SET site_code = NULL, hd = NULL WHERE code = 'b'")
    read = read_layer(path, "cameras").frame
    assert read["site_code"].tolist()[0] == "9007199254740993"
    assert read["site_code"].isna().tolist() == [False, True]
    assert read["hd"].isna().tolist() == [False, True]


def test_shapes_and_rows_come_back_as_gdal_gives_them(tmp_path):
    path = tmp_path / "streets.gpkg"
    shapes = [LineString([(0, 0, 5), (1, 1, 6)]), None, Polygon([(0, 0), (1, 0), (0, 1)])]
    frame = gpd.GeoDataFrame({"n": [1.5, None, 3.0]}, geometry=shapes, crs=4549)
    pyogrio.write_dataframe(frame, path, geometry_type="Unknown", driver="GPKG")
    read = child_of(path, "GPKG", None)
    plain = pyogrio.read_dataframe(path, fid_as_index=True)
    assert read.crs == "EPSG:4549"
    assert list(read.frame.index) == list(plain.index) == [1, 2, 3]
    assert [a == b for a, b in zip(read.frame.geometry, plain.geometry, strict=True)] == [True] * 3
    assert read.frame["n"].tolist()[::2] == plain["n"].tolist()[::2]


def test_limits_of_the_child(good, monkeypatch):
    plain = read_gdal.limit
    monkeypatch.setattr(
        read_gdal, "limit", lambda part, name: 0.01 if name == "wall_s" else plain(part, name)
    )
    with pytest.raises(FormatError, match=r"longer than 0\.01 s"):
        child_of(good, "GPKG")


def test_programs_own_tables_are_passed_over():
    assert choose(["mine", "layer_styles", "fengqiao_export"], "cameras") == "mine"
    with pytest.raises(LookupError, match="has no layer cameras; it has: a, b"):
        choose(["a", "b"], "cameras")
