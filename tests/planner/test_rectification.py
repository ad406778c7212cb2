"""The rectification list of a town of three cameras, two sites and two villages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from shapely import Point, box

from gis.layers import WGS84, Layers, conform
from gis.profiles import load
from planner.packing import pack, unpack
from planner.rectification import CHECKS, FAULT, Found, faults, renew
from planner.results_coverage import Coverage
from planner.results_rectification import COLUMNS, Rectification
from planner.results_targets import Targets

TODAY = date(2026, 11, 25)


def frame(layer: str, geometry: list[Any], **columns: list[Any]) -> gpd.GeoDataFrame:
    return conform(gpd.GeoDataFrame(columns, geometry=geometry, crs=WGS84), layer)


@pytest.fixture
def layers() -> Layers:
    spots = [Point(120.0, 30.0), Point(120.1, 30.0), Point(120.2, 30.0)]
    villages = [box(119.9, 29.9, 120.15, 30.1), box(120.15, 29.9, 120.3, 30.1)]
    return Layers(
        "Town",
        {
            "villages": frame(
                "villages", villages, code=["v1", "v2"], name=["West", "East"], station=["s1", None]
            ),
            "stations": frame("stations", [spots[0]], code=["s1"], name=["West Station"]),
            "cameras": frame(
                "cameras", spots, code=["c1", "c2", "c3"], name=["One", None, "Three"]
            ),
            "sites": frame(
                "sites",
                [*spots[:2], villages[1]],
                code=["k1", "k2", "k3"],
                name=["School", "Bank", "Works"],
                kind=["school", "bank", "factory"],
                status=["built", None, "planned"],
            ),
            "areas": frame("areas", [villages[0]], code=["z1"], kind=["no_camera"]),
        },
    )


@pytest.fixture
def coverage(layers: Layers) -> Coverage:
    empty = gpd.GeoDataFrame()
    cameras = pd.DataFrame(
        {
            "code": ["c1", "c2", "c3"],
            "state": ["in_use", "repair", "in_use"],
            "village": pd.Series(["v1", "v1", "v2"], dtype="str"),
            "police_unit": pd.Series([None, "s1", None], dtype="str"),
            "private_m2": [12.4, 0.0, 0.0],
            "private": pd.Series(["z1", None, None], dtype="str"),
            "consent": pd.Series([None, None, None], dtype="str"),
            "networked": pd.Series([True, None, False], dtype="boolean"),
            "sign_posted": pd.Series([True, True, True], dtype="boolean"),
        }
    )
    sites = layers["sites"][["code", "name", "kind", "geometry"]].assign(
        area_class=["key_public", "key_industry", "key_public"],
        village=pd.Series(["v1", "v1", "v2"], dtype="str"),
        in_view=["no", "yes", "no"],
        at_class=["no", "no", "no"],
        px_per_m=[0.0, 31.2, 0.0],
    )
    return Coverage(
        12,
        None,
        "detect",
        {},
        empty,
        layers["villages"],
        empty,
        sites,
        empty,
        cameras,
        empty,
        empty,
    )


def changed(coverage: Coverage, table: str, **columns: list[Any]) -> Coverage:
    before = getattr(coverage, table)
    return replace(coverage, **{table: before.assign(**columns)})


def rows(found: Found) -> list[tuple[str, str, str]]:
    table = found.faults
    return sorted(zip(table["fault"], table["code"], table["unit"], strict=True))


def test_each_fault_is_found_once_with_place_and_unit(layers: Layers, coverage: Coverage) -> None:
    found = faults(layers, coverage)
    assert list(found.faults.columns) == list(FAULT)
    assert rows(found) == [
        ("camera_private", "c1", "West Station"),  # the station of its village
        ("camera_repair", "c2", "West Station"),  # its own unit, given by code
        ("camera_unlinked", "c3", "Town"),  # neither
        ("site_coarse", "k2", "West Station"),
        ("site_unseen", "k1", "West Station"),  # k3 does not stand yet
    ]
    table = found.faults.set_index("id")
    private: Any = table.loc["camera_private/c1"]
    assert private["en"] == "looks into z1, where no camera may look (12 m2)"
    assert "z1" in private["zh"]
    assert "12" in private["zh"]
    assert (private["name"], private["village"]) == ("One", "v1")
    assert (private["lon"], private["lat"]) == (120.0, 30.0)
    assert "too little of it clearly" in str(table.loc["site_coarse/k2", "en"])
    assert table["name"].isna().to_dict()["camera_repair/c2"]
    assert found.doubtful == {"camera_unlinked/c2"}


def test_without_any_station_the_town_is_responsible(layers: Layers, coverage: Coverage) -> None:
    bare = layers.replaced(stations=layers["stations"].iloc[:0])
    none = changed(coverage, "villages", station=[None, None])
    none = changed(none, "cameras", police_unit=[None] * 3)
    assert set(faults(bare, none).faults["unit"]) == {"Town"}
    unknown = changed(none, "villages", station=["s9", None])
    assert set(faults(bare, unknown).faults["unit"]) == {"s9", "Town"}


def test_each_kind_of_the_profile_is_looked_for() -> None:
    assert list(load("rectification")["faults"]) == [*CHECKS, "target"]


@pytest.mark.parametrize(
    ("fault", "columns", "found"),
    [
        ("camera_unsigned", {"sign_posted": [False, None, True]}, {"c1"}),
        ("camera_consent", {"consent": ["z2", "", None]}, {"c1"}),
        ("camera_unplaced", {"state": ["no_place", "in_use", "removed"]}, {"c1"}),
        ("camera_repair", {"state": ["repair", "removed", "indoor"]}, {"c1"}),
        # What is removed, or not there yet, needs no network; what is in repair still does.
        (
            "camera_unlinked",
            {"networked": [False] * 3, "state": ["repair", "removed", "not_yet"]},
            {"c1"},
        ),
    ],
)
def test_cameras_have_faults_by_state_and_flag(
    layers: Layers,
    coverage: Coverage,
    fault: str,
    columns: dict[str, list[Any]],
    found: set[str],
) -> None:
    table = faults(layers, changed(coverage, "cameras", **columns)).faults
    assert set(table.loc[table["fault"] == fault, "code"]) == found


def test_a_site_that_may_be_seen_is_neither_a_fault_nor_mended(
    layers: Layers, coverage: Coverage
) -> None:
    first = renew(None, faults(layers, coverage), TODAY, 1)
    doubt = changed(coverage, "sites", in_view=["perhaps", "yes", "no"], at_class=["perhaps"] * 3)
    found = faults(layers, doubt)
    assert not {"k1", "k2"} & set(found.faults["code"])
    assert {"site_unseen/k1", "site_coarse/k1", "site_coarse/k2"} <= found.doubtful
    items = renew(first, found, TODAY + timedelta(1), 2).items.set_index("id")
    assert items.loc[["site_unseen/k1", "site_coarse/k2"], "state"].tolist() == ["open", "open"]
    assert "no data" in str(items.loc["site_unseen/k1", "note_en"])
    assert "site_coarse/k1" not in items.index


def test_an_item_keeps_its_days_until_it_is_mended(layers: Layers, coverage: Coverage) -> None:
    first = renew(None, faults(layers, coverage), TODAY, 1)
    repair: Any = first.items.set_index("id").loc["camera_repair/c2"]
    assert (repair["opened"], repair["due"]) == ("2026-11-25", "2026-12-02")  # 7 days
    assert (repair["state"], repair["times"]) == ("open", 1)
    assert pd.isna(repair["closed"])

    def state(day: date, before: Rectification, town: Coverage) -> tuple[Rectification, Any]:
        after = renew(before, faults(layers, town), day, 2)
        item = after.items.set_index("id").loc["camera_repair/c2"]
        return after, item

    last, item = state(date(2026, 12, 2), first, coverage)
    assert (item["state"], item["opened"]) == ("open", "2026-11-25")  # the last day is in time
    late, item = state(date(2026, 12, 3), last, coverage)
    assert (item["state"], item["due"]) == ("overdue", "2026-12-02")
    mended = changed(coverage, "cameras", state=["in_use"] * 3)
    done, item = state(date(2026, 12, 4), late, mended)
    assert (item["state"], item["closed"]) == ("closed", "2026-12-04")
    assert done.items["id"].iloc[-1] == "camera_repair/c2"
    later, item = state(date(2026, 12, 9), done, mended)
    assert item["closed"] == "2026-12-04"
    again, item = state(date(2026, 12, 10), later, coverage)
    assert (item["state"], item["times"]) == ("open", 2)
    assert (item["opened"], item["due"]) == ("2026-12-10", "2026-12-17")
    assert pd.isna(item["closed"])
    assert again.items["id"].is_unique


def test_what_nobody_can_tell_stays_and_says_so(layers: Layers, coverage: Coverage) -> None:
    first = renew(None, faults(layers, coverage), TODAY, 1)
    bare = Layers("Town", {k: v for k, v in layers.frames.items() if k != "cameras"})
    gone = changed(coverage, "sites", in_view=[None] * 3, at_class=[None] * 3)
    gone = replace(gone, cameras=coverage.cameras.iloc[:0])
    found = faults(bare, gone)
    after = renew(first, found, TODAY + timedelta(30), 2)
    assert len(found.faults) == 0
    assert set(after.items["id"]) == set(first.items["id"])
    assert set(after.items["state"]) == {"open", "overdue"}
    assert after.items["note_zh"].notna().all()
    assert {m.layers for m in after.missing} == {("cameras",)}
    assert "cameras" in after.summary()
    # The layer comes back: the notes go, and what is mended closes.
    back = renew(after, faults(layers, coverage), TODAY + timedelta(31), 3)
    assert back.items["note_zh"].isna().all()
    assert set(back.items["opened"]) == {"2026-11-25"}


def test_what_is_no_longer_there_is_mended(layers: Layers, coverage: Coverage) -> None:
    first = renew(None, faults(layers, coverage), TODAY, 1)
    fewer = replace(coverage, cameras=coverage.cameras.iloc[:2])
    items = renew(first, faults(layers, fewer), TODAY, 2).items.set_index("id")
    assert items.loc["camera_unlinked/c3", "state"] == "closed"


def test_closed_items_are_dropped_after_their_time(layers: Layers, coverage: Coverage) -> None:
    first = renew(None, faults(layers, coverage), TODAY, 1)
    mended = changed(coverage, "cameras", state=["in_use"] * 3)
    found = faults(layers, mended)
    done = renew(first, found, TODAY, 2)
    days = load("rectification")["keep_closed_days"]
    for more, there in ((0, True), (1, False)):
        after = renew(done, found, TODAY + timedelta(days + more), 3)
        assert ("camera_repair/c2" in set(after.items["id"])) is there


def targets(status: str, failing: list[tuple[str, str]], unclear: list[str] = []) -> Targets:  # noqa: B006
    """Return an answer with one target A9 of villages, and C1, which sites tell of."""
    return Targets(
        "binhai-2019",
        {"zh": "", "en": ""},
        TODAY.isoformat(),
        pd.DataFrame(
            {
                "id": ["A9", "C1"],
                "title_zh": ["调解", "重点"],
                "title_en": ["mediation", "key"],
                "measure": "places_where",
                "status": [status, "not_met"],
            }
        ),
        pd.DataFrame(
            {
                "target": ["A9"] * len(failing) + ["C1"],
                "layer": [layer for layer, _ in failing] + ["sites"],
                "code": [code for _, code in failing] + ["k1"],
                "name": "Place",
                "note_zh": ["需任命" if code == "v1" else None for _, code in failing] + [None],
                "note_en": ["appoint one" if code == "v1" else None for _, code in failing]
                + [None],
                "village": pd.Series([None] * len(failing) + ["v1"], dtype="str"),
                "station": "s1",
            }
        ),
        pd.DataFrame({"target": ["A9"], "zh": ["缺"], "en": ["lacks"]}),
        pd.DataFrame(),
        pd.DataFrame(
            {"scope": "village", "code": unclear, "target": "A9", "status": "cannot_tell"}
        ),
    )


def test_a_target_that_is_not_met_is_an_item_for_each_place(
    layers: Layers, coverage: Coverage
) -> None:
    asked = targets("not_met", [("villages", "v1"), ("town", "33"), ("villages", "v1")])
    found = faults(layers, coverage, asked).faults.set_index("id")
    told = found[found["fault"] == "target"]
    assert sorted(told.index) == ["target/A9/town/33", "target/A9/villages/v1"]
    place: Any = told.loc["target/A9/villages/v1"]
    assert place[["target", "unit", "village"]].tolist() == ["A9", "West Station", "v1"]
    assert place["en"] == "target A9 (mediation) not met: appoint one"
    assert told.loc["target/A9/town/33", "en"] == "target A9 (mediation) not met"
    assert told.loc["target/A9/town/33", "zh"] == "指标A9（调解）未达标"
    assert place["lon"] == pytest.approx(120.025)
    assert told["lon"].isna().to_dict()["target/A9/town/33"]


@pytest.mark.parametrize("status", ["met", "cannot_tell", "report_only"])
def test_other_targets_ask_for_nothing(layers: Layers, coverage: Coverage, status: str) -> None:
    found = faults(layers, coverage, targets(status, [("villages", "v1")]))
    assert "target" not in set(found.faults["fault"])


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (targets("met", []), "closed"),
        (targets("not_met", [("villages", "v2")]), "closed"),
        (targets("not_met", [("villages", "v2")], ["v1"]), "open"),
        (targets("cannot_tell", []), "open"),
        (None, "open"),
    ],
    ids=["met", "met here", "unknown here", "unknown", "not asked"],
)
def test_a_target_closes_only_when_it_is_known_to_be_met(
    layers: Layers, coverage: Coverage, after: Targets | None, state: str
) -> None:
    before = renew(
        None, faults(layers, coverage, targets("not_met", [("villages", "v1")])), TODAY, 1
    )
    items = renew(before, faults(layers, coverage, after), TODAY, 2).items.set_index("id")
    assert items.loc["target/A9/villages/v1", "state"] == state


def test_the_list_comes_back_from_the_store_as_it_went(layers: Layers, coverage: Coverage) -> None:
    before = renew(None, faults(layers, coverage), TODAY, 1)
    plain, tables = pack(before)
    back = unpack(Rectification, json.loads(json.dumps(plain)), tables)
    assert_frame_equal(back.items, before.items)
    found = faults(layers, coverage)
    assert_frame_equal(renew(back, found, TODAY, 1).items, before.items)
    document = back.document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_the_document_counts_what_it_lists(layers: Layers, coverage: Coverage) -> None:
    first = renew(None, faults(layers, coverage), TODAY, 1)
    mended = changed(coverage, "cameras", networked=[True] * 3)
    late = renew(first, faults(layers, mended), TODAY + timedelta(8), 2)
    document = late.document()
    assert document["counts"] == {"open": 2, "overdue": 2, "closed": 1}
    for part in ("faults", "units"):
        sums = {state: sum(row[state] for row in document[part]) for state in document["counts"]}
        assert sums == document["counts"]
    states = " ".join(item["state"] for item in document["items"])
    assert states == "overdue overdue open open closed"
    assert document["items"][0].keys() == COLUMNS.keys()
    assert "4 to mend, 2 of them overdue, 1 closed" in late.summary()


def test_a_town_without_faults_has_an_empty_list(layers: Layers, coverage: Coverage) -> None:
    bare = replace(coverage, cameras=coverage.cameras.iloc[:0], sites=coverage.sites.iloc[:0])
    after = renew(None, faults(layers, bare), TODAY, 1)
    assert len(after.items) == 0
    assert after.items.dtypes.equals(renew(None, faults(layers, coverage), TODAY, 1).items.dtypes)
    assert after.document()["counts"] == {"open": 0, "overdue": 0, "closed": 0}


IDS = [f"camera_repair/c{k}" for k in range(4)]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sets(st.sampled_from(IDS)), st.sets(st.sampled_from(IDS)))))
def test_history_is_that_of_a_slow_reference(days: list[tuple[set[str], set[str]]]) -> None:
    """Walk each item through its days by hand: `there` faults, else `doubt`, else mended."""
    listed: Rectification | None = None
    slow: dict[str, tuple[str, int, str | None]] = {}  # opened, times, closed
    for number, (there, doubt) in enumerate(days):
        today = TODAY + timedelta(number)
        for key in IDS:
            opened, times, closed = slow.get(key, ("", 0, ""))
            if key in there and closed is not None:
                slow[key] = (today.isoformat(), times + 1, None)
            elif key not in there and key not in doubt and key in slow and closed is None:
                slow[key] = (opened, times, today.isoformat())
        table = pd.DataFrame(
            [["camera_repair", key, key, 0.0, 0.0] for key in sorted(there)],
            columns=["fault", "id", "code", "lon", "lat"],
        ).reindex(columns=list(FAULT))
        listed = renew(listed, Found(table, frozenset(doubt - there)), today, number)
    items = [] if listed is None else listed.document()["items"]
    assert {i["id"]: (i["opened"], i["times"], i["closed"]) for i in items} == slow
