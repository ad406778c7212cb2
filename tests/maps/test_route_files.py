"""Routes as files, opened by the readers of others."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import gpxpy
import icalendar
import pyogrio
import pytest

from gis.errors import ParameterError
from maps.patrol_card import TeamCard, team_cards
from maps.patrol_card_links import shifted
from maps.route_files import FORMATS, route_geojson, route_gpx, write_routes
from maps.route_files_calendar import route_ics

EVENING = Path(__file__).parents[1] / "data" / "patrol_evening.json"
NAME = '1 <b>老街 & "银行"</b>'


@pytest.fixture
def evening() -> Any:
    return json.loads(EVENING.read_text("utf-8"))


@pytest.fixture
def card(evening: Any) -> TeamCard:
    return team_cards(evening)[0]


def test_gpxpy_reads_stops_route_and_track(card: TeamCard) -> None:
    gpx = gpxpy.parse(route_gpx(card))
    assert [point.name for point in gpx.waypoints][:2] == ["0 集合点", NAME]
    route = gpx.routes[0].points
    assert [(p.longitude, p.latitude) for p in route[1:4]] == [stop.place for stop in card.stops]
    assert route[1].time == datetime(2026, 11, 24, 11, 4, tzinfo=UTC)
    track = gpx.tracks[0].segments[0].points
    assert [(p.longitude, p.latitude) for p in track] == list(card.line)
    assert "示例数据" in str(gpx.description)


def test_gdal_reads_gpx_and_kml(card: TeamCard, tmp_path: Path) -> None:
    gpx, kml = write_routes(tmp_path, [card], ["gpx", "kml"])
    points = pyogrio.read_dataframe(gpx, layer="waypoints")
    assert pyogrio.read_info(gpx, layer="waypoints")["driver"] == "GPX"
    assert points["name"].tolist()[1] == NAME
    assert pyogrio.read_dataframe(gpx, layer="tracks").geometry.iloc[0].length > 0
    marks = pyogrio.read_dataframe(kml)
    assert "KML" in pyogrio.read_info(kml)["driver"]
    assert marks["Name"].tolist()[2] == NAME
    assert (marks.geometry.iloc[2].x, marks.geometry.iloc[2].y) == card.stops[0].place
    assert list(marks.geometry.iloc[0].coords) == list(card.line)


def test_files_for_chinese_map_apps_are_shifted_and_say_so(card: TeamCard, tmp_path: Path) -> None:
    files = write_routes(tmp_path, [card], FORMATS, "gcj02")
    assert [path.name for path in files] == [
        "2026-11-24-t1.gcj02.gpx", "2026-11-24-t1.gcj02.kml",
        "2026-11-24-t1.gcj02.geojson", "2026-11-24-t1.ics",
    ]  # fmt: skip
    there = json.loads(files[2].read_text("utf-8"))
    moved = [shifted(stop.place, "gcj02") for stop in card.stops]
    assert [tuple(row["geometry"]["coordinates"]) for row in there["features"][1:]] == moved
    assert there["datum"] == "gcj02"
    assert "gcj02" in files[0].read_text("utf-8")
    assert pyogrio.read_dataframe(files[2])["arrive"].notna().sum() == 3


def test_unknown_formats_and_datums_are_refused_before_anything_is_written(
    card: TeamCard, tmp_path: Path
) -> None:
    with pytest.raises(ParameterError, match="known are: gpx, kml, geojson, ics"):
        write_routes(tmp_path / "new", [card], ["shp"])
    with pytest.raises(ParameterError, match="datum"):
        write_routes(tmp_path / "new", [card], ["gpx"], "nad27")
    assert not (tmp_path / "new").exists()


def test_signs_that_no_xml_may_hold_do_no_harm(evening: Any) -> None:
    evening["teams"][0]["stops"][0]["name"] = "老\x0b\x00街"
    gpx = gpxpy.parse(route_gpx(team_cards(evening)[0]))
    assert gpx.waypoints[1].name == "1 老  街"
    assert json.loads(route_geojson(team_cards(evening)[0]))["features"]


def events(card: TeamCard) -> list[Any]:
    return list(icalendar.Calendar.from_ical(route_ics(card)).walk("VEVENT"))


def test_icalendar_reads_the_evening_in_the_zone_of_the_town(card: TeamCard) -> None:
    whole, first, second, _ = events(card)
    assert whole["dtstart"].dt == datetime(2026, 11, 24, 19, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert whole["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert "示例数据" in whole["summary"]
    assert str(first["summary"]) == NAME
    # The team waits a minute: what counts is when it is wanted there.
    assert second["dtstart"].dt.isoformat() == "2026-11-24T19:15:00+08:00"


def test_the_hour_that_comes_twice_is_told_apart(evening: Any) -> None:
    evening["date"], evening["params"]["timezone"] = "2026-10-24", "Europe/Berlin"
    team = evening["teams"][0]
    first, second, third = team["stops"]
    night = "2026-10-25T{}:00{}"
    for row, moments in (
        (team, ("2026-10-24T23:00:00+02:00", night.format("03:30", "+01:00"))),
        (first, (night.format("02:20", "+02:00"), night.format("02:22", "+02:00"))),
        (second, (night.format("02:20", "+01:00"), night.format("02:23", "+01:00"))),
        (third, (night.format("03:05", "+01:00"), night.format("03:07", "+01:00"))),
    ):
        begin, end = ("depart", "return") if row is team else ("arrive", "depart")
        row[begin], row[end] = moments
    second["wait_s"] = 0
    card = team_cards(evening)[0]
    read = [one["dtstart"].dt.astimezone(UTC).isoformat() for one in events(card)[1:]]
    assert read == [
        "2026-10-25T00:20:00+00:00", "2026-10-25T01:20:00+00:00", "2026-10-25T02:05:00+00:00",
    ]  # fmt: skip
    assert [events(card)[k]["dtstart"].params.get("TZID") for k in (1, 3)] == ["Europe/Berlin"] * 2
    times = [point.time for point in gpxpy.parse(route_gpx(card)).waypoints[1:4]]
    assert [time.isoformat() for time in times] == read
