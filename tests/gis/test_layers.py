from __future__ import annotations

import pandas as pd
import pytest
import shapely
from shapely import Point

from gis.errors import NotFoundError
from gis.layers import Layers, conform, empty_layer
from gis.schema import SCHEMAS


@pytest.mark.parametrize("layer", SCHEMAS)
def test_an_empty_layer_has_every_column_in_its_type(layer: str) -> None:
    frame = empty_layer(layer)
    assert list(frame.columns) == [c.name for c in SCHEMAS[layer].columns] + ["geometry"]
    assert frame.crs == "EPSG:4326"
    assert frame.dtypes.equals(conform(frame, layer).dtypes)


def test_conforming_keeps_index_extra_columns_and_the_frame_given() -> None:
    frame = pd.DataFrame(
        {"note": ["x", "y"], "code": ["a", "b"], "geometry": [Point(1, 2), None]}, index=[7, 9]
    )
    before = frame.copy()
    conformed = conform(frame, "cameras")
    assert conformed.index.tolist() == [7, 9]
    assert conformed["note"].tolist() == ["x", "y"]
    assert conformed["azimuth_deg"].isna().all()
    assert conformed.geometry.iloc[0] == Point(1, 2)
    pd.testing.assert_frame_equal(frame, before)


def test_unknown_is_not_the_same_as_empty() -> None:
    town = Layers("T", {"cameras": empty_layer("cameras")})
    assert "cameras" in town.frames
    assert "streets" not in town.frames
    assert town.missing("cameras", "streets") == ["cameras", "streets"]
    assert list(town["streets"].columns) == list(empty_layer("streets").columns)


def test_replacing_a_layer_leaves_the_town_as_it_was() -> None:
    town = Layers("T", {}, shapely.box(0, 0, 1, 1), True, 3, ("somebody",))
    other = town.replaced(cameras=empty_layer("cameras"))
    assert not town.frames
    assert (other.extent, other.made_up, other.revision) == (town.extent, True, 3)
    assert other.attribution == ("somebody",)


def test_a_layer_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="no layer 'camera'; the layers are: villages"):
        Layers("T", {"camera": empty_layer("cameras")})
