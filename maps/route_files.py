"""A team's route for other programs: GPX, KML, GeoJSON, iCalendar."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from gis.errors import ParameterError
from maps.patrol_card import Place, TeamCard
from maps.patrol_card_links import shifted
from maps.patrol_card_page import stay_text
from maps.patrol_card_words import said
from maps.route_files_calendar import route_ics

# Signs that no XML may hold.
FORBIDDEN = {code: " " for code in range(32) if code not in (9, 10, 13)}
KML_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
)


def write_routes(
    folder: Path, cards: Iterable[TeamCard], formats: Iterable[str], datum: str = "wgs84"
) -> list[Path]:
    """Write the routes of teams as files, one a team and format, and return them.

    Parameters
    ----------
    folder
        Where to; made if it is not there.
    cards
        The teams.
    formats
        Out of `FORMATS`.
    datum
        "wgs84", or "gcj02" or "bd09" for map apps that show these: names of files then say so.

    Raises
    ------
    ParameterError
        If a format or the datum is unknown.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        msg = f"unknown format {', '.join(unknown)}; known are: {', '.join(FORMATS)}"
        raise ParameterError(msg)
    shifted((0.0, 0.0), datum)  # an unknown datum is refused before anything is written
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for card in cards:
        for name in formats:
            mark = "" if datum == "wgs84" or name == "ics" else f".{datum}"
            path = folder / f"{file_stem(card)}{mark}.{name}"
            path.write_text(FORMATS[name](card, datum), encoding="utf-8", newline="")
            written.append(path)
    return written


def file_stem(card: TeamCard) -> str:
    """Return what files of a team's night are called, without an ending."""
    code = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in card.code)
    return f"{card.date}-{code}"


def route_gpx(card: TeamCard, datum: str = "wgs84") -> str:
    """Return a route as GPX 1.1: stops as waypoints and as a route, the way as a track.

    Times are those of arrival, in UTC as GPX has it.

    Parameters
    ----------
    card
        The team.
    datum
        "wgs84", "gcj02" or "bd09".
    """
    import gpxpy.gpx

    gpx = gpxpy.gpx.GPX()
    gpx.creator = "fengqiao-grid"
    gpx.name, gpx.description = _clean(_title(card)), _clean(_remark(card, datum))
    gpx.time = datetime.fromisoformat(card.depart).astimezone(UTC)
    route = gpxpy.gpx.GPXRoute(name=gpx.name)
    for title, remark, place, moment in _points(card):
        lon, lat = shifted(place, datum)
        values: dict[str, Any] = {
            "latitude": lat,
            "longitude": lon,
            "time": datetime.fromisoformat(moment).astimezone(UTC),
            "name": _clean(title),
            "description": _clean(remark) or None,
        }
        route.points.append(gpxpy.gpx.GPXRoutePoint(**values))
        gpx.waypoints.append(gpxpy.gpx.GPXWaypoint(**values))
    gpx.routes.append(route)
    track = gpxpy.gpx.GPXTrack(name=gpx.name)
    segment = gpxpy.gpx.GPXTrackSegment()
    for place in card.line:
        lon, lat = shifted(place, datum)
        segment.points.append(gpxpy.gpx.GPXTrackPoint(lat, lon))
    track.segments.append(segment)
    gpx.tracks.append(track)
    return str(gpx.to_xml(version="1.1"))


