"""Who walks tonight: pace, shift, start, rest and longest way of each team."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd
import shapely

from gis.errors import Fault, InputError, LayerFaultsError
from gis.profiles import load
from planner.patrol_clock import Clock
from planner.patrol_params import PatrolParams
from planner.week_hours import DAY_MIN, slots_of, span_min


@dataclass(frozen=True)
class Pace:
    """How one team moves, and for how long.

    Parameters
    ----------
    mode
        "foot", "ebike" or "car".
    speed_kmh
        Its speed on a usual street.
    shift_s
        Begin and end, ticks of the evening (`planner.patrol_clock`); equal ones: not out tonight.
    start_s
        The first tick at which it may leave, in its shift.
    break_s
        Its rest; 0 = none.
    longest_s
        Most seconds under way; None for no limit.
    """

    mode: str
    speed_kmh: float
    shift_s: tuple[int, int]
    start_s: int
    break_s: int
    longest_s: int | None

    @property
    def stretch(self) -> float:
        """Return the team's time over the street network's."""
        usual_kmh: float = load("speeds")["kinds"]["other"][self.mode]
        return usual_kmh / self.speed_kmh

    @property
    def out_s(self) -> int:
        """Return how long it can be out."""
        return self.shift_s[1] - self.start_s


def paces(teams: gpd.GeoDataFrame, params: PatrolParams) -> list[Pace]:
    """Return the pace of each team, in order.

    Parameters
    ----------
    teams
        Layer teams; what a row does not say is taken from `params`.
    params
        Numbers of the patrols.

    Raises
    ------
    LayerFaultsError
        If a shift cannot be read.
    """
    clock = Clock(params.date, params.timezone)
    speeds_kmh = teams["speed_kmh"].fillna(teams["mode"].map(params.speed_kmh)).astype(float)
    longest_m = teams["max_length_m"].where(
        teams["max_length_m"].notna() | (teams["mode"] != "foot"), params.max_length_m
    )
    found = []
    for mode, speed_kmh, (begin_s, end_s), delay_s, break_s, length_m in zip(
        teams["mode"],
        speeds_kmh,
        shifts_s(teams, params),
        teams["start_delay_s"],
        teams["break_s"],
        longest_m,
        strict=True,
    ):
        shift = (clock.tick(begin_s), clock.tick(end_s))
        rests = shift[1] - shift[0] > params.rest["over_s"]
        usual_break_s = params.rest["break_s"] if rests else 0
        found.append(
            Pace(
                mode,
                speed_kmh,
                shift,
                min(shift[0] + int(delay_s if pd.notna(delay_s) else 0), shift[1]),
                int(usual_break_s if pd.isna(break_s) else break_s),
                None if pd.isna(length_m) else math.floor(length_m / (speed_kmh / 3.6)),
            )
        )
    return _staggered(found, teams, params.stagger_s)


def _staggered(team_paces: Sequence[Pace], teams: gpd.GeoDataFrame, stagger_s: int) -> list[Pace]:
    """Return the paces with those that begin together at one base leaving one after the other."""
    before: Counter[tuple[float, float, int]] = Counter()
    found = []
    told = teams["start_delay_s"].notna()
    bases = shapely.get_coordinates(teams.geometry.to_numpy()).round(5).tolist()
    for pace, (lon, lat), own in zip(team_paces, bases, told, strict=True):
        here = (lon, lat, pace.shift_s[0])
        start_s = pace.start_s if own else pace.shift_s[0] + stagger_s * before[here]
        before[here] += 1
        found.append(replace(pace, start_s=min(start_s, pace.shift_s[1])))
    return found


def shifts_s(teams: pd.DataFrame, params: PatrolParams) -> list[tuple[int, int]]:
    """Return begin and end of each team's shift this evening, seconds after midnight by the clock.

    A shift is two times of day, or duty hours of the week (`planner.week_hours`), of which the one
    with the most hours from noon to noon counts. A team that is not on shift has equal ones.

    Raises
    ------
    LayerFaultsError
        If a shift can be read in neither way; all rows at once.
    """
    found, faults = [], []
    texts = teams["shifts"].fillna(params.unnamed_shift)
    for code, text in zip(teams["code"], texts, strict=True):
        try:
            found.append(_shift_s(text, params))
        except InputError as error:
            faults.append(Fault(code, "shifts", str(error)))
    if faults:
        raise LayerFaultsError("teams", faults)
    return found


def _shift_s(text: str, params: PatrolParams) -> tuple[int, int]:
    try:
        begin, end = span_min(text)
    except InputError as error:
        try:
            begin, end = _slot_of(text, params.date.weekday())
        except InputError:
            raise error from None
    else:
        # A shift after midnight belongs to the night that began the evening before.
        if begin < params.night_until_h * 60 and end - begin < DAY_MIN:
            begin, end = begin + DAY_MIN, end + DAY_MIN
    return begin * 60, end * 60


def _slot_of(text: str, weekday: int) -> tuple[int, int]:
    """Return the slot of a day that has the most minutes from its noon to the next."""
    noon = weekday * DAY_MIN + DAY_MIN // 2
    week = 7 * DAY_MIN
    slots = [(b + turn, e + turn) for b, e in slots_of(text) for turn in (-week, 0, week)]
    shared = [(min(e, noon + DAY_MIN) - max(b, noon), b, e) for b, e in slots]
    most, begin, end = max(shared)
    if most <= 0:
        usual = 19 * 60
        return usual, usual
    begin, end = max(begin, noon), min(end, noon + DAY_MIN)
    return begin - weekday * DAY_MIN, end - weekday * DAY_MIN
