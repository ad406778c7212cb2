"""The answers of one town: computed, kept in its store, and found there again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from api.duty import closed_codes, town_time
from api.kept import KINDS, NEEDS, OF_CLOSURES, STANDING, Kept, find_answer, keep
from api.kept_fresh import etag_of
from api.roster_numbers import roster_params
from api.town_targets import town_profile
from api.version import program_version
from api.workspace import Workspace
from api.year_before import coverage_before
from gis.layers import Layers
from gis.store import Store
from gis.store_patrols import checkins, planned_nights
from gis.streets import Streets
from planner import answers_ahead, answers_judged, run
from planner.answer import Answer, Kind
from planner.duty import UnitState
from planner.network import build_network
from planner.params import Params
from planner.patrol_history import History, history_of
from planner.results_rectification import Rectification
from planner.roster_tonight import is_drawn
from planner.targets_profile import TargetsProfile

Progress = Callable[[str, int, int], None]

# Answers that another day makes stale.
OF_A_DAY: frozenset[Kind] = frozenset({"targets", "rectification"})


def silent(step: str, done: int, steps: int) -> None:
    """Tell nobody how far the work is."""


def make_answers(
    workspace: Workspace,
    store: Store,
    wanted: Iterable[Kind] = STANDING,
    *,
    again: bool = False,
    options: Mapping[str, Any] | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> dict[Kind, Kept]:
    """Return answers that fit the town as it is now, computing and keeping what is not there.

    What an answer needs (`NEEDS`) is made before it. A comparison ("change") is made by
    `api.compared` only.

    Parameters
    ----------
    workspace, store
        The town.
    wanted
        Kinds of answer out of `STANDING`.
    again
        Compute what is wanted even where the store has it.
    options
        Numbers of the patrol to change for this time, such as its date and seed.
    today
        The day that deadlines are held against; None takes the day of the machine.
    progress
        Called with the name of each step that begins, its number, and how many there are.
    """
    wanted = set(wanted)
    task = start(workspace, store, options=options, today=today)
    needed = _with_needs(wanted)
    for kind in needed:
        found = None if again and kind in wanted else find_answer(store, kind)
        if found is not None and found.basis == task.basis(kind):
            task.kept[kind] = found
    to_make = [kind for kind in needed if kind not in task.kept]
    for done, kind in enumerate(to_make):
        progress(kind, done, len(to_make))
        task.kept[kind] = keep(store, MAKE[kind](task), task.basis(kind))
    progress("done", len(to_make), len(to_make))
    return {kind: task.kept[kind] for kind in KINDS if kind in wanted}


def _with_needs(wanted: Iterable[Kind]) -> list[Kind]:
    """Return kinds and all that they need, in the order in which they are made.

    Examples
    --------
    >>> _with_needs({"rectification"})
    ['coverage', 'response', 'targets', 'rectification']
    """
    needed: set[Kind] = set()
    left = list(wanted)
    while left:
        kind = left.pop()
        if kind not in needed:
            needed.add(kind)
            left += NEEDS[kind]
    return [kind for kind in KINDS if kind in needed]


@dataclass(frozen=True, eq=False)
class Task:
    """What answers of one town are made from, at one moment.

    Parameters
    ----------
    workspace, store
        The town's settings, and where it is kept.
    layers
        The town.
    params
        Every tunable number.
    today
        The day.
    closed
        Codes of the streets that are closed now.
    previous
        The rectification list as it was kept last.
    as_drawn
        Whether the plan that a roster drew for the evening is taken where there is one.
    kept
        The answers that there are.
    """

    workspace: Workspace
    store: Store
    layers: Layers
    params: Params
    today: date
    closed: tuple[str, ...]
    previous: Rectification | None
    as_drawn: bool = True
    kept: dict[Kind, Kept] = field(default_factory=dict)

    @cached_property
    def streets(self) -> Streets | None:
        """The town's street network, nothing closed, built when first asked for."""
        return build_network(self.layers)

    @cached_property
    def before(self) -> History:
        """What is known of the nights before that of the patrol, read when first asked for."""
        patrol = self.params.patrol
        days = int(patrol.lately["days"])
        span = {
            "since": patrol.date - timedelta(days=days),
            "until": patrol.date - timedelta(days=1),
        }
        return history_of(planned_nights(self.store, **span), checkins(self.store, **span))

    @cached_property
    def drawn(self) -> Mapping[str, Any] | None:
        """The plan that a roster drew for the evening, unless another search was asked for."""
        if not self.as_drawn:
            return None
        night = self.params.patrol.date
        kept = planned_nights(self.store, since=night, until=night)
        return kept[0].document if kept and is_drawn(kept[0].document) else None

    @cached_property
    def profile(self) -> TargetsProfile:
        """The targets that the town is held to, read when first asked for."""
        return town_profile(self.workspace)

    def result(self, kind: Kind) -> Any:
        """Return the result of an answer that there is."""
        return self.kept[kind].result

    def basis(self, kind: Kind) -> dict[str, Any]:
        """Return what an answer depends on, beside options given for one time."""
        # As JSON gives it back, so that the two compare: TOML has dates, and tuples become lists.
        changes = json.loads(json.dumps(self.workspace.changes, default=str))
        basis = {
            "program": program_version(),
            "revision": self.layers.revision,
            "town": self.workspace.name,
            "changes": changes,
        }
        if kind in OF_CLOSURES:
            basis |= {"closures": list(self.closed)}
        if kind == "patrol":
            known = self.before.walked, self.before.visited, self.drawn
            basis |= {"before": etag_of(repr(known))}
        if kind in OF_A_DAY:
            basis |= {"today": self.today.isoformat(), "profile": etag_of(repr(self.profile))}
        return basis


