from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.crs import crs_of_frames, to_metres
from gis.layers import Layers
from gis.profiles import load
from gis.sample import make_sample
from gis.schema import SCHEMAS
from gis.streets import Streets
from gis.validate import validate

KINDS = load("kinds")


@pytest.fixture(scope="module")
def town() -> Layers:
    return make_sample()


@pytest.fixture(scope="module")
def metres(town: Layers) -> dict[str, gpd.GeoDataFrame]:
    crs = crs_of_frames(town["villages"])
    names = ("villages", "grids", "areas", "buildings", "streets", "cameras", "addresses")
    return {name: to_metres(town[name], crs) for name in names}


def test_it_says_that_it_is_made_up(town: Layers) -> None:
    assert town.made_up
    assert town.town == "滨海新城"
    assert town.attribution == ("示例数据 made-up data",)
    assert town.extent is not None
    assert town.extent.covers(shapely.union_all(town["villages"].geometry.to_numpy()))


@pytest.mark.parametrize("layer", SCHEMAS)
def test_every_layer_is_there_and_valid(town: Layers, layer: str) -> None:
    assert town.has(layer)
    checked = validate(town[layer], layer, extent=town.extent)
    pd.testing.assert_frame_equal(
        pd.DataFrame(checked.drop(columns="geometry")),
        pd.DataFrame(town[layer].drop(columns="geometry")),
    )


def test_the_same_seed_makes_the_same_bytes_and_another_seed_does_not(town: Layers) -> None:
    again, other = make_sample(2019), make_sample(7)
    for layer in SCHEMAS:
        pd.testing.assert_frame_equal(pd.DataFrame(again[layer]), pd.DataFrame(town[layer]))
        wkb = [shapely.to_wkb(t[layer].geometry.to_numpy()).tolist() for t in (again, town)]
        assert wkb[0] == wkb[1]
    for layer in ("buildings", "streets", "cameras", "facts"):
        assert not other[layer].equals(town[layer])
    assert len(other["buildings"]) == 12_000


def test_counts(town: Layers, metres: dict[str, gpd.GeoDataFrame]) -> None:
    count = {layer: len(town[layer]) for layer in SCHEMAS}
    assert count["villages"] == 24
    assert count["buildings"] == 12_000
    assert count["cameras"] == 1400
    assert count["units"] == 16
    assert count["teams"] == 9
    assert count["patrol_points"] == 90
    assert count["road_checkpoints"] == 18
    assert count["service_points"] == 20
    assert count["addresses"] == pytest.approx(5000, rel=0.05)
    assert count["sites"] == pytest.approx(200, rel=0.05)
    assert count["grids"] == pytest.approx(70, rel=0.05)
    assert metres["streets"].length.sum() / 1000 == pytest.approx(450, rel=0.05)
    assert metres["villages"].area.sum() / 1e6 == pytest.approx(60, rel=0.05)


def test_villages_and_grids_partition_the_town_and_grids_nest(town: Layers) -> None:
    villages, grids = (town[layer].geometry.to_numpy() for layer in ("villages", "grids"))
    for shapes in (villages, grids):
        assert shapely.coverage_is_valid(shapes, gap_width=1e-4)
        whole = shapely.coverage_union_all(shapes)
        assert whole.geom_type == "Polygon"
        assert shapely.get_num_interior_rings(whole) == 0
    for code, village in zip(town["villages"]["code"], villages, strict=True):
        own = grids[(town["grids"]["village"] == code).to_numpy()]
        assert len(own)
        assert shapely.coverage_union_all(own).normalize() == village.normalize()


def test_codes_are_those_of_the_lists(town: Layers) -> None:
    assert town["villages"]["code"].str.fullmatch(r"330602017\d{3}").all()
    assert town["cameras"]["code"].str.fullmatch(r"33060200\d{2}13[12]\d{7}").all()
    grids = town["grids"]
    assert (grids["code"].str[:12] == grids["village"]).all()
    for _, own in grids.groupby("village"):
        assert own["code"].str[12:].tolist() == [f"{n:03d}" for n in range(1, len(own) + 1)]


