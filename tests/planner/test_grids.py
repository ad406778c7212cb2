"""Grids of villages that fit in the head; metres from the corner of the town."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Polygon, box

from gis.crs import crs_of_frames, to_metres
from gis.errors import LayerMissingError, NotFoundError, ParameterError
from gis.layers import Layers
from gis.validate import validate
from planner.grids import propose
from planner.grids_proposal import GridProposal

CODE = "330602017219"


def house(x: float, y: float) -> Polygon:
    return box(x - 5, y - 5, x + 5, y + 5)


def sound(town: Layers, proposal: GridProposal) -> GridProposal:
    """Return the proposal after checking what holds of every one."""
    grids, villages = proposal.grids, town["villages"]
    validate(grids, "grids")
    shapes = grids.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)  # shared borders have the same vertices
    for code, mine in grids.groupby("village"):
        village = villages.geometry[villages["code"] == code].iloc[0]
        whole = shapely.coverage_union_all(mine.geometry.to_numpy())
        assert shapely.symmetric_difference(whole, village).area < 1e-9 * village.area
        corners = {tuple(xy) for xy in shapely.get_coordinates(village)}
        assert corners <= {tuple(xy) for xy in shapely.get_coordinates(whole)}
        if village.geom_type == "Polygon":
            assert (mine.geometry.geom_type == "Polygon").all()
            assert (mine["pieces"] == 1).all()
        assert mine["code"].tolist() == [f"{code}{k + 1:03d}" for k in range(len(mine))]
    assert proposal.totals["grids"] == len(grids)
    held = grids["households"].dropna()
    low, high = proposal.low, proposal.high
    assert grids["within"].dropna().tolist() == [low <= h <= high for h in held]
    metric = to_metres(grids.geometry, crs_of_frames(villages))
    expected = 4 * np.pi * metric.area / metric.length**2
    assert grids["compactness"].tolist() == pytest.approx(expected.tolist())
    return proposal


@pytest.fixture
def village(layer: Any) -> Any:
    """Return a function that makes a town of one village with houses of 50 households."""

    def make(shape: Any, houses: Any = (), each: int = 50, **more: Any) -> Layers:
        columns = {"code": [CODE], "name": ["民生村委会"], **more.pop("columns", {})}
        frames = {"villages": layer("villages", [shape], columns), **more}
        if houses:
            buildings = [house(x, y) for x, y in houses]
            frames["buildings"] = layer("buildings", buildings, {"households": each})
        return Layers("Town", frames)

    return make


def streets(layer: Any, *ways: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    lines = [LineString(way) for way in ways]
    return layer("streets", lines, {"highway": ["residential"] * len(ways)})


TWO_BY_FOUR = [(x + 50, y + 50) for y in (0, 100) for x in (0, 100, 200, 300)]


@pytest.fixture
def two_by_four(village: Any, layer: Any) -> Layers:
    across = [[(x, 0), (x, 200)] for x in (100, 200, 300)]
    return village(
        box(0, 0, 400, 200), TWO_BY_FOUR, streets=streets(layer, [(0, 100), (400, 100)], *across)
    )


def test_two_by_four_blocks_become_two_squares(two_by_four: Layers) -> None:
    proposal = sound(two_by_four, propose(two_by_four, low=150, high=250))
    grids = proposal.grids
    assert grids["code"].tolist() == [f"{CODE}001", f"{CODE}002"]
    assert grids["name"].tolist() == ["民生村第1网格", "民生村第2网格"]
    assert grids["kind"].tolist() == ["basic", "basic"]
    assert grids["households"].tolist() == [200, 200]
    west, east = to_metres(grids.geometry, crs_of_frames(two_by_four["villages"]))
    assert west.centroid.x < east.centroid.x
    assert west.area == pytest.approx(200 * 200, rel=1e-4)
    assert grids["compactness"].tolist() == pytest.approx([np.pi / 4] * 2, rel=1e-4)
    row = proposal.villages.iloc[0]
    assert row[["grids", "fewest", "most", "within"]].tolist() == [2, 200, 200, 1]
    assert row["along"] == pytest.approx(1)
    assert proposal.totals["within"] == 1


def test_the_words_and_the_document_say_the_same(two_by_four: Layers) -> None:
    proposal = propose(two_by_four, low=150, high=250)
    first, total = proposal.summary().splitlines()
    assert first == (
        f"{CODE} 民生村委会: 2 grids, households 200 to 200, mean 200, within 100 %, "
        "compactness 0.79, 100 % of borders on streets or water"
    )
    assert total.startswith("All, 150 to 250 households wanted: 2 grids")
    document = proposal.document()
    assert document["schema"] == "fengqiao.grids/1"
    assert document["params"] == {"low": 150, "high": 250, "seed": 0}
    assert [grid["households"] for grid in document["grids"]] == [200, 200]
    assert document["villages"][0]["basis"] == "buildings"


def test_the_same_seed_draws_the_same_grids(two_by_four: Layers) -> None:
    one, two = (propose(two_by_four, low=90, high=120, seed=7).grids for _ in range(2))
    assert one.equals(two)


def test_a_canal_is_not_crossed_where_that_can_be_avoided(village: Any, layer: Any) -> None:
    # Ten houses west and ten east of a canal that lies off the middle; a street in the middle
    # would do as well but for the canal.
    houses = [(x, y) for x in (50, 100, 350, 450) for y in (20, 60, 100, 140, 180)]
    town = village(
        box(0, 0, 500, 200),
        houses,
        streets=streets(layer, [(250, 0), (250, 200)], [(0, 110), (500, 110)]),
        areas=layer("areas", [box(190, -50, 210, 250)], {"kind": ["water"]}),
    )
    grids = sound(town, propose(town, low=400, high=600)).grids
    assert grids["households"].tolist() == [500, 500]
    west, east = to_metres(grids.geometry, crs_of_frames(town["villages"]))
    canal = to_metres(town["areas"].geometry, crs_of_frames(town["villages"])).iloc[0]
    # One bank is the border: nothing of one of the grids lies on the other side.
    assert min(west.bounds[2], 1e9) <= canal.bounds[2] + 0.01
    assert east.bounds[0] >= canal.bounds[0] - 0.01


def test_a_village_too_small_is_one_grid(village: Any) -> None:
    town = village(box(0, 0, 300, 200), [(50, 50), (150, 50)])
    proposal = sound(town, propose(town, low=300, high=500))
    assert proposal.grids["households"].tolist() == [100]
    assert proposal.villages["note"].tolist() == ["fewer than 300 households: one grid"]
    assert proposal.totals["within"] == 0
    assert proposal.totals["within_possible"] is None


def test_households_that_no_number_of_grids_suits_are_said(village: Any) -> None:
    town = village(box(0, 0, 600, 200), [(x, 100) for x in range(25, 600, 50)], each=44)
    proposal = sound(town, propose(town, low=300, high=500))  # 12 x 44 = 528
    assert proposal.grids["households"].tolist() == [528]
    assert proposal.villages["note"].tolist() == ["no number of grids suits 528 households"]
    assert not proposal.villages["possible"].any()


def test_a_village_around_another_is_divided_around_the_hole(layer: Any) -> None:
    ring = box(0, 0, 300, 300) - box(100, 100, 200, 200)
    around = [(x, y) for x in (50, 150, 250) for y in (50, 150, 250) if (x, y) != (150, 150)]
    villages = layer(
        "villages",
        [ring, box(100, 100, 200, 200)],
        {"code": [CODE, "330602017220"], "name": ["外村", None]},
    )
    homes = [house(x, y) for x, y in [*around, (150, 150)]]
    town = Layers(
        "Town",
        {"villages": villages, "buildings": layer("buildings", homes, {"households": 50})},
    )
    proposal = sound(town, propose(town, low=80, high=120))
    assert proposal.villages["grids"].tolist() == [4, 1]
    assert proposal.grids["households"].tolist()[:4] == [100] * 4
    assert proposal.grids["name"].tolist()[-1] == "330602017220第1网格"


def test_one_building_with_all_households_is_one_grid(village: Any) -> None:
    town = village(box(0, 0, 300, 200), [(150, 100)], each=700)
    proposal = sound(town, propose(town, low=300, high=500))
    assert proposal.grids["households"].tolist() == [700]
    note = "one block has 700 households and cannot be cut"
    assert proposal.villages["note"].tolist() == [note]


def test_an_island_belongs_to_a_grid_and_is_counted_as_a_piece(village: Any) -> None:
    shape = MultiPolygon([box(0, 0, 400, 200), box(450, 50, 500, 100)])
    town = village(shape, [*TWO_BY_FOUR, (475, 75)])
    proposal = sound(town, propose(town, low=200, high=250))
    assert sorted(proposal.grids["pieces"]) == [1, 2]
    assert sorted(proposal.grids["households"]) == [200, 250]


def test_without_places_the_area_is_shared_out(village: Any) -> None:
    town = village(box(0, 0, 400, 200), columns={"households": [800]})
    proposal = sound(town, propose(town, low=300, high=500))
    assert len(proposal.grids) == 2
    assert proposal.grids["households"].sum() == 800
    assert proposal.villages["basis"].tolist() == ["area"]
    assert [a.value for a in proposal.assumed] == ["spread over the area"]
    assert "Assumed villages households: spread over the area (1)" in proposal.summary()


def test_a_village_that_nothing_is_known_of_is_one_grid(village: Any) -> None:
    town = village(box(0, 0, 400, 200))
    proposal = sound(town, propose(town, low=300, high=500))
    assert proposal.grids["households"].isna().all()
    assert proposal.villages["note"].tolist() == ["households unknown: one grid"]
    assert proposal.document()["grids"][0]["within"] is None
    assert "1 grid, compactness 0.70 (households unknown: one grid)" in proposal.summary()


def test_grids_of_neighbours_share_their_vertices(layer: Any) -> None:
    # A street crosses the border where neither village has a vertex.
    villages = layer("villages", [box(0, 0, 200, 200), box(200, 0, 400, 200)], {})
    homes = [house(x, y) for x in (50, 150, 250, 350) for y in (60, 140)]
    town = Layers(
        "Town",
        {
            "villages": villages,
            "buildings": layer("buildings", homes, {"households": 50}),
            "streets": streets(layer, [(0, 97), (400, 103)]),
        },
    )
    proposal = sound(town, propose(town, low=80, high=120))
    assert proposal.villages["grids"].tolist() == [2, 2]


def test_villages_may_be_divided_one_by_one(two_by_four: Layers, layer: Any) -> None:
    more = layer(
        "villages",
        [box(0, 0, 400, 200), box(400, 0, 500, 200)],
        {"code": [CODE, "330602017220"], "name": ["民生村委会", "东村"]},
    )
    town = two_by_four.replaced(villages=more)
    both = propose(town, low=150, high=250)
    one = propose(town, low=150, high=250, villages=[CODE])
    assert one.grids["village"].unique().tolist() == [CODE]
    assert one.villages["code"].tolist() == [CODE]
    assert one.grids["households"].tolist() == both.grids["households"].tolist()[:2]


def test_ground_that_villages_dispute_is_the_first_ones(layer: Any) -> None:
    villages = layer("villages", [box(0, 0, 200, 200), box(150, 0, 400, 200)], {})
    town = Layers("Town", {"villages": villages})
    proposal = propose(town, low=10, high=20)
    assert shapely.coverage_is_valid(proposal.grids.geometry.to_numpy())
    assert len(proposal.warnings) == 1
    assert "villages/1 overlaps a village before it in the layer: 100" in proposal.warnings[0]


def test_the_town_stays_as_it_was(two_by_four: Layers) -> None:
    before = {name: frame.copy() for name, frame in two_by_four.frames.items()}
    propose(two_by_four, low=150, high=250)
    assert all(frame.equals(before[name]) for name, frame in two_by_four.frames.items())


def test_steps_are_told(two_by_four: Layers) -> None:
    told: list[tuple[str, int, int]] = []
    propose(two_by_four, low=150, high=250, progress=lambda *step: told.append(step))
    assert told == [("blocks", 0, 2), ("民生村", 1, 2), ("done", 2, 2)]


@pytest.mark.parametrize(("low", "high"), [(0, 500), (500, 300), (-5, -1)])
def test_a_range_that_is_none_is_refused(low: int, high: int, two_by_four: Layers) -> None:
    with pytest.raises(ParameterError, match="MIN must be 1 or more"):
        propose(two_by_four, low=low, high=high)


def test_grids_without_number_are_refused(village: Any) -> None:
    town = village(box(0, 0, 400, 200), columns={"households": [5000]})
    with pytest.raises(ParameterError, match="more than 999 grids"):
        propose(town, low=1, high=3)


def test_villages_are_needed_and_must_be_known(two_by_four: Layers) -> None:
    with pytest.raises(LayerMissingError, match="needs the layer villages"):
        propose(Layers("Town", {}), low=300, high=500)
    with pytest.raises(NotFoundError, match=f"no village of the code x, y; there are: {CODE}"):
        propose(two_by_four, low=300, high=500, villages=["y", CODE, "x"])
