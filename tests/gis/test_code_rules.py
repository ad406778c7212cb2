"""Codes of villages and grids: wrong in every way, and in towns of several patterns."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from gis.checks_faults import Found
from gis.code_rules import choose_rules, code_faults
from gis.errors import ParameterError
from gis.layers import Layers, conform

VILLAGES = ["330602017001", "330602017002", "330602017200"]


def layer(name: str, codes: list[str], **columns: object) -> gpd.GeoDataFrame:
    """Return rows in a line from west to east."""
    shapes = [box(k, 0, k + 1, 1) for k in range(len(codes))]
    return conform(gpd.GeoDataFrame({"code": codes, **columns}, geometry=shapes, crs=4326), name)


def grids(codes: list[str], villages: list[str] | None = None) -> gpd.GeoDataFrame:
    return layer("grids", codes, village=villages or [code[:12] for code in codes])


def found(layers: dict[str, gpd.GeoDataFrame], codes: str = "auto") -> dict[str, list[Found]]:
    """Return the faults of a town by kind."""
    town = Layers("town", layers)
    by_kind: dict[str, list[Found]] = {}
    for fault in code_faults(town, choose_rules(town, codes)):
        by_kind.setdefault(fault.kind, []).append(fault)
    return by_kind


def test_right_codes_have_no_fault() -> None:
    town = {
        "villages": layer("villages", VILLAGES),
        "grids": grids([f"{VILLAGES[0]}00{k}" for k in range(3)]),
        "cameras": layer("cameras", ["33060200001320000001"]).set_geometry(
            gpd.points_from_xy([0], [0], crs=4326)
        ),
    }
    assert found(town) == {}


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("33060201700", {"code_length"}),
        ("3306020170010", {"code_length"}),
        ("33060201700A", {"code_characters"}),
        ("３３０６０２０１７００１", {"code_characters"}),
        ("村", {"code_length", "code_characters"}),
        ("330604017001", {"code_town"}),
    ],
)
def test_a_wrong_code_among_right_ones_is_told(code: str, kinds: set[str]) -> None:
    faults = found({"villages": layer("villages", [*VILLAGES[1:], code])})
    assert set(faults) == kinds
    assert all([fault.codes for fault in of_kind] == [(code,)] for of_kind in faults.values())


def test_a_grid_must_begin_with_its_village() -> None:
    faults = found({"grids": grids(["330602017001001", "330602017002001"], VILLAGES[:1] * 2)})
    (fault,) = faults.pop("code_village")
    assert faults == {}
    assert fault.codes == ("330602017002001",)
    assert fault.words == {"value": "330602017002", "expected": "330602017001"}


def test_a_grid_of_a_village_with_another_kind_of_code_is_not_compared() -> None:
    assert found({"grids": grids(["330602017001001"], ["way/7"])}) == {}
    assert found({"grids": grids(["330602017001001"], [None])}) == {}


def test_codes_that_look_alike_are_duplicates_even_without_a_rule() -> None:
    faults = found({"grids": grids(["G-1", "g-1 ", "Ｇ-1", "G-2"])})
    (fault,) = faults.pop("code_duplicate")
    assert faults == {}
    assert fault.codes == ("G-1", "g-1 ", "Ｇ-1")


def test_the_profile_is_what_most_codes_fit() -> None:
    villages = layer("villages", VILLAGES)
    unit = grids([f"{VILLAGES[0]}00{k}" for k in range(3)])
    professional = grids([f"060101{VILLAGES[0]}0{k}" for k in range(3)], VILLAGES[:1] * 3)
    assert choose_rules(Layers("t", {"villages": villages, "grids": unit})).profile == "division"
    rules = choose_rules(Layers("t", {"villages": villages, "grids": professional}))
    assert rules.profile == "professional_grid"
    assert found({"grids": professional}) == {}
    moved = grids([f"060101{VILLAGES[1]}01"], VILLAGES[:1])
    assert set(found({"grids": moved})) == {"code_village"}


def test_codes_of_openstreetmap_have_no_rule_unless_one_is_asked_for() -> None:
    town = Layers("t", {"villages": layer("villages", ["way/1", "relation/2"])})
    rules = choose_rules(town)
    assert (rules.profile, dict(rules.layers)) == ("none", {})
    assert rules.fitting == {"villages": 0.0}
    assert set(found(dict(town.frames), "division")) == {"code_length", "code_characters"}
    assert found(dict(town.frames), "none") == {}


def test_a_layer_of_other_codes_has_no_rule_beside_one_that_fits() -> None:
    town = Layers(
        "t", {"villages": layer("villages", VILLAGES), "grids": grids(["a", "b"], VILLAGES[:2])}
    )
    assert set(choose_rules(town).layers) == {"villages"}


def test_numbers_that_run_against_the_reading_order_are_a_note() -> None:
    right = [f"{VILLAGES[0]}{k:03}" for k in range(8)]
    town = {"grids": grids(right)}
    assert found(town, "unit_grid") == {}
    # Upwards and to the west with every number.
    stairs = [box(-k, k, -k + 1, k + 1) for k in range(8)]
    wrong = gpd.GeoDataFrame(town["grids"].set_geometry(stairs, crs=4326))
    (fault,) = found({"grids": wrong}, "unit_grid")["code_order"]
    assert fault.words == {"value": 7, "expected": 7}
    assert fault.codes == (VILLAGES[0],)
    assert found({"grids": wrong}, "division") == {}


def test_an_unknown_profile_is_refused_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match="auto, none, division"):
        choose_rules(Layers("t", {}), "martian")


def test_odd_row_numbers_are_no_matter() -> None:
    frame = layer("villages", [*VILLAGES, "330604017001", "330602017001 "])
    frame.index = pd.Index([9, 9, 4, 4, 1])
    assert set(found({"villages": frame})) == {
        "code_town",
        "code_length",
        "code_characters",
        "code_duplicate",
    }
