"""Figures, lists and legend of the page of patrol routes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd

from maps.overlays import place_name
from maps.overlays_patrol import is_rest, stop_key, stop_name, team_key, team_name
from maps.panels import (
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
from maps.panels_patrol_items import (
    DOT,
    by_reason,
    patrol_items,
    reason_key,
    rest_sign,
    stays_text,
    why_text,
)
from maps.style import team_css, team_line
from maps.units import THIN, clock, duration, each_row, length
from maps.words import Words
from planner.patrol import Patrol
from planner.results import Interval

# So many stops that were left out are named beside their reason.
FIRST_NAMED = 3


def patrol_panel(patrol: Patrol, say: Words) -> Panel:
    """Return what stands beside the map of routes.

    Parameters
    ----------
    patrol
        The answer.
    say
        Words of the page's language.
    """
    unmet = [unmet_stops(patrol, say)] if len(patrol.unmet) else []
    return Panel(
        _figures(patrol, say),
        (*unmet, _teams(patrol, say), *_stops(patrol, say), *_left_out(patrol, say)),
        _legend(patrol, say),
        _notes(patrol, say),
        items=patrol_items(patrol, say),
    )


def _share(part: float, whole: float) -> Interval:
    return Interval(*[part / whole if whole else None] * 3)


def _figures(patrol: Patrol, say: Words) -> tuple[Figure, ...]:
    visited = patrol.stops[patrol.stops["kind"] != "break"]
    stops, total = len(visited), len(visited) + len(patrol.left_out)
    required = int(visited["required"].sum())
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
        title = say("Worth of the visits")
        count = say("{score} of at most {bound}", score=patrol.score, bound=patrol.bound)
        figure = share_figure(title, _share(patrol.score, patrol.bound), say, count=count)
        figures.append(replace(figure, value=f"≥{THIN}{_of_bound(patrol)}"))
    out = int((patrol.teams["length_m"] > 0).sum())
    figures.append(
        Figure(say("Way of all teams"), length(walked_m, say), count=say("{n} teams", n=out))
    )
    return tuple(figures)


def _of_bound(patrol: Patrol) -> str:
    """Return the share of the bound that is reached for certain, rounded down."""
    return f"{math.floor(100 * patrol.score / (patrol.bound or 1))}{THIN}%"


def _notes(patrol: Patrol, say: Words) -> tuple[str, ...]:
    if not patrol.bound:
        return ()
    return (
        say(
            "The visits are worth at least {share} of what any plan could reach. The bound is "
            "that of a linear program that knows what can be reached and how long tours may "
            "take; the best plan may lie below it.",
            share=_of_bound(patrol),
        ),
    )


def _teams(patrol: Patrol, say: Words) -> Section:
    entries = []
    rests = patrol.stops["kind"] == "break"
    for position, row in enumerate(each_row(patrol.teams)):
        own = patrol.stops["team"] == row.code
        count = int((own & ~rests).sum())
        entries.append(
            Entry(
                team_name(row, say),
                f"{clock(row.depart)}–{clock(row.return_)} · {say.term('mode', row.mode)}",
                say("{n} stops", n=count) if count else say("stays"),
                f"{length(row.length_m, say)} · {duration(row.duration_s, say)}" if count else "",
                team_key(row) if own.any() else "",
                str(position + 1),
                f"team {team_css(position)}",
            )
        )
    return Section(say("Teams"), tuple(entries), str(len(entries)), look="open")


def _stops(patrol: Patrol, say: Words) -> list[Section]:
    sections = []
    for position, team in enumerate(each_row(patrol.teams)):
        css = team_css(position)
        rows = list(each_row(patrol.stops[patrol.stops["team"] == team.code]))
        entries = tuple(
            Entry(
                stop_name(row, say),
                _note(patrol, row, say),
                clock(row.arrive),
                stays_text(row, say),
                stop_key(row),
                rest_sign(say) if is_rest(row) else str(row.order),
                f"team {css}",
            )
            for row in rows
        )
        title = say("Stops of {team}", team=team_name(team, say))
        count = sum(not is_rest(row) for row in rows)
        sections.append(Section(title, entries, str(count), css=css))
    return sections


def _note(patrol: Patrol, row: Any, say: Words) -> str:
    """Return why a stop is on the way, what it costs if it has to be, and whether one waits."""
    if is_rest(row):
        return ""
    told = [why_text(row, say)]
    cost = patrol.told.get("costs", {}).get(row.code)
    if row.required and cost is not None:
        time = duration(cost["seconds"], say)
        told.append(say("required: costs {time}, {n} points", time=time, n=cost["score"]))
    elif row.required:
        told.append(say("required"))
    if row.wait_s:
        told.append(say("waits {time}", time=duration(row.wait_s, say)))
    return DOT.join(told)


def unmet_stops(patrol: Patrol, say: Words) -> Section:
    """Return the required stops that nobody visits, each with its conflict and what would help."""
    told = patrol.told.get("sentences", {})
    entries = tuple(
        Entry(
            place_name(row),
            told.get(row.code, {}).get(say.lang) or say.term("left_out", row.reason),
            badge="▲",
        )
        for row in each_row(patrol.unmet)
    )
    return Section(say("Required stops nobody visits"), entries, str(len(entries)), look="worst")


def _left_out(patrol: Patrol, say: Words) -> list[Section]:
    """Return the stops that were left out, by reason: how many, and the first of them."""
    groups = by_reason(patrol.left_out)
    entries = tuple(
        Entry(
            say.term("left_out", reason),
            _first_names(rows, say),
            str(len(rows)),
            key=reason_key(reason),
        )
        for reason, rows in groups
    )
    if not entries:
        return []
    return [Section(say("Left out, and why"), entries, str(len(patrol.left_out)), look="open")]


def _first_names(rows: pd.DataFrame, say: Words) -> str:
    names = [place_name(row) for row in each_row(rows.head(FIRST_NAMED))]
    rest = len(rows) - len(names)
    return say(", ").join([*names, *([say("{n} more", n=rest)] if rest else [])])


def _legend(patrol: Patrol, say: Words) -> tuple[LegendGroup, ...]:
    switches = []
    for position, row in enumerate(each_row(patrol.teams)):
        colour, width, dash = team_line(position)
        spec = (colour, width, dash) if dash else (colour, width)
        sign = Swatch(say("route"), "line", spec)
        switches.append(Switch(f"route_{position}", team_name(row, say), sign))
    return LegendGroup(say("Routes"), switches=tuple(switches)), stop_signs(patrol, say)


def stop_signs(patrol: Patrol, say: Words) -> LegendGroup:
    """Return the signs of stops and bases."""
    rest = say.term("stop", "break")
    return LegendGroup(
        say("Stops"),
        (
            tag_swatch("stop team-0", "1", say("stop, in order")),
            tag_swatch("stop required team-0", "1", say("required stop")),
            *([tag_swatch("stop rest team-0", rest, say("a rest"))] if _rests(patrol) else []),
            tag_swatch("base", say("Start"), say("start and end")),
        ),
    )


def _rests(patrol: Patrol) -> bool:
    return bool((patrol.stops["kind"] == "break").any())