def test_beats_partition_the_town(town: Layers) -> None:
    areas = town["areas"]
    beats = areas[areas["kind"] == "beat"].geometry.to_numpy()
    villages = town["villages"].geometry.to_numpy()
    assert shapely.coverage_is_valid(beats)
    whole, town_shape = shapely.coverage_union_all(beats), shapely.coverage_union_all(villages)
    assert whole.normalize() == town_shape.normalize()


def test_no_building_stands_on_a_street_in_water_or_on_another(
    metres: dict[str, gpd.GeoDataFrame],
) -> None:
    houses = metres["buildings"].geometry.to_numpy()
    tree = shapely.STRtree(houses)
    streets = metres["streets"].geometry.to_numpy()
    assert not tree.query(streets, predicate="intersects").size
    areas = metres["areas"]
    water = areas[areas["kind"] == "water"].geometry.to_numpy()
    assert not tree.query(water, predicate="intersects").size
    a, b = tree.query(houses, predicate="intersects")
    a, b = a[a < b], b[a < b]
    # Row houses share walls; what the rounding of a centimetre leaves is no overlap.
    assert shapely.area(shapely.intersection(houses[a], houses[b])).max() < 0.2


def test_households_add_up(town: Layers, metres: dict[str, gpd.GeoDataFrame]) -> None:
    villages, grids, houses = town["villages"], town["grids"], metres["buildings"]
    by_village = grids.groupby("village")["households"].sum()
    assert by_village.to_dict() == villages.set_index("code")["households"].to_dict()
    points = shapely.point_on_surface(houses.geometry.to_numpy())
    for layer in ("villages", "grids"):
        at, owner = shapely.STRtree(metres[layer].geometry.to_numpy()).query(
            points, predicate="within"
        )
        assert len(at) == len(houses)
        households = houses["households"].to_numpy(int)[at]
        total = np.bincount(owner, households, len(metres[layer]))
        assert total.tolist() == town[layer]["households"].tolist()
    assert (villages["population"] >= villages["households"]).all()
    assert 1000 in villages["population"].tolist()
    assert (villages["population"] < 1000).any()


def test_streets_are_one_network_and_its_rules_are_used(town: Layers) -> None:
    streets = Streets.build(
        town["streets"], barriers=town["barriers"], restrictions=town["restrictions"]
    )
    length_m = streets.edge_length_m
    assert length_m[streets.mainland("foot").usable].sum() >= 0.99 * length_m.sum()
    assert streets.mainland("car").left_out_m < 0.02 * length_m.sum()
    assert streets.repairs.empty
    assert streets.report.barriers_off_streets == 0
    assert streets.report.restrictions_used == len(town["restrictions"]) > 5
    layer = town["streets"]
    assert {"primary", "secondary", "tertiary", "residential", "footway"} <= set(layer["highway"])
    assert (layer["oneway"] == "yes").sum() > 50
    assert layer["bridge"].sum() > 50
    assert {"海东路", "沥海大道", "越兴路"} <= set(layer["name"].dropna())


@pytest.mark.parametrize(
    ("layer", "column", "vocabulary"),
    [
        ("villages", "kind", "village"),
        ("grids", "kind", "grid"),
        ("areas", "kind", "area"),
        ("sites", "kind", "site"),
        ("sites", "area_class", "area_class"),
        ("sites", "status", "site_status"),
        ("units", "kind", "unit"),
        ("units", "mode", "mode"),
        ("teams", "mode", "mode"),
        ("road_checkpoints", "kind", "road_checkpoint"),
        ("service_points", "kind", "service_point"),
        ("cameras", "status", "camera_status"),
    ],
)
def test_every_word_of_the_vocabulary_is_used(
    town: Layers, layer: str, column: str, vocabulary: str
) -> None:
    assert set(town[layer][column].dropna()) == set(KINDS[vocabulary])


