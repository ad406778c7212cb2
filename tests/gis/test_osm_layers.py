"""Tiny files, each named by what is odd in it, against layers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from gis.osm import read_town

DATA = Path(__file__).parents[1] / "data"


def rows(frame: gpd.GeoDataFrame, *columns: str) -> dict[str, tuple[object, ...]]:
    """Return code -> values, None where missing."""
    plain = frame.set_index("code")[list(columns)].astype(object)
    plain = plain.where(plain.notna(), None)
    return {str(code): tuple(values) for code, *values in plain.itertuples()}


def test_cameras_with_odd_tags() -> None:
    town = read_town(DATA / "cameras_with_odd_tags.osm")
    cameras = town.layers["cameras"]
    assert rows(cameras, "azimuth_deg", "fov_deg", "tilt_deg", "kind", "indoor", "status") == {
        "node/1": (22.5, None, 15.0, "fixed", False, "in_use"),
        "node/2": (0.0, 180.0, None, None, True, "in_use"),
        "node/3": (None, 360.0, None, "dome", None, "in_use"),
        "node/6": (None, None, None, None, None, "in_use"),
        "node/7": (None, None, None, None, None, "repair"),
        "node/8": (None, None, None, None, None, "removed"),
        "node/9": (None, None, None, None, None, "repair"),
        "way/20": (None, 360.0, None, "panning", None, "in_use"),
    }
    assert cameras["height_m"].dropna().tolist() == [4.0, pytest.approx(12.192)]
    assert cameras["name"].dropna().tolist() == ["东门"]
    assert town.dropped == {"guards and readers of number plates": 2}


def test_streets_with_odd_tags() -> None:
    town = read_town(DATA / "streets_with_odd_tags.osm")
    streets = town.layers["streets"]
    assert rows(streets, "highway", "oneway", "oneway_bicycle", "foot", "bicycle", "car") == {
        "way/1": ("residential", "reverse", "reverse", None, None, None),
        "way/2": ("motorway", "yes", "yes", None, None, None),
        "way/3": ("tertiary", "yes", "no", None, None, None),
        "way/4": ("primary", "yes", "no", "no", "no", None),
        "way/5": ("service", "no", "no", "yes", "no", "no"),
        "way/6": ("service", "no", "no", None, "no", "yes"),
    }
    assert rows(streets, "lit", "bridge", "tunnel", "level")["way/1"] == (True, False, True, -1)
    assert rows(streets, "lit", "bridge", "tunnel", "level")["way/2"] == (None, True, False, None)
    assert streets["speed_kmh"].dropna().tolist() == [pytest.approx(32.18688)]
    assert streets["name"].dropna().tolist() == ["枫桥路"]
    assert streets.set_index("code")["junction"].dropna().to_dict() == {"way/3": "roundabout"}
    assert town.dropped == {"ways without a segment": 2}


def test_order_and_sign_of_ids_do_not_matter() -> None:
    streets = read_town(DATA / "ways_before_nodes_and_negative_ids.osm").layers["streets"]
    assert [line.wkt for line in streets.set_index("code").geometry[["way/-1", "way/2"]]] == [
        "LINESTRING (120 30, 120.001 30)",
        "LINESTRING (120.001 30, 120.002 30)",
    ]


def test_nodes_may_come_in_any_order(tmp_path: Path) -> None:
    node = '<node id="{0}" version="1" lat="30.0" lon="120.00{0}"/>'.format
    way = '<way id="1" version="1">{}<tag k="highway" v="path"/></way>'
    refs = "".join(f'<nd ref="{ref}"/>' for ref in (3, 5, 7, 9))
    file = tmp_path / "shuffled.osm"
    nodes = "".join(map(node, (9, 3, 7, 5)))
    file.write_text(f'<osm version="0.6">{nodes}{way.format(refs)}</osm>')
    assert [line.wkt for line in read_town(file).layers["streets"].geometry] == [
        "LINESTRING (120.003 30, 120.005 30, 120.007 30, 120.009 30)"
    ]


def test_missing_nodes_split_streets_and_leave_buildings_their_known_sides() -> None:
    town = read_town(DATA / "way_with_missing_node.osm")
    (street,) = town.layers["streets"].geometry
    assert street.wkt == (
        "MULTILINESTRING ((120 30, 120.001 30), (120.002 30, 120.003 30, 120.004 30))"
    )
    buildings = town.layers["buildings"].set_index("code").geometry
    assert list(buildings.index) == ["way/2", "way/3"]
    assert buildings["way/2"].area == pytest.approx(0.004 * 0.002 / 2)
    metres = buildings.to_crs("EPSG:32651").minimum_rotated_rectangle()["way/3"]
    assert metres.area == pytest.approx(221.7 * 0.3, rel=0.01)
    assert len(town.layers["sites"]) == 0
    assert town.dropped == {
        "ways without a segment": 1,
        "sites with an unclosed outline": 1,
    }


def test_clip_keeps_whole_segments_and_buildings_by_first_node() -> None:
    town = read_town(DATA / "header_smaller_than_nodes.osm")
    assert rows(town.layers["streets"], "highway") == {"way/1": ("path",)}
    assert town.layers["streets"].geometry[0].wkt == "LINESTRING (120 30, 120.01 30.01)"
    assert town.layers["buildings"]["code"].tolist() == ["way/5"]
    assert town.layers["sites"]["code"].tolist() == ["node/7"]
    assert town.dropped == {
        "streets outside the clip area": 2,
        "buildings outside the clip area": 1,
        "sites outside the clip area": 1,
    }


def test_relation_with_hole_and_island() -> None:
    town = read_town(DATA / "relation_with_hole_and_island.osm")
    (building,) = town.layers["buildings"].itertuples()
    assert (building.code, building.height_m) == ("relation/5", 9.0)
    assert building.geometry.area == pytest.approx(64 - 16 + 4)
    assert [len(part.interiors) for part in building.geometry.geoms] in ([1, 0], [0, 1])


def test_relation_with_unclosed_ring() -> None:
    town = read_town(DATA / "relation_with_unclosed_ring.osm")
    assert len(town.layers["buildings"]) == len(town.layers["sites"]) == 0
    assert town.dropped == {"areas with an unclosed ring": 1, "areas with a missing way": 2}
    assert town.summary().endswith("1 areas with an unclosed ring, 2 areas with a missing way")


def test_villages_of_the_deepest_complete_level() -> None:
    town = read_town(DATA / "villages_of_two_levels.osm")
    villages = town.layers["villages"]
    assert rows(villages, "name", "kind", "population") == {
        "relation/1": ("枫源村", "village", 1200),
        "relation/2": ("杜黄新村", "village", None),
    }
    assert shapely.area(villages.geometry).tolist() == pytest.approx([1e-4, 1e-4])
    assert town.dropped == {"areas with a missing way": 1, "villages of another level": 1}


def test_villages_are_cut_to_the_boundary() -> None:
    town = read_town(DATA / "villages_of_two_levels.osm", shapely.box(120.005, 30, 120.01, 30.02))
    assert town.layers["villages"]["code"].tolist() == ["relation/1"]
    assert shapely.area(town.layers["villages"].geometry).tolist() == pytest.approx([0.5e-4])


def test_places_public_and_not() -> None:
    town = read_town(DATA / "places_public_and_not.osm")
    assert rows(town.layers["sites"], "kind", "area_class", "name") == {
        "node/11": ("shop", "other", "Books"),
        "node/14": ("police", "key_public", "枫桥派出所"),
        "node/16": ("bank", "key_industry", None),
        "way/1": ("government", "key_public", None),
        "way/3": ("market", "key_public", None),
    }
    assert rows(town.layers["stations"], "kind", "name") == {
        "node/14": ("police", "枫桥派出所"),
        "way/1": ("town_hall", None),
    }
    assert rows(town.layers["buildings"], "height_m") == {"way/1": (12.0,)}
    # The market's outline is a bow tie: two triangles of a quarter of the square each.
    market = town.layers["sites"].set_index("code").geometry["way/3"]
    assert market.area == pytest.approx(0.5e-6)
    assert town.dropped == {"sites with an unclosed outline": 1, "sites closed to the public": 1}


def test_barriers_on_and_off_streets() -> None:
    town = read_town(DATA / "barriers_on_and_off_streets.osm")
    assert rows(town.layers["barriers"], "kind", "foot", "bicycle", "car") == {
        "node/2": ("bollard", "yes", "yes", "no"),
        "node/3": ("gate", "yes", "no", "no"),
        "node/4": ("bollard", "yes", "yes", "no"),
        "node/5": ("bollard", "yes", "yes", "yes"),
    }
    assert town.dropped == {"barriers and signals on no street": 1}


def test_signals_on_and_off_streets_keep_nobody_out() -> None:
    town = read_town(DATA / "signals_on_and_off_streets.osm")
    assert rows(town.layers["barriers"], "kind", "foot", "bicycle", "car") == {
        "node/2": ("traffic_signals", "yes", "yes", "yes"),
        "node/3": ("crossing_signals", "yes", "yes", "yes"),
        "node/4": ("crossing_signals", "yes", "yes", "yes"),
        "node/6": ("bollard", "yes", "yes", "no"),
    }
    assert town.dropped == {"barriers and signals on no street": 1}


def test_restrictions_of_every_sort() -> None:
    town = read_town(DATA / "restrictions_of_every_sort.osm")
    frame = town.layers["restrictions"]
    assert rows(frame, "kind", "via_point", "via_streets", "to_street", "modes") == {
        "relation/1": ("no_left_turn", "node/2", None, "way/2", "ebike car"),
        "relation/2": ("no_left_turn", "node/2", None, "way/2", "car"),
        "relation/3": ("only_straight_on", "node/2", None, "way/2", "car"),
        "relation/4": ("no_u_turn", None, "way/2", "way/3", "ebike car"),
    }
    assert frame[["via_lon", "via_lat"]].iloc[0].tolist() == [120.001, 30.0]
    assert pd.isna(frame["via_lon"].iloc[3])
    assert frame.geometry.isna().all()
    assert town.dropped == {
        "restrictions of other vehicles or hours": 3,
        "restrictions of an unknown kind": 1,
        "restrictions on streets left out": 2,
        "restrictions with other members than one from, via and to": 1,
    }
