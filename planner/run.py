"""The product: a town in, its answers out, each with its JSON document."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from gis.errors import LayerMissingError
from gis.layers import Layers
from gis.streets import Streets
from planner.answer import Answer, answered, filled_in
from planner.assume import complete
from planner.coverage import cover
from planner.duty import UnitState, moved_units, state_words
from planner.network import build_network, network_assumed, with_closures
from planner.params import Params
from planner.patrol import no_patrol, plan_patrol
from planner.patrol_network import ways_assumed
from planner.response import respond
from planner.results import Missing
from planner.results_coverage import Coverage
from planner.tiers import level_assumed

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Results:
    """The three answers about one town."""

    coverage: Answer
    response: Answer
    patrol: Answer

    def summary(self) -> str:
        """Return the three answers, one after another."""
        answers = (self.coverage, self.response, self.patrol)
        return "\n\n".join(answer.summary() for answer in answers)


def run(layers: Layers, params: Params | None = None, progress: Progress | None = None) -> Results:
    """Return coverage, response circles and tonight's patrols of one town.

    Parameters
    ----------
    layers
        The town as it is known.
    params
        Every tunable number; None takes the profiles' own.
    progress
        Called with the name of the step that begins, its number, and how many there are.

    Raises
    ------
    InputError
        If no layer tells where the town is.
    """
    params = params or Params.default()
    tell = progress or (lambda step, done, steps: None)
    tell("streets", 0, 4)
    streets = build_network(layers)
    tell("coverage", 1, 4)
    coverage = answer_coverage(layers, params)
    tell("response", 2, 4)
    assert isinstance(coverage.result, Coverage)
    response = answer_response(layers, params, streets=streets, coverage=coverage.result)
    tell("patrol", 3, 4)
    patrol = answer_patrol(layers, params, coverage=coverage.result, streets=streets)
    tell("done", 4, 4)
    return Results(coverage, response, patrol)


def answer_coverage(layers: Layers, params: Params, *, at: date | None = None) -> Answer:
    """Return what the cameras see and where the gaps are, as an answer with its document.

    Parameters
    ----------
    layers
        The town as it is known.
    params
        Every tunable number.
    at
        The day it shall hold for, by the days on which cameras were installed and removed;
        None takes the layers as they stand.
    """
    town = complete(layers, params.response.tiers_min)
    result = cover(town.layers, params.coverage, at=at)
    warnings = []
    if result.resolution != params.coverage.resolution:
        warnings.append(
            f"the town is too large for cells of resolution {params.coverage.resolution}: "
            f"resolution {result.resolution} was taken (see max_cells)"
        )
    assumed = (*filled_in(town, "villages", "sites"), *result.assumed)
    return answered("coverage", town, result, params.coverage, assumed, warnings)


def answer_response(
    layers: Layers,
    params: Params,
    *,
    streets: Streets | None = None,
    coverage: Coverage | None = None,
    duty: Mapping[str, UnitState] | None = None,
) -> Answer:
    """Return who can be where in 1, 3 and 5 minutes, as an answer with its document.

    Parameters
    ----------
    layers
        The town as it is known.
    params
        Every tunable number.
    streets
        The town's network, nothing closed, if built already; blue lights take one of their own.
    coverage
        A coverage answer of the town, whose open ground is then counted.
    duty
        What every unit does and where it stands by (`planner.duty.duty_states`); None = at its
        own post, by duty hours.
    """
    asked = params.response
    town = complete(layers, asked.tiers_min)
    if streets is None or asked.emergency:
        streets = build_network(layers, emergency=asked.emergency, closures=asked.closures)
    elif asked.closures:
        streets = with_closures(streets, layers, asked.closures)
    states = None if duty is None else state_words(duty)
    there = moved_units(town.layers, duty)
    result = respond(there, streets, asked, coverage=coverage, states=states)
    assumed = (
        *filled_in(town, "villages", "sites", "units"),
        *level_assumed(town.layers, asked.level, asked.levels),
        *network_assumed(layers, asked.minute, asked.traffic),
        *result.assumed,
    )
    return answered("response", town, result, asked, assumed, [])


def answer_patrol(
    layers: Layers,
    params: Params,
    *,
    coverage: Coverage | None = None,
    streets: Streets | None = None,
    closures: Collection[str] = (),
    walked: Mapping[str, date] | None = None,
    last_visit: Mapping[str, date] | None = None,
) -> Answer:
    """Return tonight's patrol routes, as an answer with its document.

    Parameters
    ----------
    layers
        The town as it is known.
    params
        Every tunable number.
    coverage
        A coverage answer whose worst gaps become stops, if there is one.
    streets
        The town's street network, nothing closed, if it is built already.
    closures
        Codes of streets that are closed this evening.
    walked, last_visit
        The last night on which each street was on a route, and on which each place was visited,
        by code; None = nothing is known of earlier nights.
    """
    town = complete(layers, params.response.tiers_min)
    try:
        result = plan_patrol(
            town.layers,
            streets or build_network(layers),
            params.patrol,
            coverage_gaps=None if coverage is None else coverage.gaps,
            closures=closures,
            walked=walked,
            last_visit=last_visit,
        )
    except LayerMissingError as error:
        result = no_patrol(params.patrol, (Missing("routes", error.layers),))
    assumed = (*filled_in(town, "teams", "units"), *ways_assumed(town.layers, params.patrol))
    return answered("patrol", town, result, params.patrol, assumed, [])
