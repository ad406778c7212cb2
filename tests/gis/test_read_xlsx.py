from __future__ import annotations

import datetime as dt
import zipfile

import openpyxl
import pytest

from gis.errors import FormatError, LayerFaultsError
from gis.read import read_layer

HEADER = ["code", "name", "installed", "lon", "lat"]


@pytest.fixture
def workbook(tmp_path):
    def write(*rows, formats=None, sheets=("Sheet1",)):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name in sheets:
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append([f"{name} {v}" if v == "?" else v for v in row])
            for cell, shape in (formats or {}).items():
                sheet[cell].number_format = shape
        path = tmp_path / "cameras.xlsx"
        book.save(path)
        return path

    return write


def test_cells_are_read_as_they_show(workbook):
    path = workbook(
        HEADER,
        ["007", "北门", dt.datetime(2024, 1, 5), 120.7201, 30.1502],
        [],
        [17, 3.5, None, "120.7204", "30.1402"],
        [330602017001, True, "2024-01-05", 120.7, 30],
        formats={"A4": "00000"},
    )
    frame = read_layer(path, "cameras", crs="wgs84").frame
    assert list(frame.index) == [2, 4, 5]
    assert frame["code"].tolist() == ["007", "00017", "330602017001"]
    assert frame["name"].tolist() == ["北门", "3.5", "true"]
    assert frame["installed"].dropna().tolist() == ["2024-01-05"] * 2
    assert frame.loc[2, "geometry"].coords[0] == (120.7201, 30.1502)


def test_codes_that_lost_digits_and_cells_that_show_an_error(workbook):
    path = workbook(
        HEADER,
        [33060201001310000001, "a", None, 120.7, 30.1],
        ["b", "#REF!", None, 120.7, 30.1],
        [3.3060201001310000001e19, "c", None, 120.7, 30.1],
        ["33060201001310000001", "d", None, 120.7, 30.1],
    )
    with pytest.raises(LayerFaultsError) as raised:
        read_layer(path, "cameras", crs="wgs84")
    assert [(f.row, f.column) for f in raised.value.faults if "already" not in f.problem] == [
        (2, "code"),
        (3, "name"),
        (4, "code"),
    ]


def test_the_sheet_of_the_layer_or_the_first(workbook):
    rows = [HEADER, ["a", "?", None, 120.7, 30.1]]
    path = workbook(*rows, sheets=("notes", "cameras"))
    assert read_layer(path, "cameras", crs="wgs84").frame["name"].tolist() == ["cameras ?"]
    path = workbook(*rows, sheets=("first", "second"))
    assert read_layer(path, "cameras", crs="wgs84").frame["name"].tolist() == ["first ?"]


def test_columns_without_a_name(workbook):
    rows = [["code", None, "lon", "lat", None], ["a", None, 120.7, 30.1, None]]
    frame = read_layer(workbook(*rows), "cameras", crs="wgs84").frame
    assert "" not in frame.columns
    rows.append(["b", None, 120.7, 30.1, "lost"])
    with pytest.raises(LayerFaultsError, match="row 1: column 5 has values but no name"):
        read_layer(workbook(*rows), "cameras", crs="wgs84")


def test_a_sheet_without_a_header(workbook):
    with pytest.raises(FormatError, match="no column names in its first row"):
        read_layer(workbook([], ["a", "b"]), "cameras", crs="wgs84")


def test_an_archive_that_is_no_workbook(tmp_path):
    path = tmp_path / "cameras.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with pytest.raises(FormatError, match="damaged workbook"):
        read_layer(path, "cameras", crs="wgs84")
