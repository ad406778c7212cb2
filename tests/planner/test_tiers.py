from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from shapely import Point, box

from gis.errors import LayerFaultsError, ParameterError
from gis.layers import Layers
from gis.profiles import load
from planner.tiers import (
    default_tiers,
    recalled_at,
    tiers_at,
    turnouts_at,
    units_at,
    units_on,
)
from planner.tiers_tables import check_levels, check_tiers
from planner.week import minute_of


@pytest.fixture
def town(layer) -> Layers:
    """A town of 1 km, open country east of it; the same five sites in each ground, and units."""
    villages = layer(
        "villages", [box(0, 0, 1000, 1000), box(1000, 0, 9000, 1000)], {"rural": [False, True]}
    )
    kinds = ["government", "school", "bank", "shop", "shop"]
    classes = ["other", "rural", "key_industry", "key_public", None]
    sites = layer(
        "sites",
        [Point(x, 500) for x in (500, 1200, 5000) for _ in kinds],
        {"kind": kinds * 3, "area_class": classes * 3, "tier_min": [None] * 14 + [7]},
    )
    units = layer(
        "units",
        [Point(0, 0)] * 4,
        {
            "kind": ["station", "standby", "school_guard", None],
            "turnout_s": [90.0, 45.0, None, None],
            "duty_hours": ["24h", "20:00-06:00", "Mon-Fri 07:00-18:00", None],
        },
    )
    return Layers("T", {"villages": villages, "sites": sites, "units": units})


def test_the_ground_comes_first_then_the_kind_then_the_class(town: Layers) -> None:
    assert default_tiers(town).tolist() == [
        *(1, 3, 3, 3, 5),  # in town
        *(3, 5, 5, 5, 10),  # on the fringe
        *(5, 5, 10, 10, 15),  # in the countryside, which has no tier of its own for banks
    ]
    assert default_tiers(town).index.equals(town["sites"].index)


def test_a_town_may_have_tiers_of_its_own(town: Layers) -> None:
    table = copy.deepcopy(load("response")["tiers_min"])
    table["by_kind"] = {"shop": 2}
    del table["by_ground"]["countryside"]
    assert default_tiers(town, table).tolist() == [
        *(5, 10, 3, 2, 2),
        *(3, 5, 5, 5, 10),
        *(5, 10, 3, 2, 2),
    ]


def test_without_sites_there_is_no_tier(town: Layers) -> None:
    bare = Layers("T", {"villages": town["villages"]})
    assert default_tiers(bare).tolist() == []
    assert tiers_at(bare, 2).shape == (0,)


def test_a_level_shortens_tiers_and_the_everyday_one_leaves_them(town: Layers, layer) -> None:
    sites = layer(
        "sites",
        [Point(0, 0)] * 6,
        {
            "kind": ["shop"] * 6,
            "area_class": ["key_public", "key_public", "key_industry", "other", None, "rural"],
            "tier_min": [5, 1, None, 5, 10, 15],
        },
    )
    town = town.replaced(sites=sites)
    everyday, raised, highest = (tiers_at(town, level) for level in (3, 2, 1))
    assert np.array_equal(everyday, [5, 1, np.nan, 5, 10, 15], equal_nan=True)
    # Raised: key places only. Highest: everywhere.
    assert np.array_equal(raised, [3, 1, np.nan, 5, 10, 15], equal_nan=True)
    assert np.array_equal(highest, [3, 1, np.nan, 3, 5, 10], equal_nan=True)


def test_a_higher_level_never_makes_a_tier_longer_or_a_unit_slower(town: Layers) -> None:
    town = town.replaced(sites=town["sites"].assign(tier_min=default_tiers(town)))
    for higher, lower in ((2, 3), (1, 2)):
        assert (tiers_at(town, higher) <= tiers_at(town, lower)).all()
        assert (turnouts_at(town, 30, higher) <= turnouts_at(town, 30, lower)).all()
        assert (recalled_at(town, higher) >= recalled_at(town, lower)).all()


def test_who_is_on_duty_depends_on_the_hour_and_the_level(town: Layers) -> None:
    def on(level: int, text: str | None) -> list[bool]:
        return units_on(town, level, None if text is None else minute_of(text)).tolist()

    assert on(3, None) == [True] * 4
    assert on(3, "Mon 10:00") == [True, False, True, True]
    assert on(3, "Sun 23:00") == [True, True, False, True]
    assert on(2, "Mon 10:00") == [True, True, True, True]  # the standby is called in
    assert on(1, "Sun 23:00") == [True, True, False, True]


