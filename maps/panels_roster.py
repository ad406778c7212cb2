"""Figures, lists and legend of the page of many nights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from maps.overlays_patrol import stop_name
from maps.overlays_roster import habit, hours, stop_key, wait_look
from maps.panels import (
    MOST_ENTRIES,
    WORST,
    Entry,
    Figure,
    Item,
    ItemList,
    LegendGroup,
    Panel,
    Section,
    Table,
    mark_swatch,
)
from maps.style import style
from maps.units import NONE, each_row, known, percent
from maps.words import Words
from planner.roster import Roster

Figures = Mapping[str, Any]


def roster_panel(roster: Roster, say: Words) -> Panel:
    """Return what stands beside the map of many nights.

    Parameters
    ----------
    roster
        The answer, of one night or more.
    say
        Words of the page's language.
    """
    last = str(roster.nights["night"].iloc[-1])
    return Panel(
        _figures(roster, say),
        (_longest(roster, say), _overdue(roster, say), _never(roster, say)),
        _legend(roster, say),
        _notes(say),
        lead=say(
            "nights: {n}, {first} to {last}", n=len(roster.nights), first=roster.first, last=last
        ),
        items=tuple(_night_item(row, roster, say) for row in each_row(roster.nights)),
        tables=(_beside(roster, say),),
        below=tuple(_grids(roster, say)),
    )


def night_key(night: str) -> str:
    """Return what the page calls a night."""
    return f"night:{night}"


def _figures(roster: Roster, say: Words) -> tuple[Figure, ...]:
    drawn, fixed = roster.figures["drawn"], roster.figures["fixed"]

    def beside(value: str) -> str:
        return say("fixed plan: {value}", value=value)

    def share(title: str, key: str) -> Figure:
        return Figure(title, percent(drawn[key]), "", beside(percent(fixed[key])))

    return (
        share(say("Visits in a stop's most common half hour, on average"), "common_share_mean"),
        Figure(
            say("Longest wait of a required stop"),
            hours(drawn["required_worst_idle_h"], say),
            "",
            beside(hours(fixed["required_worst_idle_h"], say)),
        ),
        share(say("Covered in a night"), "covered"),
        share(say("Stops as the night before"), "overlap"),
        Figure(say("Hours of a team"), _span(drawn, say), "", beside(_span(fixed, say))),
    )


def _span(figures: Figures, say: Words) -> str:
    least, most = figures.get("team_hours_least"), figures.get("team_hours_most")
    if least is None or most is None:
        return NONE
    return say("{least}–{most} h", least=f"{least:.0f}", most=f"{most:.0f}")


def _beside(roster: Roster, say: Words) -> Table:
    """Return all figures of the nights drawn beside those of one plan walked every night."""
    drawn, fixed = roster.figures["drawn"], roster.figures["fixed"]

    def row(title: str, key: str, kind: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        return title, tuple((_told(side.get(key), kind, say), "") for side in (drawn, fixed))

    return Table(
        say("All figures beside the same plan every night"),
        (say("drawn"), say("fixed")),
        (
            row(say("most common half hour, on average"), "common_share_mean", "share"),
            row(say("most common half hour, worst stop"), "common_share_worst", "share"),
            row(say("spread of the times"), "spread_min_mean", "minutes"),
            row(say("longest wait, required stops"), "required_worst_idle_h", "hours"),
            row(say("mean wait, required stops"), "required_mean_idle_h", "hours"),
            row(say("longest wait, all stops"), "worst_idle_h", "hours"),
            row(say("mean wait, all stops"), "mean_idle_h", "hours"),
            row(say("places nobody visits"), "never_visited", "count"),
            row(say("covered in a night"), "covered", "share"),
            row(say("stops as the night before"), "overlap", "share"),
        ),
        folded=True,
        note=say("Half hours are told of stops that are open for more than 90 minutes."),
    )


def _told(value: float | None, kind: str, say: Words) -> str:
    if value is None or not known(value):
        return NONE
    if kind == "share":
        return percent(value)
    if kind == "hours":
        return hours(value, say)
    return say("{n} min", n=f"{value:.0f}") if kind == "minutes" else f"{value:.0f}"


def _longest(roster: Roster, say: Words) -> Section:
    """Return the stops that wait longest among those that are visited at all."""
    visited = roster.stops[roster.stops["visits"] > 0]
    rows = visited.sort_values("worst_idle_h", ascending=False, kind="stable").head(WORST)
    entries = tuple(
        Entry(
            stop_name(row, say),
            habit(row, say),
            hours(row.worst_idle_h, say),
            say("{n} visits", n=row.visits),
            stop_key(row),
            "▲",
        )
        for row in each_row(rows)
    )
    return Section(say("Stops that wait longest"), entries, look="worst")


def _overdue(roster: Roster, say: Words) -> Section:
    """Return the stops that were due and were not visited, those of the most nights first."""
    known_stops = set(roster.stops["code"])
    entries = tuple(
        Entry(
            str(name) if known(name) and name else str(code),
            say(", ").join(day[5:] for day in rows["night"]),
            say("nights: {n}", n=len(rows)),
            key=f"stop:{code}" if code in known_stops else "",
        )
        for code, name, rows in _by_stop(roster.overdue)[:MOST_ENTRIES]
    )
    count = str(len(roster.overdue))
    return Section(say("Due, and not visited"), entries, count, look="open")


def _never(roster: Roster, say: Words) -> Section:
    rows = roster.stops[roster.stops["visits"] == 0]
    entries = tuple(
        Entry(stop_name(row, say), say.term("why", row.reason), key=stop_key(row))
        for row in each_row(rows.head(MOST_ENTRIES))
    )
    return Section(say("Stops nobody visits"), entries, str(len(rows)))


def _by_stop(overdue: pd.DataFrame) -> list[tuple[str, Any, pd.DataFrame]]:
    groups = [
        (str(code), rows["name"].iloc[0], rows)
        for code, rows in overdue.groupby("code", sort=False)
    ]
    return sorted(groups, key=lambda group: -len(group[2]))


def _night_item(row: Any, roster: Roster, say: Words) -> Item:
    late = roster.overdue[roster.overdue["night"] == row.night]
    known_stops = set(roster.stops["code"])
    entries = tuple(
        Entry(
            str(one.name) if known(one.name) and one.name else str(one.code),
            key=f"stop:{one.code}" if one.code in known_stops else "",
        )
        for one in each_row(late.head(MOST_ENTRIES))
    )
    rest = len(late) - len(entries)
    facts = (
        (say("Teams"), str(row.teams)),
        (say("Stops"), str(row.stops)),
        (say("Worth of the visits"), _of_best(row, say)),
        (say("As the night before"), percent(row.overlap) if known(row.overlap) else ""),
        (say("Due, and not visited"), str(row.overdue)),
    )
    more = say("{n} more", n=rest) if rest > 0 else ""
    lists = (ItemList(say("Due, and not visited"), entries, more),) if entries else ()
    return Item(night_key(row.night), say("Night of {date}", date=row.night), facts, lists)


def _of_best(row: Any, say: Words) -> str:
    share = percent(row.score / row.best) if row.best else NONE
    return say("{share} of that night's best plan", share=share)


def _grids(roster: Roster, say: Words) -> list[Table]:
    rows = roster.grids.sort_values("worst_idle_h", ascending=False, kind="stable")
    if rows.empty:
        return []
    told = tuple(
        (
            str(row.name) if known(row.name) and row.name else str(row.code),
            (
                (str(row.stops), ""),
                (hours(row.worst_idle_h, say), ""),
                (hours(row.mean_idle_h, say), ""),
            ),
        )
        for row in each_row(rows.head(MOST_ENTRIES))
    )
    heads = (say("Stops"), say("Longest"), say("Mean"))
    return [Table(say("Grids, the longest wait first"), heads, told, folded=True)]


def _legend(roster: Roster, say: Words) -> tuple[LegendGroup, ...]:
    looks = {wait_look(row) for row in each_row(roster.stops)}
    limits = style()["waits"]["limits_h"]
    words = (
        *(say("one night at most"), say("up to 2 nights"), say("up to 3 nights")),
        *(say("up to a week"), say("longer than a week")),
    )
    assert len(words) == len(limits) + 1
    signs = tuple(mark_swatch(f"wait_{number}", text) for number, text in enumerate(words))
    never = (mark_swatch("unseen", say("nobody visits it")),) if "unseen" in looks else ()
    return (LegendGroup(say("Longest wait of a stop"), (*signs, *never)),)


def _notes(say: Words) -> tuple[str, ...]:
    return (
        say(
            "Each night is drawn from plans that are nearly as good as the best one, so that "
            "nobody can foresee where a team will be."
        ),
        say("The fixed plan is the best plan of the first night, walked every night."),
    )
