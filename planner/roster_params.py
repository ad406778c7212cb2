"""Numbers of the plans of many nights, checked when made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gis.errors import ParameterError
from gis.profiles import load
from planner.checkins import CheckinRules
from planner.limits import check_limits, overlaid
from planner.roster_nights import NightRules

LIMITS = {
    "nights": (1, 92),
    "within": (0.0, 0.5),
    "iterations": (1, 1_000_000),
    "first_iterations": (1, 1_000_000),
    "nodes": (1, 100_000),
    "steps": (1, 1_000_000),
    "noise": (0.0, 5.0),
    "idle_worth": (0.0, 100.0),
    "most_nights_a_week": (1, 7),
    "teams_a_night": (0, 1000),
    "most_stops": (1, 5000),
    "keep_times_days": (0, 3650),
    "least_people": (1, 100),
    "late_min": (0, 600),
}


@dataclass(frozen=True)
class RosterParams:
    """Numbers of the plans of many nights; see `data/profiles/nights.toml`.

    Raises
    ------
    ParameterError
        If a number is outside its limits.

    Examples
    --------
    >>> params = RosterParams.default(longest_gap_nights={"rural": 5})
    >>> params.longest_gap_nights["rural"], params.longest_gap_nights["key_public"]
    (5, 7)
    """

    nights: int
    within: float
    iterations: int
    first_iterations: int
    nodes: int
    steps: int
    noise: float
    idle_worth: float
    most_nights_a_week: int
    teams_a_night: int
    most_stops: int
    keep_times_days: int
    least_people: int
    late_min: float
    longest_gap_nights: Mapping[str, float]

    def __post_init__(self) -> None:
        check_limits(self, **LIMITS)
        wrong = {k: v for k, v in self.longest_gap_nights.items() if not _is_nights(v)}
        if wrong:
            parts = [
                f"longest_gap_nights.{k} must be from 1 night, not {v}" for k, v in wrong.items()
            ]
            raise ParameterError("; ".join(parts))

    @classmethod
    def default(cls, **changes: Any) -> RosterParams:
        """Return the profile's numbers, some of them changed."""
        known = set(load("nights"))
        unknown = sorted(set(changes) - known)
        if unknown:
            msg = f"the plans of many nights do not know {', '.join(unknown)}"
            raise ParameterError(msg)
        return cls(**overlaid(load("nights"), changes))

    @property
    def rules(self) -> NightRules:
        """The numbers that the drawing of nights takes."""
        return NightRules(
            self.within, self.iterations, self.first_iterations, self.nodes, self.steps,
            self.noise, self.idle_worth, self.teams_a_night, self.most_nights_a_week,
        )  # fmt: skip

    @property
    def checkin_rules(self) -> CheckinRules:
        """The numbers that check-ins are compared by."""
        return CheckinRules(self.late_min, self.least_people)


def _is_nights(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 1