def route_kml(card: TeamCard, datum: str = "wgs84") -> str:
    """Return a route as KML 2.2: a line and numbered points with their time.

    Parameters
    ----------
    card
        The team.
    datum
        KML means WGS 84; "gcj02" and "bd09" are for map apps that take it as their own.
    """
    line = " ".join(",".join(map(str, shifted(place, datum))) for place in card.line)
    marks = [
        f"<name>{_xml(_title(card))}</name><description>{_xml(_remark(card, datum))}</description>",
        f"<Placemark><name>{_xml(_title(card))}</name>"
        f"<TimeSpan><begin>{card.depart}</begin><end>{card.back}</end></TimeSpan>"
        "<Style><LineStyle><color>ffb27200</color><width>4</width></LineStyle></Style>"
        f"<LineString><tessellate>1</tessellate><coordinates>{line}</coordinates></LineString>"
        "</Placemark>",
    ]
    for title, remark, place, moment in _points(card):
        lon, lat = shifted(place, datum)
        marks.append(
            f"<Placemark><name>{_xml(title)}</name><description>{_xml(remark)}</description>"
            f"<TimeStamp><when>{moment}</when></TimeStamp>"
            f"<Point><coordinates>{lon},{lat}</coordinates></Point></Placemark>"
        )
    return "\n".join([KML_HEAD, *marks, "</Document></kml>\n"])


def route_geojson(card: TeamCard, datum: str = "wgs84") -> str:
    """Return a route as GeoJSON: the way, then the stops in order with their times.

    Parameters
    ----------
    card
        The team.
    datum
        GeoJSON means WGS 84; another datum is stated in the member "datum".
    """
    way = {
        "team": card.code,
        "name": card.title,
        "date": card.date,
        "depart": card.depart,
        "return": card.back,
        "length_m": round(card.length_m, 1),
        "made_up": card.made_up,
        "datum": datum,
    }
    features = [_feature("LineString", [shifted(place, datum) for place in card.line], way)]
    for stop in card.stops:
        values = {
            "team": card.code,
            "order": stop.order,
            "code": stop.code,
            "name": stop.title,
            "landmark": stop.landmark or None,
            "arrive": stop.arrive,
            "depart": stop.depart,
            "dwell_s": stop.dwell_s,
            "required": stop.required,
        }
        features.append(_feature("Point", shifted(stop.place, datum), values))
    whole = {
        "type": "FeatureCollection",
        "name": f"{card.date} {card.code}",
        "datum": datum,
        "features": features,
    }
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _feature(kind: str, coordinates: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _points(card: TeamCard) -> list[tuple[str, str, Place, str]]:
    """Return base, stops and base again: title, remark, place, time of arrival."""
    base = said("base", card.lang)
    middle = [
        (f"{stop.order} {stop.title}", _stop_remark(card, position), stop.place, stop.arrive)
        for position, stop in enumerate(card.stops)
    ]
    start = (f"0 {base}", "", card.base, card.depart)
    end = (f"{len(card.stops) + 1} {base}", "", card.base, card.back)
    return [start, *middle, end]


def _stop_remark(card: TeamCard, position: int) -> str:
    stop, lang = card.stops[position], card.lang
    parts = [f"{stop.arrive[11:16]}–{stop.depart[11:16]}", stay_text(stop, lang)]
    parts += [said("near", lang, mark=stop.landmark)] if stop.landmark else []
    parts += [said("required", lang)] if stop.required else []
    return " · ".join(parts)


def _title(card: TeamCard) -> str:
    return f"{card.town} {card.title} {card.date}"


def _remark(card: TeamCard, datum: str) -> str:
    """Return what the reader of a file must know: made-up data, shifted coordinates."""
    parts = [said("made_up", card.lang)] if card.made_up else []
    parts += [] if datum == "wgs84" else [said("shifted", card.lang, datum=datum)]
    return " · ".join(parts)


def _clean(text: str) -> str:
    return text.translate(FORBIDDEN)


def _xml(text: str) -> str:
    return escape(_clean(text))


def _calendar(card: TeamCard, datum: str) -> str:
    """Return the calendar; its positions are WGS 84 whatever the datum of maps."""
    return route_ics(card)


FORMATS: Mapping[str, Callable[[TeamCard, str], str]] = {
    "gpx": route_gpx,
    "kml": route_kml,
    "geojson": route_geojson,
    "ics": _calendar,
}
