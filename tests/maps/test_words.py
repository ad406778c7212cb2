from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import maps
from gis.errors import NotFoundError
from gis.profiles import load
from gis.schema import SCHEMAS
from maps.words import words
from planner.results import Missing

ROOT = Path(maps.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]


def used() -> set[str]:
    found = extract_from_dir(ROOT, method_map=METHODS, keywords={"say": None, "_": None})
    return {str(text) for _, _, text, _, _ in found}


def test_every_text_has_chinese_words() -> None:
    texts = used()
    assert len(texts) > 100
    assert sorted(t for t in texts if ("", t) not in words("zh").messages) == []


def test_no_text_of_the_catalogue_is_left_over() -> None:
    texts = used()
    known = {text for context, text in words("zh").messages if context == ""}
    assert sorted(known - texts) == []


def test_every_text_of_what_leaves_is_known_in_both_languages() -> None:
    known = load("publish")["words"]
    template = r'\bsaid\(["\'](\w+)["\']'
    asked = {
        key for file in ROOT.glob("templates/patrol_*.html")
        for key in re.findall(template, file.read_text(encoding="utf-8"))
    }  # fmt: skip
    assert len(asked) > 30
    assert sorted(asked - set(known)) == []
    for key, (zh, en) in known.items():
        assert sorted(re.findall(r"{\w+}", zh)) == sorted(re.findall(r"{\w+}", en)), key
        assert not re.search("[\u4e00-\u9fff][,:?!]", zh), f"{key}: Chinese points are full width"


def test_holes_are_the_same_in_both_languages() -> None:
    for (_, text), told in words("zh").messages.items():
        assert sorted(part[: part.index("}")] for part in text.split("{")[1:]) == sorted(
            part[: part.index("}")] for part in told.split("{")[1:]
        ), text


@pytest.mark.parametrize("vocabulary", ["site", "area_class", "unit", "mode", "camera"])
def test_every_word_of_a_vocabulary_has_chinese_words(vocabulary: str) -> None:
    known = words("zh").messages
    assert [word for word in load("kinds")[vocabulary] if (vocabulary, word) not in known] == []


def test_every_layer_has_chinese_words() -> None:
    assert [layer for layer in SCHEMAS if ("layer", layer) not in words("zh").messages] == []


def test_sentences_of_the_planner_are_translated_with_what_fills_them() -> None:
    say = words("zh")
    assert say.sentence("2 teams on foot a unit, 19:00-21:00") == (
        "每处警力配 2 支义警队（步行），19:00-21:00"
    )
    lacks = Missing("street_rate", ("cameras", "streets"))
    sentence = f"No {lacks.figure}: needs the layer {' and '.join(lacks.layers)}"
    assert say.sentence(sentence) == "缺少道路可见率：需要图层 摄像机和道路"
    aged = "Made before streets were closed or opened again: run `fengqiao response` again"
    assert say.sentence(aged).endswith("请重新运行 `fengqiao response`")
    assert say.sentence("nobody ever wrote this") == "nobody ever wrote this"


def test_unknown_language_names_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="zh, en"):
        words("fi")
