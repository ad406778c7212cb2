from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gis.layers import Layers
from gis.osm import read_town
from planner.params import Params
from planner.run import answer_coverage, run

HEAD = {"schema", "town", "made_up", "revision", "params", "assumed", "warnings", "missing"}
FAST = Params.from_toml({"patrol": {"iterations": 50, "date": "2026-11-24"}})


def check_documents(layers: Layers) -> None:
    results = run(layers, FAST)
    for answer in (results.coverage, results.response, results.patrol):
        document = json.loads(json.dumps(answer.document, allow_nan=False))
        assert document.keys() >= HEAD
        assert document["schema"] == f"fengqiao.{answer.kind}/1"
        assert answer.summary()


def test_the_three_answers_have_one_head_and_are_plain_json(town: Layers) -> None:
    check_documents(town)


def test_an_answer_from_made_up_data_says_so_first(town: Layers) -> None:
    made_up = replace(town, made_up=True)
    params = Params.default()
    assert answer_coverage(made_up, params).summary().startswith("Made-up data (示例数据)\n")
    assert "Made-up" not in answer_coverage(town, params).summary()


@pytest.mark.parametrize("kept", [("cameras", "villages"), ("areas",), ("streets",), ("sites",)])
def test_nothing_stops_where_most_layers_are_missing(town: Layers, kept: tuple[str, ...]) -> None:
    frames = {name: frame for name, frame in town.frames.items() if name in kept}
    if "areas" in kept:
        frames["areas"] = town["villages"].assign(kind="patrol")
    check_documents(Layers("T", frames))


def test_steps_are_told_as_they_begin(town: Layers) -> None:
    told: list[str] = []
    run(town, FAST, progress=lambda step, done, steps: told.append(step))
    assert told == ["streets", "coverage", "response", "patrol", "done"]


def test_a_number_of_the_town_changes_the_answer_and_a_wrong_name_is_refused(town: Layers) -> None:
    params = Params.from_toml({"coverage": {"resolution": 11}})
    assert (
        run(town, Params(params.coverage, FAST.response, FAST.patrol)).coverage.document[
            "resolution"
        ]
        == 11
    )
    with pytest.raises(ValueError, match="does not know colour"):
        Params.from_toml({"coverage": {"colour": 3}})
    with pytest.raises(ValueError, match="date must be such as 2026-11-24, not 'tonight'"):
        Params.from_toml({"patrol": {"date": "tonight"}})
    with pytest.raises(ValueError, match="gap_share must be from 0 to 1"):
        Params.from_toml({"coverage": {"gap_share": 7}})


@pytest.mark.real
@pytest.mark.parametrize(
    "name",
    [
        "tsinghua.osm.pbf",
        "liechtenstein.osm.pbf",
        "north-bayreuth.osm.gz",
        "manhattan.osm.pbf",
        "heidelberg-old-town.osm.pbf",
    ],
)
def test_every_real_town_gets_its_answers(shared_data: Path, name: str) -> None:
    extract = read_town(shared_data / name)
    check_documents(Layers(name, extract.layers, extract.clip))
