"""Numbers that are no degrees: which systems would put them where they should be."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer

from gis.datum import guess_projected

LON, LAT = np.array([120.72, 120.75, 120.78]), np.array([30.08, 30.10, 30.12])
# As tight as a town's extent is around its northernmost camera.
TOWN = (120.715, 30.075, 120.785, 30.125)


def projected(code):
    return Transformer.from_crs(4326, code, always_xy=True).transform(LON, LAT)


@pytest.mark.parametrize(
    ("code", "guesses"),
    [
        (4549, ["EPSG:4549"]),
        (4528, ["EPSG:4528"]),
        (4529, ["EPSG:4529"]),
        (3857, ["EPSG:3857"]),
        # UTM and Gauss-Kruger of one meridian lie 1.3 km apart here: the town tells the first.
        (4550, ["EPSG:4550", "EPSG:32651"]),
        (32651, ["EPSG:32651", "EPSG:4550"]),
        # 6-degree zone 20, meridian 117.
        (4498, ["EPSG:4498"]),
    ],
)
def test_the_town_tells_the_system(code, guesses):
    x, y = projected(code)
    assert list(guess_projected(x, y, TOWN)) == guesses
    assert list(guess_projected(y, x, TOWN)) == [f"{guess} swapped" for guess in guesses]


def test_without_a_town_a_zone_still_tells_and_a_bare_easting_leaves_a_choice():
    assert guess_projected(*projected(4528)) == ("EPSG:4528",)
    bare = guess_projected(*projected(4549))
    assert bare[:3] == ("EPSG:4549", "EPSG:4548", "EPSG:4550")
    assert set(bare[3:]) == {"EPSG:32650", "EPSG:32651"}
    # 217 km from its meridian: UTM goes that far, a zone of 3 degrees does not.
    assert guess_projected(*projected(32651))[0].startswith("EPSG:326")


def test_a_town_elsewhere_in_china_has_its_own_meridian():
    chengdu = (103.9, 30.5, 104.2, 30.8)
    x, y = Transformer.from_crs(4326, 4544, always_xy=True).transform([104.06], [30.66])
    assert guess_projected(x, y, chengdu)[0] == "EPSG:4544"
    assert guess_projected(x, y, TOWN) == ()


def test_rows_without_a_place_do_not_decide():
    x, y = projected(4549)
    assert guess_projected([*x, 0, np.nan], [*y, 0, 1.0], TOWN) == ("EPSG:4549",)


@pytest.mark.parametrize(
    ("x", "y"),
    [(LON, LAT), ([], []), ([np.nan], [1.0]), ([12_345.0], [67_890.0]), ([1e12], [1e12])],
)
def test_degrees_and_nonsense_have_no_guess(x, y):
    assert guess_projected(x, y) == ()
