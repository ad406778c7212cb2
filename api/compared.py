"""Coverage of another day, and of two days or two towns side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from api.answers import Progress, Task, silent, start
from api.kept import Kept, find_answer, keep
from api.workspace import CONFIG, Workspace, open_workspace
from gis.errors import InputError
from gis.store import Store
from planner import answers_judged, run
from planner.answer import Answer
from planner.results_coverage import Coverage


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two that are compared: what it is called, and its coverage."""

    name: str
    coverage: Coverage


def coverage_of_day(
    workspace: Workspace,
    store: Store,
    day: date,
    *,
    today: date | None = None,
    progress: Progress = silent,
) -> tuple[Answer | Kept, bool]:
    """Return the coverage of a day, and whether it is kept: that of today only, for the maps.

    Parameters
    ----------
    workspace, store
        The town.
    day
        The day; cameras count by their days of installation and removal.
    today, progress
        As in `api.answers.make_answers`.
    """
    task = start(workspace, store, today=today)
    progress("coverage", 0, 1)
    answer = run.answer_coverage(task.layers, task.params, at=day)
    progress("done", 1, 1)
    if day != task.today:
        return answer, False
    # Tomorrow it is another day's: the next answers are made from the town as it stands.
    return keep(store, answer, {**task.basis("coverage"), "at": day.isoformat()}), True


def compare(
    workspace: Workspace,
    store: Store,
    against: str,
    *,
    at: date | None = None,
    today: date | None = None,
    progress: Progress = silent,
) -> Kept:
    """Return what the coverage gained and lost since a day, or compared with another town's.

    It is kept as the answer "change", for the maps. Nothing is written to the other workspace.

    Parameters
    ----------
    workspace, store
        The town; it is the later side.
    against
        The earlier side: a day such as 2024-01-31, or the folder of another workspace.
    at
        The day of the later side; None takes the town as it stands.
    today
        As in `api.answers.make_answers`.
    progress
        As in `api.answers.make_answers`.

    Raises
    ------
    InputError
        If `against` is neither, or the two cannot be compared.
    """
    task = start(workspace, store, today=today)
    other = _day_or_workspace(against)
    progress("before", 0, 3)
    before = _of_day(task, other) if isinstance(other, date) else _of_town(task, other)
    progress("after", 1, 3)
    if at is not None:
        after = _of_day(task, at)
    else:
        after = Side(_now(task, other), _as_it_stands(task, store))
    _check_ground(before, after)
    progress("change", 2, 3)
    answer = answers_judged.answer_change(
        task.layers,
        task.params,
        before=before.coverage,
        after=after.coverage,
        names=(before.name, after.name),
    )
    kept = keep(store, answer, {**task.basis("change"), "before": before.name, "after": after.name})
    progress("done", 3, 3)
    return kept


def _day_or_workspace(text: str) -> date | Workspace:
    """Return what `--against` names."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        if (Path(text) / CONFIG).is_file():
            return open_workspace(text)
    msg = (
        f"--against takes a day such as 2024-01-31 or the folder of a workspace (with {CONFIG}); "
        f"{text} is neither"
    )
    raise InputError(msg)


def _of_day(task: Task, day: date) -> Side:
    result = run.answer_coverage(task.layers, task.params, at=day).result
    assert isinstance(result, Coverage)
    return Side(day.isoformat(), result)


def _of_town(task: Task, other: Workspace) -> Side:
    """Return the coverage of another workspace, by the numbers of this one."""
    with other.open_store() as store:
        theirs = start(other, store)
        if theirs.params.coverage == task.params.coverage:
            return Side(_named(other), _as_it_stands(theirs, store))
    result = run.answer_coverage(theirs.layers, task.params).result
    assert isinstance(result, Coverage)
    return Side(_named(other), result)


def _as_it_stands(task: Task, store: Store) -> Coverage:
    """Return the coverage that the store keeps, if it still holds, else a new one."""
    kept = find_answer(store, "coverage")
    fresh = kept is not None and kept.basis == task.basis("coverage")
    result = kept.result if kept and fresh else run.answer_coverage(task.layers, task.params).result
    assert isinstance(result, Coverage)
    return result


def _check_ground(before: Side, after: Side) -> None:
    """Raise where the two have no cell in common."""
    if not after.coverage.cells.index.isin(before.coverage.cells.index).any():
        msg = f"{before.name} and {after.name} are different places: they have no ground in common"
        raise InputError(msg)


def _now(task: Task, other: date | Workspace) -> str:
    """Return what the town as it stands is called: beside another town, by its name."""
    return task.today.isoformat() if isinstance(other, date) else _named(task.workspace)


def _named(workspace: Workspace) -> str:
    """Return the name of a town with its folder, as copies of a town share its name."""
    return f"{workspace.name} ({workspace.folder.absolute().name})"
