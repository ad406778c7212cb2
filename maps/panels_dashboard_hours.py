"""The hours of one day: how many places are in time, and how many units are on duty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maps.panels import StripCell
from maps.panels_week import HOURS_A_DAY, week_strip
from maps.words import Words
from planner.results_response import Response


@dataclass(frozen=True)
class Hours:
    """One day as 24 hours.

    Parameters
    ----------
    day
        Its name.
    cells
        (24,) hours with their words.
    now
        The hour that it is.
    legend
        What the colours mean.
    """

    day: str
    cells: Sequence[StripCell]
    now: int
    legend: str


def day_hours(response: Response | None, weekday: int, hour: int, say: Words) -> Hours | None:
    """Return the hours of a day of the week; None where they are not known.

    Parameters
    ----------
    response
        The answer, if there is one.
    weekday
        Monday = 0.
    hour
        The hour that it is.
    say
        Words of the page's language.
    """
    strip = None if response is None else week_strip(response, say)
    if strip is None:
        return None
    first = weekday * HOURS_A_DAY
    cells = strip.cells[first : first + HOURS_A_DAY]
    return Hours(strip.days[weekday], cells, hour, strip.legend)