def test_addresses_lie_in_the_grid_and_village_they_name(
    town: Layers, metres: dict[str, gpd.GeoDataFrame]
) -> None:
    addresses, grids = town["addresses"], town["grids"]
    at, owner = shapely.STRtree(metres["grids"].geometry.to_numpy()).query(
        metres["addresses"].geometry.to_numpy(), predicate="within"
    )
    assert at.tolist() == list(range(len(addresses)))
    assert grids["code"].to_numpy()[owner].tolist() == addresses["grid"].tolist()
    assert grids["village"].to_numpy()[owner].tolist() == addresses["village"].tolist()
    assert addresses["name"].is_unique
    assert addresses["name"].str.fullmatch(r".+村\d组\d+号").any()
    assert addresses["name"].str.fullmatch(r"海东路\d+号").any()


def test_cameras_are_as_mixed_as_real_ones(town: Layers) -> None:
    cameras = town["cameras"]
    round_about = cameras["fov_deg"] >= 360
    unknown = cameras["azimuth_deg"].isna() & ~round_about
    assert unknown.mean() == pytest.approx(0.12, abs=0.02)
    assert (cameras["status"] == "repair").mean() == pytest.approx(0.05, abs=0.01)
    assert (cameras["status"] == "removed").mean() == pytest.approx(0.03, abs=0.01)
    assert (cameras["removed"].notna() == (cameras["status"] == "removed")).all()
    assert (cameras["removed"].dropna() > cameras["installed"][cameras["removed"].notna()]).all()
    eight = cameras[cameras["azimuth_doubt_deg"] == 22.5]
    assert len(eight) > 100
    assert (eight["azimuth_deg"] % 45 == 0).all()
    assert (cameras["azimuth_doubt_deg"].notna() == cameras["azimuth_deg"].notna()).all()
    assert 0.3 < cameras["focal_mm"].notna().mean() < 0.7
    assert cameras["indoor"].sum() == 50
    for flag in ("networked", "hd", "sign_posted"):
        assert 0.5 < cameras[flag].mean() < 1
    assert set(cameras["site_code"].dropna()) <= set(town["sites"]["code"])
    years = pd.to_datetime(cameras["installed"]).dt.year
    assert years.min() <= 2015
    assert years.max() == 2025


def test_outdoor_cameras_hang_outside_of_houses_within_the_town(
    metres: dict[str, gpd.GeoDataFrame],
) -> None:
    cameras = metres["cameras"]
    outdoor = cameras[~cameras["indoor"].to_numpy(bool)].geometry.to_numpy()
    houses = shapely.STRtree(metres["buildings"].geometry.to_numpy())
    assert not houses.query(outdoor, predicate="intersects").size
    villages = shapely.STRtree(metres["villages"].geometry.to_numpy())
    inside, _ = villages.query(outdoor, predicate="within")
    assert len(np.unique(inside)) == len(outdoor)


def test_rows_name_only_what_is_there(town: Layers) -> None:
    stations = set(town["stations"]["code"])
    assert {"沥海派出所", "产业园区派出所"} <= set(town["stations"]["name"])
    assert set(town["units"]["station"]) | set(town["teams"]["station"]) <= stations
    assert set(town["teams"]["organisation"]) == {"蓝海义警", "安企义警", "反诈宣传队"}
    facts = town["facts"]
    for layer, own in facts.groupby("place_layer"):
        known = {"330602017"} if layer == "town" else set(town[str(layer)]["code"])
        assert set(own["place_code"]) <= known
    names = town["sites"]["name"]
    assert names.is_unique
    assert names.notna().all()


def test_every_key_of_the_facts_is_there_for_a_layer_that_it_applies_to(town: Layers) -> None:
    keys, facts = load("facts_keys"), town["facts"]
    assert set(facts["key"]) == set(keys)
    for key, own in facts.groupby("key"):
        assert set(own["place_layer"]) <= set(keys[str(key)]["layers"])
        # Two years of every key; a day that something was finished belongs to no period.
        years = {str(period)[:4] for period in own["period"].dropna()}
        assert years == ({"2024", "2025"} if keys[str(key)]["period"] else set()), key
    assert {"2024", "2025", "2024-01", "2025-12"} <= set(facts["period"].dropna())
    assert not facts.duplicated(["place_layer", "place_code", "key", "period"]).any()


