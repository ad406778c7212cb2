from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import LineString, Point, box

from gis.errors import (
    CrsError,
    DatumUndeclaredError,
    FileMissingError,
    FormatError,
    InputError,
    LayerFaultsError,
    NotFoundError,
    ParameterError,
)
from gis.read import read_layer

DATA = Path(__file__).parents[1] / "data"


def faults_of(name, layer, **options):
    with pytest.raises(LayerFaultsError) as raised:
        read_layer(DATA / name, layer, **options)
    assert str(DATA / name) in str(raised.value)
    assert f"layer {layer}" in str(raised.value)
    return [(fault.row, fault.column, fault.problem) for fault in raised.value.faults]


@pytest.fixture
def gpkg(tmp_path):
    def write(frame, name="cameras", crs="EPSG:4326", layer="cameras"):
        path = tmp_path / f"{name}.gpkg"
        frame.set_crs(crs, allow_override=True).to_file(path, layer=layer, driver="GPKG")
        return path

    return write


TWO_CAMERAS = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[Point(120.7, 30.1)] * 2)


def test_every_fault_of_a_file_in_one_message():
    with pytest.raises(LayerFaultsError) as raised:
        read_layer(DATA / "sites_every_fault.geojson", "sites")
    assert str(raised.value).splitlines() == [
        f"{DATA / 'sites_every_fault.geojson'}, layer sites: 14 faults; nothing was changed",
        "  column geometry: no coordinate system: say which, such as --crs wgs84 or --crs "
        "EPSG:4549",
        "  row 1, column kind: is missing",
        '  row 2, column code: "s1" is already the code of row 1',
        '  row 2, column kind: "hospitl" is not a known word; nearest: hospital, hotel',
        "  row 2, column geometry: is a LineString, where a point or polygon is needed",
        "  row 3, column code: is missing",
        "  row 3, column weight: -1 is below 0",
        "  row 3, column geometry: Self-intersection at lon 120.73, lat 30.11: the shape is not "
        "valid, redraw it there",
        '  row 4, column weight: "heavy" is not a number',
        "  row 4, column geometry: a coordinate is not a finite number",
        '  row 5, column tier_min: "2.5" is not a whole number',
        "  row 5, column geometry: lon 30.1502, lat 120.7201 is not on earth: lon and lat look "
        "swapped",
        '  row 6, column status_date: "soon" is not a date such as 2026-03-31',
        "  row 6, column geometry: lon 812, lat 30.1502 is out of range: not in degrees? say "
        "which CRS it is",
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cameras_without_rows.csv", [(None, None, "has no rows")]),
        ("cameras_missing_code.csv", [(None, "code", 'rename the column "Codes"')]),
        ("cameras_duplicate_code.csv", [(5, "code", '"00017" is already the code of row 2')]),
        (
            "cameras_unknown_word.csv",
            [(4, "kind", "nearest: half_dome"), (5, "status", "one of: in_use, repair, removed")],
        ),
        (
            "cameras_odd_numbers.csv",
            [
                (3, "height_m", '"5,5" is not a number'),
                (4, "height_m", '"high" is not a number'),
                (4, "azimuth_deg", "370 is above 360"),
                (4, "fov_deg", "0 is below 0.1"),
                (4, "networked", '"maybe" is not yes or no'),
                (4, "installed", "is not a date"),
            ],
        ),
        (
            "cameras_odd_positions.csv",
            [
                (3, "geometry", "lon and lat look swapped"),
                (4, "经度", '"nan" is not a number'),
                (5, "经度", "is missing"),
                (6, "geometry", "no geometry"),
                (7, "geometry", "out of range"),
            ],
        ),
        (
            "cameras_codes_from_a_sheet.csv",
            [(3, "code", "a spreadsheet made a number"), (4, "code", "keep it as text")],
        ),
    ],
)
def test_faults_of_tables_by_row_of_the_sheet(name, expected):
    found = faults_of(name, "cameras", crs="wgs84")
    assert [f[:2] for f in found] == [f[:2] for f in expected]
    for (_, _, problem), (_, _, part) in zip(found, expected, strict=True):
        assert part in problem


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("cameras_wrong_geometry.geojson", [2, 4]),
        ("cameras_odd_coordinates.geojson", [1, 2, 3, 4, 5, 6]),
        ("villages_bow_tie.geojson", [2, 3]),
    ],
)
def test_faults_of_geometry_by_number_of_the_feature(name, rows):
    found = faults_of(name, name.split("_")[0])
    assert [f[:2] for f in found] == [(row, "geometry") for row in rows]


def test_a_table_says_what_its_coordinates_are():
    with pytest.raises(DatumUndeclaredError, match="does not say what its coordinates are"):
        read_layer(DATA / "cameras_of_persons.csv", "cameras")
    found = faults_of("cameras_duplicate_code.csv", "cameras")
    assert [f[:2] for f in found] == [(None, "geometry"), (5, "code")]
    assert "--crs wgs84" in found[0][2]


