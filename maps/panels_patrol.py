"""Figures, lists and legend of the page of patrol routes."""

from __future__ import annotations

import pandas as pd

from maps.overlays import place_name
from maps.overlays_patrol import stop_key, stop_name, stop_reason, team_name
from maps.panels import (
    MOST_ENTRIES,
    Entry,
    Figure,
    LegendGroup,
    Panel,
    Section,
    Swatch,
    Switch,
    share_figure,
    tag_swatch,
)
from maps.style import style, team_number
from maps.units import clock, duration, each_row, length
from maps.words import Words
from planner.patrol import Patrol
from planner.results import Interval


def patrol_panel(patrol: Patrol, say: Words) -> Panel:
    """Return what stands beside the map of routes.

    Parameters
    ----------
    patrol
        The answer.
    say
        Words of the page's language.
    """
    unmet = [_unmet(patrol, say)] if len(patrol.unmet) else []
    return Panel(
        _figures(patrol, say),
        (*unmet, _teams(patrol, say), *_stops(patrol, say), _left_out(patrol, say)),
        _legend(patrol, say),
    )


def _share(part: float, whole: float) -> Interval:
    return Interval(*[part / whole if whole else None] * 3)


def _figures(patrol: Patrol, say: Words) -> tuple[Figure, ...]:
    stops, total = len(patrol.stops), len(patrol.stops) + len(patrol.left_out)
    required = int(patrol.stops["required"].sum())
    all_required = required + len(patrol.unmet)
    walked_m = float(patrol.teams["length_m"].sum())
    figures = [
        share_figure(say("Stops visited"), _share(stops, total), say, count=f"{stops} / {total}")
    ]
    if all_required:
        count = f"{required} / {all_required}"
        share = _share(required, all_required)
        figures.append(share_figure(say("Required stops"), share, say, count=count, target=1.0))
    if patrol.bound:
        title, count = say("Worth of the visits"), f"{patrol.score} / {patrol.bound}"
        figures.append(share_figure(title, _share(patrol.score, patrol.bound), say, count=count))
    out = int((patrol.teams["length_m"] > 0).sum())
    figures.append(
        Figure(say("Way of all teams"), length(walked_m, say), count=say("{n} teams", n=out))
    )
    return tuple(figures)


def _teams(patrol: Patrol, say: Words) -> Section:
    entries = []
    for position, row in enumerate(each_row(patrol.teams)):
        count = int((patrol.stops["team"] == row.code).sum())
        entries.append(
            Entry(
                team_name(row, say),
                f"{clock(row.depart)}–{clock(row.return_)} · {say.term('mode', row.mode)}",
                say("{n} stops", n=count) if count else say("stays"),
                f"{length(row.length_m, say)} · {duration(row.duration_s, say)}" if count else "",
                f"team:{row.code}" if count else "",
                str(position + 1),
                f"team team-{team_number(position)}",
            )
        )
    return Section(say("Teams"), tuple(entries), str(len(entries)), look="open")


def _stops(patrol: Patrol, say: Words) -> list[Section]:
    sections = []
    for position, team in enumerate(each_row(patrol.teams)):
        rows = patrol.stops[patrol.stops["team"] == team.code]
        entries = tuple(
            Entry(
                stop_name(row, say),
                stop_reason(row, say),
                clock(row.arrive),
                say("stays {time}", time=duration(row.dwell_s, say)),
                stop_key(row),
                str(row.order),
                f"team team-{team_number(position)}",
            )
            for row in each_row(rows)
        )
        title = say("Stops of {team}", team=team_name(team, say))
        css = f"team-{team_number(position)}"
        sections.append(Section(title, entries, str(len(entries)), css=css))
    return sections


def _unmet(patrol: Patrol, say: Words) -> Section:
    entries = _names(patrol.unmet, say, badge="!")
    return Section(say("Required stops nobody visits"), entries, look="worst")


def _left_out(patrol: Patrol, say: Words) -> Section:
    entries = _names(patrol.left_out.head(MOST_ENTRIES), say)
    return Section(say("Left out, and why"), entries, str(len(patrol.left_out)))


def _names(table: pd.DataFrame, say: Words, badge: str = "") -> tuple[Entry, ...]:
    rows = each_row(table)
    return tuple(
        Entry(place_name(row), say.term("left_out", row.reason), badge=badge) for row in rows
    )


def _legend(patrol: Patrol, say: Words) -> tuple[LegendGroup, ...]:
    colours = style()["teams"]["colours"]
    switches = tuple(
        Switch(
            f"route_{position}",
            team_name(row, say),
            Swatch(say("route"), "line", (colours[team_number(position)], 4)),
        )
        for position, row in enumerate(each_row(patrol.teams))
    )
    signs = LegendGroup(
        say("Stops"),
        (
            tag_swatch("stop team-0", "1", say("stop, in order")),
            tag_swatch("stop required team-0", "1", say("required stop")),
            tag_swatch("base", say("Start"), say("start and end")),
        ),
    )
    return LegendGroup(say("Routes"), switches=switches), signs
