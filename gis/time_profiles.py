"""What the hour of the week and the ground do to travel times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import ParameterError
from gis.modes import MODES, check_mode, emergency_rules
from gis.profiles import load

Floats = npt.NDArray[np.float64]

CLASSES = ("fast", "main", "middle", "small")
GROUNDS = ("town", "fringe", "countryside")
HOURS = 168  # of a week


def period_at(minute: int, table: Mapping[str, Any] | None = None) -> str:
    """Return the name of the period that a minute of the week lies in.

    Parameters
    ----------
    minute
        Monday 00:00 = 0, local time; others are taken round the week.
    table
        A table like `data/profiles/traffic.toml`, which is the default.

    Raises
    ------
    ParameterError
        If the table is not as it should be.

    Examples
    --------
    >>> period_at(8 * 60), period_at(5 * 1440 + 8 * 60)
    ('morning_peak', 'weekend')
    """
    table = load("traffic") if table is None else table
    check_traffic(table)
    return _periods(table["periods"])[int(minute) // 60 % HOURS]


def factors(
    kind: npt.ArrayLike,
    ground: npt.ArrayLike,
    mode: str,
    minute: int | None,
    table: Mapping[str, Any] | None = None,
    *,
    emergency: bool = False,
) -> Floats:
    """Return by what the times of streets are multiplied, (m,); 1 = as in daytime in town.

    Parameters
    ----------
    kind
        (m,) `highway` of each street; None is unknown.
    ground
        (m,) "town", "fringe" or "countryside".
    mode
        "foot", "ebike" or "car".
    minute
        Minute of the week, Monday 00:00 = 0, local time; None leaves the hour out, the ground
        still counts.
    table
        A table like `data/profiles/traffic.toml`, which is the default.
    emergency
        A car with light and siren: only a share of a delay counts (`gis.modes.emergency_rules`),
        and as it goes as fast as is safe, it gains nothing from empty streets.

    Raises
    ------
    ParameterError
        If there is no such mode or ground, or the table is not as it should be.

    Examples
    --------
    >>> streets, ground = ["primary", "footway"], ["town", "town"]
    >>> factors(streets, ground, "car", 8 * 60).tolist()
    [1.14, 1.05]
    >>> factors(streets, ground, "car", 8 * 60, emergency=True).round(3).tolist()
    [1.07, 1.025]
    """
    table = load("traffic") if table is None else table
    check_mode(mode)
    check_traffic(table)
    period = None if minute is None else period_at(minute, table)
    values = _values(table, mode, period)
    if emergency and mode == "car":
        values = 1 + np.maximum(values - 1, 0) * emergency_rules()["delay_share"]
    number = {kind: CLASSES.index(name) for name, ks in table["classes"].items() for kind in ks}
    streets = pd.Series(np.asarray(kind, dtype=object)).map(number)
    column = streets.fillna(CLASSES.index("small")).to_numpy(np.int64)
    places = pd.Series(np.asarray(ground, dtype=object))
    if not places.isin(GROUNDS).all():
        msg = f"a ground must be one of {', '.join(GROUNDS)}"
        raise ParameterError(msg)
    row = places.map({name: row for row, name in enumerate(GROUNDS)}).to_numpy(np.int64)
    return np.asarray(values[row, column])


def _values(table: Mapping[str, Any], mode: str, period: str | None) -> Floats:
    """Return the factor of each ground and class, (grounds, classes)."""
    always, hourly = (table[part].get(mode, {}) for part in ("ground", "hour"))
    values = np.ones((len(GROUNDS), len(CLASSES)))
    for (row, ground), (column, name) in product(enumerate(GROUNDS), enumerate(CLASSES)):
        of_hour = hourly.get(ground, {}).get(period, {})
        values[row, column] = always.get(ground, {}).get(name, 1.0) * of_hour.get(name, 1.0)
    return values


def _periods(rows: list[Mapping[str, Any]]) -> list[str]:
    """Return the name of the period of each hour of the week; "" where there is none."""
    names = [""] * HOURS
    for row in reversed(rows):
        for day, (begin, end) in product(row["days"], row["hours"]):
            names[day * 24 + begin : day * 24 + end] = [row["name"]] * (end - begin)
    return names


def check_traffic(table: Mapping[str, Any]) -> None:
    """Raise unless a table is like `data/profiles/traffic.toml`.

    Raises
    ------
    ParameterError
        All that is wrong with it.
    """
    parts = ("periods", "classes", "ground", "hour")
    faults = [f"it lacks [{part}]" for part in parts if part not in table]
    if not faults:
        faults += _period_faults(table["periods"])
        faults += _class_faults(table["classes"])
        names = {row.get("name") for row in table["periods"]}
        faults += _factor_faults(table["ground"], table["hour"], names)
    if faults:
        msg = f"the table of traffic cannot be used: {'; '.join(faults)}"
        raise ParameterError(msg)


def _period_faults(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    faults = False
    for number, row in enumerate(rows, start=1):
        where = f"period {row.get('name', number)}"
        if not row.get("name"):
            faults = True
            yield f"{where} has no name"
        if not set(row.get("days", [7])) <= set(range(7)):
            faults = True
            yield f"{where}: days go from 0 to 6"
        if not all(0 <= begin < end <= 24 for begin, end in row.get("hours", [(0, 0)])):
            faults = True
            yield f"{where}: hours go from 0 to 24, the end after the begin"
    if not faults and "" in _periods(rows):
        day, hour = divmod(_periods(rows).index(""), 24)
        yield f"day {day}, hour {hour} lies in no period"


def _class_faults(classes: Mapping[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for name, kinds in classes.items():
        if name not in CLASSES:
            yield f"no class {name!r}; the classes are: {', '.join(CLASSES)}"
        yield from (f"{kind} stands in two classes" for kind in kinds if kind in seen)
        seen |= set(kinds)


def _factor_faults(ground: Any, hour: Any, periods: set[Any]) -> Iterator[str]:
    rows = {(mode, place): row for mode, by in ground.items() for place, row in by.items()}
    for (mode, place), row in rows.items():
        yield from _row_faults(f"ground.{mode}.{place}", mode, place, row)
    for mode, by_ground in hour.items():
        for place, by_period in by_ground.items():
            for period, row in by_period.items():
                where = f"hour.{mode}.{place}.{period}"
                if period not in periods:
                    yield f"{where}: no such period"
                yield from _row_faults(where, mode, place, row)


def _row_faults(where: str, mode: str, ground: str, row: Mapping[str, Any]) -> Iterator[str]:
    if mode not in MODES:
        yield f"{where}: no such mode"
    if ground not in GROUNDS:
        yield f"{where}: no such ground"
    for name, value in row.items():
        if name not in CLASSES:
            yield f"{where}: no class {name!r}"
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.1 <= value <= 10:
            yield f"{where}.{name} = {value!r} is not a factor from 0.1 to 10"
