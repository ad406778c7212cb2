"""The week as a strip of 7 days by 24 hours: how many places are in time at each hour."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from maps.panels import Strip, StripCell
from maps.style import style
from maps.units import THIN, each_row, known, percent
from maps.words import Words
from planner.results_response import Response
from planner.week import DAYS_EN, DAYS_ZH, minute_of, minute_text

Floats = npt.NDArray[np.float64]

HOURS_A_DAY = 24
WEEK_HOURS = 7 * HOURS_A_DAY
# Widths that a class may have; a week that hardly changes is still told apart.
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
MOST_CLASSES = 5
# Shares that differ by less are the same.
ALIKE = 1e-6
# So many of the worst hours are named.
MOST_NAMED = 5


def week_strip(response: Response, say: Words) -> Strip | None:
    """Return the strip of the week; None where it is not known.

    Parameters
    ----------
    response
        The answer.
    say
        Words of the page's language.
    """
    week = response.week.sort_values("hour")
    if len(week) != WEEK_HOURS or not week["share"].map(known).all():
        return None
    share = week["share"].to_numpy(float)
    limits = class_edges(float(share.min()), float(share.max()))
    classes = np.clip(np.searchsorted(limits, share, side="left") - 1, 0, len(limits) - 2)
    chosen = np.linspace(0, len(style()["seen"]["colours"]) - 1, len(limits) - 1).round()
    colours = [style()["seen"]["colours"][int(k)] for k in chosen]
    worst = share <= share.min() + ALIKE
    even = bool(worst.all())
    cells = tuple(
        StripCell(
            colours[number],
            say(
                "{hour}: {met} / {sites} in time ({share}), units on duty: {units}",
                hour=minute_text(int(row.hour) * 60, say.lang),
                met=f"{row.met:.0f}",
                sites=f"{row.sites:.0f}",
                share=percent(row.share),
                units=f"{row.units:.0f}",
            ),
            bool(bad) and not even,
        )
        for row, number, bad in zip(each_row(week), classes.tolist(), worst, strict=True)
    )
    return Strip(
        say("The week, hour by hour"),
        DAYS_ZH if say.lang == "zh" else DAYS_EN,
        cells,
        (
            f"{100 * limits[0]:.0f}",
            [
                (colour, 1, f"{100 * edge:.0f}{f'{THIN}%' if last else ''}", False)
                for colour, edge, last in zip(
                    colours, limits[1:], [*[False] * (len(colours) - 1), True], strict=True
                )
            ],
        ),
        say("places in time: dark = few, pale = many"),
        say("The same at every hour.") if even else _worst_hours(share, worst, say),
        None if response.at is None else minute_of(response.at) // 60,
    )


def class_edges(low: float, high: float) -> Floats:
    """Return the edges of at most five classes of equal width that hold all shares.

    Parameters
    ----------
    low, high
        The least and the largest share, 0..1; where they are the same, fifths are taken.

    Examples
    --------
    >>> class_edges(0.38, 0.64).round(2).tolist()
    [0.3, 0.4, 0.5, 0.6, 0.7]
    >>> class_edges(0.5, 0.5).round(2).tolist()
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    for step in STEPS if high - low > ALIKE else ():
        start = math.floor(low / step + ALIKE) * step
        parts = math.ceil((high - start) / step - ALIKE)
        if parts <= MOST_CLASSES:
            return np.asarray(start + step * np.arange(parts + 1), float)
    return np.linspace(0, 1, MOST_CLASSES + 1)


def _worst_hours(share: Floats, worst: npt.NDArray[np.bool_], say: Words) -> str:
    spans = spans_of(np.flatnonzero(worst).tolist())
    named = say(", ").join(_span_text(*span, say) for span in spans[:MOST_NAMED])
    rest = sum(len(days) * (end - begin) for days, begin, end in spans[MOST_NAMED:])
    told = f"{named}{say(', ')}{say('{n} more', n=rest)}" if rest > 0 else named
    best = int(share.argmax())
    return say(
        "○ Worst hours: {hours} ({low}). Best: {share}, first {hour}.",
        hours=told,
        low=percent(float(share.min())),
        share=percent(float(share[best])),
        hour=minute_text(best * 60, say.lang),
    )


def spans_of(hours: Sequence[int]) -> list[tuple[tuple[int, ...], int, int]]:
    """Return hours of the week as days with a span of hours each: days, first hour, end.

    Examples
    --------
    >>> spans_of([20, 21, 44, 45, 30])
    [((1,), 6, 7), ((0, 1), 20, 22)]
    """
    days: dict[int, tuple[int, ...]] = {}
    for hour in sorted(hours):
        days[hour % HOURS_A_DAY] = (*days.get(hour % HOURS_A_DAY, ()), hour // HOURS_A_DAY)
    spans: list[tuple[tuple[int, ...], int, int]] = []
    for hour, there in sorted(days.items()):
        if spans and spans[-1][0] == there and spans[-1][2] == hour:
            spans[-1] = (there, spans[-1][1], hour + 1)
        else:
            spans.append((there, hour, hour + 1))
    return spans


def _span_text(days: tuple[int, ...], begin: int, end: int, say: Words) -> str:
    names = DAYS_ZH if say.lang == "zh" else DAYS_EN
    if len(days) == len(names):
        told = say("every day")
    elif len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        told = say("{first} to {last}", first=names[days[0]], last=names[days[-1]])
    else:
        told = say(", ").join(names[day] for day in days)
    clock = f"{begin:02d}:00" if end == begin + 1 else f"{begin:02d}:00–{end:02d}:00"
    return f"{told} {clock}"
