"""Layers of the incident page: the place, the ways of the first units, and what is near by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import shapely

from gis.layers import Layers
from maps.overlays import Feature, Overlay, feature
from maps.overlays_labels import street_labels, village_labels
from maps.style import style, team_number
from maps.tiles_grid import Bounds
from maps.units import each_row, known
from maps.words import Lang, Words
from planner.results_coverage import Coverage
from planner.results_incident import CameraThere, ComingUnit, Incident

# So many ways are drawn.
DRAWN = 3
# Room around what is shown first, as a share of it, and at least, degrees.
ROOM = 0.12
LEAST_ROOM_DEG = 0.0015


def incident_overlays(
    layers: Layers,
    incident: Incident,
    coverage: Coverage | None,
    say: Words,
    names: Sequence[Overlay] | None = None,
) -> list[Overlay]:
    """Return the layers of the incident page, lowest first; `names` from `map_names`."""
    return [
        views(incident, coverage),
        *ways(incident),
        *(map_names(layers, say.lang) if names is None else names),
        cameras(incident),
        near_by(incident, say),
        units(layers, incident),
        place(incident.lon, incident.lat, say("Incident")),
    ]


def map_names(layers: Layers, lang: Lang = "zh") -> list[Overlay]:
    """Return the names of streets and villages, in the language of the page."""
    return [*street_labels(layers, lang), village_labels(layers, lang)]


def place(lon: float, lat: float, word: str) -> Overlay:
    """Return the place that a page is about, with its word."""
    return Overlay("place", [feature(shapely.Point(lon, lat), "place", tag=word)])


def focus_on(lon: float, lat: float, shapes: Iterable[shapely.Geometry]) -> Bounds:
    """Return the box around a place and some shapes, with some room: what a map shows first."""
    west, south, east, north = shapely.union_all([shapely.Point(lon, lat), *shapes]).bounds
    x = max((east - west) * ROOM, LEAST_ROOM_DEG)
    y = max((north - south) * ROOM, LEAST_ROOM_DEG)
    return west - x, south - y, east + x, north + y


def unit_name(unit: ComingUnit) -> str:
    """Return the name of a unit, else its code."""
    return unit.name or unit.code


def camera_name(camera: CameraThere) -> str:
    """Return the name of a camera, else its code."""
    return camera.name or camera.code


def ways(incident: Incident) -> list[Overlay]:
    """Return one layer for the way of each of the first units, with a white casing."""
    colours = style()["teams"]["colours"]
    made = []
    for position, unit in enumerate(incident.units[:DRAWN]):
        number = team_number(position)
        shown: list[Feature] = []
        if unit.geometry is not None and unit.geometry.length:
            start = shapely.Point(unit.geometry.coords[0])
            named = {"key": f"unit:{unit.code}", "title": unit_name(unit)}
            css = f"required team-{number} fifth"
            shown = [
                feature(unit.geometry, "casing"),
                feature(unit.geometry, f"team_{number}", **named, arrow=colours[number]),
                feature(start, "stop", **named, tag=str(position + 1), css=css),
            ]
        made.append(Overlay(f"route_{position}", shown))
    # The first one lies above the others.
    return made[::-1]


def units(layers: Layers, incident: Incident) -> Overlay:
    """Return the units that are not drawn with their way, by name; pale where they do not come."""
    drawn = {unit.code for unit in incident.units[:DRAWN]}
    coming = {unit.code: unit.place for unit in incident.units}
    made = []
    for row in each_row(layers["units"]):
        # A unit that stands by elsewhere is not at its post: its row says where it is.
        if row.code in drawn or coming.get(row.code) is not None or not known(row.geometry):
            continue
        name = row.name if known(row.name) else row.code
        css = None if row.code in coming else "away"
        key = f"unit:{row.code}"
        made.append(feature(row.geometry, "unit", key=key, title=name, tag=name, css=css))
    return Overlay("units", made)


def cameras(incident: Incident) -> Overlay:
    """Return the cameras that see the place."""
    made = [
        feature(
            shapely.Point(camera.lon, camera.lat),
            "camera_off" if camera.repair else "camera" if camera.certain else "camera_doubt",
            key=f"camera:{camera.code}",
            title=camera_name(camera),
        )
        for camera in incident.cameras
    ]
    return Overlay("cameras", made)


def views(incident: Incident, coverage: Coverage | None) -> Overlay:
    """Return what the cameras that see the place see."""
    made: list[Feature] = []
    if coverage is not None:
        wanted = {camera.code for camera in incident.cameras}
        rows = coverage.views[coverage.views["camera"].isin(wanted)]
        for row in each_row(rows):
            look = "view_repair" if row.repair else "view" if row.certain else "view_doubt"
            made.append(feature(row.geometry, look))
    return Overlay("views", made)


def near_by(incident: Incident, say: Words) -> Overlay:
    """Return the road checkpoints and the volunteer teams near by."""
    made = [
        feature(
            shapely.Point(post.lon, post.lat),
            "checkpoint" if post.staffed else "checkpoint_off",
            key=f"checkpoint:{post.code}",
            title=post.name or post.code,
        )
        for post in incident.checkpoints
    ]
    made += [
        feature(
            shapely.Point(team.lon, team.lat),
            "volunteers",
            key=f"team:{team.code}",
            title=say("{name} · do not send", name=team.name or team.code),
        )
        for team in incident.teams
    ]
    return Overlay("near_by", made)
