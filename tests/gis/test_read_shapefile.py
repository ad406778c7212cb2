from __future__ import annotations

import zipfile

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon

from gis.errors import CrsError, DatumUndeclaredError, FormatError, LayerFaultsError
from gis.read import read_layer
from gis.read_dbf import read_dbf

PLACES = [Point(120.7, 30.1), Point(120.71, 30.11)]


def dbf(fields, records, *, deleted=()):
    """Return the bytes of a .dbf: fields (name, kind, size), records of bytes."""
    size = 1 + sum(field[2] for field in fields)
    head = 32 + 32 * len(fields) + 1
    data = bytearray(b"\x03\x7e\x01\x01")
    data += len(records).to_bytes(4, "little") + head.to_bytes(2, "little")
    data += size.to_bytes(2, "little") + bytes(20)
    for name, kind, length in fields:
        data += name.ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([length, 0]) + bytes(14)
    data += b"\x0d"
    for at, record in enumerate(records):
        data += b"*" if at in deleted else b" "
        for (_, kind, length), cell in zip(fields, record, strict=True):
            data += cell.rjust(length) if kind in "NF" else cell.ljust(length)
    return bytes(data + b"\x1a")


@pytest.fixture
def shapefile(tmp_path):
    """Write two points with attributes of our own bytes; return the .shp."""

    def write(fields, records, *, crs=4326, cpg=None, name="cameras", deleted=(), shapes=PLACES):
        path = tmp_path / f"{name}.shp"
        frame = gpd.GeoDataFrame({"x": range(len(shapes))}, geometry=list(shapes), crs=crs)
        frame.to_file(path)
        path.with_suffix(".dbf").write_bytes(dbf(fields, records, deleted=deleted))
        path.with_suffix(".cpg").unlink()
        if cpg is not None:
            path.with_suffix(".cpg").write_text(cpg)
        return path

    return write


FIELDS = [(b"code", "C", 20), (b"name", "C", 10)]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("ending", [".shp", ".dbf", ".shx", ".zip"])
def test_loose_and_zipped(shapefile, tmp_path, encoding, ending):
    records = [(b"00017", "北门".encode(encoding)), (b"33060200001310000001", b"")]
    path = shapefile(FIELDS, records)
    if ending == ".zip":
        path = tmp_path / "town.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("cameras.*"):
                archive.write(part, f"导出/{part.name}")
            archive.writestr("__MACOSX/._cameras.shp", b"x")
            archive.writestr("readme.txt", b"x")
    result = read_layer(path.with_suffix(ending), "cameras")
    assert result.frame["code"].tolist() == ["00017", "33060200001310000001"]
    assert result.frame["name"].tolist()[0] == "北门"
    assert list(result.frame.index) == [1, 2]
    assert [p.wkt for p in result.frame.geometry] == [p.wkt for p in PLACES]
    assert result.warnings == ()


@pytest.mark.parametrize(
    ("cpg", "encoding"),
    [("UTF-8", "utf-8"), ("936", "gbk"), ("GBK", "gbk"), ("ISO-8859-1", "latin-1")],
)
def test_the_cpg_is_believed(shapefile, cpg, encoding):
    name = "Bü" if encoding == "latin-1" else "北"
    records = [(b"a", name.encode(encoding)), (b"b", b"")]
    result = read_layer(shapefile(FIELDS, records, cpg=cpg), "cameras")
    assert result.frame["name"].tolist()[0] == name


def test_a_cpg_that_is_wrong(shapefile):
    records = [(b"a", "北门".encode("gbk")), (b"b", b"")]
    result = read_layer(shapefile(FIELDS, records, cpg="UTF-8"), "cameras")
    assert result.frame["name"].tolist()[0] == "北门"
    assert result.warnings == ("cameras.dbf: its .cpg says UTF-8, but its text is gb18030",)


def test_numbers_keep_every_digit(shapefile):
    fields = [(b"code", "N", 20), (b"height_m", "F", 12), (b"hd", "L", 1), (b"installed", "D", 8)]
    records = [
        (b"33060200001310000001", b"5.500", b"T", b"20240105"),
        (b"33060200001310000002", b"************", b"?", b"00000000"),
    ]
    frame = read_layer(shapefile(fields, records), "cameras").frame
    assert frame["code"].tolist() == ["33060200001310000001", "33060200001310000002"]
    assert frame["height_m"].tolist()[0] == 5.5
    assert np.isnan(frame["height_m"].tolist()[1])
    assert frame["hd"].tolist()[0] is True
    assert frame["installed"].tolist()[0] == "2024-01-05"
    assert frame.loc[2, ["hd", "installed"]].isna().all()


def test_names_cut_to_ten_bytes(shapefile):
    fields = [
        (b"code", "C", 5),
        (b"azimuth_de", "N", 5),
        ("安装高度（".encode("gbk")[:10], "N", 5),
        (b"contact_ph", "C", 11),
        ("联系电".encode(), "C", 11),
        (b"LXDH", "C", 11),
    ]
    records = [(b"a", b"90", b"4", b"1", b"1", b"1")] * 2
    records[1] = (b"b", *records[1][1:])
    fields[4] = ("联系电话".encode("gbk"), "C", 11)
    result = read_layer(shapefile(fields, records), "cameras")
    assert result.dropped_columns == ("contact_ph", "联系电话", "LXDH")
    assert result.frame["azimuth_deg"].tolist() == [90, 90]
    assert result.frame["height_m"].tolist() == [4, 4]


