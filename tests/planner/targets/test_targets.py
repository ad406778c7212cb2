"""Every target of the notice for the town of `conftest.py`, worked out by hand."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planner.packing import pack, unpack
from planner.results_targets import Targets


def row_of(result: Targets, target: str) -> Any:
    return result.targets.set_index("id").loc[target]


def failing(result: Targets, target: str) -> list[tuple[Any, ...]]:
    rows = result.failing[result.failing["target"] == target]
    return list(rows[["code", "short", "unit"]].itertuples(index=False, name=None))


# id: status, value, low, high, part, whole
EXPECTED: dict[str, tuple[str, float, float, float, float, float]] = {
    "A1": ("report_only", 2 / 3, 2 / 3, 2 / 3, 2, 3),
    "A2": ("not_met", 0, 0, 0, 0, 1),
    "A3": ("not_met", 1 / 2, 1 / 2, 1 / 2, 1, 2),
    "A4": ("met", 1 / 3, 1 / 3, 1 / 3, 2, 2),
    "A5": ("not_met", 1 / 2, 1 / 3, 2 / 3, 1, 2),
    "A6": ("met", 60, 60, 60, 2, 2),
    "A7": ("not_met", 0, 0, 0, 1, 2),
    "A8": ("report_only", 1 / 2, 1 / 2, 1 / 2, 3, 6),
    "A9": ("not_met", 1 / 2, 1 / 3, 2 / 3, 1, 2),
    "A10": ("not_met", 2 / 3, 2 / 3, 2 / 3, 2, 3),
    "A11": ("met", 1, 1, 1, 1, 1),
    "A12": ("not_met", 1 / 2, 1 / 2, 1 / 2, 1, 2),
    "A13": ("report_only", 2, 2, math.inf, 2, 2),
    "A14": ("not_met", 3 / 4, 3 / 4, 3 / 4, 3, 4),
    "A15": ("not_met", 3 / 4, 3 / 4, 3 / 4, 3, 4),
    "A16": ("met", 1, 1, 1, 1, 1),
    "A17": ("not_met", 2 / 3, 2 / 3, 2 / 3, 2, 3),
    "C1": ("cannot_tell", 3 / 4, 1 / 2, 1, 1.5, 2),
    "C2": ("not_met", 1 / 2, 1 / 2, 1 / 2, 1, 2),
    "C3": ("not_met", 0, 0, 0, 0, 1),
    "C4": ("not_met", 1 / 2, 1 / 2, 1 / 2, 1, 2),
    "C5": ("not_met", 0, 0, 0, 0, 1),
    "R1": ("not_met", 3 / 4, 3 / 5, 4 / 5, 3, 4),
    "R2": ("report_only", 1 / 2, 1 / 2, 1 / 2, 1, 2),
    "R3": ("met", 1, 1, 1, 1, 1),
    "S1": ("not_met", 0, 0, 0, 1, 2),
    "S2": ("not_met", 0, 0, 0, 0, 2),
    "S3": ("not_met", 0.9, 0.9, 0.9, 9, 10),
    "B1": ("met", 48000, 48000, 48000, 2, 2),
}


def test_every_target_of_the_notice_has_a_row(result: Targets) -> None:
    assert result.targets["id"].tolist() == list(EXPECTED)


@pytest.mark.parametrize("target", list(EXPECTED))
def test_a_target_by_hand(result: Targets, target: str) -> None:
    row = row_of(result, target)
    status, *numbers = EXPECTED[target]
    assert row["status"] == status
    assert row[["value", "low", "high", "part", "whole"]].tolist() == pytest.approx(numbers)


@pytest.mark.parametrize(
    ("target", "places"),
    [
        ("A2", [("V3", 1, "人")]),
        ("A3", [("V2", 1, "人")]),
        ("A5", [("G2", 1, "项")]),
        ("A7", [("ST2", 1, "项")]),
        ("A10", [("V3", 1, "人")]),
        ("A12", [("ST2", 1, "天")]),
        ("A14", [("V2", 1, "项")]),
        ("C2", [("K2", 1, "路")]),
        ("C3", [("bank", 40, "%场地")]),
        ("C4", [("middle", 20, "米进出路段")]),
        ("R1", [("square", 30, "秒")]),
        ("S3", [("330602017", 1, "项")]),
        ("A4", []),
        ("R2", []),
    ],
)
def test_the_places_that_fail_and_what_they_lack(
    result: Targets, target: str, places: list[tuple[str, float, str]]
) -> None:
    assert failing(result, target) == [(c, pytest.approx(s), u) for c, s, u in places]


def test_what_is_lacking_is_named_with_the_number_of_places(result: Targets) -> None:
    rows = result.lacking.set_index(["target", "column"])[["layer", "places"]]
    assert rows.loc[("A5", "grid_guide")].tolist() == ["facts", 1]
    assert rows.loc[("A9", "mediation_head")].tolist() == ["facts", 1]
    assert rows.loc[("A13", "social_organisations")].tolist() == ["facts", 1]
    assert rows.loc[("C1", "azimuth_deg")].tolist() == ["cameras", 1]
    zh = result.lacking.set_index("target")["zh"]["A9"]
    assert "书记或主任兼任治保、调解主任" in zh
    assert "丙社区" in zh


def test_the_share_a_year_earlier_gives_the_trend(result: Targets) -> None:
    row = row_of(result, "A1")
    assert row["before"] == pytest.approx(1 / 3)
    assert row["trend"] == "better"
    assert math.isnan(row_of(result, "C2")["before"])
    assert pd.isna(row_of(result, "C2")["trend"])


def test_the_other_readings_stand_beside(result: Targets) -> None:
    beside = result.beside.set_index(["target", "name"])
    assert beside.loc[("C4", "village"), "value"] == 1 / 2
    assert beside.loc[("C4", "area"), "value"] == pytest.approx(800 / 4000)
    assert beside.loc[("A15", "by_2022"), "value"] == 1 / 4
    assert beside.loc[("A15", "by_2024"), "value"] == 2 / 4
    assert beside.loc[("S1", "reach"), "value"] == 1
    assert beside.loc[("C1", "at_class"), "value"] == 0
    assert beside.loc[("A17", "incidents"), "value"] == 10


def test_the_answer_is_plain_json_and_comes_back_from_the_store(result: Targets) -> None:
    document = result.document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    by_id = {row["id"]: row for row in document["targets"]}
    assert by_id["A4"]["threshold"] == {"op": ">=", "value": pytest.approx(1 / 3)}
    assert by_id["A1"]["threshold"] is None
    assert by_id["A13"]["value"] == {"value": 2.0, "low": 2.0, "high": None}
    assert by_id["A3"]["failing"][0]["code"] == "V2"
    assert {"layer", "code", "value"} <= set(by_id["A3"]["failing"][0])
    assert document["left_out"]
    plain, tables = pack(result)
    back = unpack(Targets, json.loads(json.dumps(plain)), tables)
    assert back.document() == document
    assert "A3 not met: 50.0%, 1 of 2" in result.summary()


def test_numbers_keep_their_order(result: Targets) -> None:
    for table in (result.targets, result.scorecards, result.beside):
        known = table[table["value"].notna()]
        assert (known["low"] <= known["value"] + 1e-9).all()
        assert (known["value"] <= known["high"] + 1e-9).all()
    assert np.isfinite(result.targets["whole"]).all()
