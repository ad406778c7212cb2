"""Answers as the store keeps them: which kinds there are, put in, found again, told their age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gis.errors import NotFoundError
from gis.store import Store
from gis.store_results import StoredResult
from planner.answer import Answer, Kind, Result
from planner.compare import Change
from planner.packing import pack, unpack
from planner.patrol import Patrol
from planner.results_coverage import Coverage
from planner.results_rectification import Rectification
from planner.results_response import Response
from planner.results_targets import Targets
from planner.roster import Roster

CLASSES: Mapping[Kind, type[Any]] = {
    "coverage": Coverage,
    "response": Response,
    "patrol": Patrol,
    "targets": Targets,
    "rectification": Rectification,
    "change": Change,
    "roster": Roster,
}
# What each answer is made from, beside the layers; each kind stands behind those it needs.
NEEDS: Mapping[Kind, tuple[Kind, ...]] = {
    "coverage": (),
    "response": ("coverage",),
    "patrol": ("coverage",),
    "targets": ("coverage", "response"),
    "rectification": ("coverage", "targets"),
    "change": (),
    "roster": ("coverage",),
}
KINDS: tuple[Kind, ...] = tuple(NEEDS)
# Two days or towns are compared, and many nights planned, on demand.
ON_DEMAND: tuple[Kind, ...] = ("change", "roster")
# What a town has as it stands.
STANDING: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind not in ON_DEMAND)
# Answers that another closure of a street makes stale.
OF_CLOSURES: frozenset[Kind] = frozenset(
    {"response", "patrol", "targets", "rectification", "roster"}
)
# How each answer is made, for those who look for it in vain.
COMMANDS: Mapping[Kind, str] = {
    **{kind: f"fengqiao {kind}" for kind in STANDING},
    "change": "fengqiao coverage --against DATE|WORKSPACE",
    "roster": "fengqiao roster plan",
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
        What it was made from; see `api.answers.Task.basis`.
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


def find_answer(store: Store, kind: Kind) -> Kept | None:
    """Return the last answer of one kind, or None where this program never made it."""
    try:
        stored = store.load_result(kind)
    except NotFoundError:
        return None
    return _revive(kind, stored)


def keep(store: Store, answer: Answer, basis: dict[str, Any]) -> Kept:
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


def aged(kept: Kept, revision: int, closed: Sequence[str] | None = None) -> list[str]:
    """Return a warning where an answer was made before the last change of the town.

    Parameters
    ----------
    kept
        The answer.
    revision
        Of the town as it is now.
    closed
        Codes of the streets that are closed now; None where nobody looked.
    """
    made, again = kept.basis["revision"], f"run `{COMMANDS[kept.kind]}` again"
    if made != revision:
        return [f"Made from revision {made}, the town is at {revision}: {again}"]
    if closed is None or kept.basis.get("closures", list(closed)) == list(closed):
        return []
    return [f"Made before streets were closed or opened again: {again}"]


def last_on_demand(store: Store, revision: int) -> dict[Kind, Kept]:
    """Return the last of each answer made on demand, with a warning if the town changed since.

    Parameters
    ----------
    store
        The town's.
    revision
        Of the town as it is now.
    """
    found = {kind: find_answer(store, kind) for kind in ON_DEMAND}
    return {
        kind: replace(kept, document={**kept.document, "warnings": warnings})
        for kind, kept in found.items()
        if kept is not None
        for warnings in [[*aged(kept, revision), *kept.document["warnings"]]]
    }


def _revive(kind: Kind, stored: StoredResult) -> Kept | None:
    try:
        result = unpack(CLASSES[kind], stored.document["fields"], stored.tables)
        return _kept(kind, result, stored)
    except (KeyError, TypeError):
        return None  # another version of the program kept other fields


def _kept(kind: Kind, result: Result, stored: StoredResult) -> Kept:
    whole = stored.document
    return Kept(kind, result, whole["document"], whole["text"], stored.made_at, whole["basis"])
