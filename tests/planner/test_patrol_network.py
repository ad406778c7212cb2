"""Ways of patrols: a canal bank without light, and a main road to cross.

Metres: a canal bank y = 0 from x = 0 to 400, straight from A to B; a lit lane around it over
y = 100; a main road x = 600 from y = -200 to 200 behind B, crossed at y = 0.
"""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from gis.layers import WGS84, Layers
from planner.network import build_network
from planner.params import PatrolParams
from planner.patrol_network import walking_network, ways_assumed
from planner.patrol_ways import ways_between

BANK, LANE, BEYOND = "bank", "lane", "beyond"


@pytest.fixture
def canal(layer) -> Layers:
    lines = [
        LineString([(0, 0), (400, 0)]),
        LineString([(0, 0), (0, 100), (400, 100), (400, 0)]),
        LineString([(400, 0), (600, 0)]),
        LineString([(600, -200), (600, 0), (600, 200)]),
        LineString([(600, 0), (800, 0)]),
    ]
    streets = layer(
        "streets",
        lines,
        {
            "code": [BANK, LANE, "to_main", "main", BEYOND],
            "highway": ["footway", "residential", "residential", "trunk", "residential"],
            "lit": [False, True, True, True, True],
        },
    )
    water = layer("areas", [box(-50, -40, 450, -5)], {"kind": ["water"]})
    return Layers("Canal", {"streets": streets, "areas": water})


def params(**avoid: float) -> PatrolParams:
    return PatrolParams.default(date=date(2026, 11, 25), avoid=avoid)


def way(town: Layers, layer, ends: list[Point], **avoid: float):
    streets = build_network(town)
    chosen = walking_network(town, streets, params(**avoid))
    ways = ways_between(streets, chosen, layer("teams", ends, {}), mode="foot")
    legs = ways.legs(0, 1)
    walked = [leg.edge for leg in legs if abs(leg.end - leg.start) > 0.01]
    return ways, legs, [str(code) for code in streets.edge_street[walked]]


A, B = Point(0, 0), Point(400, 0)


def test_an_unlit_canal_bank_is_gone_round_and_the_time_is_that_of_the_way(canal, layer) -> None:
    ways, legs, streets = way(canal, layer, [A, B])
    assert set(streets) == {LANE}
    assert ways.length_m(legs) == pytest.approx(600, abs=1)
    # 600 m at 4.8 km/h, as it takes without any factor.
    assert ways.time_s[0, 1] == pytest.approx(450, abs=1)
    assert sum(leg.seconds for leg in legs) == pytest.approx(ways.time_s[0, 1], abs=0.01)


def test_where_there_is_no_other_way_the_bank_is_walked_in_its_real_time(canal, layer) -> None:
    only = canal["streets"][canal["streets"]["code"] != LANE]
    ways, _, streets = way(canal.replaced(streets=only), layer, [A, B])
    assert set(streets) == {BANK}
    assert ways.time_s[0, 1] == pytest.approx(300, abs=1)


@pytest.mark.parametrize("lit", [True, None])
def test_a_bank_with_light_is_walked_and_one_of_unknown_light_by_its_kind(
    canal, layer, lit: bool | None
) -> None:
    rows = canal["streets"].assign(lit=canal["streets"]["lit"].mask([True] + [False] * 4, lit))
    town = canal.replaced(streets=rows)
    streets = way(town, layer, [A, B])[2]
    assert set(streets) == ({BANK} if lit else {LANE})
    told = [one.column for one in ways_assumed(town, params())]
    assert ("lit" in told) == (lit is None)


def test_closed_streets_stay_closed_on_both_networks(canal, layer) -> None:
    streets = build_network(canal)
    chosen = walking_network(canal, streets, params(), closures=[LANE])
    shut = streets.edge_street == LANE
    assert np.isinf(chosen.seconds["foot"][: 2 * len(shut)].reshape(-1, 2)[shut]).all()


def test_a_crossing_without_signals_is_dearer_and_one_with_signals_is_not(canal, layer) -> None:
    def extra(town: Layers) -> float:
        streets = build_network(town)
        chosen = walking_network(town, streets, params())
        ends = layer("teams", [Point(500, 0), Point(700, 0)], {})
        return float(
            ways_between(chosen, chosen, ends, mode="foot").time_s[0, 1]
            - ways_between(streets, streets, ends, mode="foot").time_s[0, 1]
        )

    lights = layer("barriers", [Point(604, 3)], {"kind": ["traffic_signals"]})
    # Half of the way to the crossing is walked, and so half of what it costs is met.
    assert extra(canal) == pytest.approx(30, abs=1)
    assert extra(canal.replaced(barriers=lights)) == pytest.approx(0, abs=0.1)
    assert [one.layer for one in ways_assumed(canal, params())] == ["barriers"]


def test_cars_keep_their_times(canal) -> None:
    streets = build_network(canal)
    chosen = walking_network(canal, streets, params())
    assert np.array_equal(chosen.seconds["car"], streets.seconds["car"])


def test_without_anything_to_avoid_ways_are_the_shortest(town: Layers) -> None:
    from gis import travel

    streets = build_network(town)
    points = gpd.GeoSeries(list(town["sites"].geometry), crs=WGS84)
    ways = ways_between(streets, walking_network(town, streets, params()), points, mode="foot")
    assert np.array_equal(ways.time_s, travel.matrix(streets, points, points, mode="foot"))
