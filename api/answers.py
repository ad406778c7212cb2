"""The three answers of one town: computed, kept in its store, and found there again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from api.version import program_version
from api.workspace import Workspace
from gis.errors import NotFoundError
from gis.layers import Layers
from gis.store import Store
from gis.store_results import StoredResult
from gis.streets import Streets
from planner import run
from planner.packing import pack, unpack
from planner.params import Params
from planner.patrol import Patrol
from planner.results import Response
from planner.results_coverage import Coverage

Kind = Literal["coverage", "response", "patrol"]
Result = Coverage | Response | Patrol
Progress = Callable[[str, int, int], None]

CLASSES: Mapping[Kind, type[Coverage] | type[Response] | type[Patrol]] = {
    "coverage": Coverage,
    "response": Response,
    "patrol": Patrol,
}
KINDS: tuple[Kind, ...] = ("coverage", "response", "patrol")


@dataclass(frozen=True, eq=False)
class Kept:
    """An answer as the store keeps it.

    Parameters
    ----------
    kind
        "coverage", "response" or "patrol".
    result
        The result, as maps draw it.
    document
        What `--json` prints and the server sends.
    text
        The same in a few lines for people, with what was assumed.
    made_at
        When it was kept, ISO 8601, UTC.
    basis
        What it was made from; see `_basis`.
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
    wanted: Iterable[Kind] = KINDS,
    *,
    again: bool = False,
    options: Mapping[str, Any] | None = None,
    progress: Progress = silent,
) -> dict[Kind, Kept]:
    """Return answers that fit the town as it is now, computing and keeping what is not there.

    A patrol needs the gaps of the coverage, which is therefore made before it.

    Parameters
    ----------
    workspace, store
        The town.
    wanted
        Kinds of answer.
    again
        Compute what is wanted even where the store has it.
    options
        Numbers of the patrol to change for this time, such as its date and seed.
    progress
        Called with the name of each step that begins, its number, and how many there are.
    """
    layers, params = workspace.layers(store), workspace.params()
    if options:
        params = replace(params, patrol=replace(params.patrol, **options))
    basis = _basis(workspace, layers.revision)
    wanted = set(wanted)
    needed = [k for k in KINDS if k in wanted or (k == "coverage" and "patrol" in wanted)]
    kept = {
        kind: found
        for kind in needed
        if not (again and kind in wanted)
        and (found := find_answer(store, kind)) is not None
        and found.basis == basis
    }
    to_make = [kind for kind in needed if kind not in kept]
    streets = None
    for done, kind in enumerate(to_make):
        progress(kind, done, len(to_make))
        if kind != "coverage" and streets is None:
            streets = run.build_streets(layers)
        answer = _compute(kind, layers, params, kept, streets)
        kept[kind] = _keep(store, answer, basis)
    progress("done", len(to_make), len(to_make))
    return {kind: kept[kind] for kind in KINDS if kind in wanted}


def find_answer(store: Store, kind: Kind) -> Kept | None:
    """Return the last answer of one kind, or None where this program never made it."""
    try:
        stored = store.load_result(kind)
    except NotFoundError:
        return None
    return _revive(kind, stored)


def _compute(
    kind: Kind,
    layers: Layers,
    params: Params,
    kept: Mapping[Kind, Kept],
    streets: Streets | None,
) -> run.Answer:
    if kind == "coverage":
        return run.answer_coverage(layers, params)
    if kind == "response":
        return run.answer_response(layers, params, streets=streets)
    coverage = kept["coverage"].result
    assert isinstance(coverage, Coverage)
    return run.answer_patrol(layers, params, coverage=coverage, streets=streets)


def _basis(workspace: Workspace, revision: int) -> dict[str, Any]:
    """Return what an answer depends on, beside options given for one time."""
    # As JSON gives it back, so that the two compare: TOML has dates, and tuples become lists.
    changes = json.loads(json.dumps(workspace.changes, default=str))
    return {
        "program": program_version(),
        "revision": revision,
        "town": workspace.name,
        "changes": changes,
    }


def _keep(store: Store, answer: run.Answer, basis: dict[str, Any]) -> Kept:
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
