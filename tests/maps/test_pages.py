from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import folium
import pytest

from gis.errors import DependencyError, NotFoundError
from gis.layers import Layers
from maps.assets import asset, asset_files, localise
from maps.pages import PAGES, PageName, PageView, unavailable_page
from maps.tiles import CHANGE_THEMES, COVERAGE_THEMES
from maps.views import render_page, town_bounds, town_view
from maps.written import write_maps
from planner.results import Interval, Missing

Render = Callable[..., str]


@pytest.fixture
def render(town: Layers, answers: dict[str, Any]) -> Render:
    def page(name: PageName, lang: str = "zh", **changes: Any) -> str:
        links: dict[str, str] = dict.fromkeys(PAGES, "x.html")
        links["lang"] = "y.html"
        base = PageView(town.town, lang, links, town_bounds(town), made_up=True, **changes)  # type: ignore[arg-type]
        return render_page(name, town, answers[name], base)

    return page


def data(html: str) -> Any:
    text = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', html, re.S)
    assert text is not None
    return json.loads(text.group(1))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_is_whole_and_asks_no_other_host(render: Render, name: PageName, lang: str) -> None:
    html = render(name, lang)
    assert re.findall(r"(?:src|href)=\"(https?:)?//", html) == []
    assert "user-scalable" not in html
    assert 'content="width=device-width, initial-scale=1"' in html
    assert "枫桥" in html
    assert ("示例数据" if lang == "zh" else "made-up data") in html
    assert ("推定值" if lang == "zh" else "Assumed values") in html
    layers = data(html)["layers"]
    for spec in layers.values():
        assert f"var {spec['variable']} = " in html


@pytest.mark.parametrize("name", PAGES)
def test_names_from_files_are_escaped(render: Render, name: PageName) -> None:
    html = render(name)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&lt;/b&gt;" in html


@pytest.mark.parametrize("name", PAGES)
def test_policy_allows_the_page_s_own_script_only(render: Render, name: PageName) -> None:
    html = render(name)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert "unsafe" not in policy.group(1)
    assert policy.group(1).count("sha256-") == 1
    assert not re.search(r"<[^>]+ (?:style|on\w+)=", html.split("<script>")[0])


def test_same_page_twice_is_the_same_text(render: Render) -> None:
    assert render("coverage") == render("coverage")


def test_figures_stand_in_order_value_interval_count_target(render: Render) -> None:
    html = render("coverage", targets={"site_rate": 0.8})
    text = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert "可见场所 50 % (25–75) 1–2 / 3 · 目标 80 % ▲ 未达标" in text


def test_list_points_at_features_of_the_map(render: Render) -> None:
    for name in PAGES:
        html = render(name)
        keys = set(re.findall(r'data-key="([^"]+)"', html))
        drawn = set(re.findall(r'"key": "([^"]+)"', html))
        assert keys
        assert keys <= drawn | set(data(html)["items"])


def test_missing_figure_names_its_layer(render: Render) -> None:
    assert "路口可见率：缺少类别为路口的场所" in render("coverage")
    assert "junctions in view: lacks places of kind junction" in render("coverage", "en")


def test_coverage_without_cameras_says_what_to_import(
    town: Layers, answers: dict[str, Any], render: Render
) -> None:
    result = answers["coverage"].result
    none = Interval(None, None, None)
    rates = {key: none for key in result.totals if key.endswith("_rate") and key != "site_rate"}
    counts = dict.fromkeys(result.totals["cameras"])
    totals = {**result.totals, **rates, "site_rate": {}, "cameras": counts}
    lacks = (Missing("area_rate", ("cameras",)),)
    answers["coverage"].result = replace(result, totals=totals, missing=lacks)
    html = render("coverage")
    assert "fengqiao import cameras FILE" in html
    assert "无法判定" in html


def test_page_that_cannot_be_had_names_layers_and_commands(town: Layers) -> None:
    view = PageView("枫桥", "zh", {**dict.fromkeys(PAGES, "x"), "lang": "y"}, town_bounds(town))
    html = unavailable_page("patrol", view, [Missing("routes", ("streets", "teams"))])
    assert "fengqiao import streets FILE" in html
    assert "义警队" in html
    assert "fengqiao patrol" in unavailable_page("patrol", view)


def test_folium_that_wants_unknown_files_is_refused() -> None:
    page = folium.Map(tiles=None)
    page.default_js = [*page.default_js, ("surprise", "https://example.org/x.js")]
    with pytest.raises(DependencyError, match="surprise"):
        localise(page, "assets")


def test_assets() -> None:
    for name in asset_files():
        assert asset(name)
        assert b"https://cdn" not in asset(name)
    with pytest.raises(NotFoundError):
        asset("../pages.py")


