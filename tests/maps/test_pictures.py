"""Pictures of a town: where things stand on them, and what explains them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gis.layers import Layers
from maps.pictures import Wanted, sight_of, town_picture, town_pictures
from maps.pictures_legend import round_length, wrapped
from maps.style import rgb, style
from planner.results_coverage import Coverage

SIZE = (900, 500)
BOX = (120.72, 30.15, 120.726, 30.155)


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("RGB")


def test_the_whole_box_lies_on_the_map() -> None:
    sight = sight_of(BOX, 600, 400)
    (left, bottom), (right, top) = sight.pixels([BOX[0], BOX[2]], [BOX[1], BOX[3]])
    assert 0 < left < right < 600
    assert 0 < top < bottom < 400
    # Its middle is the map's, and one side fills it but for the room.
    assert (left + right) / 2 == pytest.approx(300)
    assert (top + bottom) / 2 == pytest.approx(200)
    assert max((right - left) / 600, (bottom - top) / 400) == pytest.approx(1 / 1.06)
    west, south, east, north = sight.bounds()
    assert west < BOX[0] < BOX[2] < east
    assert south < BOX[1] < BOX[3] < north


def test_a_pixel_is_as_long_as_the_ground_says() -> None:
    sight = sight_of(BOX, 600, 400)
    x, y = sight.pixels([120.723, 120.724], [30.1525, 30.1525]).T
    # A thousandth of a degree at 30.1525 N on the sphere of the tiles: 96.25 m.
    assert (x[1] - x[0]) * sight.metres_per_px() == pytest.approx(96.25, abs=0.05)
    assert y[0] == y[1]


@given(st.floats(1, 1e7))
@settings(deadline=None)
def test_a_scale_bar_is_round_and_not_much_shorter_than_asked(metres: float) -> None:
    length = round_length(metres)
    assert metres / 2.5 - 1e-9 <= length <= metres
    assert float(f"{length:.6e}".split("e")[0]) in (1, 2, 5)


def test_a_picture_has_its_size_the_seen_ground_and_a_legend(
    town: Layers, coverage: Coverage
) -> None:
    picture = opened(town_picture(town, coverage, size_px=SIZE))
    assert picture.size == SIZE
    pixels = np.asarray(picture, int)
    ground = pixels[:, :684]
    # Pale is seen, as the east of this town is; the west is dark.
    yellow = (ground[..., 0] - ground[..., 2]) > 60
    assert yellow[:, 342:].sum() > 5 * yellow[:, :342].sum()
    # The legend is white but for what it says.
    legend = pixels[:, 690:895]
    assert 0.02 < (legend.min(axis=2) < 200).mean() < 0.5


def test_the_first_gaps_carry_their_rank(town: Layers, coverage: Coverage) -> None:
    red = np.array(rgb(style()["status"]["not_met"]))

    def reds(picture: bytes) -> int:
        pixels = np.asarray(opened(picture), int)[:, :684]
        return int((np.abs(pixels - red).max(axis=2) < 12).sum())

    marked = reds(town_picture(town, coverage, marks=("gaps",), size_px=SIZE))
    assert marked > 100 + reds(town_picture(town, coverage, marks=(), size_px=SIZE))


def test_a_place_is_marked_where_it_stands(town: Layers, coverage: Coverage) -> None:
    picture = opened(town_picture(town, coverage, "base", marks=("sites",), size_px=SIZE))
    sight = sight_of(BOX, 684, 500)
    unseen = coverage.sites[coverage.sites["level"] == "unseen"].geometry.iloc[0]
    (x, y), *_ = sight.pixels([unseen.x], [unseen.y])
    red = rgb(style()["marks"]["unseen"][2])
    found = picture.getpixel((round(x), round(y)))
    assert np.abs(np.subtract(found, red)).max() < 12


def test_several_pictures_are_the_same_as_one_by_one(town: Layers, coverage: Coverage) -> None:
    wanted = {"cells": Wanted("cells", ("gaps",)), "sites": Wanted("base", ("sites",))}
    both = town_pictures(town, coverage, wanted, lang="en", size_px=SIZE)
    alone = town_picture(town, coverage, "base", marks=("sites",), lang="en", size_px=SIZE)
    assert both["sites"] == alone
    assert both["cells"] != alone


def test_a_town_without_anything_still_makes_a_picture(coverage: Coverage) -> None:
    picture = town_picture(Layers("Town", {}), coverage, "base", marks=(), size_px=(400, 300))
    assert opened(picture).size == (400, 300)


def test_long_texts_are_wrapped() -> None:
    assert wrapped("one two three", 20, 1.0) == ["one", "two", "three"]
    assert wrapped("one two", 20, 1e4) == ["one two"]
    assert "".join(wrapped("户外地面可见率", 20, 60)) == "户外地面可见率"
