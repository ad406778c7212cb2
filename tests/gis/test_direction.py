from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.direction import chance_seen, doubt_of_deg, widest_fov_deg

DEGREES = st.integers(-720, 720)
FOVS = st.integers(1, 360)
DOUBTS = st.integers(0, 180)


def slow_chance(offset_deg: float, fov_deg: float, doubt_deg: float) -> tuple[float, bool]:
    """Return the share of the directions in doubt that see the ray, and whether all do."""
    steps = 4 * max(1, int(doubt_deg))
    way = (np.arange(steps) + 0.5) / steps * 2 * doubt_deg - doubt_deg
    ways = [way, np.linspace(-doubt_deg, doubt_deg, steps + 1)]
    off = [np.abs((offset_deg - turned + 180) % 360 - 180) for turned in ways]
    return float((off[0] <= fov_deg / 2).mean()), bool((off[1] <= fov_deg / 2).all())


@pytest.mark.parametrize(
    ("offset_deg", "fov_deg", "doubt_deg", "chance"),
    [
        # One of eight directions, 90 degrees wide: the flat top, the middle of the slope, its end.
        (0, 90, 22.5, 1),
        (22.5, 90, 22.5, 1),
        (45, 90, 22.5, 0.5),
        (-56.25, 90, 22.5, 0.25),
        (67.5, 90, 22.5, 0),
        # More doubt than the view is wide: never certain, at most fov / (2 doubt).
        (0, 40, 50, 0.4),
        (30, 40, 50, 0.4),
        (50, 40, 50, 0.2),
        # Round the back: seen by directions turned to either side by 30 degrees or more.
        (180, 300, 100, 0.7),
        (180, 300, 30, 0),
        # Nothing in doubt, and everything.
        (45, 90, 0, 1),
        (45.1, 90, 0, 0),
        (123, 90, 180, 0.25),
        (-170, 360, 180, 1),
        # Over north: 10 degrees to the right of 355.
        (5 - 355, 30, 5, 1),
    ],
)
def test_the_chance_by_hand(
    offset_deg: float, fov_deg: float, doubt_deg: float, chance: float
) -> None:
    found = float(chance_seen(offset_deg, fov_deg, doubt_deg))
    assert found == pytest.approx(chance, abs=1e-12)
    assert (found == 1) == (chance == 1)


@given(offset_deg=DEGREES, fov_deg=FOVS, doubt_deg=DOUBTS)
def test_the_chance_is_the_share_of_directions_that_see_the_ray(
    offset_deg: int, fov_deg: int, doubt_deg: int
) -> None:
    share, always = slow_chance(offset_deg, fov_deg, doubt_deg)
    found = float(chance_seen(offset_deg, fov_deg, doubt_deg))
    # Edges lie at quarters of a degree, where no sample of the slow way is.
    assert found == pytest.approx(share, abs=1e-9)
    assert (found == 1) == always
    assert (found > 0) == (share > 0)


@given(offset_deg=DEGREES, fov_deg=FOVS, doubt_deg=DOUBTS, more_deg=st.integers(0, 180))
def test_more_doubt_makes_less_certain_and_more_possible(
    offset_deg: int, fov_deg: int, doubt_deg: int, more_deg: int
) -> None:
    less, more = chance_seen(offset_deg, fov_deg, [doubt_deg, min(180, doubt_deg + more_deg)])
    assert (more == 1) <= (less == 1)
    assert (less > 0) <= (more > 0) or abs(offset_deg % 360) in (fov_deg / 2, 360 - fov_deg / 2)


@given(fov_deg=FOVS, doubt_deg=DOUBTS)
def test_over_all_rays_a_camera_sees_its_own_angle(fov_deg: int, doubt_deg: int) -> None:
    rays = np.arange(0.125, 360, 0.25)
    assert chance_seen(rays, fov_deg, doubt_deg).mean() == pytest.approx(fov_deg / 360, abs=1e-9)


@given(offset_deg=DEGREES, fov_deg=FOVS, doubt_deg=DOUBTS)
def test_what_may_be_seen_lies_in_the_widest_view(
    offset_deg: int, fov_deg: int, doubt_deg: int
) -> None:
    off_deg = abs((offset_deg + 180) % 360 - 180)
    if chance_seen(offset_deg, fov_deg, doubt_deg) > 0:
        assert off_deg <= widest_fov_deg(fov_deg, doubt_deg) / 2


def test_a_direction_nobody_states_is_any_direction() -> None:
    azimuth_deg = [90, 90, np.nan, np.nan, 0]
    found = doubt_of_deg(azimuth_deg, [80, 80, 80, 360, 80], [np.nan, 22.5, 22.5, np.nan, 500])
    assert found.tolist() == [0, 22.5, 180, 0, 180]


def test_arrays_keep_their_shape() -> None:
    assert chance_seen(np.zeros((2, 3)), 90, np.zeros(3)).shape == (2, 3)
    assert chance_seen(np.zeros(0), 90, 10).shape == (0,)
