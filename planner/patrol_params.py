"""Numbers of the patrols, checked when made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from gis.errors import InputError, ParameterError
from gis.profiles import load
from planner.limits import check_limits, overlaid
from planner.week_hours import span_min

TABLES = ("speed_kmh", "dwell_s", "manner", "prize", "incidents", "lately", "avoid", "rest")


@dataclass(frozen=True)
class PatrolParams:
    """Numbers of the patrols; see `data/profiles/patrol.toml`.

    Raises
    ------
    ParameterError
        If a number is outside its limits, a table is not as it should be, the usual shift is no
        two times of day, or the time zone is unknown.

    Examples
    --------
    >>> PatrolParams.default(date=date(2026, 11, 24)).max_length_m
    4000.0
    >>> PatrolParams.default(prize={"gap": 9}).prize["patrol_point"]
    20
    """

    date: date
    timezone: str
    seconds: float
    stops_per_team: int
    gap_stops: int
    max_length_m: float
    unnamed_shift: str
    night_until_h: float
    stagger_s: int
    visit_gap_s: int
    least_visit_s: int
    speed_kmh: Mapping[str, float]
    dwell_s: Mapping[str, float]
    manner: Mapping[str, Any]
    prize: Mapping[str, int]
    incidents: Mapping[str, float]
    lately: Mapping[str, Any]
    avoid: Mapping[str, Any]
    rest: Mapping[str, Any]
    seed: int = 0
    iterations: int | None = None

    def __post_init__(self) -> None:
        limits = {"seconds": (0.05, 3600), "stops_per_team": (1, 500), "gap_stops": (0, 1000)}
        if self.iterations is not None:
            limits["iterations"] = (1, 100_000_000)
        check_limits(
            self,
            max_length_m=(100, 100_000),
            seed=(0, 2**31),
            night_until_h=(0, 12),
            stagger_s=(0, 7200),
            visit_gap_s=(0, 43_200),
            least_visit_s=(60, 14_400),
            **limits,
        )
        faults = [fault for name in TABLES for fault in self._faults(name)]
        if self.timezone not in _timezones():
            faults.append(f"no time zone {self.timezone!r}: take one such as Asia/Shanghai")
        try:
            span_min(self.unnamed_shift)
        except InputError as error:
            faults.append(f"unnamed_shift: {error}")
        if faults:
            raise ParameterError("; ".join(faults))

    def _faults(self, name: str) -> Iterator[str]:
        """Yield what is wrong with a table: names, numbers and manners of visit."""
        table, usual = getattr(self, name), load("patrol")[name]
        yield from _table_faults(name, table, usual, open_ended=name in ("prize", "dwell_s"))
        if name == "manner":
            sites = table.get("sites", {})
            words = [*sites.values(), *(word for key, word in table.items() if key != "sites")]
            for word in sorted({str(word) for word in words} - set(self.dwell_s)):
                yield f"manner: {word!r} is none of {', '.join(self.dwell_s)}"
        if name == "speed_kmh":
            yield from (f"{name}.{mode} must be above 0" for mode in table if table[mode] == 0)

    @classmethod
    def default(cls, **changes: Any) -> PatrolParams:
        """Return the profile's numbers for today, some of them changed; tables part by part."""
        given = changes.get("date")
        if isinstance(given, str):
            try:
                changes["date"] = date.fromisoformat(given)
            except ValueError as error:
                msg = f"date must be such as 2026-11-24, not {given!r}"
                raise ParameterError(msg) from error
        return cls(**{"date": date.today(), **overlaid(load("patrol"), changes)})


def _table_faults(name: str, table: Any, usual: Any, *, open_ended: bool = False) -> Iterator[str]:
    """Yield where a table differs in shape from the profile's own."""
    if isinstance(usual, Mapping):
        if not isinstance(table, Mapping):
            yield f"{name} must be a table, not {table!r}"
            return
        if not open_ended and name != "manner.sites":
            yield from (f"{name} does not know {key}" for key in sorted(set(table) - set(usual)))
        yield from (f"{name} lacks {key}" for key in usual if key not in table)
        for key in table:
            like = usual.get(key, next(iter(usual.values())))
            yield from _table_faults(f"{name}.{key}", table[key], like)
    elif isinstance(usual, list):
        if not isinstance(table, list | tuple) or not all(isinstance(w, str) for w in table):
            yield f"{name} must be a list of words, not {table!r}"
    elif isinstance(usual, str):
        if not isinstance(table, str):
            yield f"{name} must be a word, not {table!r}"
    elif isinstance(table, bool) or not isinstance(table, int | float) or not 0 <= table <= 1e9:
        yield f"{name} must be a number from 0, not {table!r}"


@cache
def _timezones() -> set[str]:
    """Return the names of the zones there are: reading them walks through a folder of files."""
    return available_timezones()
