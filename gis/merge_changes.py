"""What a file changes in a layer: cells, rows, conflicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

Reason = Literal["both changed it", "the store dropped the row", "the file dropped the row"]

# How many entries of each list a summary shows, and a document holds.
SHOWN = 10
LISTED = 1000

_COLUMNS = ("code", "what", "column", "old", "new", "base", "moved_m")


@dataclass(frozen=True)
class Change:
    """One cell that the file changes.

    Parameters
    ----------
    code
        Code of the row.
    column
        Name of the column, or "geometry".
    old, new
        What the store holds and what the file has; None for nothing.
    moved_m
        How far a shape moved, metres (Hausdorff); None for other columns.
    """

    code: str
    column: str
    old: object
    new: object
    moved_m: float | None = None


@dataclass(frozen=True)
class Conflict:
    """Something that both the store and the file changed since the file was made.

    Parameters
    ----------
    code
        Code of the row.
    column
        Name of the column, or "geometry"; None where one of the two dropped the row.
    base, store, file
        What it was when the file was made, and what it is on each side; None for nothing.
    reason
        What is contested.
    moved_m
        How far apart the two shapes are, metres.
    """

    code: str
    column: str | None
    base: object
    store: object
    file: object
    reason: Reason = "both changed it"
    moved_m: float | None = None


@dataclass(frozen=True)
class Changes:
    """The difference between a layer in the store and a file of it; `gis.merge` finds it.

    Parameters
    ----------
    added
        Codes of rows that only the file has.
    changed
        Cells to change, in the order of the rows of the file.
    vanished
        Codes of rows that the file has no more.
    unchanged
        Number of rows that both have and that stay as they are.
    conflicts
        What must be decided.
    """

    added: tuple[str, ...] = field(repr=False)
    changed: tuple[Change, ...] = field(repr=False)
    vanished: tuple[str, ...] = field(repr=False)
    unchanged: int
    conflicts: tuple[Conflict, ...] = field(default=(), repr=False)

    def counts(self) -> dict[str, int]:
        """Return the number of rows added, changed, vanished and unchanged, and of conflicts."""
        return {
            "added": len(self.added),
            "changed": len({change.code for change in self.changed}),
            "vanished": len(self.vanished),
            "unchanged": self.unchanged,
            "conflicts": len(self.conflicts),
        }

    def summary(self) -> str:
        """Return the counts, then the first of each, a line each."""
        counts = self.counts()
        lines = [", ".join(f"{count} {what}" for what, count in counts.items())]
        columns = Counter(change.column for change in self.changed)
        if len(self.changed) > SHOWN:
            told = ", ".join(f"{name} {count}" for name, count in columns.most_common())
            lines.append(f"  changed by column: {told}")
        lines += _first(f"  conflict {_conflict_text(c)}" for c in self.conflicts)
        # Of a column that changes in every row one is as telling as all.
        rare_first = sorted(self.changed, key=lambda change: columns[change.column])
        shown_first = self.changed if len(self.changed) <= SHOWN else rare_first
        lines += _first(f"  changed {_change_text(change)}" for change in shown_first)
        lines += _first(f"  added {code}" for code in self.added)
        lines += _first(f"  vanished {code}" for code in self.vanished)
        return "\n".join(lines)

    def document(self, limit: int = LISTED) -> dict[str, Any]:
        """Return the difference as JSON gives it out; `counts` tell where a list is cut.

        Parameters
        ----------
        limit
            How many entries of each list to give.
        """
        return {
            "counts": self.counts(),
            "added": list(self.added[:limit]),
            "changed": [
                {
                    "code": change.code,
                    "column": change.column,
                    "old": shown(change.old),
                    "new": shown(change.new),
                    "moved_m": _rounded(change.moved_m),
                }
                for change in self.changed[:limit]
            ],
            "vanished": list(self.vanished[:limit]),
            "conflicts": [
                {
                    "code": conflict.code,
                    "column": conflict.column,
                    "base": shown(conflict.base),
                    "store": shown(conflict.store),
                    "file": shown(conflict.file),
                    "reason": conflict.reason,
                    "moved_m": _rounded(conflict.moved_m),
                }
                for conflict in self.conflicts[:limit]
            ],
        }

    def table(self) -> pd.DataFrame:
        """Return everything as rows: `code, what, column, old, new, base, moved_m`.

        `what` is "conflict", "changed", "added" or "vanished"; shapes are text.
        """
        rows = [
            (c.code, "conflict", c.column, shown(c.store), shown(c.file), shown(c.base), c.moved_m)
            for c in self.conflicts
        ]
        rows += [
            (c.code, "changed", c.column, shown(c.old), shown(c.new), None, c.moved_m)
            for c in self.changed
        ]
        rows += [(code, "added", None, None, None, None, None) for code in self.added]
        rows += [(code, "vanished", None, None, None, None, None) for code in self.vanished]
        table = pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)
        return table.astype({"moved_m": "float64"})


def shown(value: object) -> object:
    """Return a cell as JSON and people read it: a point as lon, lat, other shapes by their kind.

    Examples
    --------
    >>> shown(shapely.Point(120.7, 30.1)), shown(shapely.box(0, 0, 1, 1)), shown(3)
    ('120.7000000, 30.1000000', 'Polygon of 5 points', 3)
    """
    if isinstance(value, shapely.Point) and not value.is_empty:
        return f"{value.x:.7f}, {value.y:.7f}"
    if isinstance(value, BaseGeometry):
        return f"{value.geom_type} of {shapely.get_num_coordinates(value)} points"
    if isinstance(value, np.generic):
        return value.item()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _first(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    more = len(every) - SHOWN
    return every[:SHOWN] + ([f"  ... and {more} more"] if more > 0 else [])


def _change_text(change: Change) -> str:
    if change.moved_m is not None:
        return f"{change.code}, geometry: moved by {change.moved_m:.1f} m"
    return f"{change.code}, {change.column}: {_cell(change.old)} -> {_cell(change.new)}"


def _conflict_text(conflict: Conflict) -> str:
    if conflict.column is None:
        return f"{conflict.code}: {conflict.reason}, the other changed it"
    values = f"store {_cell(conflict.store)}, file {_cell(conflict.file)}"
    return f"{conflict.code}, {conflict.column}: was {_cell(conflict.base)}, {values}"


def _cell(value: object) -> object:
    return "(blank)" if value is None else shown(value)


def _rounded(distance: float | None) -> float | None:
    # A shape that was not there before has no distance, which JSON cannot say as NaN.
    return None if distance is None or np.isnan(distance) else round(distance, 2)