def start(
    workspace: Workspace,
    store: Store,
    *,
    options: Mapping[str, Any] | None = None,
    today: date | None = None,
) -> Task:
    """Return what answers are made from; see `make_answers`."""
    params, layers = workspace.params(), workspace.layers(store)
    if options:
        params = replace(params, patrol=replace(params.patrol, **options))
    previous = find_answer(store, "rectification")
    return Task(
        workspace,
        store,
        layers,
        params,
        today or date.today(),
        closed_codes(layers, store, town_time(workspace)),
        previous.result if previous and isinstance(previous.result, Rectification) else None,
        as_drawn=not set(options or ()) - {"date"},
    )


def response_with(
    task: Task, params: Params, duty: Mapping[str, UnitState] | None = None
) -> Answer:
    """Return who can be where while the streets that are closed now are closed.

    Parameters
    ----------
    task
        What it is made from; it has the coverage.
    params
        Every tunable number.
    duty
        What every unit does; None = by duty hours.
    """
    asked = params.response
    closures = tuple(sorted({*asked.closures, *task.closed}))
    return run.answer_response(
        task.layers,
        replace(params, response=replace(asked, closures=closures)),
        streets=task.streets,
        coverage=task.result("coverage"),
        duty=duty,
    )


def targets_with(task: Task, profile: TargetsProfile | None = None) -> Answer:
    """Return whether the targets of a profile, else of the town's own, are met."""
    profile = profile or task.profile
    return answers_judged.answer_targets(
        task.layers,
        task.params,
        coverage=task.result("coverage"),
        response=task.result("response"),
        profile=profile,
        today=task.today,
        before=coverage_before(task, profile),
    )


def _patrol(task: Task) -> Answer:
    if task.drawn is not None:
        answer = answers_ahead.answer_drawn(
            task.layers, task.params, roster_params(task.workspace), task.drawn,
            coverage=task.result("coverage"), streets=task.streets, closures=task.closed,
        )  # fmt: skip
        if answer is not None:
            return answer
    return run.answer_patrol(
        task.layers,
        task.params,
        coverage=task.result("coverage"),
        streets=task.streets,
        closures=task.closed,
        walked=task.before.walked,
        last_visit=task.before.visited,
    )


def _rectification(task: Task) -> Answer:
    return answers_judged.answer_rectification(
        task.layers,
        task.params,
        coverage=task.result("coverage"),
        targets=task.result("targets"),
        previous=task.previous,
        today=task.today,
    )


MAKE: Mapping[Kind, Callable[[Task], Answer]] = {
    "coverage": lambda task: run.answer_coverage(task.layers, task.params),
    "response": lambda task: response_with(task, task.params),
    "patrol": _patrol,
    "targets": targets_with,
    "rectification": _rectification,
}
