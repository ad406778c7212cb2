"""The week in minutes: when a post is on duty, and how a moment of the week is written.

A minute of the week counts from Monday 00:00 (0) to Sunday 23:59 (10,079), local time of the town.
How duty hours may be written: `planner.week_hours`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import Fault, InputError, LayerFaultsError
from planner.week_hours import DAY_MIN, WEEK_MIN, slots_of, weekday_of

Bools = npt.NDArray[np.bool_]

DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def minute_of(text: str, timezone: str | None = None) -> int:
    """Return the minute of the week that a text names.

    Parameters
    ----------
    text
        A weekday and a time of day, or a date and a time, ISO 8601.
    timezone
        Name of the town's time zone, such as "Asia/Shanghai"; a time with an offset is turned
        into its time. Without it, such a time is refused.

    Raises
    ------
    InputError
        If the text names no such moment.

    Examples
    --------
    >>> minute_of("Mon 20:00"), minute_of("周一 20:00"), minute_of("2026-11-25T20:00")
    (1200, 1200, 4080)
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    named = _named_minute(plain)
    if named is not None:
        return named
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        moment = None
    # A date alone would mean midnight, which hardly anybody means.
    if moment is None or ":" not in plain:
        msg = f"{text!r} is not a moment such as Mon 20:00, 周一 20:00 or 2026-11-25T20:00"
        raise InputError(msg)
    if moment.tzinfo is not None:
        if timezone is None:
            msg = f"{text!r}: write the town's own time, without an offset"
            raise InputError(msg)
        moment = moment.astimezone(ZoneInfo(timezone))
    return moment.weekday() * DAY_MIN + moment.hour * 60 + moment.minute


def _named_minute(plain: str) -> int | None:
    """Return the minute of a weekday and a time; None where the text is not made so."""
    match = re.fullmatch(r"(\D+|\D+[1-7]\s+)(\d{1,2}):(\d{2})", plain)
    day = weekday_of(match[1]) if match else None
    if match is None or day is None:
        return None
    hour, minute = int(match[2]), int(match[3])
    if hour * 60 + minute > DAY_MIN or minute > 59:
        return None
    return (day * DAY_MIN + hour * 60 + minute) % WEEK_MIN


def minute_text(minute: int, lang: str = "en") -> str:
    """Return a minute of the week as people write it, "zh" or "en".

    Examples
    --------
    >>> minute_text(1200), minute_text(1200, "zh"), minute_text(10_080)
    ('Mon 20:00', '周一 20:00', 'Mon 00:00')
    """
    day, rest = divmod(int(minute) % WEEK_MIN, DAY_MIN)
    names = DAYS_ZH if lang == "zh" else DAYS_EN
    return f"{names[day]} {rest // 60:02d}:{rest % 60:02d}"


def on_duty(
    hours: Sequence[str | None],
    minute: int,
    *,
    codes: Sequence[str] | None = None,
    layer: str = "units",
    column: str = "duty_hours",
) -> Bools:
    """Return which posts are on duty at a minute of the week, (n,).

    Parameters
    ----------
    hours
        (n,) duty hours as `planner.week_hours.slots_of` reads them; None, NaN and blank texts are
        unknown and count as always.
    minute
        Minute of the week; others are taken round it.
    codes, layer, column
        What the faults are called by; without codes, the position.

    Raises
    ------
    LayerFaultsError
        If texts cannot be read; all of them at once.

    Examples
    --------
    >>> on_duty(["00:00-24:00", "20:00-06:00", "Sat 09:00-12:00", None], 60).tolist()
    [True, True, False, True]
    """
    table = duty_table(hours, [minute], codes=codes, layer=layer, column=column)
    return np.asarray(table[0], bool)


def duty_table(
    hours: Sequence[str | None],
    minutes: Sequence[int] | npt.NDArray[np.integer],
    *,
    codes: Sequence[str] | None = None,
    layer: str = "units",
    column: str = "duty_hours",
) -> Bools:
    """Return which posts are on duty at each of many minutes of the week, (k, n).

    Parameters and errors are those of `on_duty`.

    Examples
    --------
    >>> duty_table(["Sun 22:00-02:00"], [0, 119, 120, 10_079]).ravel().tolist()
    [True, True, False, True]
    """
    at = np.asarray(minutes, np.int64) % WEEK_MIN
    there = np.zeros((len(at), len(hours)), bool)
    names: list[int | str] = list(range(len(hours))) if codes is None else list(codes)
    faults = []
    for row, text in enumerate(hours):
        if text is None or pd.isna(text) or not str(text).strip():
            there[:, row] = True
            continue
        try:
            slots = slots_of(str(text))
        except InputError as error:
            faults.append(Fault(names[row], column, str(error)))
            continue
        for begin, end in slots:
            # A slot over the end of the week goes on at its beginning.
            there[:, row] |= (at - begin) % WEEK_MIN < end - begin
    if faults:
        raise LayerFaultsError(layer, faults)
    return there
