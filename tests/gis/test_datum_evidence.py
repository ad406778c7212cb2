"""Evidence for a datum: shares counted by hand on a drawn town, and on real streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer
from shapely import LineString, box

from gis import datum
from gis.datum_evidence import DATUMS, doubt, undeclared, weigh
from gis.errors import DatumUndeclaredError, ParameterError
from gis.layers import Layers
from gis.osm import read_town

SHIFTS = {
    "wgs84": lambda lon, lat: (lon, lat),
    "gcj02": datum.wgs84_to_gcj02,
    "bd09": datum.wgs84_to_bd09,
}
# Along the street of the drawn town, every 22 m; 0.0001 degrees are 9.6 m east and 11.1 m north.
ALONG = np.linspace(120.7001, 120.7099, 44), np.full(44, 30.1)


def frame(*shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4326")


@pytest.fixture
def drawn_town():
    """One street going east, a house and a pond north of it, all in one village."""
    return Layers(
        "drawn",
        {
            "streets": frame(LineString([(120.70, 30.10), (120.71, 30.10)]), None),
            "buildings": frame(box(120.702, 30.1005, 120.703, 30.1015)),
            "areas": frame(
                box(120.705, 30.1005, 120.706, 30.1015),
                box(120.70, 30.0, 120.71, 30.2),
                kind=["water", "beat"],
            ),
            "villages": frame(box(120.70, 30.095, 120.71, 30.105)),
        },
    )


@pytest.fixture(scope="module")
def tsinghua(shared_data):
    found = read_town(shared_data / "tsinghua.osm.pbf")
    return Layers("Tsinghua", found.layers, found.clip)


def beside_streets(town, count, seed):
    """Return degrees of points some 6 m from streets."""
    random = np.random.default_rng(seed)
    lines = np.asarray(town["streets"].geometry.array, dtype=object)
    length = shapely.length(lines)
    some = random.choice(len(lines), count, p=length / length.sum())
    points = shapely.line_interpolate_point(lines[some], random.uniform(0, length[some]))
    return (shapely.get_coordinates(points) + random.normal(0, 5e-5, (count, 2))).T


def test_shares_are_those_counted_by_hand(drawn_town):
    # 11 m and 17 m from the street; in the house; in the pond; outside the village; no place.
    lon = [120.701, 120.701, 120.7025, 120.7055, 120.72, 0, np.nan]
    lat = [30.1001, 30.10015, 30.101, 30.101, 30.11, 0, 30.1]
    (found,) = weigh(lon, lat, drawn_town, names=["wgs84"])
    assert found.points == 5
    assert found.on_roads == found.in_buildings == found.in_water == found.well_placed == 1 / 5
    assert found.in_town == 4 / 5
    assert found.median_road_m == pytest.approx(0.001 * 110_850, rel=1e-3)
    assert found.document()["in_water"] == 0.2
    line = "wgs84      20% within 15 m of a street (median   111 m),  20% in a building"
    assert found.summary(8) == f"{line},  20% in water,  80% in the town"


def test_the_layer_says_where_points_should_stand(drawn_town):
    place = [120.7025, 120.7055, 120.701], [30.101, 30.101, 30.1]
    shares = {
        layer: weigh(*place, drawn_town, names=["wgs84"], layer=layer)[0].well_placed
        for layer in ("cameras", "sites", "villages")
    }
    assert shares == {"cameras": 1 / 3, "sites": 1 / 3, "villages": 1.0}
    # Without houses, sites have only the town to be in.
    bare = Layers("no houses", {"villages": drawn_town["villages"]})
    assert weigh(*place, bare, names=["wgs84"], layer="sites")[0].well_placed == 1.0


def test_what_a_town_has_not_got_is_none(drawn_town):
    only_houses = Layers("houses", {"buildings": drawn_town["buildings"]})
    found = weigh([120.7025, 120.702], [30.101, 30.1003], only_houses)[0]
    assert (found.on_roads, found.in_water, found.median_road_m) == (None, None, None)
    assert (found.in_buildings, found.in_town, found.well_placed) == (0.5, 1.0, 0.5)
    assert "street" not in found.summary()


@pytest.mark.parametrize("truth", DATUMS)
def test_the_true_datum_wins_on_the_drawn_street(drawn_town, truth):
    evidence = weigh(*SHIFTS[truth](*ALONG), drawn_town)
    assert evidence[0].name == truth
    assert evidence[0].on_roads == 1.0
    assert {one.name for one in evidence} == set(DATUMS)


def test_projected_and_swapped_are_hypotheses_too(drawn_town):
    x, y = Transformer.from_crs(4326, 4549, always_xy=True).transform(*ALONG)
    names = ["EPSG:4548 swapped", "wgs84", "EPSG:4549 swapped"]
    evidence = weigh(y, x, drawn_town, names=names)
    assert [one.name for one in evidence] == ["EPSG:4549 swapped", "EPSG:4548 swapped", "wgs84"]
    assert evidence[0].on_roads == 1.0
    # Metres taken as degrees are nowhere on earth.
    assert evidence[2].median_road_m is None
    with pytest.raises(ParameterError, match="unknown coordinate system 'mars'"):
        weigh(x, y, drawn_town, names=["mars"])


def test_nothing_to_weigh(drawn_town):
    assert weigh([], [], drawn_town) == ()
    assert weigh([0.0], [0.0], drawn_town) == ()
    assert weigh(*ALONG, Layers("nothing", {})) == ()


def test_a_large_file_is_sampled_the_same_way_every_time(drawn_town):
    lon, lat = np.linspace(120.70, 120.71, 30_001), np.full(30_001, 30.1)
    first, again = weigh(lon, lat, drawn_town), weigh(lon, lat, drawn_town)
    assert first == again
    assert first[0].points == 2000
    assert len(lon) == 30_001


@pytest.mark.parametrize("truth", DATUMS)
@pytest.mark.parametrize("swapped", [False, True])
def test_the_error_shows_the_evidence_and_what_to_do(drawn_town, truth, swapped):
    lon, lat = SHIFTS[truth](*ALONG)
    x, y = (lat, lon) if swapped else (lon, lat)
    error = undeclared("cameras.csv", x, y, drawn_town)
    assert isinstance(error, DatumUndeclaredError)
    said, verdict, *lines = str(error).splitlines()
    assert said.startswith("cameras.csv does not say what its coordinates are: say it, such as --")
    assert verdict.endswith(f"By far the best fit is {truth}; if that is right, --crs {truth}:")
    assert verdict.startswith("Their axes look exchanged") == swapped
    assert len(lines) == len(error.evidence) == 3
    assert len({line.index("within") for line in lines}) == 1, "the lines are not aligned"
    assert lines[0].split()[:2] == ([truth, "swapped"] if swapped else [truth, "100%"])


def test_metres_are_shown_with_their_systems(drawn_town):
    x, y = Transformer.from_crs(4326, 4528, always_xy=True).transform(*ALONG)
    error = undeclared("roads.shp", x, y, drawn_town)
    assert "Only EPSG:4528 puts them into this town; if that is right, --crs" in str(error)
    assert [one.name for one in error.evidence] == ["EPSG:4528"]
    x, y = Transformer.from_crs(4326, 32651, always_xy=True).transform(*ALONG)
    error = undeclared("roads.shp", x, y, drawn_town)
    assert [one.name for one in error.evidence] == ["EPSG:32651", "EPSG:4550"]
    assert "By far the best fit is EPSG:32651" in str(error)
    error = undeclared("roads.shp", y, x, None)
    assert "Their axes look exchanged: exchange the two columns. They may be EPSG:" in str(error)
    assert error.evidence == ()
    assert "local origin?" in str(undeclared("roads.shp", [12e3], [34e3], drawn_town))


def test_the_error_where_the_town_cannot_tell(drawn_town):
    assert "import streets or buildings first" in str(undeclared("a.csv", *ALONG, None))
    assert "import streets or buildings first" in str(
        undeclared("a.csv", *ALONG, Layers("nothing", {}))
    )
    villages = Layers("villages", {"villages": drawn_town["villages"]})
    error = undeclared("a.csv", *ALONG, villages)
    assert "To tell a shift of 500 m, import streets or buildings first:" in str(error)
    assert len(error.evidence) == 3
    far = undeclared("a.csv", ALONG[0] + 1, ALONG[1], drawn_town)
    assert "None of those tried puts them into this town:" in str(far)
    two = undeclared("a.csv", ALONG[0][:1], ALONG[1][:1], drawn_town)
    assert "This town does not tell which it is; ask who made the file:" in str(two)
    assert "No row has a place" in str(undeclared("a.csv", [0], [0], drawn_town))


def test_doubt_only_where_another_datum_fits_clearly_better(drawn_town):
    shifted = datum.wgs84_to_gcj02(*ALONG)
    told = doubt("wgs84", *shifted, drawn_town)
    assert told is not None
    assert told.startswith("taken as wgs84, 0% of 44 points stand where cameras should; as gcj02,")
    assert told.endswith("import the file again with --crs gcj02")
    assert "taken as cgcs2000" in str(doubt("CGCS2000", *shifted, drawn_town))
    assert "before it was projected" in str(doubt("EPSG:4549", *shifted, drawn_town))
    assert doubt("gcj02", *shifted, drawn_town) is None
    assert doubt("wgs84", *ALONG, drawn_town) is None
    assert doubt("gcj02", *ALONG, drawn_town) is not None


def test_no_doubt_without_grounds(drawn_town):
    lon, lat = datum.wgs84_to_gcj02(*ALONG)
    assert doubt("wgs84", lon, lat, None) is None
    assert doubt("wgs84", lon, lat, Layers("nothing", {})) is None
    assert doubt("wgs84", [], [], drawn_town) is None
    assert doubt("wgs84", lon[:1], lat[:1], drawn_town) is None, "one point is chance"
    assert doubt("EPSG:4549", lon * 1e4, lat * 1e5, drawn_town) is None


def test_outside_china_the_datums_are_one(drawn_town):
    moved = {
        name: layer.set_geometry(layer.geometry.translate(-100, 20))
        for name, layer in drawn_town.frames.items()
    }
    evidence = weigh(ALONG[0] - 100, ALONG[1] + 20, Layers("abroad", moved))
    assert [one.name for one in evidence] == list(DATUMS)
    assert evidence[0].on_roads == evidence[1].on_roads == 1.0
    assert doubt("gcj02", ALONG[0] - 100, ALONG[1] + 20, Layers("abroad", moved)) is None


@pytest.mark.real
@pytest.mark.parametrize("truth", DATUMS)
def test_the_true_datum_wins_on_real_streets(tsinghua, truth):
    for count, seed in ((40, 1), (400, 2)):
        place = SHIFTS[truth](*beside_streets(tsinghua, count, seed))
        evidence = weigh(*place, tsinghua)
        assert evidence[0].name == truth
        assert evidence[0].on_roads > 0.85
        assert max(one.on_roads for one in evidence[1:]) < 0.45
        for name in DATUMS:
            assert (doubt(name, *place, tsinghua) is None) == (name == truth)


@pytest.mark.real
@pytest.mark.parametrize("truth", DATUMS)
def test_real_sites_are_told_by_the_buildings_they_are_in(tsinghua, truth):
    places = tsinghua["sites"].geometry.representative_point()
    lon, lat = SHIFTS[truth](places.x.to_numpy(), places.y.to_numpy())
    evidence = weigh(lon, lat, tsinghua, layer="sites")
    shares = pd.Series({one.name: one.in_buildings for one in evidence})
    assert shares.index[0] == shares.idxmax() == truth
    assert doubt(truth, lon, lat, tsinghua, layer="sites") is None
