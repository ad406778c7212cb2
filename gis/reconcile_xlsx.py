"""A reconciliation as a workbook: one sheet for the figures, one for each list."""

# xlsxwriter ships no types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from gis.errors import FormatError
from gis.reconcile import TITLES, Reconciliation
from gis.write import replacing

WIDTHS = {"code": 24, "platform_code": 24, "name": 28, "platform_name": 28, "what": 60}


def write_reconciliation(found: Reconciliation, path: Path | str) -> Path:
    """Write the lists of a reconciliation as an .xlsx workbook; text never becomes a formula.

    An earlier file stays whole until the new one is.

    Parameters
    ----------
    found
        What `gis.reconcile.reconcile` returned.
    path
        Where to; it must end in .xlsx.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FormatError
        If the file ends in something else.
    FileMissingError
        If it cannot be written there.
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        msg = f"{path}: a reconciliation is written as .xlsx, not as {path.suffix!r}"
        raise FormatError(msg)
    with replacing(path) as place, xlsxwriter.Workbook(place) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        _write(book.add_worksheet("summary"), _figures(found), bold)
        for name, frame in found.lists().items():
            _write(book.add_worksheet(name), frame, bold)
    return path


def _figures(found: Reconciliation) -> pd.DataFrame:
    figures = {
        "cameras of the platform": found.platform_cameras,
        "cameras on file": found.sheet_cameras,
        "share of the platform's cameras that are on file (建档率)": found.on_file_rate,
        "share of the cameras on file that are on the platform": found.on_platform_rate,
        "moved: metres above which a place counts as another": found.moved_m,
        **{f"{name}: {TITLES[name]}": len(frame) for name, frame in found.lists().items()},
    }
    return pd.DataFrame({"what": list(figures), "value": list(figures.values())})


def _write(page: Any, frame: pd.DataFrame, bold: Any) -> None:
    page.freeze_panes(1, 0)
    for at, name in enumerate(map(str, frame.columns)):
        page.write_string(0, at, name, bold)
        page.set_column(at, at, WIDTHS.get(name, 14))
        column = frame[name]
        for row, (value, missing) in enumerate(
            zip(column.tolist(), column.isna().tolist(), strict=True), start=1
        ):
            if missing:
                continue
            if isinstance(value, int | float):
                page.write_number(row, at, value)
            else:
                page.write_string(row, at, str(value))
