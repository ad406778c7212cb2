from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString, Point

from gis.layers import Layers
from planner.arms import Arms, arms_of, arms_seen
from planner.camera_views import town_metres
from planner.looks import Scores
from planner.params import CoverageParams

HERE = Point(300, 200)


@pytest.fixture
def arms(town: Layers, layer):
    """Return the arms of one place at (300, 200) among some streets."""

    def found(*streets: list[tuple[float, float]], kind: str = "junction") -> Arms:
        there = town.replaced(
            streets=layer("streets", [LineString(xy) for xy in streets], {}),
            sites=layer("sites", [Point(0, 0), HERE], {"kind": ["school", kind]}),
        )
        return arms_of(there, town_metres(there), CoverageParams.default())

    return found


def test_streets_that_pass_make_two_arms_each(arms) -> None:
    found = arms([(200, 200), (400, 200)], [(300, 100), (300, 200), (300, 300)])
    assert found.site.tolist() == [1, 1, 1, 1]
    # 20 m each, a point every 2 m.
    assert np.bincount(found.arm).tolist() == [10, 10, 10, 10]


def test_streets_that_end_make_one_arm_each(arms) -> None:
    found = arms([(200, 200), (300, 200)], [(300, 200), (400, 200)], [(300, 200), (300, 300)])
    assert len(found.site) == 3


def test_the_carriageways_of_a_wide_road_are_arms_of_their_own(arms) -> None:
    # Two carriageways 8 m apart, a lane across: its link between them is no arm.
    found = arms(
        [(200, 196), (300, 196), (400, 196)],
        [(200, 204), (300, 204), (400, 204)],
        [(300, 100), (300, 196)],
        [(300, 196), (300, 204)],
        [(300, 204), (300, 300)],
    )
    assert len(found.site) == 6
    along_y = np.sort([np.ptp(found.xy[found.arm == arm, 1]) for arm in range(6)])
    assert along_y[:4] == pytest.approx(0, abs=1e-3)
    # The lanes reach from 4 m to 20 m off the middle.
    assert along_y[4:] == pytest.approx(14, abs=0.5)


def test_a_street_over_the_junction_is_no_arm(arms) -> None:
    # It crosses 12 m off without a vertex in common.
    found = arms([(200, 200), (400, 200)], [(312, 100), (312, 300)])
    assert len(found.site) == 2


def test_an_entrance_set_back_from_its_street_looks_along_it(arms) -> None:
    found = arms([(200, 210), (400, 210)], kind="entrance")
    assert len(found.site) == 2
    # The circle of 20 m cuts off 17.3 m on either side.
    assert np.ptp(found.xy[:, 0]) == pytest.approx(2 * 17.3, abs=2.5)


def test_a_place_without_a_street_near_has_no_arms(arms) -> None:
    assert len(arms([(200, 230), (400, 230)]).site) == 0
    assert len(arms([(200, 200), (400, 200)], kind="school").site) == 0


def scores(low: list[float], high: list[float]) -> Scores:
    parts = np.array([low, (np.array(low) + high) / 2, high])
    return Scores(*parts, np.ones(len(low), np.int64), 70 * parts[0])


def test_a_place_is_covered_when_all_its_arms_are() -> None:
    three = Arms(np.array([4, 4, 7]), np.array([0, 0, 1, 1, 2, 2]), np.zeros((6, 2)))
    seen = arms_seen(three, scores([1, 1, 0, 1, 1, 1], [1, 1, 1, 1, 1, 1]))
    assert seen["site"].tolist() == [4, 7]
    assert seen["arms"].tolist() == [2, 1]
    assert seen["low"].tolist() == [0.5, 1]
    assert seen["value"].tolist() == [0.75, 1]
    assert seen["high"].tolist() == [1, 1]
    assert seen["px_per_m"].tolist() == [70, 70]


def test_without_cameras_nobody_can_tell() -> None:
    one = Arms(np.array([2]), np.array([0, 0]), np.zeros((2, 2)))
    seen = arms_seen(one, scores([0, 0], [0, 0]), known=False)
    assert seen["arms"].tolist() == [1]
    assert np.isnan(seen["value"]).all()


def test_no_arms_at_all_give_an_empty_table() -> None:
    none = Arms(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 2)))
    assert {len(column) for column in arms_seen(none, scores([], [])).values()} == {0}
