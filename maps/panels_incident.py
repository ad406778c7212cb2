"""What stands beside the map of an incident: who comes, by which way, and what sees the place."""

from __future__ import annotations

from dataclasses import dataclass

from gis.profiles import load
from maps.overlays_incident import DRAWN, camera_name, unit_name
from maps.panels import (
    Entry,
    Figure,
    Item,
    ItemList,
    LegendGroup,
    Panel,
    Section,
    Swatch,
    Switch,
    mark_swatch,
    tag_swatch,
)
from maps.style import style, team_number
from maps.units import duration, length
from maps.words import Words
from planner.directions import Step
from planner.results_incident import AwayUnit, CameraThere, ComingUnit, Incident

# So many units are listed before the rest is folded.
LISTED = 5


@dataclass(frozen=True)
class UnitRow:
    """One unit that can be sent, as its row shows it."""

    code: str
    key: str
    name: str
    note: str
    time: str
    judged: str
    met: bool
    badge: str
    css: str


def incident_panel(incident: Incident, say: Words) -> Panel:
    """Return what stands beside the map of an incident.

    Parameters
    ----------
    incident
        The answer.
    say
        Words of the page's language.
    """
    return Panel(
        _figures(incident, say),
        tuple(s for s in (_cameras(incident, say), _near_by(incident, say), _away(incident, say))),
        _legend(incident, say),
        items=tuple(_items(incident, say)),
    )


def unit_rows(incident: Incident, say: Words) -> tuple[UnitRow, ...]:
    """Return the units that can be sent in order; the first ones carry the colour of their way."""
    return tuple(_unit_row(unit, n, say) for n, unit in enumerate(incident.units))


def _unit_row(unit: ComingUnit, position: int, say: Words) -> UnitRow:
    drawn = position < DRAWN and unit.geometry is not None
    parts = [
        say.term("mode", unit.mode),
        "" if unit.length_m is None else length(unit.length_m, say),
        say("preferred") if unit.preferred else "",
        say("stands by at {place}", place=unit.place) if unit.place else "",
    ]
    late = say("▲ late by {time}", time=duration(unit.late_s, say))
    return UnitRow(
        unit.code,
        f"unit:{unit.code}",
        unit_name(unit),
        " · ".join(filter(None, parts)),
        duration(unit.time_s, say),
        say("● in time") if unit.met else late,
        unit.met,
        str(position + 1),
        f"team team-{team_number(position)}" if drawn else "plain",
    )


def _figures(incident: Incident, say: Words) -> tuple[Figure, ...]:
    within = say("within {n} min", n=incident.tier_min)
    first = incident.units[0] if incident.units else None
    if first is None:
        head = Figure(say("First unit there"), say("no unit can be sent"), target=within, met=False)
    else:
        head = Figure(
            say("First unit there"),
            duration(first.time_s, say),
            count=f"{unit_name(first)} · {say.term('mode', first.mode)}",
            target=within,
            met=first.met,
        )
    in_time = sum(unit.met for unit in incident.units)
    total = len(incident.units) + len(incident.away)
    working = sum(not camera.repair for camera in incident.cameras)
    repair = len(incident.cameras) - working
    return (
        head,
        Figure(
            say("Units that can be sent"),
            f"{len(incident.units)} / {total}",
            count=say("in time: {n}", n=in_time),
        ),
        Figure(
            say("Cameras that see it"),
            str(working),
            count=say("in repair: {n}", n=repair) if repair else "",
        ),
    )


def _cameras(incident: Incident, say: Words) -> Section:
    entries = tuple(_camera(camera, say) for camera in incident.cameras)
    return Section(say("Cameras that see it"), entries, str(len(entries)), look="open")


def _camera(camera: CameraThere, say: Words) -> Entry:
    sees = say("sees near by only") if camera.sees == "near" else _picture(camera, say)
    state = say("in repair") if camera.repair else ""
    doubt = "" if camera.certain else say("direction in doubt")
    note = " · ".join(filter(None, [camera.code, state, doubt]))
    far = length(camera.distance_m, say)
    return Entry(camera_name(camera), note, sees, far, f"camera:{camera.code}")


def _picture(camera: CameraThere, say: Words) -> str:
    """Return what the picture is good for there."""
    words = load("incidents")["pictures"].get(camera.picture, {})
    return str(words.get(say.lang, ""))


def _near_by(incident: Incident, say: Words) -> Section:
    posts = [
        Entry(
            post.name or post.code,
            " · ".join(
                filter(
                    None,
                    [
                        say("Road checkpoint"),
                        post.road,
                        say("staffed now") if post.staffed else say("not staffed now"),
                    ],
                )
            ),
            length(post.distance_m, say),
            key=f"checkpoint:{post.code}",
        )
        for post in incident.checkpoints
    ]
    teams = [
        Entry(
            team.name or team.code,
            say("Volunteer team"),
            length(team.distance_m, say),
            say("do not send"),
            key=f"team:{team.code}",
        )
        for team in incident.teams
    ]
    entries = tuple(posts + teams)
    return Section(say("Checkpoints and volunteers near by"), entries, str(len(entries)))


