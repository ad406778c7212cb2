"""A reconciliation as a workbook in Chinese and English: the figures, and one sheet a list."""

# xlsxwriter ships no types.
# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from gis.errors import FormatError
from gis.profiles import load
from gis.reconcile import TITLES, Reconciliation
from gis.write import replacing

# Characters; a Chinese one takes two.
_WIDTHS = {
    **dict.fromkeys(("code", "platform_code", "likely_code"), 24),
    **dict.fromkeys(("name", "platform_name"), 28),
    "what_zh": 40,
    "what": 60,
    "figure": 72,
    "sheet_row": 20,
    "platform_lon": 22,
    "platform_lat": 22,
    "distance_m": 22,
    "bearing_deg": 22,
}
_DIGITS = {
    **dict.fromkeys(("lon", "lat", "platform_lon", "platform_lat"), 7),
    **dict.fromkeys(("distance_m", "bearing_deg"), 1),
}


def write_reconciliation(
    found: Reconciliation, path: Path | str, *, notes: Sequence[str] = ()
) -> Path:
    """Write the lists of a reconciliation as an .xlsx workbook; text never becomes a formula.

    Heads and names of sheets are bilingual, as "设备编码 code"; what is wrong stands there in both
    languages. An earlier file stays whole until the new one is.

    Parameters
    ----------
    found
        What `gis.reconcile.reconcile` returned.
    path
        Where to; it must end in .xlsx.
    notes
        What the reader must know besides, such as the files and their warnings; it stands below
        the figures.

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
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "share": book.add_format({"num_format": "0.0%", "align": "right"}),
        }
        _write(_page(book, "summary"), _figures(found, notes), formats)
        for name, frame in found.lists().items():
            _write(_page(book, name), _bilingual(frame), formats)
    return path


def in_chinese(sentence: str) -> str:
    """Return what a list says of a camera in Chinese, as it is where no table knows it.

    Examples
    --------
    >>> in_chinese("the platform has it 249 m away")
    '平台上的位置相距 249 米'
    """
    for rule in load("reconcile")["sentences"]:
        match = re.fullmatch(rule["en"], sentence, re.DOTALL)
        if match is not None:
            return match.expand(rule["zh"])
    return sentence


def _page(book: Any, name: str) -> Any:
    return book.add_worksheet(f"{load('reconcile')['sheets'][name]} {name}")


def _bilingual(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a list with what it says in Chinese too, numbers as one reads them."""
    words = load("reconcile")
    shown = frame.round({name: n for name, n in _DIGITS.items() if name in frame})
    shown.insert(list(shown).index("what"), "what_zh", frame["what"].map(in_chinese))
    if "source" in shown:
        shown["source"] = [f"{words['sources'][one]} {one}" for one in shown["source"]]
    return shown


def _figures(found: Reconciliation, notes: Sequence[str]) -> pd.DataFrame:
    """Return the summary: each rate with what it is a share of, the length of each list, notes."""
    words = load("reconcile")
    zh = words["figures"]
    rows: list[tuple[str, object, object]] = [
        (
            f"{zh['on_file_rate']} cameras of the platform on file",
            found.on_file_rate,
            found.platform_cameras,
        ),
        (
            f"{zh['on_platform_rate']} cameras on file on the platform",
            found.on_platform_rate,
            found.sheet_cameras,
        ),
        *(
            (f"{words['sheets'][name]} {name}: {TITLES[name]}", len(frame), None)
            for name, frame in found.lists().items()
        ),
        (f"{zh['moved_m']} moved_m", found.moved_m, None),
        *((f"{zh['note']} {note}", None, None) for note in notes),
    ]
    return pd.DataFrame(rows, columns=["figure", "value", "of"], dtype=object)


def _write(page: Any, frame: pd.DataFrame, formats: dict[str, Any]) -> None:
    heads = load("reconcile")["heads"]
    page.freeze_panes(1, 1)
    for at, name in enumerate(map(str, frame.columns)):
        page.write_string(0, at, f"{heads[name]} {name}", formats["head"])
        page.set_column(at, at, _WIDTHS.get(name, 16))
        column = frame[name]
        for row, (value, missing) in enumerate(
            zip(column.tolist(), column.isna().tolist(), strict=True), start=1
        ):
            if missing:
                continue
            if isinstance(value, int | float):
                is_share = name == "value" and isinstance(value, float) and row <= 2
                page.write_number(row, at, value, formats["share"] if is_share else None)
            else:
                page.write_string(row, at, str(value))
    if len(frame):
        page.autofilter(0, 0, len(frame), len(frame.columns) - 1)
