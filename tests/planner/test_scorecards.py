from __future__ import annotations

import math
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from gis.layers import Layers, conform
from planner.assume import complete
from planner.params import Params
from planner.scorecards import scorecards, trend_of
from planner.targets import evaluate
from planner.targets_places import gather
from planner.targets_profile import TargetsProfile, profile_of

TODAY = date(2026, 1, 1)


def town(facts: list[tuple[str, ...]]) -> Layers:
    """Return four villages in a row, two of each of two stations."""
    columns = ["place_layer", "place_code", "key", "period", "value"]
    table = pd.DataFrame(facts, columns=columns)
    villages = {
        "code": ["a", "b", "c", "d"],
        "name": ["甲", "乙", "丙", None],
        "station": ["S", "S", "R", "R"],
    }
    shapes = [box(k / 100, 0, (k + 1) / 100, 0.01) for k in range(4)]
    stations = {"code": ["S", "R"], "name": ["一所", "二所"], "kind": ["police", "police"]}
    places = [Point(0.01, 0.005), Point(0.03, 0.005)]
    return Layers(
        "T",
        {
            "villages": conform(gpd.GeoDataFrame(villages, geometry=shapes, crs=4326), "villages"),
            "stations": conform(gpd.GeoDataFrame(stations, geometry=places, crs=4326), "stations"),
            "facts": conform(table.assign(code=[f"Q{k}" for k in range(len(table))]), "facts"),
        },
    )


def profile(**changes: Any) -> TargetsProfile:
    target = {
        "id": "X",
        "clause": "-",
        "zh": "甲",
        "en": "x",
        "measure": "places_where",
        "scope": "village",
        "places": [{"layer": "villages"}],
        "where": [{"fact": "mediation_head"}],
        "threshold": {"op": ">=", "value": 0.5},
        "needs_zh": "数",
        "needs_en": "data",
    }
    return profile_of({"zh": "自", "en": "own", "target": [{**target, **changes}]}, "own")


def cards(layers: Layers, asked: TargetsProfile) -> pd.DataFrame:
    found = evaluate(layers, None, None, asked, Params.default(), TODAY)
    return found.scorecards.set_index(["scope", "code"])


def heads(*words: str, period: str = "2025") -> list[tuple[str, ...]]:
    return [
        ("villages", code, "mediation_head", period, word)
        for code, word in zip("abcd", words, strict=False)
    ]


def test_each_station_and_village_has_its_own_places() -> None:
    table = cards(town(heads("yes", "no", "no", "no")), profile())
    assert table["value"].to_dict() == {
        ("town", "town"): 0.25,
        ("station", "S"): 0.5,
        ("station", "R"): 0.0,
        ("village", "a"): 1.0,
        ("village", "b"): 0.0,
        ("village", "c"): 0.0,
        ("village", "d"): 0.0,
    }
    assert table["status"].tolist()[:3] == ["not_met", "met", "not_met"]
    assert table.loc[("station", "S"), ["part", "whole"]].tolist() == [1, 2]
    assert table.loc[("village", "d"), "name"] == "d"
    assert table.loc[("station", "R"), "name"] == "二所"


def test_each_card_says_what_is_missing_there() -> None:
    table = cards(town(heads("yes", "no", "no")), profile())["missing_zh"]
    assert table.loc[("village", "b")] == "书记或主任兼任治保、调解主任（否）"
    assert pd.isna(table.loc[("village", "a")])
    assert table.loc[("village", "d")] == "村（社区）未报“书记或主任兼任治保、调解主任”：1处（d）"
    assert table.loc[("station", "S")] == table.loc[("village", "b")]
    both = f"{table.loc[('village', 'b')]}；{table.loc[('village', 'd')]}"
    assert table.loc[("station", "R")] == both  # c fails, d is silent
    assert table.loc[("town", "town")].startswith("2处未达标（乙、丙）；村（社区）未报")


def test_a_card_that_fails_before_it_is_due_says_so() -> None:
    table = cards(town(heads("yes", "no")), profile(due=date(2030, 1, 1)))
    assert table.loc[("village", "b"), "status"] == "cannot_tell"
    assert table.loc[("village", "b"), "missing_en"].endswith("; not due before 2030-01-01")
    assert pd.isna(table.loc[("village", "a"), "missing_en"])


