from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from gis.layers import Layers
from planner.assume import complete
from planner.compare import compare
from planner.coverage import cover
from planner.network import build_network
from planner.packing import pack, unpack
from planner.params import CoverageParams, Params, ResponseParams
from planner.rectification import faults, renew
from planner.response import respond
from planner.results_coverage import Coverage
from planner.targets import evaluate
from planner.targets_profile import load_profile

TODAY = date(2026, 11, 25)


def covered(town: Layers) -> Coverage:
    return cover(town, CoverageParams.default())


def judged(town: Layers) -> Any:
    profile = load_profile("binhai-2019")
    return evaluate(town, covered(town), None, profile, Params.default(), TODAY)


MAKE: dict[str, Callable[[Layers], Any]] = {
    "coverage": covered,
    "response": lambda town: respond(town, build_network(town), ResponseParams.default()),
    "targets": judged,
    "rectification": lambda town: renew(None, faults(town, covered(town), judged(town)), TODAY, 1),
    "change": lambda town: compare(covered(town), covered(town), "2020-01-01", "2026-11-25"),
}


@pytest.mark.parametrize("kind", MAKE)
@pytest.mark.parametrize("without", [None, "cameras", "streets"])
def test_a_result_comes_back_as_it_went(town: Layers, kind: str, without: str | None) -> None:
    frames = {name: frame for name, frame in town.frames.items() if name != without}
    result = MAKE[kind](complete(Layers("T", frames)).layers)
    plain, tables = pack(result)
    back = unpack(type(result), json.loads(json.dumps(plain, allow_nan=False)), tables)
    assert back.document() == result.document()
    assert back.summary() == result.summary()
    assert back.missing == result.missing
    for name in tables:
        before, after = getattr(result, name), getattr(back, name)
        if hasattr(before, "geometry"):
            assert_geodataframe_equal(after, before)
        else:
            assert_frame_equal(after, before)


@pytest.mark.parametrize("kind", MAKE)
def test_the_document_is_plain_json(town: Layers, kind: str) -> None:
    document = MAKE[kind](complete(town).layers).document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_shares_are_intervals(town: Layers) -> None:
    document = covered(complete(town).layers).document()
    assert document["villages"][0]["area_rate"].keys() == {"value", "low", "high"}
