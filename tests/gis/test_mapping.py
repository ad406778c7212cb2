from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import FileMissingError, FormatError, LayerFaultsError, ParameterError
from gis.mapping import FileMapping, read_mapping
from gis.mapping_guess import aligned, guess_mapping
from gis.mapping_values import by_values
from gis.mapping_write import write_mapping
from gis.read import read_layer

ODD = """海东镇监控一览表,,,,,,,,
设备编号（*）,点位描述,A,B,联系电话,状态,高清,立杆时间,颜色
33060200001310000001,北门,120.701234,30.101234,13800000000,在用,√,2024-01-05,红
33060200001310000002,南门,120.702234,30.102234,13800000001,坏了,×,2024/1/6,"红,蓝"
"""


@pytest.fixture
def odd(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text(ODD, encoding="gb18030")
    return path


@pytest.fixture
def toml(tmp_path):
    def write(text):
        path = tmp_path / "mapping.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_plain_list_of_columns(toml):
    assert read_mapping(toml('"设备编码" = "code"\nencoding = "name"')) == FileMapping(
        columns={"设备编码": "code", "encoding": "name"}
    )
    assert read_mapping(toml("")) == FileMapping()


def test_every_setting(toml, odd):
    plan = read_mapping(
        toml(
            'crs = "gcj02"\nencoding = "gb18030"\nheader_row = 2\nignore = ["颜色"]\n'
            '[columns]\n"设备编号" = "code"\n"A" = "lon"\n"B" = "lat"\n"点位描述" = "name"\n'
            '[values.status]\n"坏了" = "repair"\n[values.hd]\n"√" = "yes"\n"×" = "no"\n'
        )
    )
    frame = read_layer(odd, "cameras", mapping=plan).frame
    assert frame["status"].tolist() == ["in_use", "repair"]
    assert frame["hd"].tolist() == [True, False]
    assert frame["name"].tolist() == ["北门", "南门"]
    assert "颜色" not in frame
    assert abs(frame.geometry.x.tolist()[0] - 120.701234) > 0.003
    plain = read_layer(odd, "cameras", crs="wgs84", mapping=plan).frame
    assert plain.geometry.x.tolist()[0] == 120.701234


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[columns]\n"a" = 1', "a: name a column of the layer in quotes"),
        ('"a" = 1', "a is unknown; known are: columns, values, crs"),
        ('[colums]\n"a" = "code"', "colums is unknown"),
        ("header_row = 0", "header_row must be a whole number from 1"),
        ("header_row = true", "header_row must be a whole number from 1"),
        ('ignore = "a"', "ignore must be a list"),
        ("[crs]", "crs must be text"),
        ('[values]\nkind = "x"', r"\[values.kind\] must hold lines"),
        ('columns = ["a"]', r"columns must be a section: \[columns\]"),
        ("not toml", "mapping.toml: "),
    ],
)
def test_mappings_that_are_wrong(toml, text, problem):
    with pytest.raises(FormatError, match=problem):
        read_mapping(toml(text))


def test_a_mapping_that_is_not_there(tmp_path):
    with pytest.raises(FileMissingError, match="cannot be read"):
        read_mapping(tmp_path / "none.toml")
    with pytest.raises(ParameterError, match="header_row counts from 1"):
        FileMapping(header_row=0)


def test_values_of_a_column_that_is_not_there(odd):
    plan = FileMapping(values={"kind": {"枪机": "fixed"}})
    with pytest.raises(ParameterError, match="has no column kind whose values"):
        read_layer(odd, "cameras", crs="wgs84", mapping=plan)


def test_a_guess(odd):
    guess = guess_mapping(odd, "cameras")
    assert {c.head: (c.column, c.because) for c in guess.columns} == {
        "设备编号": ("code", "name"),
        "点位描述": (None, "unknown"),
        "A": ("lon", "values"),
        "B": ("lat", "values"),
        "联系电话": (None, "personal"),
        "状态": ("status", "name"),
        "高清": ("hd", "name"),
        "立杆时间": (None, "unknown"),
        "颜色": (None, "unknown"),
    }
    assert guess.mapping.values == {"status": {"在用": "in_use"}, "hd": {"×": "no", "√": "yes"}}
    assert guess.unknown_words == {"status": ("坏了",)}
    assert guess.mapping.header_row == 2
    assert guess.needs_crs
    assert guess.missing == ()
    assert guess.unknown == ("点位描述", "立杆时间", "颜色")
    summary = guess.summary()
    assert "dropped, as they tell of persons: 联系电话" in summary
    assert "13800000000" not in summary
    assert "北门" in summary


def test_a_guess_is_written_read_back_and_does(odd, tmp_path):
    guess = guess_mapping(odd, "cameras", crs="wgs84")
    path = write_mapping(guess, tmp_path / "guess.toml")
    text = path.read_text("utf-8")
    assert "13800000000" not in text
    assert '# "坏了" = ""' in text
    assert read_mapping(path) == guess.mapping
    with pytest.raises(LayerFaultsError, match="坏了") as raised:
        read_layer(odd, "cameras", mapping=read_mapping(path))
    assert len(raised.value.faults) == 1
    path.write_text(text.replace('# "坏了" = ""', '"坏了" = "repair"'), encoding="utf-8")
    assert read_layer(odd, "cameras", mapping=read_mapping(path)).rows == 2
    with pytest.raises(FileMissingError, match="is there already"):
        write_mapping(guess, path)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
            lambda head: head.isprintable() and head.strip() == head and "," not in head
        ),
        min_size=1,
        max_size=6,
        unique=True,
    )
)
def test_any_head_is_written_so_that_it_can_be_read(tmp_path_factory, heads):
    folder = tmp_path_factory.mktemp("guess")
    path = folder / "any.csv"
    quoted = ",".join('"' + head.replace('"', '""') + '"' for head in ["code", *heads])
    path.write_text(f"{quoted}\n{','.join(['x'] * (len(heads) + 1))}\n", encoding="utf-8")
    guess = guess_mapping(path, "facts")
    assert read_mapping(write_mapping(guess, folder / "any.toml")) == guess.mapping


def test_what_values_say_only_where_one_column_fits_one():
    import pandas as pd

    two = pd.DataFrame({"A": ["120.7012"], "B": ["121.7012"], "C": ["30.1021"]})
    assert by_values(two, "cameras", (), is_placed=False) == {"C": "lat"}
    assert by_values(two, "cameras", ("lon", "lat"), is_placed=False) == {}
    codes = pd.DataFrame({"A": ["33060200001310000001", "33060200001310000002"]})
    assert by_values(codes, "cameras", (), is_placed=True) == {"A": "code"}
    assert by_values(codes, "cameras", ("code",), is_placed=True) == {}
    twice = pd.DataFrame({"A": ["33060200001310000001"] * 2})
    assert by_values(twice, "cameras", (), is_placed=True) == {}


def test_tables_are_aligned_by_what_the_eye_sees():
    assert aligned([("名称", "x"), ("a", "y" * 40)]) == [
        "  名称  x",
        "  a     " + "y" * 18 + "…",
    ]
