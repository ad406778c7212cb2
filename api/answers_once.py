"""Answers for one time only: by other targets, at another moment, by the duty state of now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.answers import Progress, Task, make_answers, response_with, silent, start, targets_with
from api.duty import duty_now, town_time, with_units
from api.kept import NEEDS
from api.workspace import Workspace
from gis.store import Store
from planner.answer import Answer, Kind
from planner.targets_profile import TargetsProfile
from planner.week import minute_text


def targets_of(
    workspace: Workspace, store: Store, profile: TargetsProfile, *, progress: Progress = silent
) -> Answer:
    """Return whether the town meets the targets of another profile than its own; it is not kept.

    Parameters
    ----------
    workspace, store
        The town.
    profile
        The targets.
    progress
        As in `api.answers.make_answers`.
    """
    return targets_with(_task(workspace, store, "targets", progress), profile)


def response_of(
    workspace: Workspace,
    store: Store,
    options: Mapping[str, Any],
    *,
    now: bool = False,
    progress: Progress = silent,
) -> Answer:
    """Return who can be where at another time, level of duty or way of driving; it is not kept.

    Streets that are closed now are closed in it, too.

    Parameters
    ----------
    workspace, store
        The town.
    options
        Numbers of response to change for this time: at, level, emergency, closures.
    now
        Answer for this moment: units by their duty state and where they stand by, traffic of the
        hour; `at` is not asked then.
    progress
        As in `api.answers.make_answers`.

    Raises
    ------
    InputError
        If an option is not as it should be.
    """
    task = _task(workspace, store, "response", progress)
    return response_at(task, {**options, **({"at": None} if now else {})}, now=now)


def response_at(task: Task, options: Mapping[str, Any], *, now: bool = False) -> Answer:
    """Return who can be where, from a task that has the coverage; see `response_of`."""
    moment = town_time(task.workspace)
    duty = duty_now(with_units(task.layers), task.store, moment) if now else None
    if now:
        minute = (moment.weekday() * 24 + moment.hour) * 60 + moment.minute
        options = {**options, "at": minute_text(minute)}
    params = replace(task.params, response=replace(task.params.response, **options))
    return response_with(task, params, duty)


def _task(workspace: Workspace, store: Store, kind: Kind, progress: Progress) -> Task:
    """Return what an answer is made from, with the answers that it needs."""
    kept = make_answers(workspace, store, NEEDS[kind], progress=progress)
    return replace(start(workspace, store), kept=kept)
