from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from gis.errors import InputError, ParameterError
from gis.profiles import load
from planner.params import Params, ResponseParams


def test_the_everyday_numbers() -> None:
    params = ResponseParams.default()
    assert (params.at, params.minute, params.level, params.emergency) == (None, None, 3, False)
    assert (params.delays_s, params.closures) == ((0, 30, 60), ())
    assert ResponseParams.default(at="Mon 20:00").minute == 1200
    json.dumps(asdict(params), allow_nan=False)


def test_a_town_changes_single_numbers_of_the_tables() -> None:
    changes = {
        "level": 2,
        "delays_s": [0, 45],
        "closures": ["way/1"],
        "tiers_min": {"by_ground": {"fringe": {"by_kind": {"bank": 2}}}},
        "levels": {"2": {"shorten": {"3": 2}}},
    }
    params = Params.from_toml({"response": changes}).response
    usual = ResponseParams.default()
    assert (params.level, params.delays_s, params.closures) == (2, (0, 45), ("way/1",))
    fringe, usual_fringe = (p.tiers_min["by_ground"]["fringe"] for p in (params, usual))
    assert fringe["by_kind"] == {**usual_fringe["by_kind"], "bank": 2}
    assert fringe["by_area_class"] == usual_fringe["by_area_class"]
    assert params.tiers_min["by_kind"] == usual.tiers_min["by_kind"]
    assert params.levels["2"]["shorten"] == {"3": 2, "5": 3, "10": 5}
    assert params.levels["1"] == usual.levels["1"]
    assert load("response")["tiers_min"] == usual.tiers_min


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"level": 4}, "no level of duty 4; there are: 1, 2, 3"),
        ({"level": 1.5}, "no level of duty 1.5"),
        ({"at": "soon"}, "'soon' is not a moment such as Mon 20:00"),
        ({"at": 5}, "at must be text such as Mon 20:00, not 5"),
        ({"emergency": "yes"}, "emergency must be true or false, not 'yes'"),
        ({"delays_s": [30, 0]}, "delays_s must rise and lie from 0 to 3600"),
        ({"delays_s": [0, 4000]}, "delays_s must rise and lie from 0 to 3600"),
        ({"closures": [7]}, "closures must be codes of streets, not (7,)"),
        ({"tiers_min": {"by_kind": {"bank": 0}}}, "tiers_min.by_kind.bank = 0"),
        ({"tiers_min": 5}, "tiers_min lacks by_kind"),
        ({"levels": {"2": {"turnout_s": -1}}}, "levels.2.turnout_s = -1"),
    ],
)
def test_a_number_that_cannot_be_is_refused_by_name(changes: dict, told: str) -> None:
    with pytest.raises(InputError) as raised:
        ResponseParams.default(**changes)
    assert told in str(raised.value)


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ParameterError, match="does not know ground"):
        Params.from_toml({"response": {"ground": {}}})


def test_a_town_changes_grounds_and_traffic_in_its_own_file() -> None:
    changes = {
        "grounds": {"fringe_m": 200},
        "traffic": {"hour": {"car": {"town": {"morning_peak": {"main": 1.5}}}}},
    }
    params = Params.from_toml({"response": changes}).response
    usual = load("traffic")
    assert params.grounds == {**load("response")["grounds"], "fringe_m": 200}
    assert params.tiers_min["grounds"] == params.grounds
    peak = params.traffic["hour"]["car"]["town"]["morning_peak"]
    assert peak == {**usual["hour"]["car"]["town"]["morning_peak"], "main": 1.5}
    assert params.traffic["periods"] == usual["periods"]
    assert load("traffic")["hour"]["car"]["town"]["morning_peak"]["main"] == 1.14
    assert asdict(params)["traffic"]["hour"]["car"]["town"]["morning_peak"] == peak


def test_all_faults_of_a_town_are_told_at_once() -> None:
    changes = {
        "turnout_s": -1,
        "grounds": {"fringe_m": "far", "rural_areas": ["moor"], "colour": 1},
        "traffic": {"hour": {"car": {"town": {"dusk": {"main": 99}}}}},
    }
    with pytest.raises(ParameterError) as caught:
        Params.from_toml({"response": changes})
    for told in (
        "turnout_s must be from 0 to 3600",
        "grounds knows no colour",
        "grounds.fringe_m must be a number, not 'far'",
        "grounds.rural_areas must be some of",
        "hour.car.town.dusk: no such period",
        "hour.car.town.dusk.main = 99 is not a factor",
    ):
        assert told in str(caught.value)


def test_people_on_foot_are_never_faster_than_on_a_street() -> None:
    params = ResponseParams.default(last_metres_ms=3.0)
    assert params.last_ms("foot")[0] == pytest.approx(4.8 / 3.6)
    assert params.last_ms("car")[0] == 3.0
    assert params.post_ms("foot")[0] == pytest.approx(4.8 / 3.6)
    assert params.post_ms("car") == (params.yard_ms, params.way_out_ms)
