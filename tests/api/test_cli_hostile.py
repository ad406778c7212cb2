"""Files made to do harm, through the command: one clear message, status 1, nothing stored."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.workspace import open_workspace

Run = Callable[..., Any]
Make = Callable[[Path], Path]

MEGABYTE = 1 << 20
SITE = "https://example.invalid/cameras.geojson"


def text(name: str, content: str | bytes) -> Make:
    """Return what writes a file of that name."""

    def make(folder: Path) -> Path:
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
        return folder / name

    return make


def archive(name: str, **entries: bytes) -> Make:
    def make(folder: Path) -> Path:
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as target:
            for inner, content in entries.items():
                target.writestr(inner, content)
        return folder / name

    return make


def named(path: str) -> Make:
    return lambda _: Path(path)


def points(*coordinates: object) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"c{at}"},
            "geometry": {"type": "Point", "coordinates": place},
        }
        for at, place in enumerate(coordinates)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def ring(*corners: tuple[float, float]) -> str:
    shape = {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}
    feature = {"type": "Feature", "properties": {"code": "v"}, "geometry": shape}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'  # noqa: E501
DTD = '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml>&a;</kml>'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 if n > 1 else str()};" * 10}">' for n in range(1, 10))
    + "]><Response><CmdType>&a9;</CmdType></Response>"
)
HEAD = "code,name,lon,lat\n"
GOOD = "good,a,120.7,30.1\n"

FILES: dict[str, tuple[str, Make, str]] = {
    "zip bomb": ("cameras", archive("a.zip", **{"a.shp": bytes(60 * MEGABYTE)}), "times its size"),
    "workbook bomb": (
        "cameras",
        archive("a.xlsx", **{"xl/workbook.xml": bytes(60 * MEGABYTE)}),
        "times its size",
    ),
    "nested archive": ("cameras", archive("a.zip", **{"b.zip": b"x"}), "is an archive itself"),
    "name that leads out": ("cameras", archive("a.zip", **{"../a.shp": b"x"}), "leads out"),
    "VRT as GeoJSON": ("cameras", text("a.geojson", VRT), "is not JSON"),
    "VRT as GeoPackage": ("cameras", text("a.gpkg", VRT), "is not a GeoPackage"),
    "name of a network file": ("cameras", named(f"/vsicurl/{SITE}"), "no such file"),
    "name of a site": ("cameras", named(SITE), "no such file"),
    "KML with an entity": ("cameras", text("a.kml", DTD), "a.kml"),
    "catalogue with an entity": ("gb28181", text("a.xml", DTD), "a.xml"),
    "billion laughs": ("gb28181", text("a.xml", LAUGHS), "a.xml"),
    "broken GBK": (
        "cameras",
        text("a.csv", HEAD.encode() + "a,北门".encode("gbk")[:-1] + b"\xff,120.7,30.1\n"),
        "name its encoding",
    ),
    "one line": ("cameras", text("a.csv", HEAD.encode() + b"x" * (17 * MEGABYTE)), "a.csv"),
    "text for coordinates": ("cameras", text("a.geojson", points(["120.7", "30.1"])), "row 1"),
    "NaN": ("cameras", text("a.geojson", points([float("nan"), 30.1])), "row 1"),
    "infinity": ("cameras", text("a.csv", HEAD + "a,b,inf,30.1\n"), "row 2"),
    "500 degrees": ("cameras", text("a.csv", HEAD + GOOD + "a,b,500,30.1\n"), "row 3"),
    "500 degrees everywhere": ("cameras", text("a.csv", HEAD + "a,b,500,30.1\n"), "degrees"),
    "swapped": ("cameras", text("a.csv", HEAD + GOOD + "a,b,30.1,120.7\n"), "row 3"),
    "swapped everywhere": ("cameras", text("a.csv", HEAD + "a,b,30.1,120.7\n"), "axes exchanged"),
    "deep JSON": ("cameras", text("a.geojson", "[" * 200_000), "a.geojson"),
    "deep XML": ("cameras", text("a.kml", "<a>" * 5_000), "a.kml"),
    "self-crossing ring": (
        "villages",
        text("a.geojson", ring((120, 30), (120.1, 30.1), (120.1, 30), (120, 30.1), (120, 30))),
        "row 1",
    ),
    "one code very often": ("cameras", text("a.csv", HEAD + "a,b,120.7,30.1\n" * 20_000), "more"),
    "codes that lost digits": ("cameras", text("a.csv", HEAD + "3.3E+19,b,120.7,30.1\n"), "row 2"),
    "old workbook": ("cameras", text("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "old .xls"),
    "half a workbook": ("cameras", text("a.xlsx", b"PK\x03\x04" + b"x" * 99), "cut off"),
    "empty": ("cameras", text("a.csv", ""), "no bytes"),
    "database that is none": (
        "cameras",
        text("a.gpkg", b"SQLite format 3\0" + b"x" * 999),
        "a.gpkg",
    ),
}


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    run("init", "town", "--name", "滨海新城")
    return tmp_path


@pytest.mark.parametrize("what", FILES)
def test_a_file_made_to_do_harm(run: Run, folder: Path, what: str) -> None:
    layer, make, told = FILES[what]
    path = make(folder)
    said = run("import", layer, path, "--crs", "wgs84", "--json", "-w", "town", code=1)
    assert said.stdout == ""
    assert told in said.stderr
    assert "Traceback" not in said.stderr
    assert len(said.stderr) < 20_000
    with open_workspace(folder / "town").open_store() as store:
        assert store.revision == 1
        assert len(store.layer(layer if layer != "gb28181" else "cameras")) == 0


def test_names_with_lines_html_and_quotes_come_in_and_out_as_text(run: Run, folder: Path) -> None:
    name = "<script>\"'`\n=1+1"
    rows = json.loads(points([120.7, 30.1]))
    rows["features"][0]["properties"]["name"] = name
    (folder / "a.geojson").write_text(json.dumps(rows), encoding="utf-8")
    run("import", "cameras", "a.geojson", "-w", "town", "--crs", "wgs84")
    for file in ("b.csv", "b.xlsx", "b.geojson", "b.gpkg"):
        run("export", "cameras", file, "-w", "town")
        told = run("import", "cameras", file, "-w", "town", "--crs", "wgs84").stdout
        assert "0 changed, 0 vanished, 1 unchanged" in told, file


def test_columns_about_persons_never_pass_and_are_named(run: Run, folder: Path) -> None:
    path = folder / "a.csv"
    path.write_text(
        "code,lon,lat,负责人姓名,手机号码,owner_phone,备注\na,120.7,30.1,张三,13800000000,1,好\n",
        encoding="gb18030",
    )
    done = run("import", "cameras", path, "--crs", "wgs84", "--json", "-w", "town")
    document = json.loads(done.stdout)
    assert document["dropped_columns"] == ["负责人姓名", "手机号码", "owner_phone"]
    run("export", "cameras", "out.csv", "-w", "town")
    assert "张三" not in (folder / "out.csv").read_text("utf-8-sig")
    assert "备注" in (folder / "out.csv").read_text("utf-8-sig")