def test_a_town_may_say_which_units_count(town: Layers) -> None:
    levels = copy.deepcopy(load("duty_levels"))
    levels["3"]["units"] = ["station", "school_guard"]
    assert units_at(town, 3, levels).tolist() == [True, False, True, False]
    assert units_on(town, 3, minute_of("Sun 23:00"), levels).tolist() == [True, False, False, False]
    assert units_at(town, 2, levels).all()


def test_turnouts_are_a_units_own_then_the_usual_one_and_limited_by_the_level(town: Layers) -> None:
    assert turnouts_at(town, 40).tolist() == [90, 45, 40, 40]
    assert turnouts_at(town, 40, 2).tolist() == [60, 45, 40, 40]
    assert turnouts_at(town, 40, 1).tolist() == [30, 30, 30, 30]


def test_hours_that_cannot_be_read_are_named_by_unit(town: Layers) -> None:
    units = town["units"].assign(duty_hours=["白班", "24h", "夜班", None])
    with pytest.raises(LayerFaultsError, match=r"units/0.*白班") as raised:
        units_on(town.replaced(units=units), 3, 0)
    assert len(raised.value.faults) == 2


@pytest.mark.parametrize("level", [0, 4, True, "high"])
def test_a_level_that_is_not_there_is_refused(town: Layers, level: Any) -> None:
    with pytest.raises(ParameterError, match=r"no level of duty .*; there are: 1, 2, 3"):
        tiers_at(town, level)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.pop("by_kind"), "tiers_min lacks by_kind"),
        (lambda t: t["by_kind"].update(bank=0), "by_kind.bank = 0 is not from 1 to 60 minutes"),
        (lambda t: t["by_kind"].update(bank=2.5), "by_kind.bank = 2.5 is not from 1 to 60"),
        (lambda t: t["by_kind"].update(castle=3), "by_kind does not know castle"),
        (lambda t: t["by_area_class"].pop("other"), "tiers_min.by_area_class lacks other"),
        (lambda t: t["by_ground"].update(sea={}), "tiers_min.by_ground does not know sea"),
        (lambda t: t["by_ground"]["fringe"].pop("by_area_class"), "fringe lacks by_area_class"),
        (lambda t: t.update(by_ground=3), "tiers_min.by_ground is no table"),
        (lambda t: t.update(by_name={}), "tiers_min does not know by_name"),
    ],
)
def test_what_is_wrong_with_tiers_is_told(change: Any, told: str) -> None:
    table = copy.deepcopy(load("response")["tiers_min"])
    check_tiers(table)
    change(table)
    with pytest.raises(ParameterError) as raised:
        check_tiers(table)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.pop("1"), "levels lacks [1]"),
        (lambda t: t.update({"4": {}}), "levels does not know 4"),
        (lambda t: t["2"].update(units="station"), "levels.2 lacks the list units"),
        (lambda t: t["2"].update(units=["tank"]), "levels.2.units does not know tank"),
        (lambda t: t["2"].update(recalled=["tank"]), "levels.2.recalled does not know tank"),
        (lambda t: t["2"].update(classes=["key"]), "levels.2.classes does not know key"),
        (lambda t: t["2"].update(turnout_s=-1), "levels.2.turnout_s = -1 is not from 0 to 3600"),
        (lambda t: t["2"].pop("shorten"), "levels.2 lacks [shorten]"),
        (lambda t: t["2"].update(shorten={"3": 5}), "levels.2.shorten: 3 = 5 is not a tier and"),
        (lambda t: t["2"].update(shorten={"x": 5}), "levels.2.shorten: x = 5 is not a tier and"),
        (lambda t: t["2"].update(turnuot_s=5), "levels.2 does not know turnuot_s"),
    ],
)
def test_what_is_wrong_with_levels_is_told(change: Any, told: str) -> None:
    table = copy.deepcopy(load("duty_levels"))
    check_levels(table)
    change(table)
    with pytest.raises(ParameterError) as raised:
        check_levels(table)
    assert told in str(raised.value)


def test_tables_that_are_none_are_refused_whole() -> None:
    for check in (check_tiers, check_levels):
        with pytest.raises(ParameterError, match="lacks"):
            check(["5"])
