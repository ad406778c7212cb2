"""Layers of the patrol page: each team's route, its stops and its base."""

from __future__ import annotations

from typing import Any

import shapely

from gis.layers import Layers
from maps.overlays import Feature, Overlay, feature, place_name, thinned
from maps.overlays_labels import street_labels, village_labels
from maps.style import style, team_number
from maps.units import clock, duration, each_row, length
from maps.words import Words
from planner.patrol import Patrol


def patrol_overlays(layers: Layers, patrol: Patrol, say: Words) -> list[Overlay]:
    """Return the layers of the patrol page, lowest first: routes, then stops."""
    return [
        *routes(patrol, say),
        *street_labels(layers),
        village_labels(layers),
        *stops(patrol, say),
        bases(patrol, say),
    ]


def team_name(row: Any, say: Words) -> str:
    """Return what a team is called; a bare number becomes "Team 3"."""
    name = place_name(row)
    return say("Team {name}", name=name) if name.isdigit() else name


def routes(patrol: Patrol, say: Words) -> list[Overlay]:
    """Return one layer for each team: its way with a white casing."""
    fields = (say("Moves"), say("Leaves"), say("Returns"), say("Way"), say("Takes"))
    colours = style()["teams"]["colours"]
    lines = thinned(patrol.teams.geometry.to_numpy())
    made = []
    for position, (row, line) in enumerate(zip(each_row(patrol.teams), lines, strict=True)):
        number = team_number(position)
        values = [
            say.term("mode", row.mode),
            clock(row.depart),
            clock(row.return_),
            length(row.length_m, say),
            duration(row.duration_s, say),
        ]
        named = {"key": f"team:{row.code}", "title": team_name(row, say)}
        shown: list[Feature] = []
        if not shapely.is_empty(line):
            shown = [
                feature(line, "casing"),
                feature(line, f"team_{number}", **named, values=values, arrow=colours[number]),
            ]
        made.append(Overlay(f"route_{position}", shown, fields))
    return made


def stops(patrol: Patrol, say: Words) -> list[Overlay]:
    """Return the numbered stops of each team."""
    fields = (say("Stop"), say("Why"), say("Arrives"), say("Waits"), say("Stays"), say("Leaves"))
    made = []
    for position, team in enumerate(each_row(patrol.teams)):
        shown = []
        for row in each_row(patrol.stops[patrol.stops["team"] == team.code]):
            values = [
                f"{row.order}",
                stop_reason(row, say),
                clock(row.arrive),
                duration(row.wait_s, say) if row.wait_s else "",
                duration(row.dwell_s, say),
                clock(row.depart),
            ]
            looks = {
                f"team-{team_number(position)}": True,
                "required": row.required,
                # Numbers that stay where the map is too small for all.
                "fifth": row.order == 1 or row.order % 5 == 0,
            }
            shown.append(
                feature(
                    row.geometry,
                    "stop",
                    key=stop_key(row),
                    title=stop_name(row, say),
                    tag=str(row.order),
                    css=" ".join(part for part, holds in looks.items() if holds),
                    values=values,
                )
            )
        follows = f"route_{position}"
        made.append(Overlay(f"stops_{position}", shown, fields, follows=follows))
    return made


def stop_key(row: Any) -> str:
    """Return what the page calls a stop."""
    return f"stop:{row.team}:{row.order}"


def stop_name(row: Any, say: Words) -> str:
    """Return the name of a stop, else the word for its kind."""
    kind = getattr(row, "kind", None)
    for vocabulary in ("stop", "site"):
        word = say.term(vocabulary, kind)
        if (vocabulary, kind) in say.messages:
            break
    return place_name(row, word)


def stop_reason(row: Any, say: Words) -> str:
    """Return why a stop is worth a visit."""
    reason = getattr(row, "reason", None)
    return say.term("why", reason)


def bases(patrol: Patrol, say: Words) -> Overlay:
    """Return where the teams start, one sign for all that start at one place."""
    rows = patrol.teams.groupby(["base_lon", "base_lat"], sort=False)
    made = []
    for _, teams in rows:
        names = say(", ").join(team_name(row, say) for row in each_row(teams))
        made.append(
            feature(
                shapely.Point(teams["base_lon"].iloc[0], teams["base_lat"].iloc[0]),
                "base",
                key=f"base:{teams['code'].iloc[0]}",
                title=say("Start and end"),
                tag=say("Start"),
                values=[names],
            )
        )
    return Overlay("bases", made, (say("Teams"),))
