"""One-camera-one-file sheets of both lengths, with titles, marks and contradicting codes."""

from __future__ import annotations

import csv
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.camera_sheet import read_camera_sheet
from gis.errors import (
    CrsError,
    DatumUndeclaredError,
    FileMissingError,
    FormatError,
    LayerFaultsError,
    ParameterError,
)

DATA = Path(__file__).parents[1] / "data"
SHORT = DATA / "camera_sheet_27_columns.csv"

LONG = (DATA / "camera_sheet_73_heads.csv").read_text("utf-8").strip().split(",")
PINYIN = ["SBBM", "SBMC", "JKDWLX", "SXJLX", "AZGD", "JD", "WD", "KSJL", "JSFW", "LWSX", "SBZT"]


def code(serial: int, type_: str = "132") -> str:
    return f"3306020100{type_}0{serial:06}"


def long_row(serial: int, **values: object) -> list[object]:
    given: dict[str, object] = {
        "设备编码": code(serial),
        "设备名称": f"镜头{serial}",
        "经度": 120.7 + serial / 1e4,
        "纬度": 30.1,
        "设备状态": 1,
        **values,
    }
    return [given.get(head.removesuffix("（*）")) for head in LONG]


@pytest.fixture
def workbook(tmp_path):
    def write(*rows: list[object], sheet: str = "Sheet1", before: int = 0) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for at in range(before):
            book.create_sheet(f"说明{at}").append(["填写说明"])
        page = book.create_sheet(sheet)
        for row in rows:
            page.append(row)
        path = tmp_path / "cameras.xlsx"
        book.save(path)
        return path

    return write


