from __future__ import annotations

from datetime import date

import pytest
from shapely import Point

from gis.errors import ParameterError
from gis.layers import Layers
from planner.at_date import as_day, at_date, date_assumptions

# Installed, removed, status today, and what it was on 2025-01-01.
CASES = [
    ("2024-12-31", None, "in_use", "in_use"),
    ("2025-01-01", None, "in_use", "in_use"),
    ("2025-01-02", None, "in_use", "not_yet"),
    ("2025-01-02", None, "repair", "not_yet"),
    ("2024-01-01", None, "repair", "repair"),
    ("2020-01-01", "2025-01-01", "removed", "removed"),
    ("2020-01-01", "2025-01-02", "removed", "in_use"),
    ("2020-01-01", None, "removed", "removed"),
    ("2020-01-01", "2024-06-01", "in_use", "removed"),
    ("2020-01-01", "2026-06-01", "repair", "repair"),
    (None, None, None, None),
    (None, "2025-06-01", "removed", "in_use"),
]


@pytest.fixture
def dated(town: Layers, layer) -> Layers:
    installed, removed, status, _ = zip(*CASES, strict=True)
    columns = {"installed": installed, "removed": removed, "status": status}
    cameras = layer(
        "cameras",
        [Point(k, 0) for k in range(len(CASES))],
        {k: list(v) for k, v in columns.items()},
    )
    return town.replaced(cameras=cameras)


def test_cameras_as_of_a_day(dated: Layers) -> None:
    status = at_date(dated, "2025-01-01")["cameras"]["status"]
    assert status.fillna("unknown").tolist() == [after or "unknown" for *_, after in CASES]
    assert dated["cameras"]["status"].tolist()[2] == "in_use"


def test_what_is_taken_for_granted_is_counted(dated: Layers) -> None:
    told = {(a.column, a.value): a.rows for a in date_assumptions(dated, date(2025, 1, 1))}
    assert told == {
        ("installed", "before 2025-01-01"): 2,
        ("removed", "before 2025-01-01"): 1,
        ("status", "in repair as today"): 2,
        ("status", "in use before they were removed"): 2,
    }


def test_a_town_without_cameras_stays_as_it_is(town: Layers) -> None:
    blind = Layers("T", {k: v for k, v in town.frames.items() if k != "cameras"})
    assert at_date(blind, "2025-01-01") is blind
    assert date_assumptions(blind, "2025-01-01") == ()


@pytest.mark.parametrize("text", ["yesterday", "2025-13-01", "", "01.01.2025"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="2025-06-30"):
        as_day(text)
