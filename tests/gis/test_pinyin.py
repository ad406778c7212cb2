from __future__ import annotations

import pytest

from gis.pinyin import initials, readings


@pytest.mark.parametrize(
    ("sign", "read"),
    [
        ("海", ("hai",)),
        ("长", ("zhang", "chang")),
        ("重", ("zhong", "chong", "tong")),
        ("绿", ("lv", "lu")),
        ("会", ("hui", "kuai")),
        ("a", ("a",)),
        ("7", ("7",)),
        ("я", ()),
    ],
)
def test_readings_are_typed_letters_without_tones(sign: str, read: tuple[str, ...]) -> None:
    assert readings(sign) == read


def test_the_profile_comes_before_the_dictionary() -> None:
    # The dictionary puts sha first, and yan and an behind guang.
    assert readings("厦") == ("xia", "sha")
    assert readings("广") == ("guang",)


def test_readings_are_small_letters_only() -> None:
    signs = map(chr, range(0x4E00, 0x9FFF, 7))
    said = [reading for sign in signs for reading in readings(sign)]
    assert len(said) > 2000
    assert all(reading.isascii() and reading.isalpha() and reading.islower() for reading in said)


def test_initials_keep_what_has_no_reading() -> None:
    assert initials("海东路12号я") == "hdl12hя"
