"""Cordons drawn by hand: bridges, one-way streets, checkpoints, units that come just in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pytest
from shapely import LineString, Point, box

from gis.crs import town_crs
from gis.errors import InputError, LayerMissingError, ParameterError
from gis.layers import WGS84, Layers, conform
from gis.travel import reach
from planner.cordon import cordon, cordon_at
from planner.cordon_cards import cards_of
from planner.cordon_check import leaks_of
from planner.cordon_params import CordonParams
from planner.cordon_plans import one_more, plan_ahead, smallest_ring
from planner.cordon_problem import CordonProblem, pairs_of, problem_at
from planner.cordon_shut import close_town
from planner.cordon_town import CordonTown, prepare_cordon
from planner.network import build_network
from planner.results_cordon import Cordon

METRES = town_crs(120.72, 30.15)
# On foot one runs 3.5 m/s: 500 m in 142.9 s.
LEG_S = 500 / 3.5


def frame(layer: str, shapes: Sequence[Any], columns: dict[str, Any]) -> gpd.GeoDataFrame:
    columns = {"code": [f"{layer[0].upper()}{k}" for k in range(len(shapes))], **columns}
    made = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=METRES)
    return conform(made.to_crs(WGS84), layer)


def units(*at: tuple[float, float], **columns: Any) -> gpd.GeoDataFrame:
    usual = {"mode": ["car"] * len(at), "turnout_s": [0.0] * len(at)}
    return frame("units", [Point(place) for place in at], {**usual, **columns})


def posts(*at: tuple[float, float], **columns: Any) -> gpd.GeoDataFrame:
    usual = {"kind": ["staffed"] * len(at), "directions": ["both"] * len(at)}
    return frame("road_checkpoints", [Point(place) for place in at], {**usual, **columns})


def lines(*ends: tuple[tuple[float, float], tuple[float, float]], **columns: Any) -> Any:
    usual = {
        "name": [f"Street {k}" for k in range(len(ends))],
        "highway": ["residential"] * len(ends),
    }
    return frame("streets", [LineString(pair) for pair in ends], {**usual, **columns})


def road(first: int, last: int) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return pieces of 500 m along y = 0, from first * 500 to last * 500."""
    return [((500.0 * k, 0.0), (500.0 * k + 500, 0.0)) for k in range(first, last)]


# One road of ten pieces, -2500 to 2500; it happens at its middle.
ROAD = lines(*road(-5, 5))


def town_of(**frames: gpd.GeoDataFrame) -> CordonTown:
    layers = Layers("Drawn", {"streets": ROAD, **frames})
    streets = build_network(layers)
    assert streets is not None
    return prepare_cordon(layers, streets)


def at(x: float, y: float = 0.0) -> tuple[float, float]:
    point = gpd.GeoSeries.from_xy([x], [y], crs=METRES).to_crs(WGS84)
    return float(point.x.iloc[0]), float(point.y.iloc[0])


def asked(town: CordonTown, x: float = 0.0, y: float = 0.0, **changes: Any) -> Cordon:
    """Return the cordon, having replayed it."""
    more = {key: changes.pop(key) for key in ("states", "minute") if key in changes}
    usual = {"mode": "foot", "horizon_s": 300.0, "setup_s": 30.0}
    problem = problem_at(town, *at(x, y), CordonParams.default(**{**usual, **changes}), **more)
    found = cordon_at(town, *at(x, y), problem.params, **more)
    assert leaks_of(problem, found) == []
    assert (found.holders["holds_s"] <= found.holders["runner_s"]).all()
    assert found.holders["code"].is_unique
    return found


def xs(town: CordonTown, nodes: npt.ArrayLike) -> list[float]:
    """Return how far east junctions are, m."""
    lon, lat = town.lonlat(np.asarray(nodes, dtype=np.int64))
    x = gpd.GeoSeries.from_xy(lon, lat, crs=WGS84).to_crs(METRES).x
    return [float(round(value / 10) * 10) for value in x]


