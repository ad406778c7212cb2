from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from gis.layers import Layers
from planner.fronts_seen import SEEN_STEPS, FrontsSeen, fronts_seen, seen_steps
from planner.ground import Ground, measure_ground
from planner.looks import Looks, looks_between
from planner.params import CoverageParams
from planner.sites_seen import (
    WORDS,
    SiteGround,
    SiteLevels,
    _seen_steps,
    site_cameras,
    site_ground,
    site_levels,
)

PARAMS = CoverageParams.default()


def prepared(town: Layers) -> tuple[Ground, SiteGround]:
    ground = measure_ground(town, 12)
    return ground, site_ground(town, ground, PARAMS)


LOOKS = ("camera", "point", "chance", "px_per_m")


def states(*words: str) -> pd.DataFrame:
    return pd.DataFrame({"state": list(words)})


def levels_of(
    town: Layers,
    *,
    in_view: list[tuple[float, float, float]],
    at_class: list[tuple[float, float, float]] | None = None,
    in_service: list[tuple[float, float, float]] | None = None,
    cameras: pd.DataFrame | None = None,
    arms: dict[str, Any] | None = None,
) -> SiteLevels:
    """Return the levels of sites of which low, value and high are given."""
    _, fronts = prepared(town)
    at_class = at_class or in_view
    shares = np.array([in_view, at_class, in_service or at_class], float).transpose(0, 2, 1)
    n = len(fronts.shapes)
    seen = FrontsSeen(np.where(fronts.size > 0, shares[..., :n], np.nan), np.zeros(n))
    table = cameras if cameras is not None else states(*["in_use"] * len(town["cameras"]))
    return site_levels(town, fronts, seen, table, PARAMS, arms)


def test_the_ground_of_a_site_is_the_open_ground_within_the_margin(town: Layers) -> None:
    ground, fronts = prepared(town)
    child_m2 = float(ground.cell_m2.mean()) / 7
    m2 = np.bincount(fronts.site) * child_m2
    np.testing.assert_allclose(m2, np.pi * 15**2, rtol=0.1)  # some twenty children
    assert fronts.village == ("villages/0", "villages/1")


def test_built_ground_is_no_front_and_a_site_over_water_looks_to_the_banks(
    town: Layers, layer
) -> None:
    house = layer("buildings", [box(500, 175, 530, 215)], {})
    lake = layer("areas", [box(75, 285, 125, 335)], {"kind": ["water"]})
    wide = prepared(town.replaced(buildings=house))[1]
    half = np.bincount(prepared(town)[1].site)[1] / 2
    assert np.bincount(wide.site)[1] == pytest.approx(half, abs=4)
    ground, banks = prepared(town.replaced(areas=lake))
    assert 0 in banks.site
    assert ground.is_open.ravel()[banks.place].all()


def test_attached_is_by_code_and_near_by_distance_to_the_shape(town: Layers, layer) -> None:
    sites = layer(
        "sites",
        [Point(100, 310), box(400, 100, 450, 150), Point(250, 50)],
        {"kind": ["school", "park", "bank"], "area_class": ["key_public"] * 3},
    )
    cameras = layer(
        "cameras",
        [Point(300, 310), Point(499, 125), Point(250, 101), Point(250, 60)],
        {"site_code": ["sites/0", None, None, "sites/2"]},
    )
    town = town.replaced(sites=sites, cameras=cameras)
    table = states("in_use", "in_use", "in_use", "repair")
    found = levels_of(town, in_view=[(0, 0, 0)] * 3, cameras=table)
    # The park's fence is 49 m off its camera; the bank's is 51 m off, and the other is in repair.
    assert found.sites["attached"].tolist() == ["yes", "no", "no"]
    assert found.sites["near"].tolist() == ["no", "yes", "no"]
    assert found.chances["near"].tolist() == [0.0, 1.0, 0.0]
    _, fronts = prepared(town)
    site, camera = site_cameras(town, fronts, PARAMS).of(np.ones(4, bool))
    assert list(zip(site.tolist(), camera.tolist(), strict=True)) == [(0, 0), (1, 1), (2, 3)]


def test_a_site_is_in_view_from_half_of_its_ground_on(town: Layers) -> None:
    found = levels_of(town, in_view=[(0.5, 0.5, 0.5), (0.49, 0.49, 0.49)])
    assert found.sites["level"].tolist() == ["seen", "unseen"]
    assert found.sites["in_view"].tolist() == ["yes", "no"]
    found = levels_of(town, in_view=[(0.2, 0.35, 0.8), (0.0, 0.1, 0.4)])
    assert found.sites["level"].tolist() == ["perhaps", "unseen"]
    # 0.15 of the 0.6 in doubt are to be expected.
    assert found.chances["in_view"].tolist() == pytest.approx([0.25, 0.0])


def test_each_step_asks_for_more(town: Layers) -> None:
    found = levels_of(
        town,
        in_view=[(0.9, 0.9, 0.9), (0.1, 0.4, 0.9)],
        at_class=[(0.6, 0.6, 0.6), (0.6, 0.6, 0.6)],
        in_service=[(0.1, 0.2, 0.6), (0.0, 0.0, 0.2)],
    ).sites
    assert found[list(SEEN_STEPS)].values.tolist() == [
        ["yes", "yes", "perhaps"],
        ["perhaps", "perhaps", "no"],
    ]


