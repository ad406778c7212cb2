"""One sheet of a workbook as a table, with the row numbers of the sheet."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from gis.columns import layer_title
from gis.errors import Fault, FormatError
from gis.read_heads import SheetTable, clean_head, table
from gis.read_workbook import workbook_cells
from gis.schema import SCHEMAS


def read_xlsx(
    path: Path,
    layer: str,
    *,
    sheet: str | None = None,
    header_row: int | None = None,
    named: Collection[str] = (),
) -> SheetTable:
    """Return the cells of a sheet as text, and what is wrong with it.

    Faults are also numbers of more digits than a sheet keeps, cells that show an error, and
    formulas whose result was not saved. Of cells that are merged downwards each has the text of
    the uppermost, which a warning counts.

    Parameters
    ----------
    path
        A workbook.
    layer
        Name of the layer.
    sheet
        Name of the sheet; None for the one that is called like the layer, by its name or its
        title in either language, or the first.
    header_row, named
        As `gis.read_heads.table`.

    Raises
    ------
    FormatError
        If it is no workbook, damaged, has no such sheet, or is larger than is read.
    """
    (cells,) = workbook_cells(path, lambda names: [_chosen(path, names, layer, sheet)])
    read = table(path, cells.rows, layer, header_row=header_row, named=named)
    heads = [clean_head(cell) for cell in cells.rows[read.head_row - 1]]
    body = set(read.frame.index)

    def head(at: int) -> str | None:
        return heads[at] if at < len(heads) else None

    problems = [
        Fault(row, head(at), problem)
        for (row, at), problem in cells.problems.items()
        if row in body
    ]
    filled = [(row, at) for row, at in cells.merged if row in body]
    warnings = read.warnings
    if filled:
        names = dict.fromkeys(head(at) or "" for _, at in sorted(filled, key=lambda cell: cell[1]))
        warnings += (
            f"cells merged with one above have its value ({len(filled)}): {', '.join(names)}",
        )
    return replace(read, faults=read.faults + problems, warnings=warnings)


def _chosen(path: Path, names: list[str], layer: str, sheet: str | None) -> str:
    if sheet is not None:
        if sheet not in names:
            msg = f"{path} has no sheet {sheet!r}; it has: {', '.join(names)}"
            raise FormatError(msg)
        return sheet
    wanted = {layer.casefold()}
    if layer in SCHEMAS:
        title = layer_title(layer)
        wanted |= {title.zh.casefold(), title.en.casefold()}
    return next((name for name in names if name.strip().casefold() in wanted), names[0])