def test_a_road_has_two_exits_behind_the_horizon() -> None:
    town = town_of()
    found = asked(town)
    # 300 s are 1,050 m: the next junctions are 1,500 m away.
    assert sorted(xs(town, found.open_exits["node"])) == [-1500.0, 1500.0]
    assert found.open_exits["runner_s"].to_numpy() == pytest.approx(3 * LEG_S, rel=1e-3)
    assert set(found.open_exits["kind"]) == {"horizon"}
    assert (found.status, found.closable_share, found.closes_at_s) == ("impossible", 0.0, None)
    assert found.missing[0].layers == ("units",)


def test_a_unit_at_each_end_seals_the_road() -> None:
    town = town_of(units=units((-1500, 0), (1500, 0)))
    found = asked(town)
    assert (found.status, found.closable_share, found.units_bound) == ("sealed", 1.0, 2)
    assert found.exact
    assert set(found.holders["code"]) == {"U0", "U1"}
    # They need not move: each stands at a junction, and has set up after half a minute.
    assert found.closes_at_s == 30.0


def test_one_unit_closes_one_end_and_the_other_is_named() -> None:
    town = town_of(units=units((-1500, 0)))
    found = asked(town)
    assert (found.status, found.closable_share, found.units_bound) == ("partial", 0.5, None)
    assert xs(town, found.open_exits["node"]) == [1500.0]


def test_a_unit_exactly_in_time_counts_and_a_tick_later_it_does_not() -> None:
    town = town_of(units=units((500, 0)))
    params = CordonParams.default(mode="foot", horizon_s=100)
    problem = problem_at(town, *at(0), params)
    runner_s = float(problem.runner_s[problem.exits.node].max())
    assert runner_s == pytest.approx(LEG_S, rel=1e-3)
    assert len(asked(town, horizon_s=100, setup_s=runner_s).holders) == 1
    # It could still drive on, but there is nothing left within the horizon.
    assert asked(town, horizon_s=100, setup_s=runner_s + 1 / 1024).holders.empty


def test_turnout_and_head_start_come_off() -> None:
    here = (500.0, 0.0)
    assert len(asked(town_of(units=units(here)), horizon_s=100).holders) == 1
    late = town_of(units=units(here, turnout_s=[120.0]))
    assert asked(late, horizon_s=100).holders.empty
    assert asked(town_of(units=units(here)), horizon_s=20, head_start_s=120).holders.empty


def test_where_the_runner_may_have_been_is_said() -> None:
    assert "可从这里离开" in asked(town_of()).summary("zh")
    town = town_of(villages=frame("villages", [box(-750, -100, 750, 100)], {"name": ["V"]}))
    found = asked(town, head_start_s=600.0, horizon_s=10.0)
    assert set(found.open_exits["kind"]) == {"town"}
    assert (found.open_exits["runner_s"] < 0).all()
    assert "可能已从这里离开" in found.summary("zh")
    assert "may have been used" in found.summary("en")


def test_a_one_way_out_is_closed_by_cars_and_open_on_foot() -> None:
    # The eastern half leads in only.
    streets = lines(*road(-5, 5), oneway=["no"] * 5 + ["reverse"] * 5)
    town = town_of(streets=streets, units=units((-1000, 0)))
    by_car = asked(town, mode="car", horizon_s=60)
    assert (by_car.status, by_car.exits_total) == ("sealed", 1)
    on_foot = asked(town, horizon_s=300)
    assert on_foot.exits_total == 2


def test_a_dead_end_is_no_exit() -> None:
    # West of the place the road ends 450 s away: over the horizon, but nobody gets out there.
    town = town_of(streets=lines(*road(-3, 5)))
    found = asked(town, horizon_s=400)
    assert [x > 0 for x in xs(town, found.open_exits["node"])] == [True]


