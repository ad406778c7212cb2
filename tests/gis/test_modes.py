from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gis.errors import ParameterError
from gis.modes import emergency_rules, emergency_speeds, paces
from gis.profiles import load

STREETS = pd.DataFrame(
    {
        "highway": ["residential", "primary", "pedestrian", "busway", "footway", "service"],
        "speed_kmh": [np.nan, 60, np.nan, np.nan, np.nan, 5],
    }
)


def kmh(streets: pd.DataFrame, table: dict[str, Any] | None = None) -> list[float]:
    return [round(3.6 / pace, 2) for pace in paces(streets, "car", table)[0].tolist()]


def with_rules(**changes: Any) -> dict[str, Any]:
    table = copy.deepcopy(load("speeds"))
    table["emergency"] |= changes
    return table


def test_emergency_driving_is_never_the_default() -> None:
    assert kmh(STREETS) == [25, 45, 0, 0, 0, 3.5]
    assert paces(STREETS, "car")[0].tolist() == paces(STREETS, "car", load("speeds"))[0].tolist()


def test_emergency_driving_takes_limits_in_full_and_is_nowhere_slow() -> None:
    # residential 25 x 1.25; primary its limit; opened kinds; footways stay shut; least 15.
    assert kmh(STREETS, emergency_speeds()) == [31.25, 60, 15, 25, 0, 15]


def test_each_permission_is_a_switch() -> None:
    shut = emergency_speeds(with_rules(pedestrian_streets=False, busways=False))
    assert kmh(STREETS, shut) == [31.25, 60, 0, 0, 0, 15]
    oneway = pd.DataFrame({"highway": ["primary"] * 3, "oneway": ["yes", "reverse", "no"]})
    along, against = paces(oneway, "car", emergency_speeds())
    assert np.isinf([along[1], against[0]]).all()
    table = emergency_speeds(with_rules(against_oneway=True))
    along, against = paces(oneway, "car", table)
    assert [round(3.6 / pace, 2) for pace in (along[1], against[0])] == [15, 15]
    assert along[0] == against[1] == along[2] == against[2] == pytest.approx(3.6 / 47.5)


def test_the_wrong_way_is_never_faster_than_the_right_one() -> None:
    street = pd.DataFrame({"highway": ["living_street"], "oneway": ["yes"]})
    table = emergency_speeds(with_rules(against_oneway=True, against_oneway_kmh=90))
    along, against = paces(street, "car", table)
    assert along.tolist() == against.tolist()


def test_a_street_that_says_no_to_cars_stays_shut() -> None:
    street = pd.DataFrame({"highway": ["pedestrian", "primary"], "car": ["no", "no"]})
    assert np.isinf(paces(street, "car", emergency_speeds())).all()


@pytest.mark.parametrize("mode", ["foot", "ebike"])
def test_other_modes_are_as_they_were(mode: str) -> None:
    for was, now in zip(
        paces(STREETS, mode), paces(STREETS, mode, emergency_speeds()), strict=True
    ):
        assert was.tolist() == now.tolist()


def test_the_table_given_is_left_as_it_was() -> None:
    table = copy.deepcopy(load("speeds"))
    emergency_speeds(table)
    assert table == load("speeds")


def test_all_faults_of_the_rules_are_named_at_once() -> None:
    table = with_rules(faster=0, least_kmh="15", busways=1)
    del table["emergency"]["limit_share"]
    with pytest.raises(ParameterError) as raised:
        emergency_rules(table)
    assert str(raised.value) == (
        "the table of speeds cannot be used: "
        "emergency.limit_share = None is not a number above 0; "
        "emergency.faster = 0 is not a number above 0; "
        "emergency.least_kmh = '15' is not a number above 0; "
        "emergency.busways = 1 is not true or false"
    )
    with pytest.raises(ParameterError, match=r"emergency\.faster = None"):
        emergency_speeds({key: part for key, part in load("speeds").items() if key != "emergency"})
