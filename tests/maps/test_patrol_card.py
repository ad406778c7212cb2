"""Cards, sheets and pictures of teams: what they say, and that old answers have them, too."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from gis.datum import wgs84_to_bd09, wgs84_to_gcj02
from gis.errors import DependencyError, NotFoundError, ParameterError
from gis.layers import Layers
from maps.patrol_card import BASE, team_cards
from maps.patrol_card_draw import draw_team_line
from maps.patrol_card_ground import ground_of
from maps.patrol_card_links import app_links, shifted
from maps.patrol_card_page import card_page
from maps.patrol_card_picture import ASPECT, WIDTH, card_picture
from maps.patrol_card_svg import card_svg, spread, team_sign
from maps.patrol_sheet import sheet_rows, sheets_html, write_sheets

EVENING = Path(__file__).parents[1] / "data" / "patrol_evening.json"


@pytest.fixture
def evening() -> Any:
    return json.loads(EVENING.read_text("utf-8"))


def data_of(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


def test_only_teams_that_go_out_have_a_card(evening: Any) -> None:
    cards = team_cards(evening)
    assert [card.code for card in cards] == ["t1"]
    assert cards[0].summary() == "第 1 队 19:00-19:50, 3 stops"
    with pytest.raises(NotFoundError, match="teams with one: t1"):
        team_cards(evening, team="t2")


def test_a_stop_says_where_when_and_why(evening: Any) -> None:
    first, second, _ = team_cards(evening)[0].stops
    assert (first.landmark, first.required, first.why) == ("老桥头", True, "重点公共区域、监控盲区")
    assert second.why == "巡更点"
    english = team_cards(evening, "en")[0]
    assert (english.title, english.stops[0].why) == ("Team 1", "key public area, coverage gap")


def test_ways_of_plan_and_ladder_are_told_with_their_direction(evening: Any) -> None:
    card = team_cards(evening)[0]
    assert list(card.planned_legs()) == [
        (BASE, "p1"), ("p1", "x7"), ("x7", "x7#2"), ("x7#2", BASE),
    ]  # fmt: skip
    assert set(card.legs) == {*card.planned_legs(), ("p1", BASE), (BASE, "x7"), ("p1", "x7#2")}
    first = card.legs[BASE, "p1"]
    assert (first.heading, first.metres, first.steps) == ("东", 240.0, ("沿枫溪路往东走约 4 分钟",))
    assert card.legs["p1", BASE].heading == "西"


def test_an_answer_without_legs_ladder_and_windows_has_a_card(town: Layers, evening: Any) -> None:
    row = evening["teams"][0]
    for name in ("legs", "ladder", "ladder_legs"):
        del row[name]
    for stop in row["stops"]:
        for name in ("landmark", "opens", "closes", "parts"):
            stop.pop(name, None)
    del evening["params"]
    card = team_cards(evening)[0]
    leg = card.legs["p1", "x7"]
    assert (leg.seconds, leg.metres, leg.steps) == (480.0, None, ())
    assert card.stops[0].why == "重点公共区域"
    data = data_of(card_page(card, ground_of(card, town)))
    assert data["rungs"] == []
    assert data["legs"]["p1>x7"]["t"] == "8 分钟"
    assert "".join(row.way for row in sheet_rows(card)) == "4 分钟8 分钟23 分钟8 分钟"


def test_a_page_has_everything_within_and_runs_no_word_of_the_data(
    town: Layers, evening: Any
) -> None:
    card = team_cards(evening)[0]
    page = card_page(card, ground_of(card, town), calls=[("<派出所>", "0575-123")])
    assert len(page.encode()) < 1_000_000
    assert "<b>老街" not in page
    assert "<派出所>" not in page
    outside = re.findall(r'(?:src|href)="((?!#|tel:|data:)[^"]*)"', page)
    assert not outside
    assert "unsafe-inline" not in page
    assert {'href="tel:110"', 'href="tel:0575-123"'} <= set(re.findall(r'href="tel:[^"]*"', page))
    assert "示例数据" in page
    data = data_of(page)
    assert data["stops"][0]["t"] == '<b>老街 & "银行"</b>'
    assert data["plan"]["due"] == [424, 434, 460]
    assert next(row["s"] for row in data["rungs"] if row["r"] == "skip") == ["x7", "x7#2"]


def test_each_map_app_gets_its_own_datum() -> None:
    place = (120.75, 30.10)
    links = {link.app: link.href for link in app_links(place, "老桥, 北|门", town="枫桥")}
    gcj, bd = ([float(v) for v in shift(*place)] for shift in (wgs84_to_gcj02, wgs84_to_bd09))
    for app, (lon, lat) in {
        "amap": gcj, "tencent": gcj, "apple": gcj, "baidu": bd, "geo": place
    }.items():  # fmt: skip
        numbers = {float(text) for text in re.findall(r"\d+\.\d+", links[app])}
        assert {round(lon, 6), round(lat, 6)} <= numbers, app
        assert not set(" 老北") & set(links[app]), app
    assert "coord_type=bd09ll" in links["baidu"]
    assert "coordinate=gaode" in links["amap"]
    assert shifted((24.94, 60.17), "gcj02") == (24.94, 60.17)
    with pytest.raises(ParameterError, match="unknown datum"):
        shifted(place, "nad27")


def test_a_ninth_team_has_the_colour_of_the_first_and_dashes(town: Layers, evening: Any) -> None:
    first = team_cards(evening)[0]
    route = re.compile(r'<path class="route"[^>]*>')
    looks = {}
    for position in (0, 8):
        card = replace(first, position=position)
        looks[position] = route.findall(card_svg(card, ground_of(card, town)))[0]
    assert all('stroke="#0072b2"' in look for look in looks.values())
    width = float(re.search(r'stroke-width="([\d.]+)"', looks[8])[1])  # type: ignore[index]
    dash = re.search(r'stroke-dasharray="([\d.]+) ([\d.]+)"', looks[8])
    assert dash
    # 14 and 8 pixels of a line 4 wide.
    assert [float(part) / width for part in dash.groups()] == pytest.approx([3.5, 2.0], rel=0.02)
    assert "dasharray" not in looks[0]


def test_each_of_nine_teams_has_its_own_line_on_page_sheet_and_picture(
    town: Layers, evening: Any
) -> None:
    cards = [replace(team_cards(evening)[0], position=position) for position in range(9)]
    signs = [team_sign(card.position) for card in cards]
    assert len(set(signs)) == 9
    ground = ground_of(cards[0], town)
    square = ground_of(cards[0], town, aspect=ASPECT)
    pictures = set()
    for card, sign in zip(cards, signs, strict=True):
        assert sign in card_page(card, ground)
        assert sign in sheets_html([card], town)
        pictures.add(card_picture(card, square))
    assert len(pictures) == 9


def test_the_leg_ahead_never_has_the_colour_of_the_team(town: Layers, evening: Any) -> None:
    for position, colour in ((0, "#d55e00"), (1, "#0072b2")):
        card = replace(team_cards(evening)[0], position=position)
        page = card_page(card, ground_of(card, town))
        assert f"#leg{{stroke:{colour}}}" in page
        assert 'class="route" d=' in page
        assert colour not in re.findall(r'<path class="route"[^>]* stroke="(#\w+)"', page)


def test_a_dashed_line_leaves_gaps_between_its_dashes() -> None:
    picture = Image.new("L", (200, 9), 255)
    # Dash 3.5 and gap 2 widths of 4: from 0 to 14, from 22 to 36 and so on, ends round.
    draw_team_line(ImageDraw.Draw(picture), [(10, 4), (80, 4), (190, 4)], 4, 8)
    row = np.asarray(picture)[4] < 255
    assert row[[12, 20, 34, 44, 78, 100]].all()
    assert not row[[28, 50, 72, 94]].any()


def test_numbers_that_cover_one_another_make_room() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform(0, 100, (12, 2))
    moved = spread(points, 5.0)
    apart = np.hypot(*(moved[:, None] - moved[None]).transpose(2, 0, 1))
    assert apart[~np.eye(12, dtype=bool)].min() > 4.9
    assert np.array_equal(points[0], moved[0])


def test_a_picture_is_tall_and_not_empty(town: Layers, evening: Any) -> None:
    card = team_cards(evening)[0]
    drawn = card_picture(card, ground_of(card, town, aspect=ASPECT))
    picture = Image.open(io.BytesIO(drawn))
    assert picture.width == WIDTH
    assert picture.height > 2 * WIDTH
    blue = np.array([0x00, 0x72, 0xB2])
    near = np.abs(np.asarray(picture.convert("RGB")).astype(int) - blue).max(axis=2) < 24
    assert near.sum() > 5000


def test_a_sheet_has_a_row_for_each_stop_and_a_code_that_scans(
    town: Layers, evening: Any, tmp_path: Path
) -> None:
    cards = team_cards(evening)
    rows = sheet_rows(cards[0])
    assert [row.order for row in rows] == ["", "1", "2", "3", ""]
    assert [row.arrive for row in rows] == ["", "19:04", "19:14", "19:40", "19:50"]
    assert "<b>老街 &amp;" not in sheets_html(cards, town)
    try:
        write_sheets(tmp_path / "sheet.pdf", cards, town)
    except DependencyError as error:
        pytest.skip(str(error))
    pages = pypdf.PdfReader(tmp_path / "sheet.pdf").pages
    text = "".join(page.extract_text() for page in pages)
    for words in ("第 1 队 巡逻路线", "2026-11-24", "示例数据", "北门巡更点", "19:40", "第 1 页"):
        assert words in text
    assert [round(float(side)) for side in pages[0].mediabox[2:]] == [595, 842]


@pytest.mark.parametrize(
    ("url", "held"),
    [
        ("https://example.org/cards/", "https://example.org/cards/2026-11-24-t1.html"),
        (None, "https://uri.amap.com/navigation?to=120.727"),
    ],
)
def test_the_code_of_a_sheet_leads_to_the_card_or_the_base(
    town: Layers, evening: Any, url: str | None, held: str
) -> None:
    svg = re.search(
        r'<svg[^>]*class="qr".*?</svg>', sheets_html(team_cards(evening), town, url=url)
    )
    assert svg
    assert zxingcpp.read_barcode(drawn_code(svg[0])).text.startswith(held)


def drawn_code(svg: str) -> Any:
    """Return a QR code of segno's SVG as pixels: horizontal strokes of one unit."""
    box = re.search(r'viewBox="0 0 (\d+)', svg)
    path = re.search(r' d="([^"]+)"', svg)
    assert box
    assert path
    side, zoom = int(box[1]), 6
    dots = np.full((side, side), 255, np.uint8)
    x = y = 0.0
    for move, numbers in re.findall(r"([MmhH])([^MmhH]*)", path[1]):
        values = [float(v) for v in re.findall(r"-?\d*\.?\d+", numbers)]
        if move == "M":
            x, y = values
        elif move == "m":
            x, y = x + values[0], y + values[1]
        else:
            dots[int(y), int(x) : int(x + values[0])] = 0
            x += values[0]
    return np.kron(dots, np.ones((zoom, zoom), np.uint8))
