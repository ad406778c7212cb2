"""Charts of the page of many nights: half hours of stops, a calendar of nights, hours of teams."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from maps.overlays_patrol import stop_name, team_name
from maps.overlays_roster import stop_key
from maps.panels_roster import night_key
from maps.style import style
from maps.units import THIN, each_row, known, percent
from maps.words import Words
from planner.roster import Roster
from planner.roster_tables import WIDE_WINDOW_MIN
from planner.week import DAYS_EN, DAYS_ZH

MOST_ROWS = 20
# A stop that is visited less often cannot be foreseen: three times, and in a third of the nights.
FEWEST_VISITS = 3
FEWEST_SHARE = 1 / 3
# An evening begins after noon: hours before it belong to the next day.
NOON_MIN = 12 * 60
DAY_MIN = 24 * 60


@dataclass(frozen=True)
class HeatCell:
    """One half hour of a stop, or one night: its class (None = nothing there) and its words."""

    level: int | None
    number: str
    text: str = ""


@dataclass(frozen=True)
class HeatRow:
    """One stop: its name, what the page calls it, how often it is visited, its half hours."""

    title: str
    key: str
    text: str
    cells: tuple[HeatCell, ...] = field(repr=False)


@dataclass(frozen=True)
class Night:
    """One night of the calendar; `level` is None where no plan is known to be the best."""

    key: str
    day: str
    share: str
    level: int | None
    overdue: int
    text: str


@dataclass(frozen=True)
class Bar:
    """Hours of one team: its name, the share of the longest, and words."""

    title: str
    part: float
    hours: str
    note: str


@dataclass(frozen=True)
class Charts:
    """All charts of the page.

    Parameters
    ----------
    hours
        Full hours above the columns of `rows`, each above two of them.
    rows
        The stops that are foreseen most easily.
    heat_classes, night_classes
        As the swatch "classes" takes them.
    days
        Names of the days, Monday first.
    weeks
        The nights as weeks of seven days; a day without one as None.
    bars
        Hours of the teams.
    """

    hours: tuple[str, ...]
    rows: tuple[HeatRow, ...] = field(repr=False)
    heat_classes: Any = field(repr=False)
    days: tuple[str, ...]
    weeks: tuple[tuple[Night | None, ...], ...] = field(repr=False)
    night_classes: Any = field(repr=False)
    bars: tuple[Bar, ...] = field(repr=False)


def roster_charts(roster: Roster, say: Words) -> Charts:
    """Return the charts of the page of many nights.

    Parameters
    ----------
    roster
        The answer.
    say
        Words of the page's language.
    """
    stops = foreseeable(roster.stops, len(roster.nights))
    columns = half_hours(roster.slots[roster.slots["code"].isin(stops["code"])])
    return Charts(
        tuple(minute_text(minute) for minute in columns[::2]),
        _rows(roster, stops, columns, say),
        _classes("foreseen", lambda limit: f"{100 * limit:.0f}"),
        DAYS_ZH if say.lang == "zh" else DAYS_EN,
        _weeks(roster, say),
        _classes("near_best", lambda limit: f"{100 * limit:g}"),
        _bars(roster, say),
    )


def foreseeable(stops: pd.DataFrame, nights: int) -> pd.DataFrame:
    """Return the stops that are foreseen most easily, the most easily first.

    Parameters
    ----------
    stops
        As in `planner.roster.Roster`. Those whose window leaves no choice are left out, and those
        that are visited too seldom.
    nights
        How many there are.
    """
    wide = stops[(stops["window_min"] > WIDE_WINDOW_MIN) & (stops["visits"] > 0)]
    often = max(FEWEST_VISITS, math.ceil(nights * FEWEST_SHARE))
    often = min(often, int(wide["visits"].max())) if len(wide) else 0
    chosen = wide[wide["visits"] >= often]
    order = ["common_share", "visits", "code"]
    return chosen.sort_values(order, ascending=[False, False, True]).head(MOST_ROWS)


def half_hours(slots: pd.DataFrame) -> list[int]:
    """Return the half hours of some visits in order of the evening, filled up to full hours.

    Parameters
    ----------
    slots
        As in `planner.roster.Roster`.

    Returns
    -------
    list
        Minutes after midnight; from the next midnight on after 1440.

    Examples
    --------
    >>> half_hours(pd.DataFrame({"half_hour": ["23:30", "00:00"]}))
    [1380, 1410, 1440, 1470]
    """
    if slots.empty:
        return []
    minutes = slots["half_hour"].map(evening_minute)
    first, last = int(minutes.min()) // 60 * 60, int(minutes.max()) // 60 * 60 + 60
    return list(range(first, last, 30))


def evening_minute(text: str) -> int:
    """Return a time of day as minutes after midnight; before noon it is the next day's.

    Examples
    --------
    >>> evening_minute("19:30"), evening_minute("00:30")
    (1170, 1470)
    """
    minute = 60 * int(text[:2]) + int(text[3:])
    return minute if minute >= NOON_MIN else minute + DAY_MIN


def minute_text(minute: int) -> str:
    """Return minutes after midnight as a time of day.

    Examples
    --------
    >>> minute_text(1170), minute_text(1470)
    ('19:30', '00:30')
    """
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _level(share: float, name: str) -> int:
    return int(np.searchsorted(style()[name]["limits"], share, side="left"))


def _classes(name: str, label: Any) -> tuple[str, list[tuple[str, float, str, bool]]]:
    """Return the legend of a heat: dark is what must be mended."""
    colours = style()["heat"]["colours"]
    limits = [*style()[name]["limits"], 1.0]
    if name == "near_best":
        colours = colours[::-1]
    edges = [label(limit) for limit in limits]
    edges[-1] += f"{THIN}%"
    return "", [(colour, 1, edge, False) for colour, edge in zip(colours, edges, strict=True)]


def _rows(
    roster: Roster, stops: pd.DataFrame, columns: list[int], say: Words
) -> tuple[HeatRow, ...]:
    at = roster.slots["half_hour"].map(evening_minute)
    shares = {
        (code, minute): share
        for code, minute, share in zip(roster.slots["code"], at, roster.slots["share"], strict=True)
    }
    return tuple(
        HeatRow(
            stop_name(row, say),
            stop_key(row),
            say("{n} in {nights} nights", n=row.visits, nights=len(roster.nights)),
            tuple(_cell(shares.get((row.code, minute)), minute, say) for minute in columns),
        )
        for row in each_row(stops)
    )


def _cell(share: float | None, minute: int, say: Words) -> HeatCell:
    if share is None:
        return HeatCell(None, "")
    text = say("{hour}: {share} of its visits", hour=minute_text(minute), share=percent(share))
    return HeatCell(_level(share, "foreseen"), f"{100 * share:.0f}", text)


def _weeks(roster: Roster, say: Words) -> tuple[tuple[Night | None, ...], ...]:
    """Return the nights as weeks that begin on Monday."""
    nights = {date.fromisoformat(row.night): row for row in each_row(roster.nights)}
    first, last = min(nights).toordinal(), max(nights).toordinal()
    first -= min(nights).weekday()
    days = [date.fromordinal(day) for day in range(first, last + 7 - max(nights).weekday())]
    cells = [_night(nights[day], day, say) if day in nights else None for day in days]
    return tuple(tuple(cells[at : at + 7]) for at in range(0, len(cells), 7))


def _night(row: Any, day: date, say: Words) -> Night:
    share = row.score / row.best if row.best and known(row.best) else None
    level = None if share is None else 4 - _level(share, "near_best")
    told = say(
        "{night}: {share} of that night's best plan, {teams} teams, {stops} stops, {n} overdue",
        night=row.night,
        share=percent(share),
        teams=row.teams,
        stops=row.stops,
        n=row.overdue,
    )
    shown = "" if share is None else f"{100 * share:.0f}"
    return Night(night_key(row.night), f"{day.month}/{day.day}", shown, level, row.overdue, told)


def _bars(roster: Roster, say: Words) -> tuple[Bar, ...]:
    teams = roster.teams.sort_values("hours", ascending=False, kind="stable")
    longest = float(teams["hours"].max()) if len(teams) else 0.0
    return tuple(
        Bar(
            team_name(row, say),
            row.hours / longest if longest else 0.0,
            say("{n} h", n=f"{row.hours:.1f}"),
            say("nights: {n}, {km} km", n=row.nights, km=f"{row.km:.1f}"),
        )
        for row in each_row(teams)
    )
