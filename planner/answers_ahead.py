"""Answers about nights to come: the roster."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from gis.errors import LayerMissingError
from gis.layers import Layers
from gis.patrol_rows import PlannedNight
from gis.streets import Streets
from planner.answer import Answer, answered, filled_in
from planner.assume import complete
from planner.network import build_network
from planner.params import Params
from planner.patrol_network import ways_assumed
from planner.results import Missing
from planner.results_coverage import Coverage
from planner.roster import Roster, evening_of_roster, no_roster, plan_roster
from planner.roster_params import RosterParams
from planner.roster_tonight import DRAWN, drawn_patrol


def answer_roster(
    layers: Layers,
    params: Params,
    roster: RosterParams,
    *,
    coverage: Coverage | None = None,
    streets: Streets | None = None,
    closures: Collection[str] = (),
) -> Answer:
    """Return the plans of many nights, as an answer with its document.

    Parameters
    ----------
    layers
        The town as it is known.
    params
        Every tunable number; `params.patrol` has the first night and the seed.
    roster
        Numbers of the plans of many nights.
    coverage
        A coverage answer whose worst gaps become stops, if there is one.
    streets
        The town's street network, nothing closed, if it is built already.
    closures
        Codes of streets that are closed.
    """
    town = complete(layers, params.response.tiers_min)
    try:
        result = plan_roster(
            town.layers,
            streets or build_network(layers),
            params.patrol,
            roster,
            coverage_gaps=None if coverage is None else coverage.gaps,
            closures=closures,
        )
    except LayerMissingError as error:
        result = no_roster(params.patrol, (Missing("routes", error.layers),))
    assumed = (*filled_in(town, "teams", "units"), *ways_assumed(town.layers, params.patrol))
    stated = {**asdict(params.patrol), **asdict(roster)}
    return answered("roster", town, result, stated, assumed, [])


def answer_drawn(
    layers: Layers,
    params: Params,
    roster: RosterParams,
    night: Mapping[str, Any],
    *,
    coverage: Coverage | None = None,
    streets: Streets | None = None,
    closures: Collection[str] = (),
) -> Answer | None:
    """Return tonight's patrol as a roster drew it, or None where that no longer fits the town.

    Parameters
    ----------
    layers, params, roster, coverage, streets, closures
        As for `answer_roster`; `params.patrol` has the night.
    night
        Its plan as it was kept.
    """
    town = complete(layers, params.response.tiers_min)
    patrol = replace(params.patrol, seed=night["seed"])
    try:
        evening = evening_of_roster(
            town.layers,
            streets or build_network(layers),
            params.patrol,
            roster,
            coverage_gaps=None if coverage is None else coverage.gaps,
            closures=closures,
        )
    except LayerMissingError:
        return None
    result = drawn_patrol(evening, night)
    if result is None:
        return None
    assumed = (*filled_in(town, "teams", "units"), *ways_assumed(town.layers, params.patrol))
    answer = answered("patrol", town, replace(result, seed=night["seed"]), patrol, assumed, [])
    answer.document[DRAWN] = True
    return answer


def planned_nights_of(layers: Layers, params: Params, roster: Roster) -> list[PlannedNight]:
    """Return the nights of a roster as they are kept and given out.

    Parameters
    ----------
    layers, params
        As for `answer_roster`.
    roster
        Its result, as it was made: once stored it has no plans any more.
    """
    town = complete(layers, params.response.tiers_min)
    assumed = filled_in(town, "teams", "units")
    nights = []
    for plan in roster.plans:
        day = date.fromisoformat(plan.date)
        stated = replace(params.patrol, date=day, seed=plan.seed)
        answer = answered("patrol", town, plan, stated, assumed, [])
        document = {**answer.document, DRAWN: True}
        nights.append(PlannedNight(day, plan.seed, document))
    return nights
