"""Cordons replayed: nobody gets out past the posts, on the sample town and on Tsinghua."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np

from gis.layers import WGS84, Layers, conform
from gis.osm import read_town
from gis.sample import make_sample
from gis.streets import Streets
from planner.assume import complete
from planner.cordon import answer
from planner.cordon_check import Road, leaks_of, run_out
from planner.cordon_params import presets
from planner.cordon_problem import best_plan, problem_at
from planner.cordon_town import CordonTown, prepare_cordon
from planner.network import build_network
from planner.results_cordon import Cordon


def test_the_replay_finds_a_leak() -> None:
    roads = {0: [Road(1, 5.0)], 1: [Road(2, 5.0)]}
    assert run_out(roads, {0: 0.0}, {1: 5.0}, frozenset({2})) == {}
    late = run_out(roads, {0: 0.0}, {1: 5.5}, frozenset({2}))
    assert late[2].way == (0, 1, 2)
    barred = {0: [Road(1, 10.0, stopped_from_s=6.0, stopped_at=0.5)]}
    assert set(run_out(barred, {0: 0.0}, {}, frozenset({1}))) == {1}
    assert run_out(barred, {0: 1.0}, {}, frozenset({1})) == {}


def _replayed(town: CordonTown, places: Sequence[tuple[float, float]], **more: Any) -> list[Cordon]:
    found = []
    for one in presets():
        for lon, lat in places:
            problem = problem_at(town, lon, lat, one.params(seconds=0.3), **more)
            result = answer(problem, best_plan(problem))
            assert leaks_of(problem, result) == [], (one.id, lon, lat)
            assert (result.holders["holds_s"] <= result.holders["runner_s"]).all()
            found.append(result)
    return found


def test_cordons_of_the_sample_town_do_not_leak() -> None:
    layers = complete(make_sample()).layers
    streets = build_network(layers)
    assert streets is not None
    town = prepare_cordon(layers, streets)
    sites = layers["sites"].geometry.to_crs(streets.crs).centroid.to_crs(WGS84)
    places = [(sites.x.iloc[k], sites.y.iloc[k]) for k in (7, 90)]
    found = _replayed(town, places, minute=20 * 60)
    assert any(len(one.holders) for one in found)


def test_cordons_of_tsinghua_do_not_leak(shared_data: Any) -> None:
    read = read_town(shared_data / "tsinghua.osm.pbf")
    bare = Layers("Tsinghua", read.layers, read.clip)
    streets = Streets.build(bare["streets"], barriers=bare["barriers"])
    rng = np.random.default_rng(4)
    chosen = streets.xy[rng.integers(0, len(streets.xy), 14)]
    where = gpd.GeoSeries.from_xy(chosen[:, 0], chosen[:, 1], crs=streets.crs).to_crs(WGS84)
    made = {"code": [f"U{k}" for k in range(12)], "mode": ["car", "ebike", "foot"] * 4}
    sent = conform(gpd.GeoDataFrame(made, geometry=where[:12].values, crs=WGS84), "units")
    town = prepare_cordon(complete(bare.replaced(units=sent)).layers, streets)
    found = _replayed(town, [(where.x[12], where.y[12]), (where.x[13], where.y[13])])
    assert {one.status for one in found} & {"partial", "sealed"}
