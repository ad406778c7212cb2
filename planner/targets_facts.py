"""The facts that places hand in, as numbers by place and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.profiles import load
from gis.validate_values import FLAGS

Floats = npt.NDArray[np.float64]
# Layer of the places, and key of the fact.
Key = tuple[str, str]


@dataclass(frozen=True, eq=False)
class FactBook:
    """Facts as numbers: flags are 1 and 0, days are ordinals, a month's totals a yearly mean.

    Parameters
    ----------
    numbers
        (layer, key) to year to code to number; year 0 where the key has no period.
    days
        (layer, key) to code to every day handed in, ordinals.
    years
        (layer, key) to the latest year handed in that has begun.
    today
        The day the answer is made for.
    """

    numbers: Mapping[Key, Mapping[int, Mapping[str, float]]] = field(repr=False)
    days: Mapping[Key, Mapping[str, list[float]]] = field(repr=False)
    years: Mapping[Key, int] = field(repr=False)
    today: date

    def summary(self) -> str:
        """Return one line."""
        return f"{len(self.numbers)} keys with numbers, {len(self.days)} with days"

    def of(
        self, layer: str, key: str, codes: Sequence[str], back: int = 0
    ) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Return the number of each place, (n,), NaN where none was handed in, and which are old.

        Parameters
        ----------
        layer, key
            Layer of the places and key of the fact.
        codes
            (n,) codes of the places.
        back
            How many years before the latest one. For the latest year itself, a place that has
            handed in earlier years only answers with the last of them, and is marked as old.
        """
        if load("facts_keys")[key]["type"] == "date":
            return self._days(layer, key, codes, back), np.zeros(len(codes), bool)
        by_year = self.numbers.get((layer, key), {})
        latest = self.years.get((layer, key), 0)
        now = by_year.get(latest - back, {}) if latest else {}
        number = np.array([now.get(code, np.nan) for code in codes], float)
        old = np.zeros(len(codes), bool)
        if back:
            return number, old
        for year in sorted((y for y in by_year if y != latest), reverse=True):
            fill = np.array([by_year[year].get(code, np.nan) for code in codes], float)
            taken = np.isnan(number) & ~np.isnan(fill)
            number, old = np.where(taken, fill, number), old | (taken & (year > 0))
        return number, old

    def as_of(self, layer: str, key: str, back: int = 0) -> date:
        """Return the day that the latest facts of a key speak of: today, or the end of their year.

        Parameters
        ----------
        layer, key
            Layer of the places and key of the fact.
        back
            How many years before.
        """
        year = self.years.get((layer, key), self.today.year)
        day = self.today if year >= self.today.year else date(year, 12, 31)
        return years_before(day, back)

    def town_code(self) -> str:
        """Return the code under which facts of the town as a whole are handed in, else "town"."""
        codes = [
            code
            for (layer, _), by_year in self.numbers.items()
            if layer == "town"
            for by_code in by_year.values()
            for code in by_code
        ]
        return min(codes, default="town")

    def _days(self, layer: str, key: str, codes: Sequence[str], back: int) -> Floats:
        """Return the last day that has come; where none has, the first that is to come."""
        by_code = self.days.get((layer, key), {})
        latest = self.as_of(layer, key, back).toordinal()
        found = np.full(len(codes), np.nan)
        for at, code in enumerate(codes):
            days = by_code.get(code, [])
            past = [day for day in days if day <= latest]
            if past or (days and not back):
                found[at] = max(past) if past else min(days)
        return found


def fact_book(facts: pd.DataFrame, today: date) -> FactBook:
    """Return the layer of facts as numbers; what is no number of its key's type counts as unknown.

    Parameters
    ----------
    facts
        Layer facts.
    today
        Periods that begin after this day are passed over.

    Examples
    --------
    >>> at = ("stations", "S1", "lawyers")
    >>> rows = [(*at, "2024", "1"), (*at, "2025", "2")]
    >>> columns = ["place_layer", "place_code", "key", "period", "value"]
    >>> book = fact_book(pd.DataFrame(rows, columns=columns), date(2026, 1, 1))
    >>> book.of("stations", "lawyers", ["S1", "S2"])[0].tolist()
    [2.0, nan]
    >>> book.of("stations", "lawyers", ["S1"], back=1)[0].tolist()
    [1.0]
    """
    keys = load("facts_keys")
    said: dict[tuple[Key, int], dict[str, dict[str, float]]] = {}
    days: dict[Key, dict[str, list[float]]] = {}
    years: dict[Key, int] = {}
    columns = ("place_layer", "place_code", "key", "period", "value")
    for layer, code, key, period, value in zip(*(facts[c].tolist() for c in columns), strict=True):
        when = period if isinstance(period, str) else ""
        number = _number(keys[key]["type"], value) if key in keys else np.nan
        if np.isnan(number) or when > today.isoformat():
            continue
        year = int(when[:4]) if when[:4].isdecimal() else 0
        if year:
            years[layer, key] = max(year, years.get((layer, key), 0))
        if keys[key]["type"] == "date":
            days.setdefault((layer, key), {}).setdefault(code, []).append(number)
        else:
            said.setdefault(((layer, key), year), {}).setdefault(code, {})[when] = number
    numbers: dict[Key, dict[int, dict[str, float]]] = {}
    for (at, year), by_code in said.items():
        monthly = keys[at[1]]["period"] == "month"
        yearly = {code: _of_year(by_period, monthly) for code, by_period in by_code.items()}
        numbers.setdefault(at, {})[year] = yearly
    return FactBook(numbers, days, years, today)


def years_before(day: date, years: int) -> date:
    """Return the same day some years earlier; of 29 February, the 28th.

    Examples
    --------
    >>> years_before(date(2024, 2, 29), 1)
    datetime.date(2023, 2, 28)
    """
    if not years:
        return day
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return date(day.year - years, day.month, last)


def _of_year(by_period: Mapping[str, float], monthly: bool) -> float:
    """Return one number for a year: the mean of its months, else the last one."""
    return float(np.mean(list(by_period.values()))) if monthly else by_period[max(by_period)]


def _number(kind: str, value: Any) -> float:
    """Return a value as a number; NaN where it is none of its type."""
    text = str(value).strip().lower()
    if kind == "flag":
        return float(FLAGS[text]) if text in FLAGS else np.nan
    try:
        return float(date.fromisoformat(text).toordinal()) if kind == "date" else float(text)
    except ValueError:
        return np.nan
