"""Layers of the patrol page: each team's route, its stops and its base."""

from __future__ import annotations

from typing import Any

import shapely

from gis.layers import Layers
from maps.overlays import Feature, Overlay, feature, place_name, thinned
from maps.overlays_labels import street_labels, village_labels
from maps.style import team_css, team_line, team_look
from maps.units import each_row
from maps.words import Words
from planner.patrol import Patrol


def patrol_overlays(layers: Layers, patrol: Patrol, say: Words) -> list[Overlay]:
    """Return the layers of the patrol page, lowest first: routes, then stops.

    What a click shows are items of the panel (`maps.panels_patrol_items`).
    """
    return [
        *routes(patrol, say),
        *street_labels(layers, say.lang),
        village_labels(layers, say.lang),
        *stops(patrol, say),
        bases(patrol, say),
    ]


def team_name(row: Any, say: Words) -> str:
    """Return what a team is called; a bare number becomes "Team 3"."""
    name = place_name(row)
    return say("Team {name}", name=name) if name.isdigit() else name


def routes(patrol: Patrol, say: Words) -> list[Overlay]:
    """Return one layer for each team: its way with a white casing, and each leg to be clicked."""
    lines = thinned(patrol.teams.geometry.to_numpy())
    made = []
    for position, (row, line) in enumerate(zip(each_row(patrol.teams), lines, strict=True)):
        shown: list[Feature] = []
        if not shapely.is_empty(line):
            key, title = team_key(row), team_name(row, say)
            colour = team_line(position)[0]
            shown = [
                feature(line, "casing"),
                feature(line, team_look(position), key=key, title=title, arrow=colour),
                *_legs(patrol, row, say),
            ]
        made.append(Overlay(f"route_{position}", shown))
    return made


def _legs(patrol: Patrol, team: Any, say: Words) -> list[Feature]:
    """Return the ways of a team: each is selected with the stop that it leads to."""
    legs = patrol.legs[patrol.legs["team"] == team.code]
    names = {row.order: stop_name(row, say) for row in _stops_of(patrol, team.code)}
    return [
        feature(
            line,
            "leg",
            key=f"stop:{team.code}:{row.order}" if row.order in names else home_key(team),
            title=names.get(row.order, say("Way back")),
        )
        for row, line in zip(each_row(legs), thinned(legs.geometry.to_numpy()), strict=True)
        if not shapely.is_empty(line)
    ]


def _stops_of(patrol: Patrol, team: str) -> list[Any]:
    return list(each_row(patrol.stops[patrol.stops["team"] == team]))


def stops(patrol: Patrol, say: Words) -> list[Overlay]:
    """Return the numbered stops of each team; a rest is written out."""
    made = []
    for position, team in enumerate(each_row(patrol.teams)):
        shown = []
        for row in _stops_of(patrol, team.code):
            rest = is_rest(row)
            looks = {
                team_css(position): True,
                "required": row.required and not rest,
                "rest": rest,
                # Numbers that stay where the map is too small for all.
                "fifth": rest or row.order == 1 or row.order % 5 == 0,
            }
            shown.append(
                feature(
                    row.geometry,
                    "stop",
                    key=stop_key(row),
                    title=stop_name(row, say),
                    tag=say.term("stop", "break") if rest else str(row.order),
                    css=" ".join(part for part, holds in looks.items() if holds),
                )
            )
        made.append(Overlay(f"stops_{position}", shown, follows=f"route_{position}"))
    return made


def is_rest(row: Any) -> bool:
    """Return whether a stop is a rest of its team."""
    return getattr(row, "kind", None) == "break"


def stop_key(row: Any) -> str:
    """Return what the page calls a stop."""
    return f"stop:{row.team}:{row.order}"


def team_key(row: Any) -> str:
    """Return what the page calls a team."""
    return f"team:{row.code}"


def home_key(row: Any) -> str:
    """Return what the page calls a team's way back."""
    return f"home:{row.code}"


def stop_name(row: Any, say: Words) -> str:
    """Return the name of a stop, else the word for its kind."""
    kind = getattr(row, "kind", None)
    for vocabulary in ("stop", "site"):
        word = say.term(vocabulary, kind)
        if (vocabulary, kind) in say.messages:
            break
    if is_rest(row):
        return say("{word}: {place}", word=word, place=row.name) if row.name else word
    return place_name(row, word)


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