def test_a_way_round_behind_the_horizon_is_a_leak_unless_held() -> None:
    # A loop over y = 600 joins 500 and -500 again behind the horizon: what holds 500 alone does
    # not keep the runner from its eastern end.
    loop = [((-500.0, 0.0), (0.0, 600.0)), ((0.0, 600.0), (500.0, 0.0))]
    town = town_of(streets=lines(*road(-5, 5), *loop), units=units((500, 0), (-500, 0)))
    asked(town, horizon_s=200, collar_s=300)


def test_two_bridges() -> None:
    # North and south of a river, joined at x = 0 and x = 500.
    river = [((0.0, 0.0), (0.0, 300.0)), ((500.0, 0.0), (500.0, 300.0))]
    far = [((0.0, 300.0), (500.0, 300.0)), ((0.0, 300.0), (0.0, 2300.0))]
    streets = lines(((-200.0, 0.0), (0.0, 0.0)), ((0.0, 0.0), (500.0, 0.0)), *river, *far)
    town = town_of(streets=streets, units=units((0, 300), (500, 300)))
    found = asked(town, -200, 0, horizon_s=500)
    # One post north of both bridges does what two on them would.
    assert (found.status, len(found.holders), found.units_bound) == ("sealed", 1, 1)
    assert xs(town, found.holders["node"]) == [0.0]


def test_states_and_duty_hours_tell_who_is_sent() -> None:
    town = town_of(units=units((-1500, 0), (1500, 0), duty_hours=["08:00-18:00", None]))
    night, day = 60, 12 * 60
    assert set(asked(town, minute=night).holders["code"]) == {"U1"}
    assert set(asked(town, minute=day).holders["code"]) == {"U0", "U1"}
    assert set(asked(town, minute=night, states={"U0": "ready", "U1": "busy"}).holders["code"]) == {
        "U0"
    }
    assert asked(town, states={"U0": "off", "U1": "busy"}).status == "impossible"


# The town's border is at x = -2200 and 2200, so that "out" leads away from the middle.
VILLAGE = frame("villages", [box(-2200, -300, 2200, 300)], {"name": ["V"]})


@pytest.mark.parametrize(
    ("directions", "closed"),
    [("both", 1), ("out", 1), ("in", 0), ("出城", 1), ("进", 0), (None, 1)],
)
def test_a_staffed_checkpoint_holds_the_directions_it_stops(
    directions: str | None, closed: int
) -> None:
    for x in (1000.0, 1250.0):  # at a junction, and between two
        town = town_of(villages=VILLAGE, road_checkpoints=posts((x, 0), directions=[directions]))
        found = asked(town)
        assert found.exits_total - len(found.open_exits) == closed
        assert len(found.holders) == closed
        assert found.status == ("partial" if closed else "impossible")
        if closed:
            assert found.holders["kind"].tolist() == ["checkpoint"]
            assert found.closes_at_s == 0.0


def test_a_checkpoint_that_stops_who_comes_in_stops_a_runner_who_comes_in() -> None:
    # It happens outside, at 2,400 m: the way in is the way out of the ring.
    for directions, status in (("in", "sealed"), ("out", "impossible")):
        town = town_of(villages=VILLAGE, road_checkpoints=posts((1500, 0), directions=[directions]))
        assert asked(town, 2400, exits="horizon", horizon_s=300).status == status


def test_a_temporary_checkpoint_needs_its_time_and_a_camera_stops_nobody() -> None:
    for setup_s, closed in ((100.0, 1), (400.0, 0)):
        kinds = {"kind": ["temporary"], "setup_s": [setup_s]}
        found = asked(town_of(road_checkpoints=posts((1000, 0), **kinds)))
        assert len(found.holders) == closed
    assert asked(town_of(road_checkpoints=posts((1000, 0), kind=["camera_gate"]))).holders.empty
    off = town_of(road_checkpoints=posts((1000, 0), hours=["20:00-06:00"]))
    assert asked(off, minute=12 * 60).holders.empty
    assert len(asked(off, minute=60).holders) == 1


