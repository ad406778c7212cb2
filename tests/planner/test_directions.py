"""Turn lists drawn by hand: what is a turn, what a bend, what one street."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from gis.streets import Streets
from gis.ways_to import Leg, ways_to
from planner.directions import Step, directions, length_text

CRS = "EPSG:32650"


def steps(
    lines: dict[str, str],
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    names: dict[str, str] | None = None,
    kinds: dict[str, str] | None = None,
    lang: str = "en",
) -> list[Step]:
    geometry = gpd.GeoSeries.from_wkt(list(lines.values()), crs=CRS).translate(500_000, 3_300_000)
    highway = [(kinds or {}).get(code, "residential") for code in lines]
    streets = Streets.build(
        gpd.GeoDataFrame({"code": list(lines), "highway": highway}, geometry=geometry)
    )
    places = gpd.GeoSeries([_at(start), _at(end)], crs=CRS)
    snapped = streets.snap(places, mode="foot")
    there = snapped.iloc[1]
    ways = ways_to(
        streets, snapped.iloc[:1], int(there["edge"]), float(there["fraction"]), mode="foot"
    )
    named = {code: code for code in lines} if names is None else names
    return directions(streets, named, ways.legs(0), lang)  # type: ignore[arg-type]


def _at(xy: tuple[float, float]) -> shapely.Point:
    return shapely.Point(500_000 + xy[0], 3_300_000 + xy[1])


def told(found: list[Step]) -> list[tuple[str, str | None, int]]:
    return [(step.turn, step.street, round(step.length_m)) for step in found]


CROSS = {
    "West": "LINESTRING (-100 0, 0 0)",
    "East": "LINESTRING (0 0, 100 0)",
    "North": "LINESTRING (0 0, 0 100)",
    "South": "LINESTRING (0 0, 0 -100)",
}


@pytest.mark.parametrize(
    ("end", "turn", "street"),
    [((0, 60), "left", "North"), ((0, -60), "right", "South"), ((60, 0), "straight", "East")],
)
def test_left_right_and_straight_on_at_a_crossing(
    end: tuple[float, float], turn: str, street: str
) -> None:
    found = steps(CROSS, (-80, 0), end)
    assert told(found) == [("start", "West", 80), (turn, street, 60)]
    assert found[0].heading_deg == pytest.approx(90)


def test_the_sentences() -> None:
    zh = [step.text for step in steps(CROSS, (-80, 0), (0, 60), lang="zh")]
    assert zh == ["沿West向东行 80 米", "左转进入North，行 60 米"]
    en = [step.text for step in steps(CROSS, (-80, 0), (0, 60))]
    assert en == ["Head east on West, 80 m", "Turn left into North, 60 m"]
    unnamed = steps(CROSS, (-80, 0), (0, 60), names={}, kinds={"North": "footway"}, lang="zh")
    assert unnamed[1].text == "左转进入人行道，行 60 米"
    assert length_text(1040, "zh") == "1.0 公里"


def test_pieces_of_one_street_are_one_step_and_bends_no_turns() -> None:
    lines = {
        "a": "LINESTRING (0 0, 100 0)",
        "b": "LINESTRING (100 0, 100 100)",  # bends by 90 degrees, but nothing else meets there
        "c": "LINESTRING (100 100, 200 120)",
        "d": "LINESTRING (200 120, 300 120)",
        "side": "LINESTRING (200 120, 200 300)",
    }
    names = dict.fromkeys("abcd", "Long Road") | {"side": "Side"}
    found = steps(lines, (10, 0), (290, 120), names=names)
    assert told(found) == [("start", "Long Road", 90 + 100 + 102 + 90)]


def test_a_street_that_turns_off_at_a_junction_is_told_though_it_keeps_its_name() -> None:
    names = {"West": "Old Road", "North": "Old Road", "East": "New Road"}
    found = steps(CROSS, (-80, 0), (0, 60), names=names)
    assert told(found) == [("start", "Old Road", 80), ("left", "Old Road", 60)]


def test_a_short_piece_between_two_carriageways_is_no_step() -> None:
    lines = {
        "West": "LINESTRING (-100 0, 0 0)",
        "link": "LINESTRING (0 0, 12 0)",
        "North": "LINESTRING (12 0, 12 100)",
        "other": "LINESTRING (0 0, 0 100)",
        "more": "LINESTRING (12 0, 12 -100)",
    }
    names = {"West": "West", "North": "North", "other": "Other", "more": "More"}
    found = steps(lines, (-80, 0), (12, 60), names=names)
    assert told(found) == [("start", "West", 80), ("left", "North", 72)]


def test_turning_round_is_a_step_on_the_same_street() -> None:
    geometry = gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 100 0)"], crs=CRS)
    streets = Streets.build(
        gpd.GeoDataFrame({"code": ["a"]}, geometry=geometry.translate(500_000, 3_300_000))
    )
    legs = [Leg(0, 0.2, 1.0, 60.0), Leg(0, 1.0, 0.5, 40.0)]
    found = directions(streets, {"a": "Dead End"}, legs, "en")
    assert told(found) == [("start", "Dead End", 80), ("u_turn", "Dead End", 50)]
    assert found[1].text == "Turn round on Dead End, 50 m"


def test_no_way_no_steps_and_no_length_is_lost() -> None:
    assert steps(CROSS, (-50, 0), (-50, 0)) == []
    found = steps(CROSS, (-80, 0), (0, 60))
    assert sum(step.length_m for step in found) == pytest.approx(140)
    assert sum(step.seconds for step in found) > 0


def test_a_short_step_joins_what_lies_straight_behind_it() -> None:
    # Over the second carriageway of a wide road: the street has another name on that side.
    lines = {
        "Road": "LINESTRING (-100 0, 0 0)",
        "Near": "LINESTRING (0 0, 0 9)",
        "Far": "LINESTRING (0 9, 0 200)",
        "Beside": "LINESTRING (0 9, 100 9)",
        "Along": "LINESTRING (0 0, 100 0)",
    }
    found = steps(lines, (-60, 0), (0, 150))
    assert told(found) == [("start", "Road", 60), ("left", "Far", 150)]
    assert found[1].heading_deg == pytest.approx(0, abs=1)
    # A short piece behind which one turns stays: it says where.
    assert told(steps(lines, (-60, 0), (60, 9))) == [
        ("start", "Road", 60),
        ("left", "Near", 9),
        ("right", "Beside", 60),
    ]
