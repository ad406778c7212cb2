"""Plates: what the code says, and that a reader of others reads it from the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdf
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gis.errors import DependencyError, FormatError
from maps.plates import (
    PlateFace,
    PlateRead,
    PlateSize,
    plate_numbers,
    plate_text,
    plates_html,
    read_plate,
    write_plates,
)

FACES = [PlateFace(f"X{n:03}", n, str(n), f"<{n}>号巡更点", "老桥头") for n in range(1, 6)]
WORDS = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="|"), min_size=1)


@given(WORDS, WORDS, st.integers(1, 10**6), st.sampled_from([None, "https://example.org/p"]))
def test_what_a_plate_holds_is_read_again(
    town: str, point: str, serial: int, url: str | None
) -> None:
    assert read_plate(plate_text(town, point, serial, url)) == PlateRead(town, point, serial)


@pytest.mark.parametrize(
    "text", ["", "https://example.org/", "FQ1|枫桥|X001|2|00", "FQ1|枫桥|X002|2|1H", "FQ1|a|b|c|d"]
)
def test_what_is_no_plate_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        read_plate(text)


def test_numbers_fall_back_on_codes_where_digits_would_not_tell() -> None:
    assert plate_numbers(["A01", "B01", "桥"]) == {"A01": "A01", "B01": "B01", "桥": "桥"}
    assert plate_numbers(["A000", "A020"]) == {"A000": "0", "A020": "20"}


@pytest.mark.parametrize(("size", "sheets"), [("a6", 2), ("a5", 3)])
def test_plates_fill_sheets(size: PlateSize, sheets: int, tmp_path: Path) -> None:
    try:
        write_plates(tmp_path / "plates.pdf", FACES, "枫桥", size=size, made_up=True)
    except DependencyError as error:
        pytest.skip(str(error))
    pages = pypdf.PdfReader(tmp_path / "plates.pdf").pages
    assert len(pages) == sheets
    text = "".join(page.extract_text() for page in pages)
    assert "<3>号巡更点" in text
    assert "X003" in text
    assert text.count("示例数据") == len(FACES)


@pytest.mark.browser
@pytest.mark.parametrize("size", ["a6", "a5"])
def test_the_codes_of_a_rendered_page_are_read(
    browser: Any, size: PlateSize, tmp_path: Path
) -> None:
    page_file = tmp_path / "plates.html"
    page_file.write_text(plates_html(FACES, "枫桥", size=size), encoding="utf-8")
    page = browser.new_page(viewport={"width": 800, "height": 1130})
    page.goto(page_file.as_uri())
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    page.close()
    codes = zxingcpp.read_barcodes(Image.open(tmp_path / "page.png"))
    assert sorted(read_plate(code.text).serial for code in codes) == [1, 2, 3, 4, 5]
    assert {read_plate(code.text).town for code in codes} == {"枫桥"}