def test_a_runner_who_was_past_the_checkpoint_is_not_stopped() -> None:
    town = town_of(road_checkpoints=posts((500, 0)))
    assert len(asked(town, horizon_s=300).holders) == 1
    assert asked(town, head_start_s=150.0, horizon_s=150.0).holders.empty
    # Nor one who starts where it stands.
    assert asked(town, 500.0).holders.empty


def test_a_gate_stops_cars_and_nobody_on_foot() -> None:
    gate = frame("barriers", [Point(250, 0)], {"kind": ["bollard"], "car": ["no"]})
    town = town_of(barriers=gate)
    assert asked(town, mode="car", horizon_s=60).exits_total == 1
    assert asked(town).exits_total == 2


def test_a_closed_street_stops_cars_and_nobody_on_foot() -> None:
    layers = Layers("Drawn", {"streets": ROAD})
    streets = build_network(layers, closures=["S5"])
    assert streets is not None
    town = prepare_cordon(layers, streets)
    assert asked(town, -100, mode="car", horizon_s=60).exits_total == 1
    assert asked(town, -100).exits_total == 2


def test_a_place_on_an_exit_cannot_be_sealed() -> None:
    town = town_of(villages=VILLAGE, units=units((2000, 0)))
    found = asked(town, 2500, horizon_s=100, exits="both")
    assert found.status in {"impossible", "partial"}
    assert len(found.open_exits) >= 1


def test_faults_are_told() -> None:
    town = town_of()
    with pytest.raises(InputError, match="no street"):
        cordon_at(town, *at(0, 5000), CordonParams.default())
    with pytest.raises(InputError, match="no place"):
        cordon_at(town, 500.0, 95.0, CordonParams.default())
    with pytest.raises(LayerMissingError, match="streets"):
        cordon(Layers("Empty", {}), None, 120.0, 30.0, CordonParams.default())
    with pytest.raises(ParameterError, match=r"horizon_s.*setup_s"):
        CordonParams.default(horizon_s=0, setup_s=-1)
    with pytest.raises(ParameterError, match="exits"):
        CordonParams.default(exits="all")


def test_one_more_unit_is_wanted_where_the_road_is_open() -> None:
    town = town_of(units=units((-1500, 0)))
    problem = problem_at(town, *at(0), CordonParams.default(horizon_s=300))
    more = one_more(problem)
    assert xs(town, [more.node])[0] > 0
    assert more.closable_share == 1.0
    assert sorted(xs(town, smallest_ring(problem))) == [-1500.0, 1500.0]


def test_a_card_says_where_to_stand_and_how_to_get_there() -> None:
    town = town_of(units=units((1300, 0), name=["Car 1"]), road_checkpoints=posts((-1000, 0)))
    found = asked(town)
    cards = {card.code: card for card in cards_of(town, found)}
    assert set(cards) == {"U0", "R0"}
    car = cards["U0"]
    assert car.runner_s >= car.holds_s
    assert car.steps_en
    assert car.steps_en[0].startswith("Head ")
    assert "封控点" in car.text("zh")
    assert "Close: Street" in car.text("en")
    assert cards["R0"].steps_en == ()


def test_the_ring_closes_step_by_step() -> None:
    # In the west it takes two minutes and a half to stand, in the east the half minute of set-up.
    town = town_of(units=units((-1500, 0), (1500, 0), turnout_s=[120.0, 0.0]))
    found = asked(town)
    assert found.ring == ((0.0, 0.0), (30.0, 0.5), (150.0, 1.0))
    assert found.document()["ring"][1] == {"t_s": 30.0, "share": 0.5}
    assert (found.closes_at_s, found.closable_share) == (150.0, 1.0)


def test_a_staffed_checkpoint_closes_its_part_of_the_ring_from_the_first() -> None:
    town = town_of(road_checkpoints=posts((1000, 0)), units=units((-1500, 0)))
    assert asked(town).ring == ((0.0, 0.5), (30.0, 1.0))
    # On a street between two junctions, with a set-up: nothing is told before it stands.
    kinds = {"kind": ["temporary"], "setup_s": [100.0]}
    town = town_of(road_checkpoints=posts((1250, 0), **kinds))
    assert asked(town).ring == ((100.0, 0.5),)
    assert asked(town_of(streets=lines(*road(0, 1)))).ring == ()


