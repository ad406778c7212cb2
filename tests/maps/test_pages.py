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
from maps.views import render_page, town_bounds, town_view
from maps.written import write_maps
from planner.results import Interval, Missing

Render = Callable[..., str]


@pytest.fixture
def render(town: Layers, answers: dict[str, Any]) -> Render:
    def page(name: PageName, lang: str = "zh", **changes: Any) -> str:
        links = {**dict.fromkeys(PAGES, "x.html"), "lang": "y.html"}
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
        assert keys <= drawn


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
    assert {p.name for p in pages} == {
        *("index.html", "coverage.html", "response.html", "patrol.html"),
        *("coverage.en.html", "response.en.html", "patrol.en.html"),
    }
    assert all(0 < p.stat().st_size < 1_500_000 for p in pages)
    tiles = list(tmp_path.glob("tiles/*/*/*/*.png"))
    assert 100 < len(tiles) <= 300
    assert {t.relative_to(tmp_path / "tiles").parts[0] for t in tiles} == {
        *("base", "cells", "cells_low", "cells_high")
    }
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
