from __future__ import annotations

import json

import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from gis.layers import Layers
from gis.streets import Streets
from planner.assume import complete
from planner.coverage import cover
from planner.packing import pack, unpack
from planner.params import CoverageParams, ResponseParams
from planner.response import respond
from planner.results import Response
from planner.results_coverage import Coverage


@pytest.mark.parametrize("kind", [Coverage, Response])
@pytest.mark.parametrize("without", [None, "cameras", "streets"])
def test_a_result_comes_back_as_it_went(town: Layers, kind: type, without: str | None) -> None:
    frames = {name: frame for name, frame in town.frames.items() if name != without}
    town = complete(Layers("T", frames)).layers
    if kind is Coverage:
        result = cover(town, CoverageParams.default())
    else:
        streets = Streets.build(town["streets"]) if town.has("streets") else None
        result = respond(town, streets, ResponseParams.default())
    plain, tables = pack(result)
    back = unpack(kind, json.loads(json.dumps(plain)), tables)
    assert back.document() == result.document()
    assert back.missing == result.missing
    for name in tables:
        before, after = getattr(result, name), getattr(back, name)
        if hasattr(before, "geometry"):
            assert_geodataframe_equal(after, before)
        else:
            assert_frame_equal(after, before)


def test_the_document_is_plain_json(town: Layers) -> None:
    document = cover(complete(town).layers, CoverageParams.default()).document()
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document
    assert document["villages"][0]["area_rate"].keys() == {"value", "low", "high"}
