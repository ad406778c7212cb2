"""The product: a town in, its answers out, each with its JSON document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from gis.errors import LayerMissingError
from gis.layers import Layers
from gis.profiles import load
from gis.streets import Streets
from planner.assume import Completed, complete
from planner.compare import Change, compare
from planner.coverage import cover
from planner.params import Params
from planner.patrol import Patrol, no_patrol, plan_patrol
from planner.rectification import faults, renew
from planner.response import respond
from planner.results import Assumed, Missing, Response, missing_lines
from planner.results_coverage import Coverage
from planner.results_rectification import Rectification
from planner.results_targets import Targets
from planner.targets import evaluate
from planner.targets_profile import TargetsProfile

Kind = Literal["coverage", "response", "patrol", "targets", "rectification", "change"]
Result = Coverage | Response | Patrol | Targets | Rectification | Change
Progress = Callable[[str, int, int], None]

SCHEMA_VERSION = 1


@dataclass(frozen=True, eq=False)
class Answer:
    """One result with its JSON document.

    Parameters
    ----------
    kind
        Which answer it is.
    result
        The result itself.
    document
        What `--json` prints and the server sends: the common head, then the result's own part.
    assumed, warnings
        What was taken for granted, and what the reader must know.
    """

    kind: Kind
    result: Result = field(repr=False)
    document: dict[str, Any] = field(repr=False)
    assumed: tuple[Assumed, ...]
    warnings: tuple[str, ...]

    def summary(self) -> str:
        """Return the answer in a few lines, with what was assumed; made-up data are named first."""
        head = ["Made-up data (示例数据)"] if self.document["made_up"] else []
        notes = [f"Assumed {a.layer} {a.column}: {a.value} ({a.rows})" for a in self.assumed]
        return "\n".join([*head, self.result.summary(), *notes, *self.warnings])


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
    streets = build_streets(layers)
    tell("coverage", 1, 4)
    coverage = answer_coverage(layers, params)
    tell("response", 2, 4)
    response = answer_response(layers, params, streets=streets)
    tell("patrol", 3, 4)
    assert isinstance(coverage.result, Coverage)
    patrol = answer_patrol(layers, params, coverage=coverage.result, streets=streets)
    tell("done", 4, 4)
    return Results(coverage, response, patrol)


def build_streets(layers: Layers) -> Streets | None:
    """Return the town's street network, or None where it has no streets."""
    if not layers.has("streets"):
        return None
    return Streets.build(
        layers["streets"], barriers=layers["barriers"], restrictions=layers["restrictions"]
    )


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
    town = complete(layers)
    result = cover(town.layers, params.coverage, at=at)
    warnings = []
    if result.resolution != params.coverage.resolution:
        warnings.append(
            f"the town is too large for cells of resolution {params.coverage.resolution}: "
            f"resolution {result.resolution} was taken (see max_cells)"
        )
    assumed = (*_used(town, "villages", "sites"), *result.assumed)
    return _answer("coverage", town, result, params.coverage, assumed, warnings)


def answer_response(layers: Layers, params: Params, *, streets: Streets | None = None) -> Answer:
    """Return who can be where in 1, 3 and 5 minutes, as an answer with its document."""
    town = complete(layers)
    streets = streets or build_streets(layers)
    result = respond(town.layers, streets, params.response)
    return _answer("response", town, result, params.response, _used(town, "sites", "units"), [])


def answer_patrol(
    layers: Layers,
    params: Params,
    *,
    coverage: Coverage | None = None,
    streets: Streets | None = None,
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
        The town's street network, if it is built already.
    """
    town = complete(layers)
    gaps = None if coverage is None else coverage.gaps
    try:
        result = plan_patrol(
            town.layers, streets or build_streets(layers), params.patrol, coverage_gaps=gaps
        )
    except LayerMissingError as error:
        result = no_patrol(params.patrol, (Missing("routes", error.layers),))
    return _answer("patrol", town, result, params.patrol, _used(town, "teams", "units"), [])


def answer_targets(
    layers: Layers,
    params: Params,
    *,
    coverage: Coverage,
    response: Response | None,
    profile: TargetsProfile,
    today: date,
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
    """
    town = complete(layers)
    result = evaluate(town.layers, coverage, response, profile, params, today)
    stated = {"profile": result.profile, "today": today, "coverage": asdict(params.coverage)}
    assumed = (*_used(town, "villages", "sites"), *result.assumed)
    return _answer("targets", town, result, stated, assumed, [])


def answer_rectification(
    layers: Layers,
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
    coverage, targets
        Answers whose faults are listed.
    previous
        The list as it was kept last: its items go on or are closed.
    today
        The day.
    """
    town = complete(layers)
    result = renew(previous, faults(town.layers, coverage, targets), today, layers.revision)
    table = load("rectification")
    days = {kind: about["days"] for kind, about in table["faults"].items()}
    stated = {"today": today, "days": days, "keep_closed_days": table["keep_closed_days"]}
    return _answer("rectification", town, result, stated, result.assumed, [])


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
    town = complete(layers)
    result = compare(before, after, *names)
    return _answer("change", town, result, params.coverage, result.assumed, [])


def _used(town: Completed, *layers: str) -> tuple[Assumed, ...]:
    return tuple(a for a in town.assumed if a.layer in layers)


def _answer(
    kind: Kind,
    town: Completed,
    result: Result,
    params: Any,
    assumed: tuple[Assumed, ...],
    warnings: list[str],
) -> Answer:
    """Return the answer with the common head in front of the result's own document."""
    stated = params if isinstance(params, dict) else asdict(params)
    document = {
        "schema": f"fengqiao.{kind}/{SCHEMA_VERSION}",
        "town": town.layers.town,
        "made_up": town.layers.made_up,
        "revision": town.layers.revision,
        "attribution": list(town.layers.attribution),
        "params": {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in stated.items()
        },
        "assumed": [asdict(a) for a in assumed],
        "missing": [asdict(m) for m in result.missing],
        "warnings": [*warnings, *missing_lines(result.missing)],
        **result.document(),
    }
    return Answer(kind, result, document, assumed, tuple(warnings))
