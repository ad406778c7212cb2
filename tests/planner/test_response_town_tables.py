"""A town's own grounds and traffic reach the answer."""

from __future__ import annotations

import pytest
from shapely import LineString, Point, box

from gis.layers import Layers
from planner.assume import complete
from planner.network import build_network, network_assumed
from planner.params import ResponseParams
from planner.response import respond
from planner.results_response import Response


@pytest.fixture
def rural(layer) -> Layers:
    """Return a built-up village beside a rural one, a main road through both, a shop 300 m out."""
    return Layers(
        "T",
        {
            "villages": layer(
                "villages",
                [box(0, 0, 500, 500), box(500, 0, 2000, 500)],
                {"rural": [False, True]},
            ),
            "streets": layer(
                "streets",
                [LineString([(0, 200), (500, 200)]), LineString([(500, 200), (2000, 200)])],
                {"highway": ["primary"] * 2},
            ),
            "units": layer("units", [Point(100, 200)], {"mode": ["car"]}),
            "sites": layer("sites", [Point(400, 200), Point(800, 200)], {"kind": ["shop"] * 2}),
        },
    )


def answer(town: Layers, **changes: object) -> Response:
    params = ResponseParams.default(**changes)
    full = complete(town, params.tiers_min).layers
    return respond(full, build_network(full), params)


def test_a_narrower_fringe_is_countryside_beyond(rural: Layers) -> None:
    usual, narrow = answer(rural), answer(rural, grounds={"fringe_m": 200})
    assert usual.sites["ground"].tolist() == ["town", "fringe"]
    assert narrow.sites["ground"].tolist() == ["town", "countryside"]
    # Another ground, another tier.
    assert usual.sites["tier_min"].tolist() == [5, 10]
    assert narrow.sites["tier_min"].tolist() == [5, 15]


def test_a_heavier_peak_is_later_at_that_hour_and_no_other(rural: Layers) -> None:
    peak = {"hour": {"car": {"town": {"morning_peak": {"main": 2.28}}}}}
    times = {
        (at, own): answer(rural, at=at, **({"traffic": peak} if own else {})).sites["first_s"][0]
        for at in ("Mon 08:00", "Mon 12:00")
        for own in (False, True)
    }
    assert times["Mon 08:00", True] == pytest.approx(2 * times["Mon 08:00", False], rel=1e-3)
    assert times["Mon 12:00", True] == times["Mon 12:00", False]


def test_own_periods_bring_their_own_factors(rural: Layers) -> None:
    periods = [{"name": "always", "days": list(range(7)), "hours": [[0, 24]]}]
    own = {"periods": periods, "hour": {"car": {"town": {"always": {"main": 2.0}}}}}
    params = ResponseParams.default(traffic=own, at="Mon 08:00")
    assert params.traffic["hour"] == own["hour"]
    [assumed] = network_assumed(rural, params.minute, params.traffic)
    assert assumed.value.endswith("always")
    usual, slow = answer(rural, at="Mon 12:00"), answer(rural, at="Mon 12:00", traffic=own)
    assert slow.sites["first_s"][0] == pytest.approx(2 * usual.sites["first_s"][0], rel=1e-3)