def _away(incident: Incident, say: Words) -> Section:
    entries = tuple(_away_unit(unit, say) for unit in incident.away)
    return Section(say("Units that are not offered"), entries, str(len(entries)))


def _away_unit(unit: AwayUnit, say: Words) -> Entry:
    until = say("until {time}", time=unit.until[11:16]) if unit.until else ""
    reason = say.term("away", unit.reason)
    return Entry(unit.name or unit.code, until, reason, key=f"unit:{unit.code}")


def _items(incident: Incident, say: Words) -> list[Item]:
    items = [_unit_item(unit, incident, say) for unit in incident.units]
    items += [
        Item(
            f"unit:{unit.code}",
            unit.name or unit.code,
            (
                (say("Kind"), say.term("unit", unit.kind)),
                (say("Reason"), say.term("away", unit.reason)),
                (say("Until"), (unit.until or "")[11:16]),
            ),
        )
        for unit in incident.away
    ]
    items += [_camera_item(camera, say) for camera in incident.cameras]
    items += [
        Item(
            f"checkpoint:{post.code}",
            post.name or post.code,
            (
                (say("Kind"), say.term("checkpoint", post.kind)),
                (say("Road"), post.road or ""),
                (say("State"), say("staffed now") if post.staffed else say("not staffed now")),
                (say("Distance"), length(post.distance_m, say)),
            ),
        )
        for post in incident.checkpoints
    ]
    items += [
        Item(
            f"team:{team.code}",
            team.name or team.code,
            (
                (say("Kind"), say("Volunteer team")),
                (say("State"), say("do not send")),
                (say("Distance"), length(team.distance_m, say)),
            ),
        )
        for team in incident.teams
    ]
    return items


def _unit_item(unit: ComingUnit, incident: Incident, say: Words) -> Item:
    late = say("▲ late by {time}", time=duration(unit.late_s, say))
    rows = (
        (say("There after"), duration(unit.time_s, say)),
        (
            say("Must be reached within"),
            say("{n} min", n=incident.tier_min),
        ),
        (say("State"), say("● in time") if unit.met else late),
        (say("Kind"), say.term("unit", unit.kind)),
        (say("Moves"), say.term("mode", unit.mode)),
        (say("Stands by at"), unit.place or ""),
        (say("Turnout"), duration(unit.turnout_s, say)),
        (say("Under way"), duration(unit.drive_s, say)),
        (say("Last metres on foot"), duration(unit.walk_s, say)),
        (say("Way"), "" if unit.length_m is None else length(unit.length_m, say)),
    )
    steps = tuple(_step(pair, n, say) for n, pair in enumerate(unit.steps, 1))
    lists = (ItemList(say("Turns"), steps),) if steps else ()
    return Item(f"unit:{unit.code}", unit_name(unit), rows, lists)


def _step(pair: tuple[Step, Step], number: int, say: Words) -> Entry:
    step = pair[0] if say.lang == "zh" else pair[1]
    return Entry(step.text, end=duration(step.seconds, say), badge=str(number), badge_css="plain")


def _camera_item(camera: CameraThere, say: Words) -> Item:
    pixels = "" if camera.px_per_m is None else say("{n} px/m", n=f"{camera.px_per_m:.0f}")
    sees = say("sees near by only") if camera.sees == "near" else say("sees the place")
    return Item(
        f"camera:{camera.code}",
        camera_name(camera),
        (
            (say("Code"), camera.code),
            (say("State"), say("in repair") if camera.repair else say("in use")),
            (say("View"), sees),
            (say("Picture there"), _picture(camera, say)),
            (say("Pixels per metre"), pixels),
            (say("Distance"), length(camera.distance_m, say)),
            (say("Direction"), "" if camera.certain else say("in doubt")),
        ),
    )


def _legend(incident: Incident, say: Words) -> tuple[LegendGroup, ...]:
    colours = style()["teams"]["colours"]
    accent = style()["tokens"]["light"]["accent"]
    ways = tuple(
        Switch(
            f"route_{n}",
            f"{n + 1} · {unit_name(unit)}",
            Swatch(say("route"), "line", (colours[team_number(n)], 4)),
        )
        for n, unit in enumerate(incident.units[:DRAWN])
    )
    signs = LegendGroup(
        say("Near the place"),
        (
            mark_swatch("camera", say("camera that sees it")),
            Swatch(say("what it sees"), "area", (accent, 0.18, 1, "")),
            mark_swatch("checkpoint", say("road checkpoint, staffed")),
            mark_swatch("volunteers", say("volunteer team: do not send")),
            tag_swatch("unit", say("name"), say("unit that can be sent")),
            tag_swatch("unit away", say("name"), say("unit that cannot be sent")),
        ),
        (
            Switch("cameras", say("cameras")),
            Switch("views", say("what they see")),
            Switch("units", say("other units")),
            Switch("near_by", say("checkpoints and volunteers")),
        ),
    )
    return (LegendGroup(say("Ways of the first units"), switches=ways), signs)
