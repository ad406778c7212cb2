"""The answers of one town: computed, kept in its store, and found there again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from api.kept_fresh import etag_of
from api.town_targets import town_profile
from api.version import program_version
from api.workspace import Workspace
from gis.errors import NotFoundError
from gis.layers import Layers
from gis.store import Store
from gis.store_results import StoredResult
from gis.streets import Streets
from planner import run
from planner.compare import Change
from planner.packing import pack, unpack
from planner.params import Params
from planner.patrol import Patrol
from planner.results import Response
from planner.results_coverage import Coverage
from planner.results_rectification import Rectification
from planner.results_targets import Targets
from planner.run import Kind as Kind
from planner.run import Result as Result
from planner.targets_profile import TargetsProfile

Progress = Callable[[str, int, int], None]

CLASSES: Mapping[Kind, type[Any]] = {
    "coverage": Coverage,
    "response": Response,
    "patrol": Patrol,
    "targets": Targets,
    "rectification": Rectification,
    "change": Change,
}
# What each answer is made from, beside the layers; each kind stands behind those it needs.
NEEDS: Mapping[Kind, tuple[Kind, ...]] = {
    "coverage": (),
    "response": (),
    "patrol": ("coverage",),
    "targets": ("coverage", "response"),
    "rectification": ("coverage", "targets"),
    "change": (),
}
KINDS: tuple[Kind, ...] = tuple(NEEDS)
# What a town has as it stands; two days or towns are compared on demand only.
STANDING: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "change")
# Answers that another day makes stale.
OF_A_DAY: frozenset[Kind] = frozenset({"targets", "rectification"})
# How each answer is made, for those who look for it in vain.
COMMANDS: Mapping[Kind, str] = {
    **{kind: f"fengqiao {kind}" for kind in STANDING},
    "change": "fengqiao coverage --against DATE|WORKSPACE",
}


@dataclass(frozen=True, eq=False)
class Kept:
    """An answer as the store keeps it.

    Parameters
    ----------
    kind
        Which answer it is.
    result
        The result, as maps draw it.
    document
        What `--json` prints and the server sends.
    text
        The same in a few lines for people, with what was assumed.
    made_at
        When it was kept, ISO 8601, UTC.
    basis
        What it was made from; see `_Task.basis`.
    """

    kind: Kind
    result: Result = field(repr=False)
    document: dict[str, Any] = field(repr=False)
    text: str = field(repr=False)
    made_at: str
    basis: Mapping[str, Any] = field(repr=False)

    def summary(self) -> str:
        """Return the answer in a few lines."""
        return self.text


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


def aged(kept: Kept, revision: int) -> list[str]:
    """Return a warning where an answer was made before the last change of the town.

    Parameters
    ----------
    kept
        The answer.
    revision
        Of the town as it is now.
    """
    made = kept.basis["revision"]
    if made == revision:
        return []
    again = f"run `{COMMANDS[kept.kind]}` again"
    return [f"Made from revision {made}, the town is at {revision}: {again}"]


def last_change(store: Store, revision: int) -> dict[Kind, Kept]:
    """Return the last comparison, if there is one, with a warning if the town changed since.

    Parameters
    ----------
    store
        The town's.
    revision
        Of the town as it is now.
    """
    kept = find_answer(store, "change")
    if kept is None:
        return {}
    warnings = [*aged(kept, revision), *kept.document["warnings"]]
    return {"change": replace(kept, document={**kept.document, "warnings": warnings})}


def targets_of(
    workspace: Workspace, store: Store, profile: TargetsProfile, *, progress: Progress = silent
) -> run.Answer:
    """Return whether the town meets the targets of another profile than its own; it is not kept.

    Parameters
    ----------
    workspace, store
        The town.
    profile
        The targets.
    progress
        As in `make_answers`.
    """
    kept = make_answers(workspace, store, NEEDS["targets"], progress=progress)
    task = replace(start(workspace, store), kept=kept)
    return _targets(task, profile)


def find_answer(store: Store, kind: Kind) -> Kept | None:
    """Return the last answer of one kind, or None where this program never made it."""
    try:
        stored = store.load_result(kind)
    except NotFoundError:
        return None
    return _revive(kind, stored)


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
    workspace
        The town's settings.
    layers
        The town.
    params
        Every tunable number.
    today
        The day.
    previous
        The rectification list as it was kept last.
    kept
        The answers that there are.
    """

    workspace: Workspace
    layers: Layers
    params: Params
    today: date
    previous: Rectification | None
    kept: dict[Kind, Kept] = field(default_factory=dict)

    @cached_property
    def streets(self) -> Streets | None:
        """The town's street network, built when first asked for."""
        return run.build_streets(self.layers)

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
    params = workspace.params()
    if options:
        params = replace(params, patrol=replace(params.patrol, **options))
    previous = find_answer(store, "rectification")
    return Task(
        workspace,
        workspace.layers(store),
        params,
        today or date.today(),
        previous.result if previous and isinstance(previous.result, Rectification) else None,
    )


def _targets(task: Task, profile: TargetsProfile | None = None) -> run.Answer:
    return run.answer_targets(
        task.layers,
        task.params,
        coverage=task.result("coverage"),
        response=task.result("response"),
        profile=profile or task.profile,
        today=task.today,
    )


def _rectification(task: Task) -> run.Answer:
    return run.answer_rectification(
        task.layers,
        coverage=task.result("coverage"),
        targets=task.result("targets"),
        previous=task.previous,
        today=task.today,
    )


MAKE: Mapping[Kind, Callable[[Task], run.Answer]] = {
    "coverage": lambda task: run.answer_coverage(task.layers, task.params),
    "response": lambda task: run.answer_response(task.layers, task.params, streets=task.streets),
    "patrol": lambda task: run.answer_patrol(
        task.layers, task.params, coverage=task.result("coverage"), streets=task.streets
    ),
    "targets": _targets,
    "rectification": _rectification,
}


def keep(store: Store, answer: run.Answer, basis: dict[str, Any]) -> Kept:
    """Put an answer into the store in the place of the last of its kind, and return it."""
    fields, tables = pack(answer.result)
    whole = {
        "document": answer.document,
        "text": answer.summary(),
        "fields": fields,
        "basis": basis,
    }
    store.save_result(answer.kind, whole, tables, revision=basis["revision"])
    stored = store.load_result(answer.kind)
    return _kept(answer.kind, answer.result, stored)


def _revive(kind: Kind, stored: StoredResult) -> Kept | None:
    try:
        result = unpack(CLASSES[kind], stored.document["fields"], stored.tables)
        return _kept(kind, result, stored)
    except (KeyError, TypeError):
        return None  # another version of the program kept other fields


def _kept(kind: Kind, result: Result, stored: StoredResult) -> Kept:
    whole = stored.document
    return Kept(kind, result, whole["document"], whole["text"], stored.made_at, whole["basis"])
