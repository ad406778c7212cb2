from __future__ import annotations

from datetime import date

import pytest
from shapely import Point

from gis.errors import LayerFaultsError
from planner.params import PatrolParams
from planner.patrol_teams import paces, shifts_s

HOUR = 3600
WEDNESDAY = date(2026, 11, 25)


def params(**changes: object) -> PatrolParams:
    return PatrolParams.default(date=WEDNESDAY, **changes)


def teams(layer, **columns: list):
    rows = len(next(iter(columns.values())))
    return layer("teams", [Point(0, 0)] * rows, {"mode": ["foot"] * rows, **columns})


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("19:00-21:00", (19, 21)),
        ("22:00-02:00", (22, 26)),
        ("00:30-03:00", (24.5, 27)),
        ("06:30-08:00", (6.5, 8)),
        ("Mo-Su 19:00-22:00", (19, 22)),
        ("周三 20:00-22:30", (20, 22.5)),
        ("Mo-Fr 07:00-08:00; Mo-Fr 19:00-20:30", (19, 20.5)),
        ("We 23:00-05:00", (23, 29)),
    ],
)
def test_a_shift_is_that_of_the_evening(layer, text: str, hours: tuple[float, float]) -> None:
    found = shifts_s(teams(layer, shifts=[text]), params())
    assert found == [(int(hours[0] * HOUR), int(hours[1] * HOUR))]


def test_a_team_that_is_not_on_shift_has_no_time(layer) -> None:
    pace = paces(teams(layer, shifts=["Sa-Su 19:00-21:00"]), params())[0]
    assert pace.out_s == 0


def test_every_shift_that_cannot_be_read_is_named(layer) -> None:
    rows = teams(layer, shifts=["evening", "19:00-21:00", "25:00-26:00"])
    with pytest.raises(LayerFaultsError, match=r"teams/0.*(?s:.*)teams/2"):
        shifts_s(rows, params())


def test_teams_of_one_base_leave_one_after_the_other(layer) -> None:
    rows = teams(
        layer,
        shifts=["19:00-21:00", "19:00-21:00", "20:00-21:00", "19:00-21:00"],
        start_delay_s=[None, None, None, 60.0],
    )
    starts = [pace.start_s - pace.shift_s[0] for pace in paces(rows, params(stagger_s=300))]
    assert starts == [0, 300, 0, 60]


def test_only_long_shifts_have_a_rest_unless_the_team_says_so(layer) -> None:
    rows = teams(
        layer,
        shifts=["19:00-21:30", "19:00-22:00", "19:00-22:00", "19:00-20:00"],
        break_s=[None, None, 0.0, 300.0],
    )
    assert [pace.break_s for pace in paces(rows, params())] == [0, 600, 0, 300]


def test_the_longest_way_is_four_kilometres_on_foot_and_the_teams_own_before_that(layer) -> None:
    rows = layer(
        "teams",
        [Point(0, 0)] * 3,
        {
            "mode": ["foot", "ebike", "ebike"],
            "speed_kmh": [3.6, 12.0, 12.0],
            "max_length_m": [None, None, 6000.0],
        },
    )
    assert [pace.longest_s for pace in paces(rows, params())] == [4000, None, 1800]


def test_a_shift_is_longer_on_the_night_on_which_clocks_go_back(layer) -> None:
    rows = teams(layer, shifts=["22:00-04:00"])
    night = PatrolParams.default(date=date(2026, 10, 24), timezone="Europe/Berlin")
    assert paces(rows, night)[0].out_s == 7 * HOUR
