"""The page of 1, 3 and 5 minutes: who is inside, the week, what is lost without a unit."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.layers import WGS84, Layers
from maps.overlays_response import first_units, late_sites
from maps.pages import PAGES, PageView
from maps.panels import Panel
from maps.panels_response import response_panel
from maps.panels_units import served_alone, unit_sections
from maps.panels_week import class_edges, week_strip
from maps.panels_within import part_sections
from maps.views import render_page, town_bounds
from maps.within import Part, band_parts, basis_of, worst_first
from maps.words import words
from planner.results_response import (
    Response,
)

ZH, EN = words("zh"), words("en")


def panel(response: Response, say: Any = EN) -> Panel:
    return response_panel(response, say, {})


def data(html: str) -> Any:
    found = re.search(r'id="page-data">(.*?)</script>', html, re.S)
    assert found is not None
    return json.loads(found.group(1))


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).replace("\u00a0", " ").split())


def features(html: str, layer: str) -> list[Any]:
    found = re.search(rf"geo_json_{layer}_add\(({{.*?}})\);", html)
    assert found is not None, layer
    made: list[Any] = json.loads(found.group(1))["features"]
    return made


def test_head_says_when_at_what_level_and_by_the_state_of_posts(full: Response) -> None:
    assert panel(full).lead == (
        "Mon 20:00 · level 2 duty · now, by the state of the posts · cars with blue lights · "
        "1 / 2 units come"
    )
    assert (
        panel(full, ZH).lead
        == "周一 20:00 · 二级勤务 · 当前，按岗位值班状态 · 汽车使用警灯 · 出警 1 / 2"
    )


def test_head_of_an_answer_for_no_time(response: Response) -> None:
    assert panel(response).lead == "every unit, usual daytime traffic · level 3 duty"


def test_the_worst_three_are_those_of_the_answer(full: Response) -> None:
    assert late_sites(full)["code"].tolist() == ["p1", "p2"]
    worst = panel(full).sections[0]
    assert worst.look == "worst"
    assert [(entry.badge, entry.end) for entry in worst.entries] == [
        ("1", "nobody"),
        ("2", "+1′10″"),
    ]


def test_table_of_the_town_has_share_and_amount_beside_the_whole(full: Response) -> None:
    table = panel(full).tables[0]
    assert table.heads == ("1\u00a0min", "3\u00a0min", "5\u00a0min")
    assert [row[0] for row in table.rows] == ["Places (3)", "Households (100)", "Streets (1.0 km)"]
    assert table.rows[1][1] == (("0\u202f%", "0"), ("10\u202f%", "10"), ("60\u202f%", "60"))


def test_villages_worst_reached_come_first_and_unknown_ones_last(full: Response) -> None:
    villages, grids = part_sections(full, EN)
    assert [(e.title, e.end, e.end_note, e.key) for e in villages.entries] == [
        ("西村", "0\u202f%", "0 / 40", "village:v2"),
        ("东村", "100\u202f%", "60 / 60", "village:v1"),
        ("outside every village", "–", "", ""),
    ]
    assert [entry.title for entry in grids.entries] == ["第一网格"]


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda p: (min(p), max(p))),
        max_size=12,
    )
)
def test_worst_first_is_by_share_then_size(pairs: list[tuple[int, int]]) -> None:
    parts = [
        Part("grid", str(at), str(at), [300.0], {"sites": whole}, {"sites": [inside]})
        for at, (inside, whole) in enumerate(pairs)
    ]
    told = [(p.share("sites"), p.whole["sites"]) for p in worst_first(parts, "sites")]
    sized = [one for one in told if one[1] > 0]
    assert told[: len(sized)] == sized  # what has none comes last
    for (a, m), (b, n) in itertools.pairwise(sized):
        assert a < b or (a == b and m >= n)


def test_without_households_streets_are_what_counts(full: Response) -> None:
    none = full.bands.assign(households=np.nan, households_in=np.nan)
    parts = band_parts(replace(full, bands=none))
    assert basis_of(parts["town"]) == "street_m"
    assert basis_of(parts["kind"]) == "sites"


def test_a_unit_names_the_places_in_time_by_it_only(full: Response) -> None:
    # p3 must be reached within 300 s: u1 is there after 100 s, u4 10 s too late; p2 is late.
    assert served_alone(full) == {"u1": ["p3"]}
    item = next(item for item in panel(full).items if item.key == "unit:u1")
    assert item.marks == ("site:p3",)
    assert dict(item.rows)["Out of 5 min while it is away"] == "2 places · 1.2 km · 0 households"
    assert dict(item.rows)["Own places in time"] == "1 / 3"


def test_units_that_stay_away_say_why(full: Response) -> None:
    needed, absent = unit_sections(full, EN)
    assert [(e.title, e.end, e.end_note) for e in needed.entries] == [
        ("枫桥派出所", "+1 late", "−1.2 km")
    ]
    assert [(e.title, e.end) for e in absent.entries] == [("桥头岗", "busy")]
    spare = full.units.assign(alone=pd.array([False, None], dtype="boolean"))
    titles = [section.title for section in unit_sections(replace(full, units=spare), EN)]
    assert titles == ["Units that serve nothing alone", "Units that do not come"]


def test_a_place_names_its_first_three_units(full: Response) -> None:
    assert first_units(full, EN)["p2"] == ["枫桥派出所 · 4′10″", "u3 · 4′20″"]


def test_delays_stand_side_by_side(full: Response) -> None:
    (table,) = [t for t in panel(full).tables if t.title == "In time if units set out later"]
    assert table.heads == ("as set", "30 s later")
    assert table.rows[0] == ("all", (("67\u202f%", "2 / 3"), ("33\u202f%", "1 / 3")))


def test_strip_marks_the_worst_hours_and_the_one_the_answer_holds_for(full: Response) -> None:
    strip = week_strip(full, EN)
    assert strip is not None
    assert len(strip.cells) == 168
    assert [hour for hour, cell in enumerate(strip.cells) if cell.worst] == list(range(17, 168, 24))
    assert strip.now == 20
    assert strip.cells[20].text == "Mon 20:00: 1 / 3 in time (33\u202f%), units on duty: 1"
    assert strip.note == (
        "○ Worst hours: every day 17:00 (0\u202f%). Best: 67\u202f%, first Mon 00:00."
    )
    # Dark = few: the first class of the scale holds the worst hours.
    assert strip.cells[17].colour == strip.classes[1][0][0]
    assert strip.cells[0].colour == strip.classes[1][-1][0]


def test_a_week_without_difference_has_no_worst_hour(full: Response) -> None:
    strip = week_strip(replace(full, week=full.week.assign(share=1.0, met=3)), EN)
    assert strip is not None
    assert not any(cell.worst for cell in strip.cells)
    assert strip.note == "The same at every hour."
    assert {cell.colour for cell in strip.cells} == {strip.classes[1][-1][0]}


def test_no_strip_where_the_week_is_unknown(full: Response, response: Response) -> None:
    assert week_strip(response, EN) is None
    assert week_strip(replace(full, week=full.week.assign(share=np.nan)), EN) is None


@given(st.floats(0, 1), st.floats(0, 1))
def test_classes_hold_every_share_between_their_ends(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    edges = class_edges(low, high)
    assert 2 <= len(edges) <= 6
    assert edges[0] <= low + 1e-6
    assert high <= edges[-1] + 1e-6
    assert np.allclose(np.diff(edges), edges[1] - edges[0])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_has_every_layer_and_keeps_its_policy(render: Callable[[str], str], lang: str) -> None:
    html = render(lang)
    layers = data(html)["layers"]
    assert {"share_60", "share_180", "share_300", "villages", "grids", "key_areas"} <= set(layers)
    assert data(html)["order"].index("share_60") < data(html)["order"].index("late")
    assert not re.search(r"<[^>]+ (?:style|on\w+)=", html.split("<script>")[0])
    assert html.count("<rect data-hour") == 168
    assert "week.js" in html
    switches = set(re.findall(r'data-layer="(\w+)"', html))
    assert switches <= set(layers)
    assert len(re.findall(r'type="radio"[^>]* checked', html)) == 1


def test_villages_are_coloured_and_carry_their_share(render: Callable[[str], str]) -> None:
    html = render("zh")
    looks = [one["properties"]["look"] for one in features(html, "share_300")]
    assert sorted(looks) == ["share_0", "share_4"]
    tags = [one["properties"]["tag"] for one in features(html, "share_300_words")]
    assert sorted(tags) == ["0\u202f%", "100\u202f%"]
    assert {one["properties"]["key"] for one in features(html, "villages")} == {
        "village:v1",
        "village:v2",
    }


def test_a_late_key_area_stands_out(render: Callable[[str], str]) -> None:
    html = render("en")
    looks = {
        one["properties"]["key"]: (one["properties"]["look"], one["properties"]["values"][3])
        for one in features(html, "key_areas")
    }
    assert looks == {"area:a1": ("area", "3′20″"), "area:a2": ("area_late", "cannot be reached")}
    text = text_of(html)
    assert text.index("油库") < text.index("老街")


def test_a_village_tells_its_bands_and_the_reach_of_service_points(
    render: Callable[[str], str],
) -> None:
    item = data(render("en"))["items"]["village:v1"]
    within, services = item["tables"]
    assert within["rows"][0] == [
        "Places (2)",
        [["0\u202f%", "0"], ["50\u202f%", "1"], ["100\u202f%", "2"]],
    ]
    assert services["rows"][0][0] == "24-h self-service · on foot (100)"
    assert data(render("zh"))["items"]["village:v1"]["tables"][1]["title"] == "服务点"


def test_a_unit_that_does_not_come_is_pale(render: Callable[[str], str]) -> None:
    looks = {
        f["properties"]["key"]: f["properties"].get("css") for f in features(render("zh"), "units")
    }
    assert looks == {"unit:u1": None, "unit:u2": "away"}


def test_answer_of_places_alone_still_makes_a_page(town: Layers, response: Response) -> None:
    nobody = response.units.head(0)
    empty = gpd.GeoDataFrame({"mode": [], "band_s": []}, geometry=[], crs=WGS84)
    bare = replace(response, units=nobody, circles=empty, tiers=response.tiers.head(0))
    links: dict[str, str] = dict.fromkeys((*PAGES, "lang"), "x.html")
    view = PageView("枫桥", "zh", links, town_bounds(town))
    answer = SimpleNamespace(result=bare, document={"assumed": [], "warnings": [], "params": {}})
    assert "无法判定" in render_page("response", town, answer, view)
