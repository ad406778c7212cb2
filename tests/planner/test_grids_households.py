"""Where households are taken from, village by village, in sums a reader can follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from gis.crs import crs_of_frames
from gis.layers import Layers
from gis.profiles import load
from planner.grids_households import Households, apportion, find_households

# 12 x 10 m = 120 m2 a floor, two floors: 240 m2, two households where nothing else tells.
HOUSE = box(10, 10, 22, 20)
TOWER = box(50, 10, 62, 20)
SHED = box(80, 10, 84, 14)


@pytest.fixture
def found(layer: Any) -> Any:
    """Return a function that finds the households of one village of 100 x 100 m."""

    def find(households: int | None = None, **layers: Any) -> Households:
        villages = layer("villages", [box(0, 0, 100, 100)], {"households": [households]})
        town = Layers("Town", {"villages": villages, **layers})
        return find_households(town, villages, crs_of_frames(villages), load("grids")["households"])

    return find


def assumed(households: Households) -> dict[tuple[str, str], int]:
    return {(a.layer, a.column): a.rows for a in households.assumed}


def test_buildings_that_say_how_many_are_believed(found: Any, layer: Any) -> None:
    buildings = layer("buildings", [HOUSE, TOWER, SHED], {"households": [1, 40, None]})
    there = found(30, buildings=buildings)
    assert there.basis == ("buildings",)
    assert there.total.tolist() == [41]
    assert there.count.tolist() == [1, 40]
    assert there.assumed == ()
    assert there.summary() == "41 households in 1 villages: 1 by buildings"


def test_what_buildings_leave_over_goes_to_those_that_do_not_say(found: Any, layer: Any) -> None:
    buildings = layer("buildings", [HOUSE, TOWER], {"households": [1, None]})
    there = found(31, buildings=buildings)
    assert (there.basis, there.count.tolist()) == (("buildings",), [1, 30])
    assert assumed(there) == {("buildings", "households"): 1, ("buildings", "height_m"): 1}


def test_households_are_spread_over_floor_area(found: Any, layer: Any) -> None:
    # One floor of 120 m2 and nine: a tenth and nine tenths; the shed and the factory hold nobody.
    buildings = layer(
        "buildings",
        [HOUSE, TOWER, SHED, box(10, 40, 60, 90)],
        {"height_m": [3.0, 27.4, 3.0, 9.0], "kind": ["residential", None, None, "industrial"]},
    )
    there = found(50, buildings=buildings)
    assert (there.basis, there.total.tolist()) == (("floor_area",), [50])
    assert there.count.tolist() == [5, 45]
    assert assumed(there) == {("buildings", "households"): 2}


def test_floor_area_tells_what_the_village_does_not(found: Any, layer: Any) -> None:
    there = found(buildings=layer("buildings", [HOUSE, TOWER], {"height_m": [None, 15.0]}))
    assert (there.basis, there.count.tolist()) == (("floor_area",), [2, 5])
    assert assumed(there) == {
        ("villages", "households"): 1,
        ("buildings", "households"): 2,
        ("buildings", "height_m"): 1,
    }


@pytest.mark.parametrize(("stated", "expected"), [(7, [4, 3]), (None, [1, 1])])
def test_addresses_stand_in_for_buildings(
    stated: int | None, expected: list[int], found: Any, layer: Any
) -> None:
    addresses = layer("addresses", [Point(20, 20), Point(70, 70), Point(170, 70)], {})
    there = found(stated, addresses=addresses)
    assert (there.basis, there.count.tolist()) == (("addresses",), expected)
    assert assumed(there)["addresses", "households"] == 2


def test_without_places_households_are_spread_over_the_area(found: Any) -> None:
    there = found(400)
    assert (there.basis, there.total.tolist(), len(there.count)) == (("area",), [400], 0)
    assert assumed(there) == {("villages", "households"): 1}


def test_a_village_that_says_nothing_is_unknown(found: Any) -> None:
    there = found()
    assert (there.basis, there.total.tolist(), there.assumed) == (("unknown",), [0], ())


def test_a_village_without_households_is_known_to_have_none(found: Any, layer: Any) -> None:
    assert found(0).basis == ("area",)
    there = found(0, buildings=layer("buildings", [HOUSE], {}))
    assert (there.basis, there.total.tolist()) == (("floor_area",), [0])


def test_each_village_is_asked_for_itself(layer: Any) -> None:
    villages = layer(
        "villages", [box(0, 0, 100, 100), box(100, 0, 200, 100)], {"households": [None, 9]}
    )
    buildings = layer(
        "buildings", [HOUSE, box(150, 10, 160, 20), box(300, 0, 320, 20)], {"households": [3, 5, 8]}
    )
    town = Layers("Town", {"villages": villages, "buildings": buildings})
    table = load("grids")["households"]
    there = find_households(town, villages, crs_of_frames(villages), table)
    assert there.village.tolist() == [0, 1]
    assert there.total.tolist() == [3, 5]  # the building outside is nobody's


@given(st.integers(0, 5000), st.lists(st.floats(0, 1e6), min_size=1).filter(lambda w: sum(w) > 0))
def test_shares_add_up_and_are_off_by_less_than_one(total: int, weights: list[float]) -> None:
    weight = np.array(weights)
    shares = apportion(total, weight)
    assert shares.sum() == total
    assert (np.abs(shares - total * weight / weight.sum()) < 1 + 1e-6).all()
    assert (shares >= 0).all()