def test_a_character_cut_in_two(shapefile):
    fields = [(b"code", "C", 5), (b"name", "C", 10)]
    cut = "北门北门北门".encode()[:10]
    result = read_layer(shapefile(fields, [(b"a", cut), (b"b", b"")]), "cameras")
    assert result.frame["name"].tolist()[0] == "北门北"


def test_deleted_records_are_left_out(shapefile):
    records = [(b"a", b""), (b"b", b"")]
    frame = read_layer(shapefile(FIELDS, records, deleted=[0]), "cameras").frame
    assert frame["code"].tolist() == ["b"]
    assert list(frame.index) == [2]
    assert frame.geometry.loc[2].equals(PLACES[1])


def test_without_a_prj(shapefile):
    path = shapefile(FIELDS, [(b"a", b""), (b"b", b"")])
    path.with_suffix(".prj").unlink()
    with pytest.raises(DatumUndeclaredError, match="does not say"):
        read_layer(path, "cameras")
    assert read_layer(path, "cameras", crs="cgcs2000").rows == 2
    there = read_layer(path, "cameras", crs="gcj02").frame.geometry.loc[1]
    assert 0.003 < there.distance(PLACES[0]) < 0.008


def test_a_prj_in_metres(shapefile):
    metric = gpd.GeoSeries(PLACES, crs=4326).to_crs(4549)
    path = shapefile(FIELDS, [(b"a", b""), (b"b", b"")], crs=4549, shapes=list(metric))
    frame = read_layer(path, "cameras", crs="EPSG:4549").frame
    assert frame.geometry.loc[1].distance(PLACES[0]) < 1e-9
    with pytest.raises(CrsError, match="only degrees can be in gcj02"):
        read_layer(path, "cameras", crs="gcj02")
    path.with_suffix(".prj").unlink()
    with pytest.raises(DatumUndeclaredError, match="EPSG:4549"):
        read_layer(path, "cameras")


def test_parts_that_are_not_there(shapefile):
    path = shapefile(FIELDS, [(b"a", b""), (b"b", b"")])
    path.with_suffix(".shx").unlink()
    assert read_layer(path, "cameras").rows == 2
    dbf_bytes = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").unlink()
    with pytest.raises(LayerFaultsError, match="column code: this column is missing"):
        read_layer(path, "cameras")
    path.with_suffix(".dbf").write_bytes(dbf_bytes)
    path.unlink()
    with pytest.raises(FormatError, match=r"there is no \.shp of this name"):
        read_layer(path.with_suffix(".dbf"), "cameras")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda data: data[:60], "is not a table|is cut short"),
        (
            lambda data: data[:4] + b"\xff\xff\xff\x7f" + data[8:],
            "is cut short: it says 2147483647",
        ),
        (lambda data: data[:4] + b"\x01" + data[5:], "has 2 shapes, but 1 records"),
        (lambda data: b"\0" * len(data), "is not a table"),
    ],
)
def test_damaged_tables(shapefile, spoil, problem):
    path = shapefile(FIELDS, [(b"a", b""), (b"b", b"")])
    place = path.with_suffix(".dbf")
    place.write_bytes(spoil(place.read_bytes()))
    with pytest.raises(FormatError, match=problem):
        read_layer(path, "cameras")


def test_a_table_alone_is_a_layer_of_facts(tmp_path):
    fields = [(name, "C", 10) for name in (b"code", b"place_laye", b"place_code", b"key", b"value")]
    path = tmp_path / "facts.dbf"
    path.write_bytes(dbf(fields, [(b"1", b"villages", b"v", b"visits", b"60")]))
    frame = read_layer(path, "facts").frame
    assert frame.loc[1, ["place_layer", "value"]].tolist() == ["villages", "60"]


def test_several_in_one_zip(shapefile, tmp_path):
    records = [(b"a", b""), (b"b", b"")]
    parts = [shapefile(FIELDS, records, name=name) for name in ("cameras", "other")]
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        for path in parts:
            for ending in (".shp", ".dbf", ".prj"):
                archive.write(path.with_suffix(ending), path.with_suffix(ending).name)
    assert read_layer(tmp_path / "both.zip", "cameras").rows == 2
    with pytest.raises(FormatError, match="has no Shapefile areas; it has: cameras, other"):
        read_layer(tmp_path / "both.zip", "areas")


def test_polygons_with_holes(shapefile):
    hole = [(120.72, 30.12), (120.73, 30.12), (120.73, 30.13), (120.72, 30.13)]
    square = Polygon([(120.7, 30.1), (120.8, 30.1), (120.8, 30.2), (120.7, 30.2)], [hole])
    fields = [(b"code", "C", 5), (b"kind", "C", 10)]
    path = shapefile(fields, [(b"a", b"planned")], name="areas", shapes=[square])
    assert read_layer(path, "areas").frame.geometry.loc[1].equals(square)


@given(
    st.lists(
        st.text(st.characters(codec="gb18030", exclude_categories=["C", "Z"]), max_size=5),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["utf-8", "gb18030"]),
)
def test_texts_come_back(tmp_path_factory, texts, encoding):
    path = tmp_path_factory.mktemp("dbf") / "x.dbf"
    path.write_bytes(dbf([(b"t", "C", 40)], [(text.encode(encoding),) for text in texts]))
    frame, deleted, warnings = read_dbf(path, encoding)
    assert frame["t"].tolist() == texts
    assert not deleted.any()
    assert warnings == []
