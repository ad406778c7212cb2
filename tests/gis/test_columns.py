from __future__ import annotations

import pytest

from gis.columns import (
    POSITION,
    column_named,
    layer_title,
    plain_head,
    titles,
    vocabulary_of,
    word_named,
    word_titles,
)
from gis.errors import NotFoundError
from gis.personal import personal_columns
from gis.profiles import load
from gis.schema import SCHEMAS, schema


@pytest.mark.parametrize("layer", SCHEMAS)
def test_every_column_has_its_titles_and_a_note_and_no_other_column_has(layer):
    known = schema(layer)
    places = () if known.geometry == "table" else POSITION
    assert list(titles(layer)) == [*known.by_name, *places]
    assert set(load("columns")[layer]["columns"]) == set(known.by_name)
    for title in [*titles(layer).values(), layer_title(layer)]:
        assert title.zh.strip() and title.en.strip() and title.zh != title.en
    for title in titles(layer).values():
        assert title.note_zh.strip() and title.note_en.strip()


@pytest.mark.parametrize("layer", SCHEMAS)
def test_no_head_means_two_columns(layer):
    seen: dict[str, str] = {}
    for title in titles(layer).values():
        for head in (title.name, title.zh, title.en, *title.aliases):
            assert seen.setdefault(plain_head(head), title.name) == title.name, head
            assert column_named(layer, head) == title.name


@pytest.mark.parametrize("layer", SCHEMAS)
def test_no_title_looks_like_a_column_about_persons(layer):
    heads = [h for t in titles(layer).values() for h in (t.zh, t.en, *t.aliases)]
    assert personal_columns(heads, schema(layer).by_name) == []


def test_tables_know_no_layer_that_the_schema_does_not():
    assert set(load("columns")) == {*SCHEMAS, "position"}


@pytest.mark.parametrize("vocabulary", load("kinds"))
def test_every_word_has_its_titles_and_each_spelling_means_one_word(vocabulary):
    words = load("kinds")[vocabulary]
    assert list(load("words")[vocabulary]) == words
    assert len({t.zh for t in word_titles(vocabulary).values()}) == len(words)
    seen: dict[str, str] = {}
    for word, table in load("words")[vocabulary].items():
        for text in (word, table["zh"], table["en"], *table.get("also", ())):
            assert seen.setdefault(plain_head(text), word) == word, text
            assert word_named(vocabulary, text) == word


def test_vocabularies_differ_so_that_a_column_has_one():
    kinds = [tuple(words) for words in load("kinds").values()]
    assert len(set(kinds)) == len(kinds)
    assert vocabulary_of(schema("streets").by_name["foot"]) == "access"
    assert vocabulary_of(schema("sites").by_name["kind"]) == "site"
    assert vocabulary_of(schema("sites").by_name["name"]) is None


@pytest.mark.parametrize(
    ("head", "column"),
    [
        ("设备编码（*）", "code"),
        ("* 设备 编码", "code"),
        ("设备\n编码(*)", "code"),
        ("ＳＢＢＭ", "code"),
        ("Camera Code *", "code"),
        ("安装高度(米)", "height_m"),
        ("HEIGHT-M", "height_m"),
        ("经　度", "lon"),
        ("Longitude", "lon"),
        ("geometry", "wkt"),
    ],
)
def test_heads_are_met_in_many_spellings(head, column):
    assert column_named("cameras", head) == column


@pytest.mark.parametrize("head", ["", "*", "（*）", "安装高度（厘米）", "JSFW", "LWSX", "X"])
def test_heads_that_mean_nothing_or_too_much_are_not_taken(head):
    assert column_named("cameras", head) is None


def test_a_table_without_geometry_has_no_position():
    assert column_named("facts", "经度") is None


def test_words_in_full_width_and_any_case():
    assert word_named("mode", "Ｅ－Ｂｉｋｅ") == "ebike"
    assert word_named("site", "Bus Station") == "bus_station"
    assert word_named("mode", "船") is None


def test_unknown_names_are_told():
    with pytest.raises(NotFoundError, match="no layer 'camera'"):
        titles("camera")
    with pytest.raises(NotFoundError, match="no layer 'camera'"):
        column_named("camera", "code")
    with pytest.raises(NotFoundError, match="no vocabulary 'ship'"):
        word_named("ship", "x")
