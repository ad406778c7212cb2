"""Catalogues of both editions -> cameras; split, repeated, missing and changing messages."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gis.datum import wgs84_to_gcj02
from gis.errors import DatumUndeclaredError, FileMissingError, FormatError, ParameterError
from gis.gb28181 import read_catalogue
from gis.layers import Layers, conform

DATA = Path(__file__).parents[1] / "data"
OLD, NEW = DATA / "catalogue_2016_says_gb2312.xml", DATA / "catalogue_2022_rare_characters.xml"


def code(serial: int, type_: str = "132") -> str:
    return f"3306020000{type_}0{serial:06}"


def item(serial: int, event: str = "", **fields: object) -> str:
    given = {"Longitude": 120.7 + serial / 1e4, "Latitude": 30.1, **fields}
    tags = "".join(f"<{tag}>{value}</{tag}>" for tag, value in given.items())
    told = f"<Event>{event}</Event>" if event else ""
    return f"<Item><DeviceID>{code(serial)}</DeviceID>{told}{tags}</Item>"


def write(
    path: Path, *items: str, root: str = "Response", sn: int = 1, total: int | None = None
) -> Path:
    count = len(items) if total is None else total
    path.write_text(
        f"<{root}><CmdType>Catalog</CmdType><SN>{sn}</SN><DeviceID>p</DeviceID><SumNum>{count}"
        f"</SumNum><DeviceList Num='{len(items)}'>{''.join(items)}</DeviceList></{root}>",
        encoding="utf-8",
    )
    return path


def test_a_catalogue_of_2016():
    read = read_catalogue(OLD, crs="wgs84")
    assert read.frame["code"].str[-6:].tolist() == ["000001", "000002", "000005"]
    row = read.frame.iloc[0]
    assert row["name"] == "沥海东路塆口北"
    assert (row["kind"], row["azimuth_deg"], row["azimuth_doubt_deg"]) == ("fixed", 135, 22.5)
    assert (row["hd"], row["resolution_px"], row["indoor"]) == (True, 1920, False)
    assert (row["networked"], row["platform_online"]) == (True, True)
    further = ["position_type", "use_type", "supply_light", "business_group", "download_speed"]
    assert row[further].tolist() == [
        "main_traffic_line",
        "security",
        "infrared",
        "33060200002150000001",
        "1/2/4",
    ]
    assert (row["civil_code"], row["block"], row["register_way"]) == ("330602", "沥海", "1")
    assert row["geometry"].coords[0] == (120.7254, 30.1511)
    dome = read.frame.iloc[1]
    assert (dome["kind"], dome["fov_deg"], dome["platform_online"]) == ("dome", 360, False)
    assert pd.isna(dome["azimuth_deg"])


def test_what_a_catalogue_of_2016_leaves_out():
    read = read_catalogue(OLD, crs="wgs84")
    assert read.devices[["code", "reason"]].values.tolist() == [
        ["330602", "region"],
        ["33060200001180000004", "no camera (NVR)"],
    ]
    assert read.without_place["name"].tolist() == ["没有位置"]
    assert "0, 0" in read.without_place["reason"].iloc[0]
    assert pd.isna(read.without_place["networked"].iloc[0])
    assert read.dropped == (
        *("Owner", "IPAddress", "Port", "Password"),
        *("CertNum", "Certifiable", "ErrCode", "EndTime"),
    )
    assert not read.warnings
    assert "secret" not in json.dumps(read.document(), ensure_ascii=False)
    assert not read.listed.astype(str).eq("secret").any().any()
    assert "3 cameras" in read.summary()
    assert read.left_out() == {"region": 1, "no camera": 1, "cameras without a place": 1}


def test_a_catalogue_of_2022():
    read = read_catalogue(NEW, crs="wgs84")
    (row,) = (row for _, row in read.frame.iterrows())
    assert row["name"] == "㙦上村口𬇕"
    assert (row["kind"], row["azimuth_deg"], row["fov_deg"]) == ("half_dome", 270, 72.5)
    assert (row["range_m"], row["installed"], row["point_class"]) == (80, "2024-05-06", "1")
    assert (row["hd"], row["resolution_px"]) == (True, 2560)
    further = {
        "ptz_type": "half_dome/fixed_bullet",
        "imaging": "visible/thermal",
        "function_type": "face/vehicle",
        "capture_position": "1010203",
        "security_level": "B",
        "supply_light": "laser",
        "vertical_fov_deg": 40,
        "record_days": 90,
        "management_unit": "沥海派出所",
        "industry_class": "S9220",
        "ssvc_ratios": "4:3/2:1",
    }
    assert row[list(further)].to_dict() == further
    assert read.dropped == ("MAC", "ContactInfo")
    # Six noughts say that there is no such unit, and a range of nought says nothing.
    assert read.without_place["grassroots_code"].tolist() == ["017001"]
    assert pd.isna(read.without_place["range_m"].iloc[0])


def test_points_of_the_first_class_that_lack_something_are_told_of():
    read = read_catalogue(NEW, crs="wgs84")
    told = read.remarks.set_index("what")["code"]
    assert set(told) == {code(12)}
    assert told.index.tolist() == [
        "class 1 point without coordinates",
        "class 1 point without InstallTime",
        "class 1 point without ContactInfo",
        "class 1 point without RecordSaveDays",
    ]
    assert f"class 1 point without InstallTime: 1 camera ({code(12)})" in read.warnings


def test_moving_devices_and_wrong_codes_are_listed_not_lost():
    read = read_catalogue(NEW, crs="wgs84")
    reasons = read.devices.set_index("name")["reason"]
    assert reasons["无人机"] == "moving device (drone)"
    assert reasons["旧编码"].startswith("wrong code (")
    assert "rule B" in reasons["旧编码"]
    assert read.wrong_codes["name"].tolist() == ["旧编码"]
    assert read.listed["name"].tolist() == ["㙦上村口𬇕", "一类点缺项", "旧编码"]
    assert read.listed.geometry.notna().tolist() == [True, False, True]


def test_split_messages_are_put_together_and_gaps_counted(tmp_path):
    write(tmp_path / "m10.xml", item(3), sn=7, total=5)
    write(tmp_path / "m2.xml", item(1), item(2), sn=7, total=5)
    write(tmp_path / "m3.xml", item(2, Name="again"), sn=7, total=5)
    write(tmp_path / "m4.xml", item(9), sn=8)
    read = read_catalogue(tmp_path, crs="wgs84")
    assert read.frame["code"].tolist() == [code(1), code(2), code(9), code(3)]
    assert read.frame["name"].dropna().tolist() == ["again"]
    seven, eight = read.per_sn
    assert (seven.sn, seven.messages, seven.expected, seven.items) == ("7", 3, 5, 3)
    assert (seven.repeated, seven.gaps) == (1, 2)
    assert (eight.messages, eight.expected, eight.repeated, eight.gaps) == (1, 1, 0, 0)
    assert read.warnings == ("items are missing: 2 of 5 (SN 7); ask the platform again",)


def test_events_are_applied_in_the_order_of_the_files(tmp_path):
    write(tmp_path / "1.xml", item(1, Name="a", Status="ON"), item(2, Name="b"), item(3))
    write(tmp_path / "2.xml", item(1, "OFF"), item(4, "ADD", Name="d"), root="Notify", sn=2)
    write(tmp_path / "3.xml", item(2, "UPDATE", Name="B"), item(3, "DEL"), root="Notify", sn=3)
    write(tmp_path / "4.xml", item(4, "VLOST"), item(2, "DEFECT"), root="Notify", sn=4)
    bare = f"<Item><DeviceID>{code(8)}</DeviceID><Event>ON</Event></Item>"
    write(tmp_path / "5.xml", item(1, "ON"), item(9, "DEL"), bare, root="Notify", sn=5)
    read = read_catalogue(tmp_path, crs="wgs84")
    rows = read.frame.set_index(read.frame["code"].str[-1])
    assert rows["name"].to_dict() == {"1": "a", "2": "B", "4": "d"}
    assert rows["platform_status"].to_dict() == {"1": "online", "2": "defect", "4": "no_picture"}
    assert rows["platform_online"].tolist() == [True, False, False]
    # Whether a camera is in repair or removed is not known to a platform: nothing is overwritten.
    assert rows["status"].isna().all()
    assert read.devices.set_index("code")["reason"].to_dict() == {
        code(3): "deleted by a notification",
        code(9): "deleted, though never listed",
        code(8): "only its status is known: no message lists it",
    }
    assert "event" not in read.frame


def test_what_was_deleted_or_only_switched_on_may_be_listed_later(tmp_path):
    bare = f"<Item><DeviceID>{code(2)}</DeviceID><Event>ON</Event></Item>"
    files = [
        write(tmp_path / "a.xml", item(1)),
        write(tmp_path / "b.xml", item(1, "DEL"), bare, root="Notify", sn=2),
        write(tmp_path / "c.xml", item(1), item(2), sn=3),
    ]
    read = read_catalogue(files, crs="wgs84")
    assert read.frame["code"].tolist() == [code(1), code(2)]
    assert read.devices.empty


def test_values_outside_their_table_are_told_of_and_left_out(tmp_path):
    path = write(
        tmp_path / "a.xml",
        *(item(n, DirectionType=9, HorizontalFieldAngle=400, Foo=1) for n in range(8)),
    )
    read = read_catalogue(path, crs="wgs84")
    assert read.frame["azimuth_deg"].isna().all()
    assert read.frame["fov_deg"].isna().all()
    assert len(read.remarks) == 16
    angle, direction = sorted(read.warnings[:2])[::-1]
    assert angle.startswith('HorizontalFieldAngle "400" is not between 0.1 and 360: 8 cameras')
    assert angle.endswith("and 3 more)")
    assert direction.startswith('DirectionType "9" is not a code')
    assert read.warnings[-1] == "fields that no table knows were left out: foo"


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        ("", "", "has no coordinates"),
        ("0", "0.000", "has the coordinates 0, 0"),
        ("120.7", "", "lat: is missing"),
        ("E120", "30.1", "lon: "),
        ("30.1", "120.7", "look swapped"),
        ("572293", "3331000", "out of range"),
    ],
)
def test_cameras_without_usable_coordinates_are_listed(tmp_path, lon, lat, reason):
    path = write(tmp_path / "a.xml", item(1), item(2, Longitude=lon, Latitude=lat))
    read = read_catalogue(path, crs="wgs84")
    assert read.frame["code"].tolist() == [code(1)]
    assert read.without_place["code"].tolist() == [code(2)]
    assert reason in read.without_place["reason"].iloc[0]
    assert read.listed["code"].tolist() == [code(1), code(2)]


def test_coordinates_are_taken_as_what_they_are_declared_to_be(tmp_path):
    lon, lat = (float(x[0]) for x in wgs84_to_gcj02([120.75], [30.1]))
    path = write(tmp_path / "a.xml", item(1, Longitude=repr(lon), Latitude=repr(lat)))
    place = read_catalogue(path, crs="gcj02").frame.geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx((120.75, 30.1), abs=1e-9)
    flat = write(tmp_path / "b.xml", item(1, Longitude=572293, Latitude=3331166))
    place = read_catalogue(flat, crs="EPSG:4549").frame.geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx((120.75, 30.1), abs=0.01)
    with pytest.raises(ParameterError, match="mars"):
        read_catalogue(path, crs="mars")


def test_undeclared_coordinates_are_refused_with_the_evidence(tmp_path):
    lon, lat = wgs84_to_gcj02([120.70 + n / 1000 for n in range(20)], [30.1] * 20)
    path = write(
        tmp_path / "a.xml",
        *(
            item(n, Longitude=repr(x), Latitude=repr(y))
            for n, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
        ),
    )
    with pytest.raises(DatumUndeclaredError, match="does not say what its coordinates are"):
        read_catalogue(path)
    street = gpd.GeoDataFrame(
        {"code": ["s"]}, geometry=[shapely.LineString([(120.69, 30.1), (120.73, 30.1)])]
    )
    town = Layers("one street", {"streets": conform(street, "streets")})
    with pytest.raises(DatumUndeclaredError) as raised:
        read_catalogue(path, town=town)
    assert raised.value.evidence[0].name == "gcj02"
    assert any("gcj02" in w for w in read_catalogue(path, crs="wgs84", town=town).warnings)
    assert not read_catalogue(path, crs="gcj02", town=town).warnings


def test_without_a_single_place_no_datum_is_asked_for(tmp_path):
    read = read_catalogue(write(tmp_path / "a.xml", item(1, Longitude="", Latitude="")))
    assert (len(read.frame), len(read.without_place)) == (0, 1)
    assert read.listed.geometry.isna().all()


def test_what_is_no_catalogue(tmp_path):
    with pytest.raises(FileMissingError):
        read_catalogue(tmp_path / "a.xml", crs="wgs84")
    with pytest.raises(FormatError, match=r"holds no \.xml file"):
        read_catalogue(tmp_path, crs="wgs84")
    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(FormatError, match=r"not from '\.csv'"):
        read_catalogue(tmp_path / "a.csv", crs="wgs84")
    (tmp_path / "b.xml").write_text("<Response><CmdType>Keepalive</CmdType></Response>")
    with pytest.raises(FormatError, match="holds no catalogue"):
        read_catalogue(tmp_path / "b.xml", crs="wgs84")
    with pytest.raises(FileMissingError, match="no file"):
        read_catalogue([], crs="wgs84")


def test_a_platform_without_cameras_or_without_items(tmp_path):
    region = "<Item><DeviceID>330602</DeviceID></Item>"
    read = read_catalogue(write(tmp_path / "a.xml", region), crs="wgs84")
    assert (read.rows, read.left_out()) == (0, {"region": 1})
    read = read_catalogue(write(tmp_path / "b.xml", total=3), crs="wgs84")
    assert (read.rows, read.per_sn[0].gaps, len(read.listed)) == (0, 3, 0)
    json.dumps(read.document())


def test_a_long_list_of_remarks_is_cut(tmp_path):
    items = [item(n, MaxViewDistance=-n) for n in range(1, 30)]
    read = read_catalogue(write(tmp_path / "a.xml", *items), crs="wgs84")
    assert len(read.remarks) == 29
    assert (len(read.warnings), read.warnings[-1]) == (21, "9 more kinds of remark")
