"""Ways between points of a patrol: the same whatever was asked before, and on any threads."""

from __future__ import annotations

from itertools import product

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from gis.streets import Streets
from planner import patrol_ways
from planner.patrol_ways import Ways, ways_between

SIDE = 6


@pytest.fixture(scope="module")
def network() -> Streets:
    """Return a crooked lattice, a street each piece."""
    rng = np.random.default_rng(3)
    corners = np.indices((SIDE, SIDE)).transpose(1, 2, 0) * 100 + rng.uniform(
        0, 30, (SIDE, SIDE, 2)
    )
    corners += [500_000, 3_300_000]
    ends = [(corners[i, j], corners[i + 1, j]) for i in range(SIDE - 1) for j in range(SIDE)]
    ends += [(corners[i, j], corners[i, j + 1]) for i in range(SIDE) for j in range(SIDE - 1)]
    lines = gpd.GeoSeries([LineString(pair) for pair in ends], crs="EPSG:32650")
    codes = [str(k) for k in range(len(lines))]
    return Streets.build(gpd.GeoDataFrame({"code": codes}, geometry=lines))


def ways_of(network: Streets) -> Ways:
    x, y = np.random.default_rng(4).uniform(0, 100 * SIDE, (2, 12))
    points = gpd.GeoSeries.from_xy(x + 500_000, y + 3_300_000, crs="EPSG:32650")
    return ways_between(network, network, points, mode="foot")


def test_a_way_is_the_same_whatever_was_asked_before(network: Streets) -> None:
    ways = ways_of(network)
    n = len(ways.time_s)
    pairs = list(product(range(n), range(n)))
    straight = {pair: ways.legs(*pair) for pair in pairs}
    other = ways_of(network)
    for at in np.random.default_rng(5).permutation(len(pairs)):
        assert other.legs(*pairs[at]) == straight[pairs[at]]
    assert any(len(legs) > 2 for legs in straight.values())


def test_the_pieces_of_a_way_take_its_time(network: Streets) -> None:
    ways = ways_of(network)
    for (start, end), time_s in np.ndenumerate(ways.time_s):
        legs = ways.legs(start, end)
        assert bool(legs) == bool(np.isfinite(time_s))
        if legs:
            assert sum(leg.seconds for leg in legs) == pytest.approx(time_s)


@pytest.mark.parametrize("threads", [1, 3, 500])
def test_times_are_the_same_on_any_number_of_threads(
    network: Streets, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = ways_of(network).time_s
    monkeypatch.setattr(patrol_ways, "THREADS", threads)
    assert np.array_equal(ways_of(network).time_s, usual)