def test_written_folder_has_every_tile_its_pages_may_ask_for(
    town: Layers, answers: dict[str, Any], tmp_path: Path
) -> None:
    steps: list[tuple[int, int]] = []

    def tell(step: str, done: int, of: int) -> None:
        steps.append((done, of))

    pages = write_maps(tmp_path, town, answers, tell, most_tiles=300)
    names = {f"{name}{ending}" for name in PAGES for ending in (".html", ".en.html")}
    assert {p.name for p in pages} == {"index.html", *names}
    assert all(0 < p.stat().st_size < 1_500_000 for p in pages)
    tiles = list(tmp_path.glob("tiles/*/*/*/*.png"))
    assert 100 < len(tiles) <= 300
    zooms: dict[str, set[int]] = {}
    for theme, zoom in (tile.relative_to(tmp_path / "tiles").parts[:2] for tile in tiles):
        zooms.setdefault(theme, set()).add(int(zoom))
    assert set(zooms) == {"base", *COVERAGE_THEMES, *CHANGE_THEMES}
    # Side themes end one zoom before the others, and a page asks for no more of them.
    asked = data((tmp_path / "coverage.html").read_text(encoding="utf-8"))
    assert max(zooms["cells_cameras"]) == max(zooms["cells"]) - 1
    assert asked["native_zoom"] == {t: max(zooms[t]) for t in ("base", *COVERAGE_THEMES)}
    assert steps[-1][0] == steps[-1][1]


def test_town_without_any_answer_still_gets_its_pages(town: Layers, tmp_path: Path) -> None:
    pages = write_maps(tmp_path, town, {}, most_tiles=100)
    assert "fengqiao coverage" in pages[0].read_text(encoding="utf-8")


def test_few_tiles_mean_fewer_zooms(town: Layers) -> None:
    many, few = town_view(town), town_view(town, most_tiles=200)
    assert few.min_zoom == many.min_zoom
    assert few.max_native_zoom < many.max_native_zoom


def test_assumed_values_are_said_in_both_languages(render: Render) -> None:
    assert "警力：在每个派出所（公安机关）配置 1 支汽车警力（1 条）" in render("response")
    assert "units: one unit by car at each police station (rows: 1)" in render("response", "en")


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_rates_of_places_stand_side_by_side_with_their_doubt(render: Render) -> None:
    text = text_of(render("coverage"))
    assert "已挂接摄像机 50 % (25–75) 10 % (0–20)" in text
    assert "最后两级要求画面达到“观察”等级" in text
    assert "应建 3 1 已建 2 (1–2) 0" in text


def test_a_gap_tells_what_it_is_and_hides_small_totals(render: Render) -> None:
    values = feature_values(render("coverage"), "gap:8c0")
    assert values["地面"] == "场所周边"
    assert values["警情"] == "5"
    assert values["权重"] == "9.0"
    assert feature_values(render("coverage"), "gap:8c1")["警情"] == "未知或不公开"
    assert feature_values(render("coverage"), "gap:8c1")["其中道路"] == "120 米"


def feature_values(html: str, key: str) -> dict[str, str]:
    found = re.search(rf'"key": "{key}"[^}}]*"values": (\[.*?\])', html)
    assert found is not None
    group = {"gap": "gaps", "site": "sites"}[key.split(":")[0]]
    fields = data(html)["layers"][group]["fields"]
    return dict(zip(fields, json.loads(found.group(1)), strict=True))


def test_targets_are_listed_the_missed_ones_first(render: Render) -> None:
    html = render("targets", "en")
    assert re.findall(r'data-key="target:(\w+)"', html) == ["A1", "A2", "C1", "R2"]
    text = text_of(html)
    assert "Tiny targets · 2026-11-24" in text
    assert "target ≥ 50 % · 19 / 25 · better 76 % (71–83)" in text


def test_a_target_says_what_it_lacks(render: Render) -> None:
    item = data(render("targets", "en"))["items"]["target:A2"]
    assert ["State", "□ cannot tell"] in item["rows"]
    assert item["lists"][0]["entries"][0][0] == "mediators not handed in"
    assert data(render("targets"))["items"]["target:A1"]["marks"] == [
        *("sites:p1", "village:v1", "town:330602017")
    ]


def test_a_comparison_names_both_and_lists_what_is_lost_first(render: Render) -> None:
    text = text_of(render("change", "en"))
    assert "Before: 2025-01-01. After: 2026-11-24." in text
    assert text.index("Places no longer in view") < text.index("Places that came into view")
    assert "seen → unseen" in text
    assert "东村 30 % → 20 % −10 points" in text


@pytest.mark.parametrize(
    ("page", "command"),
    [("targets", "fengqiao targets"), ("change", "fengqiao coverage --against YYYY-MM-DD")],
)
def test_a_page_without_an_answer_names_its_command(
    town: Layers, page: PageName, command: str
) -> None:
    view = PageView("枫桥", "zh", {**dict.fromkeys(PAGES, "x"), "lang": "y"}, town_bounds(town))
    assert f"<code>{command}</code>" in render_page(page, town, None, view)
