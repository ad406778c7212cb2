"""What came back of a template: rows, faults, conflicts, and what is missing from whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd

from gis.merge_changes import LISTED, SHOWN, shown


@dataclass(frozen=True)
class Place:
    """Where something stands: file, sheet and row; None where it is the whole of them."""

    file: str
    sheet: str | None = None
    row: int | str | None = None

    def __str__(self) -> str:
        parts = [self.file]
        parts += [] if self.sheet is None else [f"sheet {self.sheet}"]
        parts += [] if self.row is None else [f"row {self.row}"]
        return ", ".join(parts)


@dataclass(frozen=True)
class ReturnedFault:
    """One thing that is wrong with what came back."""

    place: Place
    column: str | None
    problem: str

    def __str__(self) -> str:
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.place}{column}: {self.problem}"


@dataclass(frozen=True)
class ReturnedConflict:
    """One cell of which sheets say different things; none of them was taken.

    Parameters
    ----------
    code
        Code of the row.
    column
        Name of the column, or "geometry".
    said
        What each sheet says, and where.
    """

    code: str
    column: str
    said: tuple[tuple[object, Place], ...]

    def __str__(self) -> str:
        values = "; ".join(f"{shown(value)} ({place})" for value, place in self.said)
        return f"{self.code}, {self.column}: {values}"


@dataclass(frozen=True)
class Missing:
    """Something that was asked for and did not come.

    Parameters
    ----------
    village, name
        Code and name of the village that was asked; "" where it is no village's.
    code
        Code of the row, or None where the village has returned nothing at all.
    column
        Name of the column, or of the key of a fact; None as above.
    """

    village: str
    name: str
    code: str | None = None
    column: str | None = None

    def __str__(self) -> str:
        whose = f"{self.name} ({self.village})" if self.village else self.name or "no village"
        return f"{whose}: {'nothing came back' if self.code is None else self._cell()}"

    def _cell(self) -> str:
        return f"{self.code}, {self.column}"


@dataclass(frozen=True, eq=False)
class Returned:
    """The answers of all returned workbooks in one; `gis.template_returned` makes it.

    Parameters
    ----------
    what
        Layer that was asked for; "facts" for facts.
    files
        Names of the workbooks.
    frame
        The rows that came back, conformed, EPSG:4326, index 0, 1, ...: to be merged with the
        store by code. A blank cell is unknown.
    written
        Number of cells that people wrote in or changed.
    faults
        What is wrong, by file, sheet and row.
    conflicts
        Cells of which sheets say different things.
    missing
        What was asked for and did not come.
    dropped_columns
        Columns about persons that were left out.
    unknown_columns
        Other columns that the template has not.
    passed_over
        Files of the folder that are no workbooks, and were not read.
    notes
        Which cells were not written plainly, and how they were read.
    """

    what: str
    files: tuple[str, ...]
    frame: gpd.GeoDataFrame = field(repr=False)
    written: int = 0
    faults: tuple[ReturnedFault, ...] = field(default=(), repr=False)
    conflicts: tuple[ReturnedConflict, ...] = field(default=(), repr=False)
    missing: tuple[Missing, ...] = field(default=(), repr=False)
    dropped_columns: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def silent(self) -> tuple[str, ...]:
        """Names of the villages of which nothing came back."""
        return tuple(one.name for one in self.missing if one.code is None)

    def waited_for(self) -> list[str]:
        """Return what is missing from whom: the silent villages in a line, then cells."""
        lines = []
        if self.silent:
            lines.append(f"nothing came back from {len(self.silent)}: {', '.join(self.silent)}")
        if self.passed_over:
            lines.append(
                "not read, as only .xlsx is (open and save as that): "
                f"{', '.join(self.passed_over[:SHOWN])}{_more(self.passed_over)}"
            )
        return lines + _first("missing", [one for one in self.missing if one.code is not None])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader must know: the first faults, conflicts and missing answers."""
        lines = _first("fault", self.faults)
        lines += _first("conflict", self.conflicts)
        lines += self.waited_for()
        lines += _first("note", self.notes)
        if self.dropped_columns:
            lines.append(f"personal columns dropped: {', '.join(self.dropped_columns)}")
        if self.unknown_columns:
            lines.append(f"unknown columns left out: {', '.join(self.unknown_columns)}")
        return tuple(lines)

    def summary(self) -> str:
        """Return the counts, then the first faults, conflicts and missing answers."""
        counts = (
            f"{len(self.files)} workbooks of {self.what}: {len(self.frame)} rows, "
            f"{self.written} cells written; {len(self.faults)} faults, "
            f"{len(self.conflicts)} conflicts, {len(self.missing)} missing"
        )
        return "\n".join([counts, *(f"  {line}" for line in self.warnings)])

    def document(self, limit: int = LISTED) -> dict[str, Any]:
        """Return it as JSON gives it out; `counts` tell where a list is cut.

        Parameters
        ----------
        limit
            How many entries of each list to give.
        """
        return {
            "what": self.what,
            "files": list(self.files),
            "counts": {
                "rows": len(self.frame),
                "written": self.written,
                "faults": len(self.faults),
                "conflicts": len(self.conflicts),
                "missing": len(self.missing),
            },
            "faults": [
                {**_place(fault.place), "column": fault.column, "problem": fault.problem}
                for fault in self.faults[:limit]
            ],
            "conflicts": [
                {
                    "code": one.code,
                    "column": one.column,
                    "said": [{"value": shown(v), **_place(place)} for v, place in one.said],
                }
                for one in self.conflicts[:limit]
            ],
            "missing": [
                {"village": m.village, "name": m.name, "code": m.code, "column": m.column}
                for m in self.missing[:limit]
            ],
            "dropped_columns": list(self.dropped_columns),
            "unknown_columns": list(self.unknown_columns),
            "passed_over": list(self.passed_over[:limit]),
        }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "sheet": place.sheet, "row": place.row}


def _more(names: Sequence[str]) -> str:
    return f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""


def _first(what: str, entries: Iterable[object]) -> list[str]:
    every = list(entries)
    more = [f"... and {len(every) - SHOWN} more: {what}"] if len(every) > SHOWN else []
    return [f"{what}: {entry}" for entry in every[:SHOWN]] + more
