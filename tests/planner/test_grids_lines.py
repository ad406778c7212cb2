"""Lines that cut villages into faces, and what the faces share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from shapely import LineString, box

from gis.crs import crs_of_frames
from gis.layers import Layers
from gis.profiles import load
from planner.grids_lines import Faces, Lines, cut_into_faces, find_lines, measure_faces

TABLE = load("grids")["line"]


@pytest.fixture
def two_villages(layer: Any) -> Layers:
    """Return villages of 200 x 200 m side by side, a street across both, a pond in the west."""
    streets = [
        LineString([(-50, 120), (450, 120)]),
        LineString([(300, 120), (300, 180)]),  # a dead end
        LineString([(100, -10), (100, 210)]),  # a tunnel
        LineString([(900, 0), (900, 200)]),  # far off
    ]
    columns = {
        "highway": ["primary", "residential", "primary", "primary"],
        "tunnel": [None, False, True, False],
    }
    return Layers(
        "Town",
        {
            "villages": layer("villages", [box(0, 0, 200, 200), box(200, 0, 400, 200)], {}),
            "streets": layer("streets", streets, columns),
            "areas": layer(
                "areas", [box(20, 20, 60, 60), box(100, 20, 140, 60)], {"kind": ["water", "beat"]}
            ),
        },
    )


def faces_of(town: Layers, lines: Lines) -> Faces:
    villages = town["villages"]
    cut = cut_into_faces(villages, lines.shapes)
    return measure_faces(*cut, lines, crs_of_frames(villages), TABLE["ground"])


def test_streets_and_banks_near_villages_are_lines(two_villages: Layers) -> None:
    lines = find_lines(two_villages, TABLE)
    costs = [TABLE["highway"]["primary"], TABLE["highway"]["residential"], TABLE["water"]]
    assert lines.cost.tolist() == costs


def test_faces_share_borders_by_length(two_villages: Layers) -> None:
    faces = faces_of(two_villages, find_lines(two_villages, TABLE))
    assert np.bincount(faces.village).tolist() == [3, 2]  # a dead end cuts nothing
    order = np.lexsort((-faces.area_m2, faces.village))
    south, north, pond, *_ = order
    assert faces.area_m2[order] == pytest.approx([22_400, 16_000, 1_600, 24_000, 16_000], rel=1e-3)
    assert faces.outer_m[south] == pytest.approx(200 + 120 + 120, rel=1e-3)
    assert faces.outer_m[pond] == 0
    pairs = {
        frozenset((a, b)): (border, along, line)
        for a, b, border, along, line in zip(
            *(faces.first.tolist(), faces.second.tolist()),
            *(faces.border_m, faces.along_m, faces.line_m),
            strict=True,
        )
    }
    assert len(pairs) == 3  # two in the west, one in the east, none between the villages
    primary, water = TABLE["highway"]["primary"], TABLE["water"]
    assert pairs[frozenset((south, north))] == pytest.approx((200, 200, 200 * primary), rel=1e-3)
    assert pairs[frozenset((south, pond))] == pytest.approx((160, 160, 160 * water), rel=1e-3)


def test_a_border_that_follows_no_line_costs_as_ground(two_villages: Layers) -> None:
    lines = find_lines(two_villages, TABLE)
    cut = cut_into_faces(two_villages["villages"], lines.shapes)
    unknown = Lines(lines.shapes[:0], lines.cost[:0])
    crs = crs_of_frames(two_villages["villages"])
    faces = measure_faces(*cut, unknown, crs, 1.5)
    assert faces.line_m == pytest.approx(1.5 * faces.border_m)
    assert not faces.along_m.any()


def test_faces_fill_the_villages_with_the_same_vertices(two_villages: Layers) -> None:
    faces = faces_of(two_villages, find_lines(two_villages, TABLE))
    assert shapely.coverage_is_valid(faces.shapes)
    villages = two_villages["villages"].geometry.to_numpy()
    for at, village in enumerate(villages):
        whole = shapely.union_all(faces.shapes[faces.village == at])
        assert shapely.symmetric_difference(whole, village).area < 1e-9 * village.area


def test_lines_that_nobody_drew_leave_villages_whole(two_villages: Layers) -> None:
    villages = two_villages["villages"]
    shapes, village = cut_into_faces(villages, np.zeros(0, object))
    assert sorted(village.tolist()) == [0, 1]
    assert all(a.equals(villages.geometry[v]) for a, v in zip(shapes, village, strict=True))
