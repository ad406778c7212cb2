from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import ParameterError
from gis.places_words import fold, in_digits, plain, read_question, variants


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ１２", "abc12"),
        ("海东路１２号", "海东路12号"),
        ("MANNERHEIMINTIE", "Mannerheimintie"),
        ("Töölö", "toolo"),
        ("Straße", "STRASSE"),
        ("海东路 / 长宁路", "海东路·长宁路"),
    ],
)
def test_spellings_of_one_name_are_one(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("numeral", "digits"),
    [
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("三百六十五", "365"),
        ("一千零八", "1008"),
        ("二〇一", "201"),
        ("贰拾叁", "23"),
        ("百沥", "百沥"),
        ("千", "千"),
    ],
)
def test_numerals_are_numbers(numeral: str, digits: str) -> None:
    assert in_digits(f"东{numeral}号") == f"东{digits}号"


def test_a_word_has_a_second_form_only_where_it_differs() -> None:
    assert variants("十二号") == ("十二号", "12号")
    assert variants("12号") == ("12号",)


@pytest.mark.parametrize(
    "question",
    [
        "海东路与长宁路",
        "海东路与长宁路口",
        "海东路和长宁路交叉口",
        "海东路口与长宁路口",
        "海东路、长宁路十字路口",
        "海东路 / 长宁路",
        "海东路口 长宁路口",
    ],
)
def test_the_roads_of_a_junction_are_words(question: str) -> None:
    assert read_question(question)[-1] == ("海东路", "长宁路")


@pytest.mark.parametrize("name", ["和平路", "路口村", "与点小区", "城北街道办", "虹口", "路口"])
def test_names_with_joining_characters_stay_whole(name: str) -> None:
    assert read_question(name) == ((name,),)


def test_joining_words_of_english_are_left_out_once() -> None:
    assert read_question("Mill Lane and High Street") == (
        ("milllaneandhighstreet",),
        ("mill", "lane", "and", "high", "street"),
        ("mill", "lane", "high", "street"),
    )


@pytest.mark.parametrize(
    ("question", "said"),
    [("", "nothing"), (" /-_", "nothing"), ("长" * 101, "101 characters"), ("a " * 13, "13 words")],
)
def test_questions_that_cannot_be_answered_are_refused(question: str, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        read_question(question)


@given(st.text(max_size=20))
def test_plain_text_is_plain_already(text: str) -> None:
    once = plain(text)
    assert once.isalnum() or not once
    assert fold(fold(text)) == fold(text) or not text.isascii()
    assert len(in_digits(text)) <= 2 * len(text)
