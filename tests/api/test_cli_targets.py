"""The commands targets and rectification, on a square with three cameras and one school."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from api.answers import make_answers
from api.kept import KINDS, NEEDS, STANDING, find_answer
from api.workspace import open_workspace
from planner.coverage import cover
from planner.targets_facts import years_before

Run = Callable[..., Result]
Feature = tuple[dict[str, Any], dict[str, Any]]

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[120, 30], [120.002, 30], [120.002, 30.002], [120, 30.002], [120, 30]]],
}
HEAD = ["schema", "town", "made_up", "revision", "attribution", "params", "assumed"]
# One target that is a flag of the village.
OURS = """\
zh = "本镇指标"
en = "Targets of the town"

[[target]]
id = "T1"
clause = "1"
zh = "网格长主持调解"
en = "the secretary heads mediation"
measure = "places_where"
scope = "village"
places = [{ layer = "villages" }]
where = [{ column = "population", op = ">=", value = %d }]
threshold = { op = ">=", value = 1 }
needs_zh = "人口"
needs_en = "population"
"""

# One target that is the ground that cameras see.
GROUND = """\
zh = "本镇指标"
en = "Targets of the town"

[[target]]
id = "T1"
clause = "1"
zh = "可见面积"
en = "ground seen"
measure = "share_seen"
scope = "village"
places = [{ layer = "villages" }]
weight = "open_ground_m2"
threshold = { op = ">=", value = 1 }
needs_zh = "摄像机"
needs_en = "cameras"
"""


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def geojson(path: Path, *features: Feature) -> Path:
    listed = [{"type": "Feature", "geometry": g, "properties": p} for g, p in features]
    text = json.dumps({"type": "FeatureCollection", "features": listed})
    path.write_text(text, encoding="utf-8")
    return path


def cameras(*, repair: bool, sign: bool) -> list[Feature]:
    state = "repair" if repair else "in_use"
    more = {"kind": "dome", "status": "in_use", "networked": True, "sign_posted": True}
    return [
        (point(120.0002, 30.0002), {**more, "code": "c1", "name": "One", "status": state}),
        (point(120.0018, 30.0002), {**more, "code": "c2", "sign_posted": sign}),
        (point(120.0010, 30.0018), {**more, "code": "c3"}),
    ]


@pytest.fixture
def square(run: Run, tmp_path: Path) -> Path:
    """Return a workspace with one village of 900 people, its station, and three cameras."""
    run("init", "square", "--name", "Square")
    village = (SQUARE, {"code": "v1", "name": "Village", "station": "s1", "population": 900})
    station = (point(120.001, 30.001), {"code": "s1", "name": "Station", "kind": "police"})
    for layer, features in {
        "villages": [village],
        "stations": [station],
        "cameras": cameras(repair=True, sign=False),
    }.items():
        file = geojson(tmp_path / f"{layer}.geojson", *features)
        run("import", layer, file, "-w", "square")
    return tmp_path / "square"


def told(run: Run, *words: str | Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    return document


def test_needs_stand_before_what_needs_them() -> None:
    for kind, needs in NEEDS.items():
        assert all(KINDS.index(need) < KINDS.index(kind) for need in needs)
    assert set(KINDS) - set(STANDING) == {"change", "roster"}


def test_targets_are_told_as_json_and_in_words(run: Run, square: Path) -> None:
    document = told(run, "targets", "-w", square)
    assert list(document)[: len(HEAD)] == HEAD
    assert document["schema"] == "fengqiao.targets/1"
    assert document["profile"] == document["params"]["profile"] == "binhai-2019"
    assert document["today"] == date.today().isoformat()
    ids = [target["id"] for target in document["targets"]]
    assert {"A1", "A17", "C1", "C4", "R1", "S1", "B1"} <= set(ids)
    assert len(set(ids)) == len(ids)
    for target in document["targets"]:
        assert target.keys() >= {
            *("id", "clause", "title", "measure", "unit", "threshold", "value", "status"),
            *("missing", "failing"),
        }
        assert target["title"].keys() == {"zh", "en"}
        assert target["threshold"] is None or target["threshold"].keys() == {"op", "value"}
        assert target["status"] in {"met", "not_met", "cannot_tell", "report_only"}
        assert target["value"] is None or target["value"].keys() == {"value", "low", "high"}
        assert all({"layer", "code", "value"} <= place.keys() for place in target["failing"])
    # A town without facts cannot tell, and says which are lacking.
    mediation = next(target for target in document["targets"] if target["id"] == "A9")
    assert mediation["status"] == "cannot_tell"
    assert {row["layer"] for row in mediation["missing"]} == {"facts"}


def test_targets_are_told_in_the_language_asked_for(run: Run, square: Path) -> None:
    text = run("targets", "-w", square).stdout
    assert text.startswith("滨海新城“枫桥式公安派出所”创建指标  ")
    assert "无法判定\n" in text
    assert "没有任何村（社区）填报" in text or "未报" in text
    text = run("targets", "--lang", "en", "-w", square).stdout
    assert text.startswith("Targets of the Binhai notice")
    assert "Cannot tell\n" in text


def test_another_profile_is_answered_but_not_kept(run: Run, square: Path) -> None:
    told(run, "targets", "-w", square)
    done = run("targets", "--profile", "national-2015", "-w", square, "--json")
    assert json.loads(done.stdout)["profile"] == "national-2015"
    assert "not kept" in done.stderr
    with open_workspace(square).open_store() as store:
        kept = find_answer(store, "targets")
    assert kept is not None
    assert kept.document["profile"] == "binhai-2019"


def test_a_file_is_a_profile_too_and_the_settings_may_name_it(
    run: Run, square: Path, tmp_path: Path
) -> None:
    (tmp_path / "ours.toml").write_text(OURS % 1000, encoding="utf-8")
    document = told(run, "targets", "--profile", "ours.toml", "-w", square)
    assert [(t["id"], t["status"]) for t in document["targets"]] == [("T1", "not_met")]
    assert [place["code"] for place in document["targets"][0]["failing"]] == ["v1"]
    shutil.copy(tmp_path / "ours.toml", square / "ours.toml")
    with (square / "fengqiao.toml").open("a", encoding="utf-8") as config:
        config.write('\n[targets]\nprofile = "ours.toml"\n')
    done = run("targets", "-w", square, "--json")
    assert json.loads(done.stdout)["profile"] == "ours"
    assert "not kept" not in done.stderr
    items = told(run, "rectification", "-w", square)["items"]
    assert "target/T1/villages/v1" in {item["id"] for item in items}
    # Another text of the file is another profile: what was kept no longer holds.
    (square / "ours.toml").write_text(OURS % 900, encoding="utf-8")
    items = told(run, "rectification", "-w", square)["items"]
    assert {i["state"] for i in items if i["id"] == "target/T1/villages/v1"} == {"closed"}


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ("moon", "binhai-2019, national-2015"),
        ("absent.toml", "absent.toml cannot be read"),
        ("broken.toml", "broken"),
        ("empty.toml", "lacks zh"),
    ],
)
def test_a_profile_that_cannot_be_used_is_named(
    run: Run, square: Path, tmp_path: Path, profile: str, said: str
) -> None:
    (tmp_path / "broken.toml").write_text("[[target", encoding="utf-8")
    (tmp_path / "empty.toml").write_text("", encoding="utf-8")
    done = run("targets", "--profile", profile, "-w", square, code=1)
    assert said in done.stderr
    assert done.stdout == ""


def test_a_wrong_profile_in_the_settings_does_not_stop_other_answers(
    run: Run, square: Path
) -> None:
    with (square / "fengqiao.toml").open("a", encoding="utf-8") as config:
        config.write('\n[targets]\nprofile = "moon"\n')
    assert "moon" in run("targets", "-w", square, code=1).stderr
    run("coverage", "-w", square)


def test_an_import_mends_what_the_list_holds(run: Run, square: Path, tmp_path: Path) -> None:
    first = told(run, "rectification", "-w", square)
    assert first["schema"] == "fengqiao.rectification/1"
    items = {item["id"]: item for item in first["items"]}
    assert {"camera_repair/c1", "camera_unsigned/c2"} <= items.keys()
    repair = items["camera_repair/c1"]
    today = date.today()
    assert (repair["opened"], repair["closed"]) == (today.isoformat(), None)
    assert (
        repair["due"] == (today + timedelta(first["params"]["days"]["camera_repair"])).isoformat()
    )
    assert (repair["village"], repair["unit"], repair["state"]) == ("v1", "Station", "open")
    assert first["counts"]["closed"] == 0

    mended = geojson(tmp_path / "cameras.geojson", *cameras(repair=False, sign=False))
    run("import", "cameras", mended, "-w", "square")
    second = told(run, "rectification", "-w", square)
    items = {item["id"]: item for item in second["items"]}
    assert items["camera_repair/c1"]["state"] == "closed"
    assert items["camera_repair/c1"]["closed"] == today.isoformat()
    assert items["camera_unsigned/c2"]["state"] == "open"
    assert second["counts"]["closed"] == 1

    broken = geojson(tmp_path / "cameras.geojson", *cameras(repair=True, sign=False))
    run("import", "cameras", broken, "-w", "square")
    third = told(run, "rectification", "-w", square)
    items = {item["id"]: item for item in third["items"]}
    assert (items["camera_repair/c1"]["state"], items["camera_repair/c1"]["times"]) == ("open", 2)


def test_the_list_in_words_tells_what_is_open_and_closed_if_asked(
    run: Run, square: Path, tmp_path: Path
) -> None:
    text = run("rectification", "-w", square).stdout
    assert "待整改" in text
    assert "\nStation  待整改 " in text
    assert "  摄像机待维修  1处，期限 " in text
    assert "\n    One (c1)\n" in text
    assert "camera in repair" in run("rectification", "--lang", "en", "-w", square).stdout
    mended = geojson(tmp_path / "cameras.geojson", *cameras(repair=False, sign=True))
    run("import", "cameras", mended, "-w", "square")
    text = run("rectification", "-w", square).stdout
    assert "One (c1)" not in text
    assert "已销号（" in run("rectification", "--all", "-w", square).stdout
    assert "责任单位" in run("rectification", "--unit", "Nobody", "-w", square).stdout


def test_another_day_makes_deadlines_anew_and_nothing_else(square: Path) -> None:
    place = open_workspace(square)
    today = date(2026, 11, 25)
    with place.open_store() as store:
        first = make_answers(place, store, ["coverage", "targets", "rectification"], today=today)
        same = make_answers(place, store, ["coverage", "targets", "rectification"], today=today)
        assert {k: v.made_at for k, v in same.items()} == {k: v.made_at for k, v in first.items()}
        later = make_answers(
            place, store, ["coverage", "rectification"], today=today + timedelta(10)
        )
    assert later["coverage"].made_at == first["coverage"].made_at
    assert first["rectification"].document["counts"]["overdue"] == 0
    assert later["rectification"].document["counts"]["overdue"] == 1  # 7 days to repair
    assert later["rectification"].document["today"] == "2026-12-05"


def watched(path: Path, *days: str | None) -> Path:
    """Return a file of two domes, each with its day of installation."""
    corners = [point(120.0002, 30.0002), point(120.0018, 30.0018)]
    return geojson(
        path,
        *(
            (at, {"code": f"c{k}", "kind": "dome", "fov_deg": 360, "range_m": 60, "installed": day})
            for k, (at, day) in enumerate(zip(corners, days, strict=True))
        ),
    )


def test_the_trend_of_what_cameras_see_is_computed_once(
    run: Run, square: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def counted(*given: Any, at: str) -> Any:
        asked.append(at)
        return cover(*given, at=at)

    monkeypatch.setattr("api.year_before.cover", counted)
    (tmp_path / "ours.toml").write_text(GROUND, encoding="utf-8")

    def ground() -> dict[str, Any]:
        target: dict[str, Any] = told(run, "targets", "--profile", "ours.toml", "-w", square)
        (found,) = target["targets"]
        return dict(found)

    first = ground()
    assert (first["before"], first["trend"]) == (None, None)
    assert first["note"]["zh"] == "无往年数据：摄像机的“安装日期”均未填"
    today = date.today()
    day, new = years_before(today, 1).isoformat(), (today - timedelta(300)).isoformat()

    run(
        "import",
        "cameras",
        watched(tmp_path / "c.geojson", "2015-01-01", "2015-01-01"),
        "--replace",
        "-w",
        square,
    )
    assert ground()["trend"] == "same"
    assert not asked  # the same cameras stood: what they see is known

    run(
        "import",
        "cameras",
        watched(tmp_path / "c.geojson", "2015-01-01", new),
        "--replace",
        "-w",
        square,
    )
    run("coverage", "-w", square)
    assert not asked
    better = ground()
    assert better["trend"] == "better"
    assert better["before"] == pytest.approx(better["value"]["value"] / 2, rel=0.1)
    assert day in better["note"]["zh"]
    run("rectification", "-w", square)
    assert {key: better[key] for key in ("value", "before")} == {
        key: ground()[key] for key in ("value", "before")
    }
    assert asked == [day]
    place = open_workspace(square)
    with place.open_store() as store:
        make_answers(place, store, ["targets"], today=today + timedelta(1))
    assert asked == [day]  # the day after, the same cameras stood a year earlier

    run(
        "import",
        "cameras",
        watched(tmp_path / "c.geojson", "2015-01-01", day),
        "--replace",
        "-w",
        square,
    )
    assert ground()["trend"] == "same"


@pytest.mark.parametrize("command", ["targets", "rectification"])
def test_a_town_without_place_is_an_input_error(run: Run, command: str) -> None:
    run("init", "bare", "--name", "Bare")
    done = run(command, "-w", "bare", code=1)
    assert "no place yet" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "words",
    [["rectification", "--lang", "fr"], ["targets", "--profile"], ["targets", "--lang", "fr"]],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(run: Run, words: list[str]) -> None:
    assert not run(*words, code=2).stdout
