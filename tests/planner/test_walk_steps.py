"""Ways told by what one sees, drawn by hand."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import LineString, Point, box

from gis.crs import town_crs
from gis.layers import WGS84, Layers
from gis.streets import Streets
from gis.ways_to import Leg
from planner.landmarks import Marks, landmarks_of
from planner.walk_steps import WalkStep, both, walk_steps

METRES = town_crs(120.72, 30.15)


@pytest.fixture
def canal_town(layer) -> Layers:
    """A street over a bridge, a lane along a canal beyond it, a gate at the lane's end.

    The street runs 200 m north, its last 20 m a bridge; the lane then runs 400 m west along the
    canal that lies 10 m south of it; a gate of an estate is north of its western end.
    """
    return Layers(
        "T",
        {
            "streets": layer(
                "streets",
                [
                    LineString([(0, 0), (0, 180)]),
                    LineString([(0, 180), (0, 200)]),
                    LineString([(0, 200), (-400, 200)]),
                    LineString([(0, 200), (0, 300)]),
                ],
                {
                    "name": ["Mill Street", "Mill Street", None, "Mill Street"],
                    "highway": ["residential", "residential", "footway", "residential"],
                    "bridge": [False, True, False, False],
                },
            ),
            "areas": layer(
                "areas",
                [box(-900, 184, 900, 190), box(-40, 20, -20, 40)],
                {"kind": ["water", "water"], "name": [None, "Big Pond"]},
            ),
            "sites": layer(
                "sites",
                [box(-420, 220, -380, 260), Point(-200, 205), Point(-210, 300)],
                {"name": ["创业家园", "Corner Shop", None], "kind": ["estate", "shop", "bank"]},
            ),
            "barriers": layer(
                "barriers",
                [Point(-400, 215), Point(600, 0)],
                {"kind": ["lift_gate", "bollard"]},
            ),
            "patrol_points": layer(
                "patrol_points",
                [Point(5, 100), Point(0, 5)],
                {"name": ["a", "b"], "landmark": ["Old Tree", "Corner Shop"]},
            ),
        },
    )


@pytest.fixture
def network(canal_town: Layers) -> Streets:
    return Streets.build(canal_town["streets"])


def way(streets: Streets, *codes: str, back: bool = False) -> tuple[Leg, ...]:
    """Return a way over whole streets in the direction they are drawn, at 1 m/s."""
    legs = []
    for code in codes:
        edge = list(streets.edge_street).index(code)
        shares = (1.0, 0.0) if back else (0.0, 1.0)
        legs.append(Leg(edge, *shares, float(streets.edge_length_m[edge])))
    return tuple(legs)


def told(
    layers: Layers, streets: Streets, legs: tuple[Leg, ...], lang: str, **more: object
) -> list[WalkStep]:
    names = layers["streets"].set_index("code")["name"].dropna().to_dict()
    return walk_steps(streets, names, landmarks_of(layers), legs, lang, **more)


THERE = ("streets/0", "streets/1", "streets/2")


def test_landmarks_of_a_town(canal_town: Layers) -> None:
    marks = landmarks_of(canal_town)
    kinds = sorted(zip(marks["kind"], marks["name"].fillna(""), strict=True))
    assert kinds == [
        ("bridge", ""),
        ("canal", ""),
        ("estate", "创业家园"),
        ("gate", "创业家园"),
        ("mark", "Old Tree"),
        ("pond", "Big Pond"),
        ("shop", "Corner Shop"),
    ]
    assert marks.crs == WGS84


def test_a_town_without_landmarks_has_an_empty_table() -> None:
    marks = landmarks_of(Layers("T", {}))
    assert len(marks) == 0
    assert {"code", "name", "kind", "rank"} <= set(marks.columns)


def test_over_the_bridge_and_along_the_canal(canal_town: Layers, network: Streets) -> None:
    goal = gpd.GeoSeries([Point(-398, 212)], crs=METRES).to_crs(WGS84).iloc[0]
    legs = way(network, *THERE)
    zh = told(canal_town, network, legs, "zh", goal="创业家园北门", goal_point=goal)
    assert [step.text for step in zh] == [
        "沿Mill Street向北走约 3 分钟，途经右手边的Old Tree",
        "过桥后左转，沿河走约 7 分钟，途经右手边的Corner Shop，右手边是创业家园北门",
    ]
    en = told(canal_town, network, legs, "en", goal="the north gate", goal_point=goal)
    assert en[1].text == (
        "After the bridge turn left and follow the canal, about 7 min, past Corner Shop on your "
        "right; the north gate is on your right"
    )
    assert [(step.turn, step.landmark) for step in en] == [
        ("start", None), ("left", "the bridge"),
    ]  # fmt: skip
    assert sum(step.length_m for step in en) == pytest.approx(600, abs=0.2)


def test_lights_name_the_turn_where_they_stand_and_are_not_passed(
    canal_town: Layers, network: Streets, layer
) -> None:
    lights = layer(
        "barriers",
        [Point(5, 195), Point(6, 100)],
        {"kind": ["traffic_signals", "crossing_signals"]},
    )
    # A bridge says more than lights: here is none.
    flat = canal_town["streets"].assign(bridge=False)
    town = canal_town.replaced(barriers=lights, streets=flat)
    legs = way(network, "streets/2", back=True) + way(network, "streets/3")
    zh, en = (told(town, network, legs, lang) for lang in ("zh", "en"))
    assert zh[1].text.startswith("到红绿灯左转，沿Mill Street走")
    assert en[1].text.startswith("At the traffic lights turn left and follow Mill Street")
    up = told(town, network, way(network, "streets/0"), "en")
    assert up[0].text == "Walk north along Mill Street, about 3 min, past Old Tree on your right"


def test_the_other_way_everything_is_on_the_other_side(
    canal_town: Layers, network: Streets
) -> None:
    legs = way(network, *reversed(THERE), back=True)
    steps = told(canal_town, network, legs, "zh")
    assert [step.turn for step in steps] == ["start", "right"]
    assert steps[0].text == "沿河向东走约 7 分钟，途经左手边的Corner Shop"
    # The bridge is not behind one yet, but it is where one turns.
    assert steps[1].text.startswith("到桥右转，沿Mill Street走约 3 分钟")


def test_minutes_are_the_walkers(canal_town: Layers, network: Streets) -> None:
    legs = way(network, *THERE)
    steps = told(canal_town, network, legs, "zh", stretch=1.5)
    assert steps[1].minutes == pytest.approx(10.0, rel=1e-3)
    assert "约 10 分钟" in steps[1].text
    short = told(canal_town, network, way(network, "streets/1"), "zh")
    assert short[0].text == "沿Mill Street向北走 20 米"


def test_a_goal_on_the_way_is_on_neither_side(canal_town: Layers, network: Streets) -> None:
    goal = gpd.GeoSeries([Point(0, 180)], crs=METRES).to_crs(WGS84).iloc[0]
    steps = told(canal_town, network, way(network, "streets/0"), "zh", goal="桥头", goal_point=goal)
    assert steps[-1].text.endswith("，到达桥头")


def test_no_way_has_no_steps(canal_town: Layers, network: Streets) -> None:
    assert told(canal_town, network, (), "zh") == []
    assert told(canal_town, network, (Leg(0, 0.5, 0.5, 0.0),), "zh") == []


def test_both_languages_in_one_pass(canal_town: Layers, network: Streets) -> None:
    marks = Marks.of(network, landmarks_of(canal_town))
    legs = way(network, *THERE)
    steps = both(network, {}, marks, legs)
    for lang in ("zh", "en"):
        alone = walk_steps(network, {}, marks, legs, lang)
        assert [step["text"][lang] for step in steps] == [step.text for step in alone]
    assert steps[1]["landmark"] == {"zh": "桥", "en": "the bridge"}
    assert set(steps[0]) == {
        "turn", "street", "landmark", "length_m", "minutes", "lon", "lat", "text",
    }  # fmt: skip
    assert steps[0]["lat"] < steps[1]["lat"]
    assert "1 of them bridges" in marks.summary()
