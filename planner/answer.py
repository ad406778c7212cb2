"""An answer about a town: a result, and its document with the head that all answers share."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from planner.assume import Completed
from planner.compare import Change
from planner.patrol import Patrol
from planner.results import Assumed, missing_lines
from planner.results_cordon import Cordon
from planner.results_coverage import Coverage
from planner.results_rectification import Rectification
from planner.results_response import Response
from planner.results_targets import Targets
from planner.roster import Roster

Kind = Literal[
    "coverage", "response", "patrol", "targets", "rectification", "change", "cordon", "roster"
]
Result = Coverage | Response | Patrol | Targets | Rectification | Change | Cordon | Roster

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


def answered(
    kind: Kind,
    town: Completed,
    result: Result,
    params: Any,
    assumed: tuple[Assumed, ...],
    warnings: list[str],
) -> Answer:
    """Return a result as an answer: the common head in front of the result's own document.

    Parameters
    ----------
    kind
        Which answer it is.
    town
        What it is about.
    result
        The result.
    params
        Numbers that it depends on: a dataclass or a dict.
    assumed, warnings
        What was taken for granted, and what the reader must know.
    """
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


def filled_in(town: Completed, *layers: str) -> tuple[Assumed, ...]:
    """Return what was filled in of some layers.

    Parameters
    ----------
    town
        The town with what was filled in.
    layers
        Names of those that an answer reads.
    """
    return tuple(a for a in town.assumed if a.layer in layers)
