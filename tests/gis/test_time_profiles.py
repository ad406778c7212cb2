from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import ParameterError
from gis.modes import MODES
from gis.profiles import load
from gis.time_profiles import CLASSES, GROUNDS, check_traffic, factors, period_at

HOUR = 60
MONDAY, SATURDAY = 0, 5 * 24 * HOUR


def small_table() -> dict[str, Any]:
    """Return two periods, one class named, one factor of each sort."""
    return {
        "periods": [
            {"name": "rush", "days": [0], "hours": [[8, 9]]},
            {"name": "rest", "days": list(range(7)), "hours": [[0, 24]]},
        ],
        "classes": {"main": ["primary"]},
        "ground": {"car": {"countryside": {"main": 0.5}}},
        "hour": {"car": {"countryside": {"rush": {"main": 3}}, "town": {"rush": {"small": 2}}}},
    }


def test_the_periods_of_a_week() -> None:
    hours = Counter(period_at(hour * HOUR) for hour in range(168))
    assert hours == {"night": 56, "morning_peak": 10, "evening_peak": 10, "weekend": 32, "day": 60}
    assert period_at(MONDAY + 7 * HOUR - 1) == "day"
    assert period_at(MONDAY + 7 * HOUR) == "morning_peak"
    assert period_at(MONDAY + 9 * HOUR) == "day"
    assert period_at(SATURDAY + 18 * HOUR) == "weekend"
    assert period_at(-1) == period_at(7 * 24 * HOUR - 1) == "night"


def test_the_first_period_that_holds_is_taken() -> None:
    assert [period_at(h * HOUR, small_table()) for h in (7, 8, 9, 32)] == [
        "rest", "rush", "rest", "rest",
    ]  # fmt: skip


def test_ground_and_hour_are_multiplied_and_what_is_not_listed_is_one() -> None:
    kinds = ["primary", "primary", "steps", None, "steps"]
    grounds = ["countryside", "town", "town", "town", "fringe"]

    def found(mode: str, minute: int | None) -> list[float]:
        return factors(kinds, grounds, mode, minute, small_table()).tolist()

    assert found("car", 8 * HOUR) == [1.5, 1, 2, 2, 1]
    assert found("car", 7 * HOUR) == [0.5, 1, 1, 1, 1]
    assert found("car", None) == [0.5, 1, 1, 1, 1]
    assert found("foot", 8 * HOUR) == [1, 1, 1, 1, 1]


def test_an_emergency_car_suffers_a_share_of_the_delay_and_gains_nothing() -> None:
    def found(mode: str) -> list[float]:
        kinds, grounds = ["primary", "steps"], ["countryside", "town"]
        return factors(kinds, grounds, mode, 480, small_table(), emergency=True).tolist()

    assert found("car") == [1.25, 1.5]
    assert found("ebike") == [1, 1]
    night = factors(["primary"], ["town"], "car", 23 * HOUR, emergency=True)
    assert night.tolist() == [1]


def test_daytime_in_town_is_the_table_of_speeds() -> None:
    kinds = list(load("speeds")["kinds"])
    for mode in MODES:
        for minute in (None, 10 * HOUR, SATURDAY + 10 * HOUR):
            assert (factors(kinds, ["town"] * len(kinds), mode, minute) == 1).all()


def test_the_peaks_slow_cars_down_and_the_night_does_not() -> None:
    for ground in GROUNDS:
        by_hour = {
            hour: factors(["primary", "tertiary", "service"], [ground] * 3, "car", hour * HOUR)
            for hour in (3, 8, 10, 18)
        }
        assert (by_hour[18] >= by_hour[8]).all()
        assert (by_hour[8] >= by_hour[10]).all()
        assert (by_hour[10] >= by_hour[3]).all()


def test_kinds_of_the_classes_are_kinds_of_street() -> None:
    listed = [kind for kinds in load("traffic")["classes"].values() for kind in kinds]
    assert set(listed) <= set(load("speeds")["kinds"])


def test_no_street_is_no_factor() -> None:
    assert factors([], [], "car", 0).shape == (0,)


STREET = st.tuples(
    st.sampled_from(["primary", "tertiary", "motorway", "steps", "unheard_of", None]),
    st.sampled_from(GROUNDS),
)


@given(st.lists(STREET, min_size=1), st.sampled_from(MODES), st.integers(0, 10_079))
def test_factors_are_looked_up_one_by_one(
    streets: list[tuple[str | None, str]], mode: str, minute: int
) -> None:
    table = load("traffic")
    period = next(
        row["name"]
        for row in table["periods"]
        if minute // 1440 in row["days"]
        and any(a * HOUR <= minute % 1440 < b * HOUR for a, b in row["hours"])
    )
    expected = []
    for kind, ground in streets:
        klass = next((k for k in CLASSES if kind in table["classes"].get(k, [])), "small")
        always = table["ground"].get(mode, {}).get(ground, {}).get(klass, 1)
        hourly = table["hour"].get(mode, {}).get(ground, {}).get(period, {}).get(klass, 1)
        expected.append(always * hourly)
    kinds, grounds = zip(*streets, strict=True)
    assert factors(kinds, grounds, mode, minute).tolist() == pytest.approx(expected)


def test_a_mode_and_a_ground_that_nobody_knows_are_refused() -> None:
    with pytest.raises(ParameterError, match="no mode 'boat'"):
        factors(["primary"], ["town"], "boat", None)
    for ground in ("sea", None, np.nan):
        with pytest.raises(ParameterError, match="must be one of town, fringe, countryside"):
            factors(["primary"], [ground], "car", None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.pop("hour"), "it lacks [hour]"),
        (lambda t: t["periods"].pop(), "day 0, hour 0 lies in no period"),
        (lambda t: t["periods"][0].update(days=[7]), "period rush: days go from 0 to 6"),
        (lambda t: t["periods"][0].update(hours=[[9, 8]]), "period rush: hours go from 0 to 24"),
        (lambda t: t["periods"][0].update(hours=[[8, 25]]), "period rush: hours go from 0 to 24"),
        (lambda t: t["periods"][0].pop("name"), "period 1 has no name"),
        (lambda t: t["classes"].update(broad=[]), "no class 'broad'; the classes are: fast"),
        (lambda t: t["classes"].update(fast=["primary"]), "primary stands in two classes"),
        (lambda t: t["ground"].update(boat={"town": {}}), "ground.boat.town: no such mode"),
        (lambda t: t["hour"]["car"].update(sea={"rush": {}}), "hour.car.sea.rush: no such ground"),
        (lambda t: t["hour"]["car"]["town"].update(noon={}), "hour.car.town.noon: no such period"),
        (lambda t: t["ground"]["car"]["countryside"].update(main=0), "main = 0 is not a factor"),
        (lambda t: t["ground"]["car"]["countryside"].update(wide=1), "no class 'wide'"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(change: Any, told: str) -> None:
    table = copy.deepcopy(small_table())
    check_traffic(table)
    change(table)
    with pytest.raises(ParameterError) as raised:
        check_traffic(table)
    assert told in str(raised.value)


def test_all_faults_of_a_table_are_told_at_once() -> None:
    table = small_table()
    table["ground"]["car"]["countryside"] = {"main": "slow", "wide": 1}
    table["classes"]["broad"] = []
    with pytest.raises(ParameterError) as raised:
        factors([], [], "car", None, table)
    assert str(raised.value).count(";") >= 2
    assert "main = 'slow' is not a factor from 0.1 to 10" in str(raised.value)