@pytest.fixture
def csv_of(tmp_path):
    def write(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "cameras.csv"
        path.write_bytes("\n".join(lines).encode(encoding))
        return path

    return write


def test_a_sheet_of_27_columns():
    read = read_camera_sheet(SHORT, crs="wgs84")
    frame = read.frame
    assert frame.index.tolist() == [2, 3, 4]
    assert frame["status"].tolist() == ["in_use", "in_use", "removed"]
    assert frame["kind"].tolist() == ["fixed", "dome", "unknown"]
    assert frame["azimuth_deg"].tolist()[::2] == [135, 90]
    assert frame["fov_deg"].tolist()[1] == 360
    assert frame["networked"].tolist() == [True, True, False]
    assert frame["installed"].tolist() == ["2023-04-05", "2023-04-06", "2019-01-02"]
    assert frame["point_class"].tolist() == ["1", "2", "9"]
    assert frame["manufacturer"].tolist() == ["Hikvision", "Dahua", "other"]
    assert frame["function_type"].tolist() == ["vehicle_checkpoint/ordinary", "ordinary", "other"]
    assert frame["position_type"].iloc[0] == "main_traffic_line/school_surroundings"
    assert frame["department"].iloc[2] == "police/education"
    assert frame["record_days"].tolist() == [90, 30, 30]
    assert read.dropped_columns == ("IPV4", "IPV6", "MAC", "联系方式")
    assert not {"IPV4", "MAC", "联系方式"} & set(frame.columns)


def test_a_sheet_of_73_columns_below_a_title(workbook):
    path = workbook(
        ["一机一档台账"],
        [],
        ["填报单位：", None, "沥海"],
        LONG,
        long_row(
            1,
            摄像机类型="1",
            摄像机监控方位=9,
            图像分辨率="1920*1080",
            摄像机安装位置室内外=1,
            立杆编号="LG-007",
            启用时间=datetime(2024, 5, 6),
            视频丢失=0,
            视频模糊=1,
            视频遮挡="是",
            在线时长=90,
            离线时长=10,
            管理员姓名="某",
            设备口令="secret",
            备注="某",
            **{"建设单位/设备归属": "区局"},
        ),
        [],
        long_row(2, 摄像机类型="固定枪机", 摄像机监控方位="西北", 图像分辨率="720P", 视频遮挡=0),
    )
    read = read_camera_sheet(path, crs="wgs84")
    assert (len(LONG), read.head_row, read.frame.index.tolist()) == (73, 4, [5, 7])
    row = read.frame.loc[5]
    assert (row["kind"], row["fov_deg"], row["hd"], row["indoor"]) == ("dome", 360, True, False)
    assert (row["pole_no"], row["installed"], row["builder"]) == ("LG-007", "2024-05-06", "区局")
    assert (row["online_share"], row["picture_faults"]) == (0.9, "blur, occlusion")
    row = read.frame.loc[7]
    assert (row["kind"], row["azimuth_deg"], row["azimuth_doubt_deg"]) == ("fixed", 315, 22.5)
    assert (row["hd"], row["resolution_px"]) == (False, 1280)
    assert pd.isna(row["picture_faults"])
    assert pd.isna(row["online_share"])
    assert not read.frame.astype(str).isin(["某", "secret"]).any().any()
    assert set(read.dropped_columns) >= {
        "管理员姓名（*）",
        "管理员联系电话（*）",
        "设备口令",
        "备注",
    }
    assert "heads in row 4" in read.summary()
    assert read.document()["columns"]["设备编码（*）"] == "code"


def test_heads_by_initials_and_a_second_head_row(csv_of):
    path = csv_of(
        "设备编码(*),设 备 名 称,监控点位类型,摄像机类型,安装高度,"
        "经度＊,纬度,可视距离,监控方位,联网属性,设备状态",
        ",".join(PINYIN),
        f"{code(1)},a,1,3,6.5米,120.7,30.1,50,1,1,1",
    )
    frame = read_camera_sheet(path, crs="wgs84").frame
    assert frame.index.tolist() == [3]
    assert frame.loc[3, ["height_m", "range_m", "azimuth_deg"]].tolist() == [6.5, 50, 90]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_of_a_csv_sheet(csv_of, encoding):
    lines = SHORT.read_text("utf-8").replace("塆口北", "塆口𬇕").splitlines()
    frame = read_camera_sheet(csv_of(*lines, encoding=encoding), crs="wgs84").frame
    assert frame["name"].iloc[0] == "沥海东路塆口𬇕"


def test_line_breaks_and_other_separators_inside_a_csv_sheet(csv_of):
    head = ";".join(PINYIN).replace("JD", '"JD\n（*）"')
    path = csv_of("台账", head, f'{code(1)};"a\nb";1;3;6;120.7;30.1;50;1;1;1', "", "")
    frame = read_camera_sheet(path, crs="wgs84").frame
    assert frame.index.tolist() == [3]
    assert frame["name"].tolist() == ["a\nb"]


def test_the_first_sheet_that_is_one(workbook):
    path = workbook(PINYIN, [code(1), "a", 1, 3, 6, 120.7, 30.1, 50, 1, 1, 1], before=2)
    assert len(read_camera_sheet(path, crs="wgs84").frame) == 1


@pytest.mark.parametrize(("profile", "networked"), [("1-networked", True), ("0-networked", False)])
def test_the_profile_says_what_networked_means(csv_of, profile, networked):
    rows = [f"{code(n)},a,1,3,6,120.7,30.1,50,{n},1,1" for n in (1, 2)]
    read = read_camera_sheet(csv_of(",".join(PINYIN), *rows), crs="wgs84", profile=profile)
    assert read.frame["networked"].tolist() == [networked] * 2
    alike, told = read.warnings
    assert "LWSX = 1" in alike
    assert "JSFW" not in alike
    assert f"profile {profile}" in told
    assert "2 of 2" in told or "0 of 2" in told


def test_networked_in_words_leaves_no_doubt(csv_of):
    rows = [f"{code(1)},a,1,3,6,120.7,30.1,50,1,是,1", f"{code(2)},a,2,1,6,120.7,30.1,50,2,否,2"]
    for profile in ("1-networked", "0-networked"):
        read = read_camera_sheet(csv_of(",".join(PINYIN), *rows), crs="wgs84", profile=profile)
        assert read.frame["networked"].tolist() == [True, False]
        assert not read.warnings


def test_an_unknown_profile(csv_of):
    with pytest.raises(ParameterError, match="1-networked, 0-networked"):
        read_camera_sheet(SHORT, crs="wgs84", profile="2-networked")


def test_every_fault_is_told_of_by_row_and_head_at_once(workbook):
    path = workbook(
        ["台账"],
        PINYIN,
        [code(1), "a", 7, 3, 6, 120.7, 30.1, 50, 12, 1, 1],
        ["330602010013200000", "b", 1, 3, "high", 120.7, 30.1, 50, 1, 1, 1],
        [code(1), "c", 1, 3, 6, "E120", 30.1, 9000, 1, 1, 4],
        [33060201001320000009, "d", 1, 3, 6, 120.7, None, 50, 1, 1, 1],
        ["330602", "e", 1, 3, 6, 120.7, 30.1, 50, 1, 1, "#REF!"],
    )
    with pytest.raises(LayerFaultsError) as raised:
        read_camera_sheet(path, crs="wgs84")
    found = {(fault.row, fault.column) for fault in raised.value.faults}
    assert found == {
        *((3, "JKDWLX"), (3, "JSFW")),
        *((4, "SBBM"), (4, "AZGD")),
        *((5, "JD"), (5, "KSJL"), (5, "SBZT"), (5, "SBBM")),
        *((6, "SBBM"), (6, "WD")),
        *((7, "SBBM"), (7, "SBZT")),
    }
    text = str(raised.value)
    assert "old rule B" in text
    assert "lost the last ones" in text
    assert "a region" in text
    assert '"12" is not a code of this field; known are: 1 east' in text


def test_wrong_codes_may_be_left_for_the_reconciliation(csv_of):
    path = csv_of(",".join(PINYIN), "330602010013200000,b,1,3,6,120.7,30.1,50,1,1,1")
    assert read_camera_sheet(path, crs="wgs84", strict=False).frame["code"].tolist() == [
        "330602010013200000"
    ]


def test_cameras_without_coordinates_are_listed_not_lost(csv_of):
    rows = [
        f"{code(n)},a,1,3,6,{place},50,1,1,1" for n, place in enumerate([",", "0,0", "120.7,30"])
    ]
    read = read_camera_sheet(csv_of(",".join(PINYIN), *rows), crs="wgs84")
    assert read.frame["code"].tolist() == [code(2)]
    assert read.without_place["code"].tolist() == [code(0), code(1)]
    assert read.without_place.geometry.isna().all()
    assert read.left_out() == {"cameras without a place": 2}
    assert read.listed["code"].tolist() == [code(0), code(1), code(2)]
    assert read.listed.geometry.notna().tolist() == [False, False, True]


def test_columns_that_no_profile_knows_stay_unless_personal(csv_of):
    head = ",".join(PINYIN) + ",杆件材质,联系人,kind"
    row = f"{code(1)},a,1,3,6,120.7,30.1,50,1,1,1"
    read = read_camera_sheet(csv_of(head.removesuffix(",kind"), f"{row},铝,某"), crs="wgs84")
    assert read.frame["杆件材质"].tolist() == ["铝"]
    assert read.dropped_columns == ("联系人",)
    with pytest.raises(LayerFaultsError, match="row 1, column kind: is the name of a column"):
        read_camera_sheet(csv_of(head, f"{row},铝,某,x"), crs="wgs84")


def test_two_columns_for_one_field_and_missing_ones(csv_of):
    head = "SBBM,设备编码,SBMC,JD,SXJLX,SBZT,SBMC"
    with pytest.raises(LayerFaultsError) as raised:
        read_camera_sheet(csv_of(head, f"{code(1)},{code(1)},a,120.7,3,1,a"), crs="wgs84")
    text = str(raised.value)
    assert "row 1, column 设备编码: says the same as column SBBM" in text
    assert "row 1, column SBMC: says the same as column SBMC" in text
    assert "the sheet has no column 纬度 (WD)" in text


def test_the_datum_must_be_said_but_faults_come_first(csv_of):
    good = f"{code(1)},a,1,3,6,120.7,30.1,50,1,1,1"
    with pytest.raises(DatumUndeclaredError, match=r"cameras\.csv does not say"):
        read_camera_sheet(csv_of(",".join(PINYIN), good))
    # Numbers that are no degrees are no fault as long as nobody said what they are.
    with pytest.raises(DatumUndeclaredError):
        read_camera_sheet(csv_of(",".join(PINYIN), good.replace("120.7,30.1", "572293,3331166")))
    with pytest.raises(LayerFaultsError):
        read_camera_sheet(csv_of(",".join(PINYIN), good.replace(",50,1,", ",50,x,")))


def test_what_is_no_camera_sheet(csv_of, tmp_path):
    with pytest.raises(FileMissingError):
        read_camera_sheet(tmp_path / "gone.xlsx", crs="wgs84")
    with pytest.raises(FormatError, match="none of the first 15 rows names 5"):
        read_camera_sheet(csv_of("SBBM,SBMC,JD,WD", f"{code(1)},a,120.7,30.1"), crs="wgs84")
    (tmp_path / "a.xlsx").write_text("no workbook")
    with pytest.raises(FormatError, match=r"not an \.xlsx workbook"):
        read_camera_sheet(tmp_path / "a.xlsx", crs="wgs84")
    (tmp_path / "a.xls").write_text("x")
    with pytest.raises(FormatError, match=r"not from '\.xls'"):
        read_camera_sheet(tmp_path / "a.xls", crs="wgs84")
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", " " * 100_000)
    with pytest.raises(FormatError, match="damaged workbook"):
        read_camera_sheet(tmp_path / "a.xlsx", crs="wgs84")
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", " " * 30_000_000)
    with pytest.raises(FormatError, match="unpacks to"):
        read_camera_sheet(tmp_path / "a.xlsx", crs="wgs84")


def test_codes_of_other_devices_are_warned_of_and_moving_ones_marked(csv_of):
    rows = [f"{code(1, kind)},a,1,3,6,120.7,30.1,50,1,1,1" for kind in ("138", "118")]
    read = read_camera_sheet(csv_of(",".join(PINYIN), *rows), crs="wgs84")
    assert read.frame["mobile"].tolist() == [True, pd.NA]
    assert any("1 mobile transmission, 1 NVR (rows 2, 3" in w for w in read.warnings)


def test_a_sheet_without_rows_or_without_codes(csv_of):
    with pytest.raises(LayerFaultsError, match="the layer has no rows"):
        read_camera_sheet(csv_of(",".join(PINYIN)), crs="wgs84")
    with pytest.raises(LayerFaultsError, match=r"row 1: the sheet has no column 设备编码 \(SBBM\)"):
        read_camera_sheet(csv_of("SBMC,JD,WD,SXJLX,SBZT", "a,120.7,30.1,3,1"), crs="wgs84")
    with pytest.raises(LayerFaultsError, match="row 2, column SBBM: is missing") as raised:
        read_camera_sheet(csv_of(",".join(PINYIN), ",a,1,3,6,120.7,30.1,50,1,1,1"), crs="wgs84")
    assert len(raised.value.faults) == 1


ODD = ["", " ", "nan", "1e400", "-1", "0", "２", "=1", '"', "\x07", "a\nb", "塆", "2024-02-30"]
CELLS = st.sampled_from(
    [*ODD, "1", "9", "99", "1/5", "120.7", "30.1", "是", "球机", code(1), code(2)]
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=9, max_size=13), max_size=4))
def test_whatever_the_cells_hold_it_is_read_or_refused(tmp_path, rows):
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([PINYIN, *rows])
    try:
        read = read_camera_sheet(path, crs="wgs84")
    except LayerFaultsError as error:
        assert all(isinstance(fault.row, int | None) for fault in error.faults)
    except CrsError as error:
        assert "declared to be wgs84" in str(error) or "axes exchanged" in str(error)
    else:
        assert len(read.listed) == len([row for row in rows if any(cell.strip() for cell in row)])
