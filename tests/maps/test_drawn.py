from __future__ import annotations

import json
import re

import pytest
from shapely import Point

from gis.errors import DependencyError
from maps.drawn import drawn_map, with_features
from maps.overlays import Overlay, feature

BOUNDS = (120.0, 30.0, 120.1, 30.1)
# What a template engine would execute or stumble over, and what would end a script.
NASTY = ("{{ 7 * 7 }}", "{% for x in y %}", "{# open", "}}", "</script><b>", 'a & b\'s "c"')


def layer(name: str, *texts: str) -> Overlay:
    return Overlay(name, [feature(Point(120, 30), "label", tag=text) for text in texts])


def script(*overlays: Overlay, attribution: str = "") -> str:
    names = tuple(overlay.name for overlay in overlays)
    drawn = drawn_map(
        BOUNDS, (("base", 17),), names, tiles="t", assets="a", attribution=attribution
    )
    return with_features(drawn.script, overlays)


def tags(text: str, name: str) -> list[str]:
    found = re.search(rf"geo_json_{name}_add\((\{{\"features.*)\);", text)
    assert found is not None
    return [one["properties"]["tag"] for one in json.loads(found.group(1))["features"]]


def test_names_reach_the_page_as_they_were_written() -> None:
    text = script(layer("gaps", *NASTY), layer("places", "b"), layer("none"))
    assert tags(text, "gaps") == list(NASTY)
    assert tags(text, "places") == ["b"]
    assert tags(text, "none") == []
    assert "</script>" not in text


def test_whose_data_it_is_reaches_the_page_as_text() -> None:
    told = re.search(r'"attribution": "(.*?)",', script(attribution="{{ 7 * 7 }} <b>{% x"))
    assert told is not None
    plain = json.loads(f'"{told.group(1)}"')
    assert plain == "&#123;&#123; 7 * 7 &#125;&#125; &lt;b&gt;&#123;% x"


def test_a_map_is_drawn_once_for_all_its_features() -> None:
    first, second = script(layer("gaps", "a")), script(layer("gaps", "b"))
    assert first.replace('"tag": "a"', '"tag": "b"') == second


def test_a_layer_that_folium_writes_otherwise_is_refused() -> None:
    with pytest.raises(DependencyError, match="roads"):
        with_features(script(layer("gaps")), [layer("roads", "a")])
