"""Sheets as people make them: titles above the heads, marks in them, names of every sort."""

from __future__ import annotations

import openpyxl
import pytest

from gis.errors import FormatError, LayerFaultsError
from gis.read import read_layer
from gis.read_heads import head_row, recognised

ROWS = [["设备编码（*）", "安装高度\n(米)", "经度（*）", "纬度（*）", "设备状态"]] + [
    [f"{n:05d}", "4.5", "120.7", "30.1", "在用"] for n in (1, 2)
]


@pytest.fixture(params=[".xlsx", ".csv"])
def sheet(request, tmp_path):
    def write(rows, *, sheets=("Sheet1",), merged=None):
        path = tmp_path / f"town{request.param}"
        if request.param == ".csv":
            cells = ([f'"{"" if c is None else c}"' for c in row] for row in rows)
            path.write_text("\n".join(",".join(row) for row in cells), encoding="gb18030")
            return path
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name in sheets:
            page = book.create_sheet(name)
            for row in rows:
                page.append(row)
            if merged:
                page.merge_cells(merged)
        book.save(path)
        return path

    return write


def test_titles_above_the_heads(sheet):
    rows = [["海东镇监控设备一览表", None, None, None, None], [], ["填报日期：2024年", None], *ROWS]
    frame = read_layer(sheet(rows, merged="A1:E1"), "cameras", crs="wgs84").frame
    assert list(frame.index) == [5, 6]
    assert frame["code"].tolist() == ["00001", "00002"]
    assert frame["height_m"].tolist() == [4.5, 4.5]
    assert frame["status"].tolist() == ["in_use"] * 2


def test_names_of_the_machine_below_the_heads(sheet):
    names = ["code", "height_m", "lon", "lat", "status"]
    frame = read_layer(sheet([ROWS[0], names, *ROWS[1:]]), "cameras", crs="wgs84").frame
    assert list(frame.index) == [3, 4]


def test_heads_that_nobody_knows_are_in_the_first_row(sheet):
    path = sheet([["号", "X", "Y"], ["1", "120.7", "30.1"]])
    plan = {"号": "code", "X": "lon", "Y": "lat"}
    assert read_layer(path, "cameras", crs="wgs84", mapping=plan).frame["code"].tolist() == ["1"]
    with pytest.raises(LayerFaultsError, match="the file has: 号, X, Y"):
        read_layer(path, "cameras", crs="wgs84")


def test_names_of_a_mapping_find_the_head_row(sheet):
    path = sheet([["一览表"], ["号", "X", "Y"], ["1", "120.7", "30.1"]])
    plan = {"号": "code", "X": "lon", "Y": "lat"}
    assert list(read_layer(path, "cameras", crs="wgs84", mapping=plan).frame.index) == [3]


def test_one_apostrophe_of_an_export_goes(sheet):
    rows = [[*ROWS[0][:4], "名称", "'=备注"]]
    names = ["'=1+1", "''-a", "'plain", "'"]
    rows += [[f"{n}", "1", "120.7", "30.1", name, "'@x"] for n, name in enumerate(names)]
    frame = read_layer(sheet(rows), "cameras", crs="wgs84").frame
    assert frame["name"].tolist() == ["=1+1", "'-a", "'plain", "'"]
    assert frame["=备注"].tolist() == ["@x"] * 4


def test_the_very_name_goes_before_a_title_and_a_title_before_an_alias():
    assert recognised(["code", "设备编码"], "cameras") == ({}, [])
    assert recognised(["设备编号", "设备编码", "id"], "cameras") == ({"设备编码": "code"}, [])
    found, [fault] = recognised(["设备编号", "id"], "cameras")
    assert found == {}
    assert "may be 设备编号 or id: say which in a mapping file" in fault.problem


def test_names_cut_short_only_where_one_column_begins_so():
    assert recognised(["azimuth_de"], "cameras")[0] == {}
    assert recognised(["azimuth_de"], "cameras", cut=True)[0] == {"azimuth_de": "azimuth_deg"}
    assert recognised(["sensor_wid", "note"], "cameras", cut=True)[0] == {
        "sensor_wid": "sensor_width_mm"
    }
    assert recognised(["azimuth"], "cameras", cut=True)[0] == {"azimuth": "azimuth_deg"}


def test_the_first_of_equal_rows_is_the_head():
    assert head_row([["x"], ["code", "name"], ["code", "name"]], "cameras") == 1
    assert head_row([["x"]] * 20 + [["code", "name"]], "cameras") == 0
    assert head_row([], "cameras") == 0


def test_a_row_of_heads_that_is_not_there(sheet):
    from gis.mapping import FileMapping

    with pytest.raises(FormatError, match="no column names in its row 9"):
        read_layer(sheet(ROWS), "cameras", crs="wgs84", mapping=FileMapping(header_row=9))


def test_the_sheet_called_like_the_layer(tmp_path):
    for name in ("摄像机", "Cameras", "cameras "):
        book = openpyxl.Workbook()
        book.active.append(["nothing here"])
        page = book.create_sheet(name)
        for row in ROWS:
            page.append(row)
        book.save(tmp_path / "town.xlsx")
        assert read_layer(tmp_path / "town.xlsx", "cameras", crs="wgs84").rows == 2


def test_formulas_without_a_result(tmp_path):
    book = openpyxl.Workbook()
    for row in [*ROWS, ["00003", "=1+1", "120.7", "30.1", None]]:
        book.active.append(row)
    book.save(tmp_path / "town.xlsx")
    with pytest.raises(LayerFaultsError) as raised:
        read_layer(tmp_path / "town.xlsx", "cameras", crs="wgs84")
    [fault] = raised.value.faults
    assert (fault.row, fault.column) == (4, "安装高度 (米)")
    assert "a formula without its result" in fault.problem


def test_a_blank_row_below_the_heads(tmp_path):
    book = openpyxl.Workbook()
    for row in [["一览表"], ROWS[0], [], [33060200001310000001, None, 120.7, 30.1, None]]:
        book.active.append(row)
    book.save(tmp_path / "town.xlsx")
    with pytest.raises(LayerFaultsError) as raised:
        read_layer(tmp_path / "town.xlsx", "cameras", crs="wgs84")
    assert [(f.row, f.column) for f in raised.value.faults] == [(4, "设备编码")]
