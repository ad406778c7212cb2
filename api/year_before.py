"""What cameras saw a year earlier: kept beside the answers, for the trend of targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.kept_fresh import etag_of
from gis.errors import NotFoundError
from gis.store import Store
from planner.assume import complete
from planner.at_date import at_date
from planner.coverage import cover
from planner.packing import pack, unpack
from planner.results_coverage import Coverage
from planner.targets_facts import years_before
from planner.targets_profile import TargetsProfile
from planner.targets_then import wants_past

if TYPE_CHECKING:
    from api.answers import Task

# Its name in the store; no answer of a command.
KEPT_AS = "coverage_before"


def coverage_before(task: Task, profile: TargetsProfile) -> Coverage | None:
    """Return what targets read of the coverage of a year earlier: totals, and tables of places.

    It is computed only where it differs from that of today, and only once for each state of the
    cameras: another day on which the same ones stood has the same coverage.

    Parameters
    ----------
    task
        What answers are made from; it has the coverage of the town as it stands.
    profile
        The targets; None is returned where none of them can be told from it.
    """
    if not wants_past(profile, task.layers):
        return None
    day = years_before(task.today, 1).isoformat()
    then = at_date(task.layers, day)["cameras"]["status"]
    if then.equals(task.layers["cameras"]["status"]):
        now: Coverage = task.result("coverage")
        return replace(now, at=day)
    basis = {**task.basis("coverage"), "cameras": etag_of(repr(then.tolist()))}
    found = _find(task.store, basis) or _made(task, day, basis)
    return replace(found, at=day)


def _find(store: Store, basis: Mapping[str, Any]) -> Coverage | None:
    """Return the coverage that is kept, if it was made from the same."""
    try:
        stored = store.load_result(KEPT_AS)
    except NotFoundError:
        return None
    if stored.document.get("basis") != basis:
        return None
    try:
        return unpack(Coverage, stored.document["fields"], stored.tables)
    except (KeyError, TypeError):
        return None  # another version of the program kept other fields


def _made(task: Task, day: str, basis: dict[str, Any]) -> Coverage:
    """Compute the coverage of a day, and keep it in the place of the last."""
    coverage = _slim(cover(complete(task.layers).layers, task.params.coverage, at=day))
    plain, tables = pack(coverage)
    document = {"fields": plain, "basis": basis}
    task.store.save_result(KEPT_AS, document, tables, revision=basis["revision"])
    return coverage


def _slim(coverage: Coverage) -> Coverage:
    """Return a coverage without the rows of tables that targets do not read."""
    return replace(
        coverage,
        cells=coverage.cells.iloc[:0],
        cameras=coverage.cameras.iloc[:0],
        gaps=coverage.gaps.iloc[:0],
        views=coverage.views.iloc[:0],
    )
