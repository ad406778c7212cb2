"""Files made to do harm: each is refused with a clear message, within time and memory."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import textwrap
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point

from gis.errors import FileMissingError, FormatError, LayerFaultsError
from gis.layers import conform
from gis.read import read_layer
from gis.validate import validate
from gis.write import write_layer

# What a reader may need beside the modules themselves, and how long it may take on a busy machine.
MOST_MB = 1_500
MOST_S = 100

PLACE = '"geometry": {"type": "Point", "coordinates": [120.7, 30.1]}'


def read_apart(path, layer="cameras"):
    """Read in a process of its own; return its message and its highest memory, in MB."""
    code = f"""
        import resource, sys
        from gis.errors import FengqiaoError
        from gis.read import read_layer
        try:
            message = f"read {{read_layer({str(path)!r}, {layer!r}, crs='wgs84').rows}} rows"
        except FengqiaoError as error:
            message = f"{{type(error).__name__}}: {{error}}"
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
        print(message)
    """
    done = subprocess.run(
        [sys.executable, "-P", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=MOST_S,
        check=True,
    )
    peak, _, message = done.stdout.partition("\n")
    assert int(peak) < MOST_MB
    return message


def zipped(path, entries, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("ending", [".zip", ".xlsx"])
def test_a_zip_bomb(tmp_path, ending):
    path = tmp_path / f"cameras{ending}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in ("xl/workbook.xml", "cameras.shp", "cameras.dbf"):
            with archive.open(name, "w") as entry:
                for _ in range(60):
                    entry.write(bytes(1 << 20))
    with pytest.raises(FormatError, match=r"unpacks to .* times its size; at most 200"):
        read_layer(path, "cameras", crs="wgs84")
    assert path.stat().st_size < 1 << 20


@pytest.mark.parametrize("ending", [".zip", ".xlsx"])
def test_an_archive_that_unpacks_to_more_than_it_says_it_may(tmp_path, ending):
    path = zipped(tmp_path / f"cameras{ending}", {"xl/workbook.xml": b"x" * 1000})
    data = path.read_bytes()
    # The size in the central list: 1 GB.
    at = data.rindex(b"PK\x01\x02")
    path.write_bytes(data[: at + 24] + (10**9).to_bytes(4, "little") + data[at + 28 :])
    with pytest.raises(FormatError, match=r"has 1,000,000,000 unpacked bytes; at most"):
        read_layer(path, "cameras", crs="wgs84")


@pytest.mark.parametrize("ending", [".zip", ".xlsx"])
@pytest.mark.parametrize("count", [2_001, 40_000])
def test_an_archive_of_very_many_entries(tmp_path, ending, count):
    path = zipped(tmp_path / f"cameras{ending}", {f"{n}.shp": b"" for n in range(count)})
    with pytest.raises(FormatError, match="entries"):
        read_layer(path, "cameras", crs="wgs84")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("inner.zip", "is an archive itself"),
        ("inner.tar.gz", "is an archive itself"),
        ("../cameras.shp", "leads out of the archive"),
        ("a/../../cameras.shp", "leads out of the archive"),
        ("..\\cameras.shp", "leads out of the archive"),
        ("/tmp/cameras.shp", "leads out of the archive"),
        ("C:\\cameras.shp", "leads out of the archive"),
    ],
)
def test_names_in_an_archive(tmp_path, name, problem):
    path = zipped(tmp_path / "cameras.zip", {"cameras.dbf": b"", name: b"x"})
    with pytest.raises(FormatError, match=problem):
        read_layer(path, "cameras")
    assert [p.name for p in tmp_path.iterdir()] == ["cameras.zip"]


def test_a_link_in_an_archive(tmp_path):
    entry = zipfile.ZipInfo("cameras.shp")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "cameras.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(FormatError, match="is a link"):
        read_layer(tmp_path / "cameras.zip", "cameras")


@pytest.mark.parametrize(
    "name",
    [
        "/vsicurl/http://127.0.0.1:9/cameras.gpkg",
        "/vsizip/vsicurl/http://127.0.0.1:9/cameras.zip",
        "http://127.0.0.1:9/cameras.geojson",
        "PG:host=127.0.0.1.gpkg",
        "file:///etc/passwd.csv",
    ],
)
def test_names_that_are_addresses(name):
    with pytest.raises(FileMissingError, match="no such file"):
        read_layer(name, "cameras")


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE kml [<!ENTITY a "x">]>',
        '<!DOCTYPE kml SYSTEM "http://127.0.0.1:9/kml.dtd">',
        '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE kml [<!ENTITY a0 'ha'>"
        + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
        + "<!ENTITY a '&a9;'>]>",
    ],
    ids=["entity", "external dtd", "external entity", "billion laughs"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_entities(tmp_path, head, encoding):
    path = tmp_path / "cameras.kml"
    path.write_bytes(
        f"<?xml version='1.0'?>{head}<kml><Placemark><name>&a;北</name></Placemark></kml>".encode(
            encoding
        )
    )
    with pytest.raises(FormatError, match="entities of its own"):
        read_layer(path, "cameras", crs="wgs84")


def test_entities_in_a_workbook(tmp_path):
    path = write_layer(
        conform(gpd.GeoDataFrame({"code": ["a"]}, geometry=[Point(1, 1)], crs=4326), "cameras"),
        tmp_path / "cameras.xlsx",
    )
    with zipfile.ZipFile(path) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    for name in [n for n in entries if n.endswith(("sheet1.xml", "sharedStrings.xml"))]:
        head, _, rest = entries[name].partition(b"?>")
        dtd = b'?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        zipped(path, entries | {name: head + dtd + rest})
        with pytest.raises(FormatError, match="damaged workbook"):
            read_layer(path, "cameras", crs="wgs84")


@pytest.mark.parametrize("broken", [b"\xff\xff", b"\x81", b"\x00"])
def test_broken_bytes_in_gbk(tmp_path, broken):
    path = tmp_path / "cameras.csv"
    text = "code,name,lon,lat\na,北门,120.7,30.1\nb,".encode("gbk")
    path.write_bytes(text + broken + b"\n")
    with pytest.raises(FormatError, match="is not text in utf-8 or gb18030"):
        read_layer(path, "cameras", crs="wgs84")


@pytest.mark.parametrize("ending", [".csv", ".geojson", ".kml"])
def test_200_mb_in_one_line(tmp_path, ending):
    path = tmp_path / f"cameras{ending}"
    with path.open("wb") as file:
        file.write({".csv": b"code,", ".geojson": b'{"type": "', ".kml": b"<kml>"}[ending])
        for _ in range(200):
            file.write(b"x" * (1 << 20))
    assert "goes on for more than" in read_apart(path)


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_deep_nesting(tmp_path, depth):
    path = tmp_path / "villages.geojson"
    rings = "[" * depth + "]" * depth
    place = f'"geometry": {{"type": "Polygon", "coordinates": {rings}}}'
    path.write_text(f'{{"type": "Feature", "properties": {{"code": "a"}}, {place}}}')
    with pytest.raises((FormatError, LayerFaultsError), match=r"is not JSON|lists of numbers"):
        read_layer(path, "villages")
    path = tmp_path / "villages.kml"
    shape = "<MultiGeometry>" * depth + "</MultiGeometry>" * depth
    path.write_text(f"<kml><Placemark><name>a</name>{shape}</Placemark></kml>")
    with pytest.raises((FormatError, LayerFaultsError), match=r"nested|not KML"):
        read_layer(path, "villages", crs="wgs84")


def test_a_number_of_a_hundred_thousand_digits(tmp_path):
    path = tmp_path / "cameras.geojson"
    path.write_text(f'{{"type": "Feature", "properties": {{"code": {"9" * 100_000}}}, {PLACE}}}')
    with pytest.raises(FormatError, match="is not JSON"):
        read_layer(path, "cameras")


def test_ten_million_vertices_of_a_geojson_file(tmp_path):
    path = tmp_path / "villages.geojson"
    ring = ",".join(["[1,2]"] * 1_000_000)
    with path.open("w") as file:
        file.write('{"type": "Feature", "properties": {}, "geometry": ')
        file.write('{"type": "Polygon", "coordinates": [[')
        file.write(",".join([ring] * 10))
        file.write("]]}}")
    message = read_apart(path, "villages")
    assert "commas" in message or "json marks" in message


def test_ten_million_vertices_of_a_geopackage(tmp_path):
    angles = np.linspace(0, 2 * np.pi, 2_500_000)
    ring = np.column_stack([120 + np.cos(angles), 30 + np.sin(angles)])
    frame = gpd.GeoDataFrame(
        {"code": list("abcd")}, geometry=gpd.GeoSeries.from_wkt(["POINT (0 0)"] * 4), crs=4326
    )
    frame = frame.set_geometry(shapely.linestrings([ring] * 4), crs=4326)
    path = tmp_path / "streets.gpkg"
    frame.to_file(path, driver="GPKG")
    assert "has 10,000,000 vertices; at most 5,000,000 are read" in read_apart(path, "streets")


def test_very_many_equal_codes(tmp_path):
    path = tmp_path / "cameras.csv"
    path.write_text("code,lon,lat\n" + "a,120.7,30.1\n" * 100_000)
    message = read_apart(path)
    assert "more than 1,000 faults: the first are told" in message
    assert len(message) < 10_000


def test_a_million_equal_codes():
    columns = dict.fromkeys(("code", "place_layer", "place_code", "key"), "a")
    rows = pd.DataFrame(columns, index=range(1_000_000))
    with pytest.raises(LayerFaultsError, match="more than 1,000 faults") as raised:
        validate(rows, "facts")
    assert len(raised.value.faults) == 1_001
    assert len(str(raised.value)) < 5_000


def test_very_many_faults_of_every_column(tmp_path):
    path = tmp_path / "cameras.csv"
    # Every third row has its axes exchanged: too few for the file as a whole to be.
    places = ("120.7,30.1", "120.7,30.1", "30.1,120.7")
    rows = "".join(f"{n},x{n},y{n},maybe,{places[n % 3]}\n" for n in range(50_000))
    path.write_text("code,height_m,fov_deg,networked,lon,lat\n" + rows)
    message = read_apart(path)
    assert message.count("more than 1,000 faults") == 4
    assert len(message) < 10_000


def test_names_that_would_be_code(tmp_path):
    names = [
        "two\nlines",
        "<script>alert(1)</script>",
        "\"quotes\" and 'others'; DROP TABLE cameras; --",
        "=HYPERLINK(1)",
        "bell\x07 and zero\x00, half \ud800 and turned \u202egnp.exe",
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"code": str(n), "name": name},
            "geometry": {"type": "Point", "coordinates": [120.7, 30.1]},
        }
        for n, name in enumerate(names)
    ]
    path = tmp_path / "cameras.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    result = read_layer(path, "cameras")
    clean = "bell and zero, half  and turned gnp.exe"
    assert result.frame["name"].tolist() == [*names[:4], clean]
    assert result.warnings == ("characters that nobody sees were taken out of 1 cells: name",)


def test_a_workbook_of_huge_texts(tmp_path):
    path = tmp_path / "cameras.xlsx"
    text = "".join(f"<si><t>{n}</t></si>" for n in range(50_000))
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    good = write_layer(
        conform(gpd.GeoDataFrame({"code": ["a"]}, geometry=[Point(1, 1)], crs=4326), "cameras"),
        path,
    )
    with zipfile.ZipFile(good) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    zipped(path, entries | {"xl/sharedStrings.xml": f"<sst {space}>{text}</sst>".encode()})
    message = read_apart(path)
    assert message.startswith(("read", "LayerFaultsError"))


def test_a_sheet_as_wide_and_long_as_can_be(tmp_path):
    path = write_layer(
        conform(gpd.GeoDataFrame({"code": ["a"]}, geometry=[Point(1, 1)], crs=4326), "cameras"),
        tmp_path / "cameras.xlsx",
    )
    with zipfile.ZipFile(path) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 500))
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = f"<worksheet {space}><sheetData>{rows}</sheetData></worksheet>"
    zipped(path, entries | {"xl/worksheets/sheet1.xml": sheet.encode()})
    assert "has 8,0" in (message := read_apart(path))
    assert "cells; at most 8,000,000 are read" in message
