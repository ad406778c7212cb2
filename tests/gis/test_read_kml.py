from __future__ import annotations

import pytest

from gis.errors import CrsError, DatumUndeclaredError, FormatError, LayerFaultsError
from gis.read import read_layer

HEAD = '<?xml version="1.0" encoding="{0}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
POINT = "<Point><coordinates> 120.7,30.1,5 </coordinates></Point>"
RING = "<LinearRing><coordinates>{}</coordinates></LinearRing>"


@pytest.fixture
def kml(tmp_path):
    def write(body, encoding="utf-8", claimed=None):
        path = tmp_path / "town.kml"
        text = HEAD.format(claimed or encoding) + body + "</Document></kml>"
        path.write_bytes(text.encode(encoding))
        return path

    return write


CAMERA = f"""<Folder><name>监控</name><Placemark id="p1"><name>北门</name>
<description><![CDATA[<b>by the gate</b>]]></description>
<ExtendedData>
<Data name="设备编码"><value>00017</value></Data>
<Data name="联系电话"><value>13800000000</value></Data>
<SchemaData schemaUrl="#s"><SimpleData name="status">在用</SimpleData></SchemaData>
</ExtendedData>{POINT}</Placemark></Folder>"""


@pytest.mark.parametrize(
    ("encoding", "claimed"),
    [("utf-8", "UTF-8"), ("gb18030", "GB2312"), ("gb18030", "UTF-8"), ("utf-16", "UTF-16")],
)
def test_a_placemark(kml, encoding, claimed):
    result = read_layer(kml(CAMERA, encoding, claimed), "cameras", crs="wgs84")
    row = result.frame.loc[1]
    assert row[["code", "name", "status"]].tolist() == ["00017", "北门", "in_use"]
    assert row["description"] == "<b>by the gate</b>"
    assert row["geometry"].wkt == "POINT (120.7 30.1)"
    assert result.dropped_columns == ("联系电话",)


def test_a_file_of_a_chinese_map_must_say_its_datum(kml):
    path = kml(CAMERA)
    with pytest.raises(DatumUndeclaredError):
        read_layer(path, "cameras")
    plain = read_layer(path, "cameras", crs="wgs84").frame.geometry.loc[1]
    shifted = read_layer(path, "cameras", crs="gcj02").frame.geometry.loc[1]
    assert 0.004 < plain.distance(shifted) < 0.008
    with pytest.raises(CrsError):
        read_layer(path, "cameras", crs="EPSG:999999")


def placemark(code, shape):
    data = f'<ExtendedData><Data name="code"><value>{code}</value></Data></ExtendedData>'
    return f"<Placemark>{data}{shape}</Placemark>"


def test_shapes(kml):
    square = "120,30 121,30 121,31 120,30"
    hole = "120.5,30.2 120.6,30.2 120.6,30.3 120.5,30.2"
    polygon = (
        f"<Polygon><outerBoundaryIs>{RING.format(square)}</outerBoundaryIs>"
        f"<innerBoundaryIs>{RING.format(hole)}</innerBoundaryIs></Polygon>"
    )
    other = (
        f"<Polygon><outerBoundaryIs>{RING.format('1,1 2,1 2,2 1,1')}</outerBoundaryIs></Polygon>"
    )
    path = kml(
        placemark("a", polygon)
        + placemark("b", f"<MultiGeometry>{polygon}{other}</MultiGeometry>")
        + placemark("c", f"<MultiGeometry><MultiGeometry>{other}</MultiGeometry></MultiGeometry>")
    )
    frame = read_layer(path, "villages", crs="wgs84").frame
    assert frame.geom_type.tolist() == ["Polygon", "MultiPolygon", "Polygon"]
    assert frame.geometry.loc[1].wkt == (
        "POLYGON ((120 30, 121 30, 121 31, 120 30), "
        "(120.5 30.2, 120.6 30.2, 120.6 30.3, 120.5 30.2))"
    )


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        ("", "no geometry"),
        ("<Point/>", "is not a Point"),
        ("<Point><coordinates>a,b</coordinates></Point>", '"a,b" is not a position'),
        ("<Point><coordinates>120.7, 30.1</coordinates></Point>", '"120.7," is not a position'),
        ("<Point><coordinates>nan,30</coordinates></Point>", "is not a finite number"),
        ("<Point><coordinates>500,30</coordinates></Point>", "is out of range"),
        ("<Polygon/>", "is a Polygon with 0 outer rings"),
        (f"<MultiGeometry>{POINT}<LineString/></MultiGeometry>", "is not a LineString|Geometry"),
        ("<LineString><coordinates>1,1</coordinates></LineString>", "is not a LineString"),
        ("<LineString><coordinates>1,1 2,2</coordinates></LineString>", "where a point is needed"),
    ],
)
def test_shapes_that_cannot_be_used(kml, shape, problem):
    path = kml(placemark("a", POINT) + placemark("b", shape))
    with pytest.raises(LayerFaultsError, match=problem) as raised:
        read_layer(path, "cameras", crs="wgs84")
    assert {fault.row for fault in raised.value.faults} == {2}


@pytest.mark.parametrize("body", ["<a/>", "<kml>", "not at all", "<kml xmlns='"])
def test_what_is_no_kml(tmp_path, body):
    path = tmp_path / "town.kml"
    path.write_text(body)
    with pytest.raises(FormatError, match="is not KML"):
        read_layer(path, "cameras", crs="wgs84")


def test_nothing_that_it_refers_to_is_opened(kml):
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"
    assert read_layer(kml(link + CAMERA), "cameras", crs="wgs84").rows == 1
