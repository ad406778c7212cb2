from __future__ import annotations

import json

import numpy as np
import pytest
from shapely import Point

from gis.errors import InputError
from gis.layers import Layers
from planner.assume import complete
from planner.compare import Change, compare
from planner.coverage import cover
from planner.packing import pack, unpack
from planner.params import CoverageParams
from planner.results_coverage import Coverage


def answer(town: Layers, **changes: float) -> Coverage:
    return cover(complete(town).layers, CoverageParams.default(**changes))


@pytest.fixture
def change(town: Layers, layer) -> Change:
    """Return what differs once the dome at the school is gone and the bank has a camera."""
    cameras = layer("cameras", [Point(500, 205)], {"fov_deg": [360.0], "range_m": [40.0]})
    later = town.replaced(cameras=cameras.assign(code="new"))
    return compare(answer(town), answer(later), "2025", "2026")


def test_sites_gained_and_lost(change: Change) -> None:
    found = change.sites.set_index("name")
    assert found.loc["Mill School", "change"] == "lost"
    assert found.loc["East Bank", "change"] == "gained"
    assert found.loc["East Bank", ["before", "after"]].tolist() == ["unseen", "seen"]


def test_cameras_added_and_removed(change: Change) -> None:
    found = change.cameras.set_index("code")
    assert found["change"].to_dict() == {"new": "added", "cameras/0": "removed"}
    assert found.loc["new", "after"] == "in_use"
    assert np.isnan(found.loc["new", "before"])


def test_the_villages_and_totals_are_the_differences(change: Change) -> None:
    west, east = change.villages["delta"]
    assert west < 0 < east
    totals = change.totals
    assert totals["delta"]["area_rate"] == pytest.approx(
        totals["after"]["area_rate"].value - totals["before"]["area_rate"].value
    )
    assert totals["delta"]["junction_rate"] is None


def test_the_cells_are_the_differences(change: Change) -> None:
    delta = change.cells["delta"]
    assert (delta == change.cells["after"] - change.cells["before"])[delta.notna()].all()
    # Two circles of 40 m, a cell of 310 m2 or so.
    assert 10 < (delta > 0.5).sum() < 25
    assert 10 < (delta < -0.5).sum() < 25


def test_the_same_twice_differs_in_nothing(town: Layers) -> None:
    same = compare(answer(town), answer(town), "a", "b")
    assert not len(same.sites)
    assert not len(same.cameras)
    assert np.nansum(np.abs(same.cells["delta"])) == 0
    assert (same.villages["delta"] == 0).all()


def test_a_site_that_only_one_has_is_new_or_gone(town: Layers, layer) -> None:
    fewer = town.replaced(sites=town["sites"].iloc[:1])
    assert compare(answer(fewer), answer(town), "a", "b").sites["change"].tolist() == ["new"]
    assert compare(answer(town), answer(fewer), "a", "b").sites["change"].tolist() == ["gone"]


def test_cells_of_two_sizes_cannot_be_compared(town: Layers) -> None:
    with pytest.raises(InputError, match=r"12 in 2025, but 11 in 2026"):
        compare(answer(town), answer(town, resolution=11), "2025", "2026")


def test_the_document_is_plain_json_and_the_summary_tells_both(change: Change) -> None:
    document = json.loads(json.dumps(change.document(), allow_nan=False))
    assert document["cells"]["gained"] > 0
    assert {row["change"] for row in document["cameras"]} == {"added", "removed"}
    assert "2025 -> 2026" in change.summary()
    assert "Sites gained 1, lost 1" in change.summary()


def test_it_comes_back_from_a_store_as_it_went(change: Change) -> None:
    back = unpack(Change, *pack(change))
    assert back.document() == change.document()
    assert back.cells.equals(change.cells)