def test_fields_of_units_are_kept_and_agree_with_a_search() -> None:
    town = town_of(units=units((-1400, 30), (700, -20), mode=["car", "foot"]))
    nodes = np.arange(town.seen_by("foot").net.n_nodes)
    for mode, row in (("car", 0), ("foot", 1)):
        one = town.layers["units"].iloc[[row]].geometry
        for limit_s in (200.0, 60.0, 1500.0):
            found = town.unit_times(one, nodes, mode, limit_s)[0]
            there = reach(town.streets, one, mode=mode, limit_s=limit_s)
            wanted = np.full(len(nodes), np.inf)
            np.minimum.at(wanted, town.streets.junction[there.node], there.time_s)
            assert found.tolist() == wanted.tolist()


def test_the_document_is_plain_and_complete() -> None:
    document = asked(town_of(units=units((-1500, 0)))).document()
    assert {"incident", "head_start_s", "horizon_s", "mode", "status", "closes_at_s", "holders",
            "open_exits", "closable_share", "units_bound"} <= set(document)  # fmt: skip
    holder, out = document["holders"][0], document["open_exits"][0]
    assert {"kind", "code", "node", "lon", "lat", "arrives_s", "runner_s"} <= set(holder)
    assert {"node", "lon", "lat", "street", "runner_s"} <= set(out)
    assert isinstance(holder["node"], int)


def test_closing_the_town_takes_its_ways_out() -> None:
    town = town_of(villages=VILLAGE, road_checkpoints=posts((2000, 0)), units=units((-1900, 0)))
    found = close_town(town)
    assert (found.status, found.exits_total) == ("sealed", 2)
    assert set(found.holders["kind"]) == {"unit", "checkpoint"}
    assert found.closes_at_s is not None
    assert found.closes_at_s < 300


def test_plans_ahead_are_made_for_key_sites() -> None:
    sites = frame("sites", [Point(0, 5)], {"kind": ["school"], "name": ["School"], "tier_min": [3]})
    town = town_of(villages=VILLAGE, sites=sites, units=units((-1500, 0)))
    told: list[tuple[str, int, int]] = []
    ahead = plan_ahead(town, progress=lambda *step: told.append(step))
    assert ahead.plans["site"].tolist() == ["S0"] * 3
    on_foot = ahead.plans.set_index("preset").loc["foot-now"]
    assert on_foot["one_more_share"] > on_foot["closable_share"]
    assert ahead.rings["rings"].is_monotonic_decreasing
    assert told[-1] == ("done", 1, 1)
    assert "School [foot-now]" in ahead.summary("en")
    assert set(ahead.document()) >= {"town_exits", "plans", "rings", "roads", "guarded_both_ways"}


def test_the_replay_sees_a_post_that_comes_too_late() -> None:
    town = town_of(units=units((-1500, 0), (1500, 0)))
    problem = problem_at(town, *at(0), CordonParams.default(horizon_s=300))
    found = cordon_at(town, *at(0), problem.params)
    late = found.holders.assign(holds_s=found.holders["runner_s"] + 1)
    worse = Cordon(**{**vars(found), "holders": late})
    assert sorted(xs(town, [leak.node for leak in leaks_of(problem, worse)])) == [-1500.0, 1500.0]


def test_a_problem_is_made_once_for_all_questions() -> None:
    town = town_of()
    problem = problem_at(town, *at(0), CordonParams.default(horizon_s=300))
    assert isinstance(problem, CordonProblem)
    assert pairs_of(problem).shape == (0, 2)
    assert town.seen_by("foot") is problem.seen
    moved = town.with_units(town.layers.replaced(units=units((1500, 0))))
    assert moved.seen_by("foot") is problem.seen
    assert len(asked(moved).holders) == 1
