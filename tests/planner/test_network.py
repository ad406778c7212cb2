from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

from gis import travel
from gis.errors import NotFoundError
from gis.layers import Layers
from gis.modes import MODES
from planner.grounds import grounds_of_edges
from planner.network import at_minute, build_network, network_assumed
from planner.week import minute_of

RUSH, NIGHT, NOON = (minute_of(text) for text in ("Mon 18:00", "Mon 23:00", "Mon 12:00"))


@pytest.fixture
def roads(layer) -> Layers:
    """Five roads apart from each other: two in town, three in open country; one bars cars."""
    villages = layer(
        "villages", [box(0, 0, 1000, 1000), box(1000, 0, 9000, 1000)], {"rural": [False, True]}
    )
    streets = layer(
        "streets",
        [LineString([(x, y), (x + 900, y)]) for x, y in
         ((0, 100), (0, 200), (3000, 100), (3000, 200), (3000, 300))],
        {
            "highway": ["primary", "pedestrian", "primary", "service", "trunk"],
            "speed_kmh": [60, None, 60, None, None],
            "oneway": ["yes", None, None, None, None],
        },
    )  # fmt: skip
    return Layers("T", {"villages": villages, "streets": streets})


def car_s(streets) -> pd.DataFrame:
    """Return seconds along and against each street by car."""
    times = streets.seconds["car"][: 2 * len(streets.edge_tail)].reshape(-1, 2)
    return pd.DataFrame(times, index=list(streets.edge_street), columns=["along", "against"])


def test_without_streets_there_is_no_network(roads: Layers) -> None:
    assert build_network(Layers("T", {"villages": roads["villages"]})) is None


def test_closed_streets_are_closed_to_all_and_must_exist(roads: Layers) -> None:
    shut = build_network(roads, closures=["streets/2"])
    at = list(shut.edge_street).index("streets/2")
    for mode in MODES:
        assert np.isinf(shut.seconds[mode][[2 * at, 2 * at + 1]]).all()
    with pytest.raises(NotFoundError, match="streets/9"):
        build_network(roads, closures=["streets/9"])


def test_an_hour_changes_times_by_class_and_ground(roads: Layers) -> None:
    streets = build_network(roads)
    usual, ground = car_s(streets)["along"], car_s(at_minute(streets, roads, None))["along"]
    rush, night, noon = (
        car_s(at_minute(streets, roads, minute))["along"] for minute in (RUSH, NIGHT, NOON)
    )
    factor = pd.DataFrame({"ground": ground, "rush": rush, "night": night, "noon": noon})
    factor = factor.div(usual, axis=0).round(2)
    assert factor.loc["streets/0"].tolist() == [1, 1.23, 0.82, 1]  # primary in town
    assert factor.loc["streets/2"].tolist() == [0.86] * 4  # primary in the countryside
    assert factor.loc["streets/3"].tolist() == [1] * 4  # a lane there
    assert factor.loc["streets/4"].tolist() == [1] * 4  # a trunk road there
    assert factor.loc["streets/1"].isna().all()  # closed to cars


def test_people_on_foot_and_numbers_stay_as_they_are(roads: Layers) -> None:
    streets = build_network(roads)
    rush = at_minute(streets, roads, RUSH)
    for mode in ("foot", "ebike"):
        assert rush.seconds[mode].tolist() == streets.seconds[mode].tolist()
    assert rush.edge_street.tolist() == streets.edge_street.tolist()
    assert rush.arc_head.tolist() == streets.arc_head.tolist()


def test_emergency_driving_has_to_be_asked_for(roads: Layers) -> None:
    usual, urgent = build_network(roads), build_network(roads, emergency=True)
    both = pd.DataFrame({"usual": car_s(usual)["along"], "urgent": car_s(urgent)["along"]})
    speed = (900 / both * 3.6).round(0)
    assert speed.loc["streets/0"].tolist() == [45, 60]
    assert speed.loc["streets/1"].tolist() == [0, 15]
    assert np.isinf(car_s(urgent).loc["streets/0", "against"])
    rush = car_s(at_minute(urgent, roads, RUSH, emergency=True))["along"]
    assert (rush / both["urgent"]).round(3).loc[["streets/0", "streets/2"]].tolist() == [1.115, 1]


def test_the_ground_may_be_given(roads: Layers) -> None:
    streets = build_network(roads)
    ground = grounds_of_edges(streets, roads)
    given = at_minute(streets, roads, RUSH, ground=ground)
    assert given.seconds["car"].tolist() == at_minute(streets, roads, RUSH).seconds["car"].tolist()
    town = at_minute(streets, roads, None, ground=np.full(len(ground), "town", object))
    assert town.seconds["car"].tolist() == streets.seconds["car"].tolist()


def test_nobody_is_sooner_at_rush_hour(town: Layers) -> None:
    streets = build_network(town)
    sites, posts = town["sites"].geometry, town["stations"].geometry
    usual, rush, night = (
        travel.matrix(at_minute(streets, town, minute), posts, sites, mode="car")
        for minute in (NOON, RUSH, NIGHT)
    )
    assert np.isfinite(usual).all()
    assert (night < usual).all()
    assert (usual < rush).all()


def test_what_an_hour_takes_for_granted_is_told(roads: Layers) -> None:
    assert network_assumed(roads, None) == ()
    told = network_assumed(roads, RUSH)
    assert [(a.layer, a.column, a.value, a.rows) for a in told] == [
        ("streets", "speed_kmh", "usual traffic of the hour: evening_peak", 5),
    ]
    assert network_assumed(Layers("T", {}), RUSH) == ()
