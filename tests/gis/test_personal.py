from __future__ import annotations

import pytest

from gis.personal import personal_columns
from gis.schema import SCHEMAS


@pytest.mark.parametrize(
    "name",
    [
        "phone",
        "Contact Phone",
        "contactPhone",
        "CONTACT_PHONE",
        "id-card",
        "plate",
        "plate_no",
        "ＩＭＥＩ",
        "MAC address",
        "联系人电话",
        "户主姓名",
        "身份证号码",
        "MAC地址",
        "民警",
        "负责人",
    ],
)
def test_columns_of_persons(name):
    assert personal_columns([name]) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "name",
        "名称",
        "surface",
        "template",
        "民警数",
        "人脸识别",
        "telescope",
        "village",
        "地址",
        "",
    ],
)
def test_columns_of_places(name):
    assert personal_columns([name]) == []


def test_no_column_of_the_schema_is_dropped():
    for schema in SCHEMAS.values():
        names = [column.name for column in schema.columns]
        assert personal_columns([*names, "Mobile", "tel"], schema.by_name) == (
            ["tel"] if "mobile" in names else ["Mobile", "tel"]
        )
