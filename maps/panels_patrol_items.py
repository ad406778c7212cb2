"""What a click on a team, a stop or a way shows: times, why, directions, what else is possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gis.profiles import load
from maps.overlays import place_name
from maps.overlays_patrol import home_key, is_rest, stop_key, stop_name, team_key, team_name
from maps.panels import Entry, Item, ItemList, Table
from maps.style import team_css
from maps.units import clock, duration, each_row, known, length
from maps.words import Words
from planner.patrol import Patrol

# Signs of the turns; the words stand beside them.
TURNS = {"start": "●", "straight": "↑", "left": "←", "right": "→", "u_turn": "↶"}
# So many places that were left out are named.
MOST_NAMED = 60
# Words of parts that every language writes the same way.
DOT = " · "


def patrol_items(patrol: Patrol, say: Words) -> tuple[Item, ...]:
    """Return what a click on anything of the patrol page shows.

    Parameters
    ----------
    patrol
        The answer; one of an earlier program, without directions, shows the rest.
    say
        Words of the page's language.
    """
    return (*_of_teams(patrol, say), *_of_left_out(patrol, say))


def why_text(row: Any, say: Words) -> str:
    """Return why a stop is worth a visit, all parts of it, the greatest first."""
    parts = sorted(parts_of(row), key=lambda part: -part["points"])
    names = [part["part"] for part in parts] or [getattr(row, "reason", None)]
    return say(", ").join(dict.fromkeys(say.term("why", name) for name in names if known(name)))


def parts_of(row: Any) -> list[dict[str, Any]]:
    """Return the parts of a stop's prize, also from a table that was read from a store."""
    parts = getattr(row, "parts", None)
    return [] if parts is None or is_rest(row) else [dict(part) for part in parts]


def cost_text(patrol: Patrol, row: Any, say: Words) -> str:
    """Return what a required stop costs, "" where nobody knows."""
    cost = patrol.told.get("costs", {}).get(row.code)
    if cost is None or not row.required:
        return ""
    return say(
        "{time} on the way; in its place: stops worth {n}",
        time=duration(cost["seconds"], say),
        n=cost["score"],
    )


def _of_teams(patrol: Patrol, say: Words) -> Iterator[Item]:
    for position, team in enumerate(each_row(patrol.teams)):
        rows = list(each_row(patrol.stops[patrol.stops["team"] == team.code]))
        if not rows:
            continue
        told = patrol.told.get("teams", {}).get(team.code, {})
        ways = _ways(patrol, team.code, told, say)
        yield _team_item(team, rows, position, told, say)
        for row, way in zip(rows, ways, strict=False):
            yield _stop_item(patrol, team, row, (len(rows), way), told, say)
        if len(ways) > len(rows):
            yield Item(home_key(team), say("Way back"), _home_rows(team, say), ways[-1:])


def _team_item(
    team: Any, rows: list[Any], position: int, told: Mapping[str, Any], say: Words
) -> Item:
    css = f"team {team_css(position)}"
    entries = [
        Entry(
            stop_name(row, say),
            why_text(row, say),
            clock(row.arrive),
            "",
            stop_key(row),
            rest_sign(say) if is_rest(row) else str(row.order),
            css,
        )
        for row in rows
    ]
    entries.append(Entry(say("Way back"), "", clock(team.return_), "", home_key(team)))
    shift = (getattr(team, "shift_begin", None), getattr(team, "shift_end", None))
    rest_s = getattr(team, "break_s", 0)
    facts = (
        (say("Moves"), say.term("mode", team.mode)),
        (say("Shift"), f"{clock(shift[0])}–{clock(shift[1])}" if known(shift[0]) else ""),
        (say("Leaves"), clock(team.depart)),
        (say("Returns"), clock(team.return_)),
        (say("Way"), length(team.length_m, say)),
        (say("Takes"), duration(team.duration_s, say)),
        (say("Rest"), duration(rest_s, say) if any(map(is_rest, rows)) else ""),
    )
    lists = (ItemList(say("Stops"), tuple(entries)), *_otherwise(told, 0, say))
    return Item(team_key(team), team_name(team, say), facts, lists)


def stays_text(row: Any, say: Words) -> str:
    """Return how long a team stays at a stop, or that it only passes by."""
    if not row.dwell_s:
        return say("passes by")
    return say("stays {time}", time=duration(row.dwell_s, say))


def rest_sign(say: Words) -> str:
    """Return the sign of a rest in lists: the first letter of its word."""
    return say.term("stop", "break")[:1].upper()