def test_personal_columns_are_dropped_and_named():
    result = read_layer(DATA / "cameras_of_persons.csv", "cameras", crs="wgs84")
    assert result.dropped_columns == ("contactPhone", "联系人姓名")
    assert result.warnings == ("personal columns dropped: contactPhone, 联系人姓名",)
    assert "personal columns dropped: contactPhone, 联系人姓名" in result.summary()
    assert not {"contactPhone", "联系人姓名"} & set(result.frame.columns)
    assert result.frame.loc[2, ["name", "车牌识别", "note"]].tolist() == [
        "北门",
        "是",
        "by the gate",
    ]
    assert result.frame.loc[2, "mobile"] == False  # noqa: E712  (numpy's False)


def test_no_personal_column_gets_in_under_another_name():
    with pytest.raises(ParameterError, match="no column 联系人姓名 to map"):
        read_layer(
            DATA / "cameras_of_persons.csv", "cameras", crs="wgs84", mapping={"联系人姓名": "name"}
        )


def test_gb18030_with_semicolons_and_windows_lines():
    result = read_layer(DATA / "cameras_gb18030_semicolons.csv", "cameras", crs="wgs84")
    assert result.rows == 1
    assert result.frame.loc[2, "name"] == "北门"
    assert result.frame.loc[2, "code"] == "01"
    assert result.frame.loc[2, "geometry"].equals(Point(120.7201, 30.1502))


def test_columns_are_mapped():
    result = read_layer(
        DATA / "cameras_missing_code.csv", "cameras", crs="wgs84", mapping={"Codes": "code"}
    )
    assert result.frame["code"].tolist() == ["c1"]
    with pytest.raises(ParameterError, match="no column Cod to map; it has: Codes, name"):
        read_layer(DATA / "cameras_missing_code.csv", "cameras", mapping={"Cod": "code"})


def test_two_columns_mapped_to_one_are_a_fault():
    found = faults_of(
        "cameras_gb18030_semicolons.csv", "cameras", crs="wgs84", mapping={"编码": "code"}
    )
    assert (None, "code", "two columns have this name") in found


@pytest.mark.parametrize(
    ("name", "error", "match"),
    [
        ("no_such_file.csv", FileMissingError, "no such file"),
        ("", FormatError, "is not a file"),
        ("cameras_zero_bytes.csv", FormatError, "no bytes"),
        ("cameras_ragged.csv", FormatError, "Expected 3 fields in line 3, saw 4"),
        ("cameras_are_a_vrt.geojson", FormatError, "is not JSON"),
        ("cameras_are_a_topology.json", FormatError, "not a GeoJSON FeatureCollection"),
        ("without_nodes.osm", FormatError, r"'.osm' is not one of .gpkg, .geojson"),
    ],
)
def test_files_that_cannot_be_read(name, error, match):
    with pytest.raises(error, match=match) as raised:
        read_layer(DATA / name, "cameras", crs="wgs84")
    assert isinstance(raised.value, InputError)
    assert str(DATA / name) in str(raised.value)