def value(town: Layers, letter: str, key: str, year: str = "2025") -> str | None:
    code = load("sample")["villages"][letter]["code"]
    facts = town["facts"]
    own = (facts["place_code"] == code) & (facts["key"] == key) & (facts["period"] == year)
    return None if not own.any() else str(facts.loc[own, "value"].item())


def test_villages_fail_each_in_its_own_way(
    town: Layers, metres: dict[str, gpd.GeoDataFrame]
) -> None:
    table = load("sample")
    failing = table["failing"]
    letters = [letter for own in failing.values() for letter in own]
    assert len(letters) == len(set(letters)) == len(failing)
    cameras, villages = metres["cameras"], metres["villages"].set_index("code").geometry

    def cameras_of(key: str) -> gpd.GeoDataFrame:
        letter = failing[key][0]
        return cameras[cameras.within(villages[table["villages"][letter]["code"]])]

    in_use = (cameras["status"] == "in_use").groupby(cameras["networked"]).mean()
    assert in_use.min() > 0.8
    assert len(cameras_of("cameras_few")) < 20
    assert set(cameras_of("all_in_repair")["status"]) == {"repair"}
    assert not cameras_of("none_networked")["networked"].any()
    assert not cameras_of("no_signs")["sign_posted"].any()
    assert cameras["sign_posted"].mean() > 0.5
    assert cameras_of("directions_unknown")["azimuth_deg"].isna().all()
    assert value(town, failing["no_auxiliary"][0], "auxiliaries") == "0"
    assert value(town, failing["no_mediator"][0], "mediators_full_time") == "0"
    assert value(town, failing["few_members"][0], "mediation_members") == "2"
    assert value(town, failing["facts_missing"][0], "officers") is None
    assert value(town, failing["head_missing"][0], "mediation_head") == "no"
    assert value(town, failing["not_smart"][0], "smart_village_built") == "no"
    assert value(town, failing["not_linked"][0], "mediation_linked") == "no"
    rising = failing["incidents_rising"][0]
    before, after = (value(town, rising, "incidents_total", year) for year in ("2024", "2025"))
    assert before is not None
    assert after is not None
    assert int(after) > int(before)


def test_no_camera_hangs_near_an_entrance_of_the_village_without(town: Layers) -> None:
    table = load("sample")
    letter = table["failing"]["entrance_unseen"][0]
    code = table["villages"][letter]["code"]
    crs = crs_of_frames(town["villages"])
    sites, cameras = to_metres(town["sites"], crs), to_metres(town["cameras"], crs)
    village = to_metres(town["villages"], crs).set_index("code").geometry[code]
    entrances = sites[(sites["kind"] == "entrance") & sites.within(village.buffer(5))].geometry
    assert len(entrances)
    own = cameras[cameras.within(village)].geometry.to_numpy()
    assert shapely.distance(own, shapely.union_all(entrances.to_numpy())).min() > 80


def test_incidents_are_totals_and_agree_with_the_facts(
    town: Layers, metres: dict[str, gpd.GeoDataFrame]
) -> None:
    incidents, facts = town["incidents"], town["facts"]
    assert set(incidents["kind"]) == set(load("sample")["incidents"]["kinds"])
    assert incidents["date"].str.fullmatch(r"2025-\d{2}-01").all()
    assert incidents["date"].nunique() == 12
    assert (
        not incidents.assign(wkb=incidents.geometry.to_wkb())
        .duplicated(["wkb", "kind", "date", "hour"])
        .any()
    )
    villages = town["villages"]
    at, owner = shapely.STRtree(villages.geometry.to_numpy()).query(
        incidents.geometry.to_numpy(), predicate="within"
    )
    total = np.bincount(owner, incidents["count"].to_numpy(int)[at], len(villages))
    own = facts[(facts["key"] == "incidents_total") & (facts["period"] == "2025")]
    stated = own.set_index("place_code")["value"].astype(int)
    by_code = dict(zip(villages["code"], total.astype(int).tolist(), strict=True))
    assert stated.to_dict() == {code: by_code[code] for code in stated.index}
