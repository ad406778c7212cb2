"""Every error of the program.

One root, `FengqiaoError`; each class is also the builtin it specialises, so that
callers may catch either. A message says what is wrong, where, and what to do.

    FengqiaoError
    ├── InputError (ValueError)            what came in cannot be used as it is
    │   ├── FileMissingError (FileNotFoundError)
    │   ├── FormatError                    the file is not what its name says
    │   ├── LayerFaultsError               all the faults of one layer, by row
    │   ├── CrsError                       no, unknown or wrong coordinate system
    │   │   └── DatumUndeclaredError       coordinates of unknown datum, with the evidence
    │   ├── MergeConflictError             the town and a file changed the same thing
    │   └── ParameterError                 a tunable number outside its limits
    ├── LayerMissingError (LookupError)    an answer needs a layer that is not there
    ├── NotFoundError (LookupError)        no such code, kind, result or page
    ├── StoreError (RuntimeError)          the database cannot be used
    └── DependencyError (RuntimeError)     something the machine lacks
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

# Rows that share a fault are told one by one up to here.
ALIKE = 3


class FengqiaoError(Exception):
    """The root of every error raised on purpose."""


class InputError(FengqiaoError, ValueError):
    """What came in cannot be used as it is."""


class FileMissingError(InputError, FileNotFoundError):
    """A file that was named does not exist or cannot be opened."""

    # OSError.__str__ would hide a message that is not (errno, text).
    __str__ = Exception.__str__


class FormatError(InputError):
    """A file is not what its name says, or is damaged."""


class CrsError(InputError):
    """A frame has no coordinate system, an unknown one, or one that cannot be right."""


class DatumUndeclaredError(CrsError):
    """A file does not say what its coordinates are.

    Parameters
    ----------
    message
        What is missing and how to say it.
    evidence
        What speaks for each guess (`gis.datum_evidence`), best first; empty where the town has
        nothing to compare with.
    """

    def __init__(self, message: str, evidence: Sequence[object] = ()) -> None:
        self.evidence = tuple(evidence)
        super().__init__(message)


class ConflictError(InputError):
    """What is asked for does not fit what somebody else did meanwhile, or the state it is in."""


class MergeConflictError(InputError):
    """Both the town and a file changed the same thing since the file was made.

    Parameters
    ----------
    source
        The file.
    parts
        What is contested, a text for each layer.
    """

    def __init__(self, source: str, parts: Sequence[str]) -> None:
        self.parts = tuple(parts)
        head = (
            f"{source}: the town and the file changed the same; nothing was changed. Import it "
            "again with --conflicts file or --conflicts store to say whose state is taken"
        )
        super().__init__("\n".join([head, *parts]))


class ParameterError(InputError):
    """A tunable number is outside its limits."""


class LayerMissingError(FengqiaoError, LookupError):
    """An answer needs a layer that the town has not got."""

    def __init__(self, figure: str, layers: Sequence[str]) -> None:
        self.figure = figure
        self.layers = tuple(layers)
        super().__init__(
            f"{figure} needs the layer {' and '.join(layers)}: import it with "
            f"`fengqiao import {layers[0]} FILE`"
        )


class NotFoundError(FengqiaoError, LookupError):
    """There is no such code, kind, result or page."""

    __str__ = Exception.__str__


class StoreError(FengqiaoError, RuntimeError):
    """The database cannot be opened, is of another version, or is busy."""


class DependencyError(FengqiaoError, RuntimeError):
    """The machine lacks something the program needs; the message names the package."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in one layer.

    Parameters
    ----------
    row
        Row as a reader of the file counts it (see `gis.read`), or its code; None for the
        layer as a whole.
    column
        Column, "geometry", or None for the row as a whole.
    problem
        What is wrong and what to do, as one clause.
    """

    row: int | str | None
    column: str | None
    problem: str

    def __str__(self) -> str:
        where = [] if self.row is None else [f"row {self.row}"]
        where += [] if self.column is None else [f"column {self.column}"]
        return f"{', '.join(where)}: {self.problem}" if where else self.problem


class LayerFaultsError(InputError):
    """Everything that is wrong with one layer of one file, raised once.

    Parameters
    ----------
    layer
        Name of the layer.
    faults
        Every fault found, in row order; the message tells those that are alike together.
    source
        File or place the layer came from.
    shown
        How many lines the message has; the faults of further ones are counted. A fault that
        many rows share is one line. All stay in `.faults`.
    notes
        Lines to end the message with.
    """

    def __init__(
        self,
        layer: str,
        faults: Sequence[Fault],
        source: str | None = None,
        shown: int = 50,
        notes: Sequence[str] = (),
    ) -> None:
        self.layer = layer
        self.faults = tuple(faults)
        self.source = source
        place = f"{source}, layer {layer}" if source else f"layer {layer}"
        count = f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''}"
        told = list(_folded(self.faults))
        lines = [f"{place}: {count}; nothing was changed"]
        lines += [f"  {line}" for line, _ in told[:shown]]
        if len(told) > shown:
            lines.append(f"  ... and {sum(faults for _, faults in told[shown:])} more")
        super().__init__("\n".join([*lines, *notes]))


def _folded(faults: Sequence[Fault]) -> Iterator[tuple[str, int]]:
    """Give lines that tell the faults, one that many rows share only once, and how many each."""
    alike: dict[tuple[str | None, str], list[Fault]] = {}
    for fault in faults:
        alike.setdefault((fault.column, fault.problem), []).append(fault)
    for fault in faults:
        same = alike[fault.column, fault.problem]
        if len(same) <= ALIKE or fault.row is None:
            yield str(fault), 1
        elif fault is same[0]:
            first = ", ".join(str(one.row) for one in same[:ALIKE])
            rows = replace(fault, row=f"{first} and {len(same) - ALIKE} more")
            yield f"rows {str(rows).removeprefix('row ')}", len(same)
