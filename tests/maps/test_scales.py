from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.profiles import load
from maps.scales import picture_steps, scale
from maps.style import contrast, style


def test_numbers_of_cameras_are_none_one_two_and_more() -> None:
    assert scale("cameras").classes([0, 1, 2, 3, 17]).tolist() == [0, 1, 2, 3, 3]


def test_pictures_follow_the_ladder_from_the_step_that_counts_as_seen() -> None:
    found = scale("picture", "detect").classes([0, 1, 25, 62.4, 62.5, 125, 249, 250, 2000])
    assert found.tolist() == [0, 1, 1, 1, 2, 3, 3, 4, 4]
    assert list(picture_steps("detect")) == ["detect", "observe", "recognise", "identify"]
    assert list(picture_steps("validate")) == ["validate", "scrutinise"]
    assert dict(picture_steps("nothing")) == {}


@pytest.mark.parametrize("ladder", ["dori_2014", "vss_2025"])
def test_no_step_is_in_two_ladders(ladder: str) -> None:
    # A coverage tells its step only: the ladder is found by it.
    ladders = load("optics")["ladders"]
    own = {name for name, about in ladders[ladder].items() if isinstance(about, dict)}
    others = {n for other, table in ladders.items() if other != ladder for n in table}
    assert own & others == set()


def test_gains_and_losses_are_apart_and_losses_hatched() -> None:
    change = scale("change")
    assert change.classes([-1, -0.5, -0.1, 0.1, 0.5, 0.6]).tolist() == [0, 0, 1, 2, 2, 3]
    assert change.hatched == (True, True, False, False)


@pytest.mark.parametrize("name", ["seen", "cameras", "picture", "missed", "change"])
def test_scales_are_whole(name: str) -> None:
    own = scale(name, "detect")
    many = len(own.limits) + 1
    assert len(own.colours) == len(own.opacities) == len(own.hatched) == many <= 5
    assert list(own.limits) == sorted(own.limits)


@pytest.mark.parametrize("name", ["cameras", "picture"])
def test_dark_is_unseen_and_each_class_is_paler_than_the_one_before(name: str) -> None:
    on_black = [contrast(colour, "#000000") for colour in scale(name, "detect").colours]
    assert on_black == sorted(on_black)


@pytest.mark.parametrize("name", ["cells", "cells_cameras", "cells_picture", "change"])
def test_themes_name_scales(name: str) -> None:
    assert style()["themes"][name]["scale"] in style()


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=30
    )
)
def test_a_parent_has_what_half_of_its_ground_reaches(rows: list[tuple[int, int, int]]) -> None:
    table = np.array(rows, float)
    numbers, parent = np.unique(table[:, 2], return_inverse=True)
    found = scale("cameras").classes_of_parents(table[:, 0], table[:, 1], parent)
    for number, one in enumerate(found.tolist()):
        own = table[table[:, 2] == numbers[number]]
        reaching = {
            k: own[np.minimum(own[:, 0], 3) >= k, 1].sum() / own[:, 1].sum() for k in range(4)
        }
        assert one == max(k for k, share in reaching.items() if share >= 0.5)