@pytest.mark.parametrize("ending", [".gpkg", ".xlsx", ".json"])
@pytest.mark.parametrize("content", [b"code,lon,lat\n", b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04"])
def test_files_of_another_format(tmp_path, ending, content):
    path = tmp_path / f"cameras{ending}"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=f"cameras{ending}"):
        read_layer(path, "cameras", crs="wgs84")


def test_a_binary_file_named_csv(tmp_path):
    path = tmp_path / "cameras.csv"
    path.write_bytes(b"PK\x03\x04\x14\0\0\0")
    with pytest.raises(FormatError, match="is not text"):
        read_layer(path, "cameras", crs="wgs84")


def test_deep_json_is_refused(tmp_path):
    path = tmp_path / "cameras.geojson"
    path.write_text("[" * 200_000)
    with pytest.raises(FormatError, match="is not JSON"):
        read_layer(path, "cameras")


def test_unknown_words_of_the_caller():
    path = DATA / "cameras_duplicate_code.csv"
    with pytest.raises(ParameterError, match="'gcj03'; known are: wgs84, cgcs2000, gcj02"):
        read_layer(path, "cameras", crs="gcj03")
    with pytest.raises(ParameterError, match="no encoding 'utf8bis'"):
        read_layer(path, "cameras", crs="wgs84", encoding="utf8bis")
    with pytest.raises(NotFoundError, match="no layer 'camera'"):
        read_layer(path, "camera", crs="wgs84")
    with pytest.raises(FormatError, match="name its encoding"):
        read_layer(DATA / "cameras_gb18030_semicolons.csv", "cameras", encoding="utf-8")


def test_rows_of_a_geopackage_are_its_fids(gpkg):
    result = read_layer(gpkg(TWO_CAMERAS.assign(phone="1")), "cameras")
    assert list(result.frame.index) == [1, 2]
    assert result.dropped_columns == ("phone",)


def test_a_geopackage_without_crs(gpkg):
    with pytest.warns(UserWarning, match="crs"):
        path = gpkg(TWO_CAMERAS, crs=None)
    with pytest.raises(DatumUndeclaredError, match="does not say"):
        read_layer(path, "cameras")
    assert read_layer(path, "cameras", crs="wgs84").rows == 2


def test_a_crs_that_contradicts_the_file(gpkg):
    path = gpkg(TWO_CAMERAS)
    with pytest.raises(CrsError, match="says that it is in WGS 84, not in CGCS2000"):
        read_layer(path, "cameras", crs="EPSG:4549")
    assert read_layer(path, "cameras", crs="wgs84").rows == 2


def test_layers_of_a_geopackage(gpkg):
    path = gpkg(TWO_CAMERAS, layer="first")
    assert read_layer(path, "cameras").rows == 2
    gpkg(TWO_CAMERAS.assign(code=["c", "d"]), layer="second")
    with pytest.raises(FormatError, match="no layer cameras; it has: first, second"):
        read_layer(path, "cameras")
    gpkg(TWO_CAMERAS.assign(code=["e", "f"]), layer="cameras")
    assert read_layer(path, "cameras").frame["code"].tolist() == ["e", "f"]


def test_a_geopackage_cut_short(gpkg, tmp_path):
    whole = gpkg(TWO_CAMERAS)
    cut = tmp_path / "cut.gpkg"
    cut.write_bytes(whole.read_bytes()[:5000])
    with pytest.raises(FormatError, match=r"cut.gpkg is a damaged GeoPackage"):
        read_layer(cut, "cameras")


def test_a_geopackage_of_lines(gpkg):
    lines = TWO_CAMERAS.set_geometry([LineString([(120, 30), (120, 31)])] * 2)
    with pytest.raises(LayerFaultsError, match="row 2, column geometry: is a LineString"):
        read_layer(gpkg(lines), "cameras")


def test_the_extent_tells_swapped_places(gpkg):
    path = gpkg(TWO_CAMERAS.set_geometry([Point(60.2, 24.9)] * 2))
    assert read_layer(path, "cameras").rows == 2
    with pytest.raises(LayerFaultsError, match="lon and lat are swapped"):
        read_layer(path, "cameras", extent=box(24.8, 60.1, 25.2, 60.3))


def test_geojson_in_metres_says_so(tmp_path):
    path = tmp_path / "cameras.geojson"
    TWO_CAMERAS.set_crs(4326).to_crs(3857).to_file(path, driver="GeoJSON")
    frame = read_layer(path, "cameras").frame
    assert frame.geometry.loc[1].distance(Point(120.7, 30.1)) < 1e-9
    with pytest.raises(CrsError, match="says that it is in WGS 84 / Pseudo-Mercator"):
        read_layer(path, "cameras", crs="EPSG:4549")


def test_geojson_with_a_crs_nobody_knows(tmp_path):
    path = tmp_path / "cameras.geojson"
    text = (DATA / "cameras_wrong_geometry.geojson").read_text()
    path.write_text(text.replace('"features"', '"crs": {"type": "link"}, "features"'))
    with pytest.raises(CrsError, match="crs member"):
        read_layer(path, "cameras")


def test_long_codes_of_geojson_beside_a_blank(tmp_path):
    path = tmp_path / "cameras.geojson"
    shutil.copy(DATA / "cameras_odd_coordinates.geojson", path)
    point = '{"type": "Point", "coordinates": [120.7, 30.1]}'
    rows = [
        f'{{"type": "Feature", "geometry": {point}, "properties": {{"code": {code}, {more}}}}}'
        for code, more in [
            (33060201001310000001, '"lens": {"f": 4}, "n": 9007199254740993'),
            ('"b"', '"n": null'),
        ]
    ]
    path.write_text(f'{{"type": "FeatureCollection", "features": [{", ".join(rows)}]}}')
    frame = read_layer(path, "cameras").frame
    assert frame["code"].tolist() == ["33060201001310000001", "b"]
    assert frame["lens"].tolist()[0] == '{"f": 4}'
    assert frame["n"].tolist()[0] == 9007199254740993


def test_villages_of_the_real_table(shared_data):
    with pytest.raises(LayerFaultsError) as raised:
        read_layer(
            shared_data / "lihai-villages.csv",
            "villages",
            mapping={"village_code": "code", "village_name": "name"},
        )
    assert [f.column for f in raised.value.faults] == ["geometry"]
