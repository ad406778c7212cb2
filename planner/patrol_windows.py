"""When a stop may be visited: windows of an evening, and several visits with time between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import Fault, InputError, LayerFaultsError
from planner.patrol_clock import DAY_S
from planner.week_hours import span_min

# A stop that is open whenever anybody is out.
ANY_TIME = (0, 2 * DAY_S)


def window_s(text: str) -> tuple[int, int]:
    """Return a window such as "22:00-02:00" as seconds after midnight, the end after the start.

    Raises
    ------
    InputError
        If the text is not two times of day.

    Examples
    --------
    >>> window_s("19:00-21:30"), window_s("22:00-02:00")
    ((68400, 77400), (79200, 93600))
    """
    begin, end = span_min(text)
    return begin * 60, end * 60


def windows_s(frame: pd.DataFrame, column: str, layer: str, unknown: str) -> list[tuple[int, int]]:
    """Return the window of each row; `unknown` where it states none.

    Raises
    ------
    LayerFaultsError
        If a row's text is not a window; all rows at once.
    """
    windows, faults = [], []
    for code, text in zip(frame["code"], frame[column].fillna(unknown), strict=True):
        try:
            windows.append(window_s(text))
        except InputError as error:
            faults.append(Fault(code, column, str(error)))
    if faults:
        raise LayerFaultsError(layer, faults)
    return windows


def of_the_evening(window: tuple[int, int], out_s: tuple[int, int]) -> tuple[int, int]:
    """Return the window of the day or of the next, whichever more of it falls into the evening.

    Parameters
    ----------
    window
        Begin and end, seconds after midnight.
    out_s
        When teams are out, likewise.

    Examples
    --------
    >>> of_the_evening((3600, 7200), (79_200, 97_200)), of_the_evening((0, 86_400), (0, 9000))
    ((90000, 93600), (0, 172800))
    """
    begin, end = window
    if end - begin >= DAY_S:
        return ANY_TIME
    later = (begin + DAY_S, end + DAY_S)
    return later if _shared_s(later, out_s) > _shared_s(window, out_s) else window


def _shared_s(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


@dataclass(frozen=True)
class Visit:
    """One of a point's visits: its number from 0, and when it may begin (none: closes < opens)."""

    number: int
    opens_s: int
    closes_s: int


def visits_apart(
    window: tuple[int, int], visits: int, gap_s: int, dwell_s: int, least_s: int
) -> list[Visit]:
    """Return windows for several visits, so far apart that the gap holds whenever each begins.

    Parameters
    ----------
    window
        When the first may begin and the last must have begun, seconds.
    visits
        How many are wanted.
    gap_s
        From the end of one to the begin of the next, at the least.
    dwell_s
        How long one takes.
    least_s
        A window no shorter than this; visits for which there is then no room have none.

    Examples
    --------
    >>> [(v.opens_s, v.closes_s) for v in visits_apart((0, 9000), 2, 2700, 300, 600)]
    [(0, 3000), (6000, 9000)]
    >>> [(v.opens_s, v.closes_s) for v in visits_apart((0, 4000), 3, 2700, 300, 600)]
    [(0, 4000), (1, 0), (1, 0)]
    """
    opens, closes = window
    apart_s = gap_s + dwell_s
    room_s = closes - opens
    fit = visits
    while fit > 1 and room_s - (fit - 1) * apart_s < fit * least_s:
        fit -= 1
    each_s = (room_s - (fit - 1) * apart_s) // fit
    starts = [opens + number * (each_s + apart_s) for number in range(fit)]
    found = [Visit(number, start, start + each_s) for number, start in enumerate(starts)]
    return found + [Visit(number, 1, 0) for number in range(fit, visits)]


def hours_of(windows: Sequence[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    """Return which hours of the day some windows touch, (24,).

    Examples
    --------
    >>> np.flatnonzero(hours_of([(68_400, 75_600), (82_800, 90_000)])).tolist()
    [0, 19, 20, 23]
    """
    touched = np.zeros(24, bool)
    for begin, end in windows:
        if end > begin:
            touched[np.arange(begin // 3600, -(-end // 3600)) % 24] = True
    return touched
