"""Tables of the cordon that a town changes, levels of duty, and where one more unit may stand."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
from shapely import LineString, Point

from gis.crs import town_crs
from gis.errors import ParameterError
from gis.layers import WGS84, Layers, conform
from planner.cordon import cordon_at
from planner.cordon_params import CordonParams, preset, presets
from planner.cordon_plans import one_more
from planner.cordon_posts import units_that_come
from planner.cordon_problem import problem_at
from planner.cordon_town import CordonTown, prepare_cordon
from planner.network import build_network
from planner.params import Params

METRES = town_crs(120.72, 30.15)


def town_of(params: CordonParams, **units: list[object]) -> CordonTown:
    """Return a road of 500 m pieces from -2500 to 2500 with units at its ends."""
    pieces = [LineString([(500 * k, 0), (500 * k + 500, 0)]) for k in range(-5, 5)]
    road = gpd.GeoDataFrame(
        {"code": [f"S{k}" for k in range(10)], "highway": "residential"},
        geometry=pieces,
        crs=METRES,
    )
    posts = gpd.GeoDataFrame(
        {"code": ["U0", "U1"], "mode": ["car"] * 2, **units},
        geometry=[Point(-1500, 0), Point(1500, 0)],
        crs=METRES,
    )
    frames = {"streets": road, "units": posts}
    layers = Layers(
        "Drawn", {name: conform(frame.to_crs(WGS84), name) for name, frame in frames.items()}
    )
    streets = build_network(layers)
    assert streets is not None
    return prepare_cordon(layers, streets, params.tables)


def here() -> tuple[float, float]:
    at = gpd.GeoSeries.from_xy([0.0], [0.0], crs=METRES).to_crs(WGS84)
    return float(at.x.iloc[0]), float(at.y.iloc[0])


def test_a_slower_runner_gets_less_far() -> None:
    quick = CordonParams.default(horizon_s=300)
    slow = CordonParams.default(horizon_s=300, speed_ms={"foot": 1.75})
    assert slow.speed_ms["ebike"] == quick.speed_ms["ebike"]
    problems = [problem_at(town_of(one), *here(), one) for one in (quick, slow)]
    fast_s, slow_s = (float(one.runner_s[one.exits.node].min()) for one in problems)
    assert fast_s == pytest.approx(1500 / 3.5, rel=1e-3)
    assert slow_s == pytest.approx(1000 / 1.75, rel=1e-3)


def test_weights_and_presets_of_a_town_hold() -> None:
    table = {
        "exit_weight": {"residential": 7},
        "presets": [
            {"id": "foot-now", "horizon_s": 300},
            {
                "id": "foot-2",
                "mode": "foot",
                "head_start_s": 120,
                "horizon_s": 300,
                "zh": "步行 · 2分钟前",
                "en": "on foot, 2 minutes ago",
            },
        ],
    }
    params = Params.from_toml({"cordon": table}).cordon
    problem = problem_at(town_of(params), *here(), preset("foot-2", params).params(params))
    assert set(problem.exits.weight) == {7.0}
    assert problem.params.head_start_s == 120
    assert (preset("foot-now", params).horizon_s, preset("foot-now").horizon_s) == (300, 600)
    assert len(presets(params)) == len(presets()) + 1
    assert set(params.stated()) >= {"exit_weight", "presets", "level", "mode"}
    assert "speed_ms" not in params.stated()


def test_all_faults_of_a_town_are_named_at_once() -> None:
    table = {
        "setup_s": -3,
        "exits": "all",
        "speed_ms": {"foot": 0, "horse": 9},
        "barriers_stop": {"car": "yes"},
        "never": {"foot": "steps"},
        "exit_weight": {"lane": -1},
        "presets": [{"id": "new", "mode": "horse"}],
        "plans": {"presets": ["foot-9"], "limit": "many"},
    }
    with pytest.raises(ParameterError) as caught:
        Params.from_toml({"cordon": table})
    told = str(caught.value)
    for words in (
        "setup_s must be from 0",
        "exits must be one of",
        "speed_ms does not know horse",
        "speed_ms.foot must be above 0",
        "barriers_stop.car must be true or false",
        "never.foot must be a list of texts",
        "exit_weight.lane must be above 0",
        "presets.new lacks head_start_s, horizon_s, zh, en",
        "presets.new.mode must be one of",
        "plans.limit must be a number",
        "there is no foot-9",
    ):
        assert words in told, told


def test_a_unit_that_the_level_recalls_is_sent_at_night() -> None:
    everyday, raised = CordonParams.default(), CordonParams.default(level=2)
    town = town_of(
        everyday, kind=["standby", "station"], duty_hours=["08:00-18:00"] * 2, turnout_s=[300.0] * 2
    )
    night = 60
    assert units_that_come(town.layers, None, night, everyday).tolist() == [False, False]
    assert units_that_come(town.layers, None, night, raised).tolist() == [True, False]
    # Somebody who was set to be away by hand stays away.
    away = units_that_come(town.layers, {"U0": "off"}, night, raised)
    assert away.tolist() == [False, False]
    late = problem_at(town, *here(), everyday).units
    soon = problem_at(town, *here(), raised).units
    assert (late.arrives_s.min(), soon.arrives_s.min()) == (300, 60)


def test_one_more_unit_is_not_asked_for_beside_the_place() -> None:
    for standby_s, least_s in ((0, 0), (300, 300)):
        params = CordonParams.default(horizon_s=300, standby_s=standby_s)
        town = town_of(params, duty_hours=["00:00-00:01"] * 2)
        problem = problem_at(town, *here(), params, minute=600)
        more = one_more(problem)
        assert more.closable_share == 0.5
        assert more.by_s >= least_s
    far = CordonParams.default(horizon_s=300, standby_s=3600)
    assert one_more(problem_at(town_of(far), *here(), far, minute=600)).node == -1


def test_an_answer_that_is_not_proven_says_how_much_more_might_be_closed() -> None:
    params = CordonParams.default(horizon_s=300)
    found = cordon_at(town_of(params, duty_hours=["", "00:00-00:01"]), *here(), params, minute=600)
    assert (found.closable_share, found.exact) == (0.5, True)
    assert "可能还有" not in found.summary("zh")
    doubt = replace(found, exact=False, open_bound=found.open_exits["weight"].sum() / 2)
    assert "按权重最多封住75 %" in doubt.summary("zh")
    assert "none closes more than 75 % by weight" in doubt.summary("en")
    assert "设卡" in doubt.summary("zh")