def _stop_item(
    patrol: Patrol,
    team: Any,
    row: Any,
    place: tuple[int, ItemList],
    told: Mapping[str, Any],
    say: Words,
) -> Item:
    of, way = place
    rest = is_rest(row)
    opens, closes = getattr(row, "opens", None), getattr(row, "closes", None)
    landmark = getattr(row, "landmark", None)
    facts = (
        (say("Team"), team_name(team, say)),
        (say("Stop"), f"{row.order} / {of}"),
        (say("Why"), why_text(row, say)),
        (say("Required"), say("yes") if row.required and not rest else ""),
        (say("Costs"), "" if rest else cost_text(patrol, row, say)),
        (say("Near"), str(landmark) if known(landmark) else ""),
        (say("Open"), f"{clock(opens)}–{clock(closes)}" if known(opens) and not rest else ""),
        (say("Arrives"), clock(row.arrive)),
        (say("Waits"), duration(row.wait_s, say) if row.wait_s else ""),
        (say("Stays"), duration(row.dwell_s, say) if row.dwell_s else say("passes by")),
        (say("Leaves"), clock(row.depart)),
    )
    lists = (way, *_otherwise(told, row.order, say))
    return Item(stop_key(row), stop_name(row, say), facts, lists, tables=_worth(row, say))


def _worth(row: Any, say: Words) -> tuple[Table, ...]:
    """Return the parts of a stop's prize in points, where there are several."""
    parts = sorted(parts_of(row), key=lambda part: -part["points"])
    if len(parts) < 2:
        return ()
    rows = [(say.term("why", part["part"]), ((str(part["points"]), ""),)) for part in parts]
    rows.append((say("Together"), ((str(sum(part["points"] for part in parts)), ""),)))
    return (Table(say("What a visit is worth"), (say("Points"),), tuple(rows)),)


def _home_rows(team: Any, say: Words) -> tuple[tuple[str, str], ...]:
    return (say("Team"), team_name(team, say)), (say("Returns"), clock(team.return_))


def _ways(patrol: Patrol, team: str, told: Mapping[str, Any], say: Words) -> tuple[ItemList, ...]:
    """Return the way to each stop of a team with its directions, the way back last."""
    legs = patrol.legs[patrol.legs["team"] == team]
    steps = told.get("steps") or [()] * len(legs)
    return tuple(
        ItemList(
            say(
                "Way there: {length}, {time}",
                length=length(row.length_m, say),
                time=duration(row.time_s, say),
            ),
            tuple(_step(step, say) for step in way),
        )
        for row, way in zip(each_row(legs), steps, strict=True)
    )


def _step(step: Mapping[str, Any], say: Words) -> Entry:
    return Entry(
        step["text"][say.lang],
        end=length(step["length_m"], say),
        badge=TURNS.get(step["turn"], "●"),
        badge_css="plain",
    )


def _otherwise(told: Mapping[str, Any], after: int, say: Words) -> tuple[ItemList, ...]:
    """Return what a team can do from a stop on when the evening goes otherwise."""
    words = load("ladder")
    entries = tuple(
        Entry(
            words[rung["rung"]][say.lang],
            say("straight back to the base") if not rung["stops"] else "",
            say("{n} stops", n=len(rung["stops"])) if rung["stops"] else "",
            say("back in {time}", time=duration(rung["back"], say)),
        )
        for rung in told.get("ladder", ())
        if rung["after"] == after
    )
    title = say("If the evening goes otherwise") if after == 0 else say("From here, if need be")
    return (ItemList(title, entries),) if entries else ()


def reason_key(reason: str) -> str:
    """Return what the page calls the stops that were left out for one reason."""
    return f"left:{reason}"


def _of_left_out(patrol: Patrol, say: Words) -> Iterator[Item]:
    for reason, rows in by_reason(patrol.left_out):
        entries = tuple(Entry(place_name(row)) for row in each_row(rows.head(MOST_NAMED)))
        rest = len(rows) - MOST_NAMED
        more = say("{n} more", n=rest) if rest > 0 else ""
        yield Item(
            reason_key(reason),
            say.term("left_out", reason),
            (),
            (ItemList(say("{n} stops", n=len(rows)), entries, more),),
        )


def by_reason(left_out: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the stops that were left out by their reason, the most common one first."""
    groups = [(str(reason), rows) for reason, rows in left_out.groupby("reason", sort=False)]
    return sorted(groups, key=lambda group: -len(group[1]))
