"""The whole path of commands on real OpenStreetMap files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

Run = Callable[..., Result]

# File to the rows that its README counts: cameras, buildings (relations apart, hence "at least").
TOWNS = {
    "tsinghua.osm.pbf": (0, 509),
    "heidelberg-old-town.osm.pbf": (6, 1366),
    "liechtenstein.osm.pbf": (0, 8991),
}


@pytest.mark.real
@pytest.mark.parametrize("name", TOWNS)
def test_a_real_file_goes_all_the_way(run: Run, shared_data: Path, name: str) -> None:
    def answer(*words: str) -> dict[str, Any]:
        return json.loads(run(*words, "--json", "-w", "town").stdout)

    cameras, buildings = TOWNS[name]
    run("init", "town", "--name", "Town")
    rows = answer("import", "osm", str(shared_data / name))["rows"]
    assert rows["cameras"] == cameras
    assert buildings <= rows["buildings"] <= buildings * 1.02

    coverage = answer("coverage")
    share = coverage["totals"]["area_rate"]
    if cameras:
        assert 0 <= share["low"] <= share["value"] <= share["high"] <= 1
        assert coverage["gaps"]
    else:
        assert share["value"] is None
        assert {"figure": "area_rate", "layers": ["cameras"]} in coverage["missing"]

    response = answer("response")
    assert len(response["sites"]) == rows["sites"]
    assert sum(tier["sites"] for tier in response["tiers"]) == rows["sites"]
    assert {a["layer"] for a in response["assumed"]} >= {"units", "sites"}

    patrol = answer("patrol", "--seconds", "2", "--date", "2026-11-24")
    assert any(team["stops"] for team in patrol["teams"])
    for team in patrol["teams"]:
        assert team["length_m"] <= patrol["params"]["max_length_m"]

    pages = answer("map", "-o", "maps")["pages"]
    assert len(pages) == 13


@pytest.mark.real
def test_a_region_is_imported_and_its_circles_drawn(run: Run, shared_data: Path) -> None:
    run("init", "town", "--name", "Region")
    run("import", "osm", shared_data / "heidelberg-region.osm.pbf", "-w", "town")
    response = json.loads(run("response", "--json", "-w", "town").stdout)
    assert len(response["sites"]) > 1000
    assert [tier["tier_min"] for tier in response["tiers"]] == sorted(
        tier["tier_min"] for tier in response["tiers"]
    )
