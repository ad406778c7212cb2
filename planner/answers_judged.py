"""Answers made from other answers: targets, what must be mended, what has changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from gis.layers import Layers
from gis.profiles import load
from planner.answer import Answer, answered, filled_in
from planner.assume import complete
from planner.compare import compare
from planner.params import Params
from planner.rectification import faults, renew
from planner.results_coverage import Coverage
from planner.results_rectification import Rectification
from planner.results_response import Response
from planner.results_targets import Targets
from planner.targets import evaluate
from planner.targets_profile import TargetsProfile


def answer_targets(
    layers: Layers,
    params: Params,
    *,
    coverage: Coverage,
    response: Response | None,
    profile: TargetsProfile,
    today: date,
    before: Coverage | None = None,
) -> Answer:
    """Return whether each target holds, as an answer with its document.

    Parameters
    ----------
    layers
        The town as it is known.
    params
        Every tunable number.
    coverage, response
        Answers that targets read; without response, those of the circles cannot be told.
    profile
        The targets.
    today
        The day that deadlines are held against.
    before
        The coverage of a year earlier, for the trend of what cameras see; None tells none.

    Raises
    ------
    ParameterError
        If `before` is the coverage of no day.
    """
    town = complete(layers, params.response.tiers_min)
    result = evaluate(town.layers, coverage, response, profile, params, today, before=before)
    stated = {"profile": result.profile, "today": today, "coverage": asdict(params.coverage)}
    assumed = (*filled_in(town, "villages", "sites"), *result.assumed)
    return answered("targets", town, result, stated, assumed, [])


def answer_rectification(
    layers: Layers,
    params: Params,
    *,
    coverage: Coverage,
    targets: Targets | None,
    previous: Rectification | None,
    today: date,
) -> Answer:
    """Return what must be mended and until when, as an answer with its document.

    Parameters
    ----------
    layers
        The town as it is known.
    params
        Every tunable number.
    coverage, targets
        Answers whose faults are listed.
    previous
        The list as it was kept last: its items go on or are closed.
    today
        The day.
    """
    town = complete(layers, params.response.tiers_min)
    result = renew(previous, faults(town.layers, coverage, targets), today, layers.revision)
    table = load("rectification")
    days = {kind: about["days"] for kind, about in table["faults"].items()}
    stated = {"today": today, "days": days, "keep_closed_days": table["keep_closed_days"]}
    return answered("rectification", town, result, stated, result.assumed, [])


def answer_change(
    layers: Layers, params: Params, *, before: Coverage, after: Coverage, names: tuple[str, str]
) -> Answer:
    """Return what two coverages differ in, as an answer with its document.

    Parameters
    ----------
    layers
        The town that the later one is about.
    params
        Every tunable number.
    before, after
        The two.
    names
        What each of them is called: a day or a town.

    Raises
    ------
    InputError
        If they cannot be compared.
    """
    town = complete(layers, params.response.tiers_min)
    result = compare(before, after, *names)
    return answered("change", town, result, params.coverage, result.assumed, [])
