"""The code tables digit by digit, written down again from the standards' own lists."""

from __future__ import annotations

import pytest

from gis.profiles import load

CODES = load("camera_codes")


def numbered(*words: str, start: int = 1) -> dict[str, str]:
    return {str(n): word for n, word in enumerate(words, start)}


DIRECTIONS = numbered(
    *("east", "west", "south", "north", "southeast", "northeast", "southwest", "northwest")
)
POSITIONS = numbered(
    *("provincial_checkpoint", "party_government", "station_port", "central_square"),
    *("sports_venue", "commercial_centre", "religious_place", "school_surroundings"),
    *("complex_security_area", "main_traffic_line"),
)
BULLETS = ("dome", "half_dome", "fixed_bullet", "remote_bullet")
TABLES = {
    "direction_28181": DIRECTIONS,
    "direction_sheet": DIRECTIONS | {"9": "all_round"},
    "camera_type_28181": {"0": "unknown"}
    | numbered(*BULLETS, "remote_half_dome", "panorama", "split_channel"),
    "camera_type_sheet": numbered(*BULLETS, "checkpoint_bullet") | {"99": "other"},
    "position_28181": POSITIONS,
    "position_sheet": POSITIONS
    | numbered("hospital", "finance", "dangerous_goods", "museum", "waters", start=11)
    | numbered("city_checkpoint", "foreign_related", "border", "tourist_site", start=96),
    "room": numbered("outdoor", "indoor"),
    "use": numbered("security", "traffic", "key"),
    "supply_light": numbered("none", "infrared", "white", "laser") | {"9": "other"},
    "supply_light_sheet": numbered("none", "infrared", "white") | {"9": "other"},
    "imaging": numbered("visible", "thermal", "radar", "x_ray", "light_field") | {"9": "other"},
    "function_28181": {
        f"0{code}": word
        for code, word in numbered("face", "person", "vehicle", "non_motor", "article").items()
    }
    | {"99": "other"},
    "function_sheet": numbered(
        *("vehicle_checkpoint", "person_checkpoint", "micro_checkpoint", "feature_camera"),
        *("ordinary", "high_lookout"),
    )
    | {"99": "other"},
    "point_class_28181": numbered("1", "2", "3") | {"9": "9"},
    "point_class_sheet": numbered("1", "2", "3", "4") | {"9": "9"},
    "mobile": numbered("robot", "body_worn", "single_soldier", "vehicle", "drone") | {"9": "other"},
    "codec": numbered("MPEG-4", "H.264", "SVAC", "H.265"),
    "status": numbered("in_use", "repair", "removed"),
    "department": numbered(
        *("police", "environment", "heritage", "medical", "tourism", "media", "food_drug"),
        *("education", "procuratorate", "court", "finance", "transport", "housing", "water"),
        *("forestry", "work_safety", "municipal", "land"),
    ),
    "maker": numbered(
        *("Hikvision", "Dahua", "Tiandy", "Kedacom", "Axis", "Bosch", "Yaan", "Infinova"),
        *("Uniview", "Hisense", "Vimicro"),
    )
    | {"15": "Huawei", "99": "other"},
    "security_level": {"A": "A", "B": "B", "C": "C"},
    "yes_no": {"0": "no", "1": "yes"},
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table(name):
    assert {code: entry[0] for code, entry in CODES["tables"][name].items()} == TABLES[name]


def test_every_coded_table_is_written_down_here():
    by_profile = {"networked_0", "networked_1", "picture_fault", "online"}
    assert set(CODES["tables"]) - by_profile == set(TABLES)


def test_directions_look_towards_what_they_name():
    azimuths_deg = CODES["directions"]["azimuth_deg"]
    found = [azimuths_deg[DIRECTIONS[str(code)]] for code in range(1, 9)]
    assert found == [90, 270, 180, 0, 135, 45, 225, 315]


def test_parts_of_a_device_code():
    code = CODES["code"]
    industries = {f"{n:02}" for n in (*range(15), *range(40, 46))}
    assert set(code["industries"]) == industries
    assert code["industries"]["04"] == "road traffic"
    types = {*range(111, 115), 118, 120, 121, 122, 130, 131, 132, *range(134, 139)}
    types |= {200, 209, 215, 216, 300, 400, *range(500, 506)}
    assert set(code["types"]) == {str(n) for n in types}
    assert set(code["networks"]) == {str(n) for n in range(10)}
    assert code["cameras"] == ["131", "132"]
    assert set(code["with_channels"]) == {"111", "118", "121", "122"}


def test_networked_has_two_readings_that_contradict():
    one, nought = (CODES["tables"][f"networked_{way}"] for way in (1, 0))
    assert (one["1"][0], one["0"][0]) == ("yes", "no")
    assert (nought["1"][0], nought["0"][0]) == ("no", "yes")
