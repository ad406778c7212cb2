"""Why a required stop is missing, in a plain sentence in Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence

from gis.profiles import load
from planner.patrol_clock import Clock
from planner.patrol_explained import UnmetStop
from planner.solvers.tours_problem import TourProblem

# A pace at which seconds of way are told as metres.
DEFAULT_SPEED_KMH = 3.6
# So many stops are named that could be given up; more would not be read.
NAMED = 2


def unmet_sentence(
    unmet: UnmetStop,
    problem: TourProblem,
    names: Sequence[str],
    clock: Clock,
    speeds_kmh: Sequence[float] = (),
) -> dict[str, str]:
    """Return why a stop is missing and what would let it in, by language.

    Parameters
    ----------
    unmet
        The stop, as `planner.patrol_explained.explain` tells it.
    problem
        The evening.
    names
        What each point is called; those of the first points are the teams'.
    clock
        What its ticks are by the town's clocks.
    speeds_kmh
        Pace of each team, for a way that is too long.

    Returns
    -------
    dict
        "zh" and "en".

    Examples
    --------
    >>> from datetime import date
    >>> from planner.patrol_explained import Relaxation
    >>> from planner.solvers.tours_problem import Vehicle
    >>> problem = TourProblem(
    ...     [[0, 9], [9, 0]], [0, 1], [0, 0], [0, 0], [0, 9], [False, True],
    ...     (Vehicle(0, 0, 68_400, 75_600),),
    ... )
    >>> unmet = UnmetStop(1, "alone", (), Relaxation("later_home", 0, 700))
    >>> clock = Clock(date(2026, 11, 25), "Asia/Shanghai")
    >>> print(unmet_sentence(unmet, problem, ["一队", "老桥头"], clock)["zh"])
    老桥头没有排进去:哪一队只去这一处也赶不及。一队晚 12 分钟收队(21:12)就排得下。
    """
    return {
        lang: _sentence(unmet, problem, names, clock, speeds_kmh, lang) for lang in ("zh", "en")
    }


def _sentence(
    unmet: UnmetStop,
    problem: TourProblem,
    names: Sequence[str],
    clock: Clock,
    speeds_kmh: Sequence[float],
    lang: str,
) -> str:
    words = load("patrol_reasons")
    parts = [words["cause"][unmet.cause][lang].format(stop=names[unmet.stop])]
    if unmet.relaxation is not None:
        one = unmet.relaxation
        vehicle = problem.vehicles[one.team]
        from_tick, sign = {
            "later_home": (vehicle.latest_return, 1),
            "earlier_start": (vehicle.earliest, -1),
            "window_closes_later": (int(problem.closes[unmet.stop]), 1),
            "window_opens_earlier": (int(problem.opens[unmet.stop]), -1),
            "longer_way": (0, 1),
        }[one.kind]
        minutes = -(-one.seconds // 60)
        speed_kmh = speeds_kmh[one.team] if len(speeds_kmh) else DEFAULT_SPEED_KMH
        parts.append(
            words["relaxation"][one.kind][lang].format(
                team=names[vehicle.start],
                minutes=minutes,
                clock=clock.iso(from_tick + sign * 60 * minutes)[11:16],
                metres=-(-int(one.seconds * speed_kmh / 3.6) // 10) * 10,
            )
        )
    if unmet.conflicts:
        joint = {"zh": "或", "en": " or "}[lang]
        others = joint.join(names[stop] for stop in unmet.conflicts[:NAMED])
        parts.append(words["otherwise"]["conflict"][lang].format(others=others))
    elif unmet.relaxation is None and unmet.cause != "no_way":
        parts.append(words["otherwise"]["nothing"][lang])
    return ("" if lang == "zh" else " ").join(parts)