def test_a_junction_is_judged_by_its_arms(town: Layers, layer) -> None:
    sites = layer(
        "sites",
        [Point(150, 200), Point(300, 200), Point(500, 50)],
        {"kind": ["junction", "junction", "entrance"], "area_class": ["rural"] * 3},
    )
    arms = {
        "site": np.array([0, 1]),
        "arms": np.array([4, 2]),
        "px_per_m": np.array([30.0, 70.0]),
        "low": np.array([0.75, 1.0]),
        "value": np.array([0.8, 1.0]),
        "high": np.ones(2),
    }
    none = arms | {"low": np.zeros(2), "value": np.zeros(2), "high": np.full(2, 0.5)}
    found = levels_of(
        town.replaced(sites=sites),
        in_view=[(0.9, 0.9, 0.9)] * 3,
        arms={"in_view": arms, "at_class": none, "in_service": none},
    )
    table = found.sites
    assert table["level"].tolist() == ["perhaps", "seen", "seen"]
    assert table["value"].tolist() == pytest.approx([0.8, 1.0, 0.9])
    assert table["arms"].tolist() == [4, 2, pd.NA]
    assert table["px_per_m"].tolist() == [30.0, 70.0, 0.0]
    assert table["at_class"].tolist() == ["no", "no", "yes"]
    assert found.chances["in_view"].tolist() == pytest.approx([0.2, 1.0, 1.0])


def looks_at_fronts(fronts: SiteGround, rng: np.random.Generator) -> Looks:
    """Return looks of two cameras at some of the children at the fronts."""
    point = np.repeat(np.flatnonzero(rng.random(len(fronts.place)) < 0.6), 2)
    camera = np.tile([0, 1], len(point) // 2)
    return Looks(camera, point, rng.random(len(point)).round(1), 100 * rng.random(len(point)))


def test_the_best_picture_of_a_site_is_the_finest_on_its_ground(town: Layers) -> None:
    _, fronts = prepared(town)
    every = np.arange(len(fronts.site))
    px = np.where(every == np.flatnonzero(fronts.site == 1)[3], 80.0, 20.0)
    looks = Looks(np.zeros(len(every), int), every, np.ones(len(every)), px)
    found = fronts_seen(fronts.site, fronts.size, looks, seen_steps(np.ones((1, 5)), PARAMS))
    assert found.px_per_m.tolist() == [20.0, 80.0]
    assert found.shares[0].tolist() == [[1.0, 1.0]] * 3


def test_some_fronts_told_again_are_the_same_as_all(town: Layers) -> None:
    _, fronts = prepared(town)
    rng = np.random.default_rng(3)
    steps = seen_steps(rng.choice([0.0, 0.5, 1.0], (2, 5)), PARAMS)
    one, other = looks_at_fronts(fronts, rng), looks_at_fronts(fronts, rng)
    # Of the first site nothing has changed.
    begin = int((fronts.site == 0).sum())
    mixed = [looks_between(one, np.array([0]), np.array([begin]))]
    mixed.append(looks_between(other, np.array([begin]), np.array([len(fronts.site)])))
    looks = Looks(*(np.concatenate([getattr(m, n) for m in mixed]) for n in LOOKS))
    whole, before = (
        fronts_seen(fronts.site, fronts.size, looks, steps),
        fronts_seen(fronts.site, fronts.size, one, steps),
    )
    again = fronts_seen(fronts.site, fronts.size, looks, steps, before, np.array([1]))
    assert again.shares.tolist() == whole.shares.tolist() != before.shares.tolist()
    assert again.px_per_m.tolist() == whole.px_per_m.tolist()


def test_without_cameras_nobody_can_tell(town: Layers) -> None:
    blind = Layers("T", {k: v for k, v in town.frames.items() if k != "cameras"})
    found = levels_of(blind, in_view=[(np.nan,) * 3] * 2, cameras=states())
    assert found.sites["level"].tolist() == ["cannot_tell"] * 2
    assert found.sites[["attached", "near", *SEEN_STEPS]].isna().all(axis=None)
    assert np.isnan(list(found.chances.values())).all()


def test_a_town_without_sites_has_an_empty_table(town: Layers) -> None:
    bare = Layers("T", {k: v for k, v in town.frames.items() if k != "sites"})
    found = levels_of(bare, in_view=np.zeros((0, 3)).tolist() or [(0, 0, 0)])
    assert len(found.sites) == 0
    assert {"level", "attached", "in_service", "px_per_m"} <= set(found.sites.columns)


UNIT = st.floats(0, 1)
SHARES = st.lists(st.tuples(*[st.tuples(UNIT, UNIT, UNIT).map(sorted)] * 3), min_size=1, max_size=8)


@settings(deadline=None)
@given(SHARES, UNIT)
def test_no_step_holds_more_surely_than_the_one_before(
    sites: list[tuple[list[float], list[float], list[float]]], least: float
) -> None:
    parts = {step: np.array([site[k] for site in sites]).T for k, step in enumerate(SEEN_STEPS)}
    words, chances = _seen_steps(parts, np.full(len(sites), least))
    for k in range(len(sites)):
        ranks = [WORDS.index(words[step][k]) for step in SEEN_STEPS]
        assert ranks == sorted(ranks, reverse=True)
        falling = [chances[step][k] for step in SEEN_STEPS]
        assert falling == sorted(falling, reverse=True)
        low, _, high = sites[k][0]
        held = "yes" if low >= least else "perhaps" if high >= least else "no"
        assert words["in_view"][k] == held