def test_parts_add_up_to_the_town() -> None:
    table = cards(town(heads("yes", "no", "yes")), profile())
    whole = table.groupby("scope")[["part", "whole"]].sum()
    assert whole.loc["station"].tolist() == whole.loc["town"].tolist() == [2, 3]
    assert table.loc[("village", "d"), "status"] == "cannot_tell"
    assert math.isnan(table.loc[("village", "d"), "value"])


def test_the_year_before_gives_the_trend_of_each() -> None:
    facts = heads("no", "yes", period="2024") + heads("yes", "yes")
    table = cards(town(facts), profile())
    assert table.loc[("village", "a"), "trend"] == "better"
    assert table.loc[("village", "b"), "trend"] == "same"
    assert table.loc[("station", "S"), "before"] == 0.5
    assert pd.isna(table.loc[("village", "c"), "trend"])


def test_a_target_of_stations_asks_nothing_of_villages() -> None:
    facts = [("stations", code, "officers", "2025", "3") for code in "SR"]
    asked = profile(measure="total", places=[{"layer": "stations"}], part={"fact": "officers"})
    table = cards(town(facts), asked)
    assert table["value"].to_dict() == {
        ("town", "town"): 6,
        ("station", "S"): 3,
        ("station", "R"): 3,
    }


def test_small_totals_are_hidden_with_what_would_tell_them() -> None:
    counts = dict(zip("abcd", ("2", "9", "7", "8"), strict=True))
    facts = [("villages", k, "incidents_total", "2025", v) for k, v in counts.items()]
    asked = profile(
        measure="total",
        unit="count",
        part={"fact": "incidents_total"},
        threshold={"op": "<=", "value": 99},
    )
    table = cards(town(facts), asked)
    shown = table["value"].dropna().to_dict()
    # a is below 3, and b would tell it: the station's total is shown.
    assert shown == {
        ("town", "town"): 26,
        ("station", "S"): 11,
        ("station", "R"): 15,
        ("village", "c"): 7,
        ("village", "d"): 8,
    }
    assert table.loc[("village", "a"), ["low", "high", "part"]].isna().all()


def test_no_target_makes_an_empty_table_with_its_columns() -> None:
    sources = gather(town([]), None, None, Params.default(), TODAY)
    table = scorecards(sources, [])
    assert not len(table)
    assert list(table.columns)[:4] == ["scope", "code", "name", "target"]


@pytest.mark.parametrize(
    ("value", "before", "op", "trend"),
    [
        (0.8, 0.7, ">=", "better"),
        (0.6, 0.7, ">=", "worse"),
        (0.6, 0.7, "<=", "better"),
        (0.7, 0.7, "<=", "same"),
        (0.7004, 0.7, ">=", "same"),
        (0.7006, 0.7, ">=", "better"),
        (0.8, 0.7, None, "better"),
        (np.nan, 0.7, ">=", None),
    ],
)
def test_trend(value: float, before: float, op: str | None, trend: str | None) -> None:
    assert trend_of(value, before, op) == trend


def test_a_layer_that_is_not_there_leaves_a_target_open_and_is_named() -> None:
    smart = [("villages", code, "smart_village_built", "2025", "yes") for code in "abcd"]
    asked = profile(
        places=[{"layer": "sites"}, {"layer": "villages"}],
        where=[{"fact": "smart_village_built"}],
    )
    found = evaluate(town(smart), None, None, asked, Params.default(), TODAY)
    assert found.targets["status"].tolist() == ["cannot_tell"]
    assert found.lacking["layer"].tolist() == ["sites"]
    assert found.scorecards["status"].tolist()[0] == "cannot_tell"


def test_a_village_made_up_for_want_of_one_is_no_village() -> None:
    square = {"code": ["q"], "kind": ["square"]}
    sites = conform(gpd.GeoDataFrame(square, geometry=[box(0, 0, 0.01, 0.01)], crs=4326), "sites")
    bare = complete(Layers("T", {"sites": sites})).layers
    assert len(bare["villages"])
    found = evaluate(bare, None, None, profile(), Params.default(), TODAY)
    assert found.lacking["zh"].tolist() == ["缺少图层“村（社区）”"]
