"""What is wrong with the rows of a camera sheet, and what its columns leave in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from gis.camera_codes import CODE_DIGITS, DAMAGED_CODE
from gis.camera_fields import Problems, plain_text
from gis.errors import Fault
from gis.profiles import load
from gis.validate_values import quoted

# How many rows a warning names.
SHOWN_ROWS = 5


def absent(titles: Mapping[str, str], head_row: int) -> list[Fault]:
    """Return a fault for each column that a sheet must have, and this one has not.

    Parameters
    ----------
    titles
        Field to head.
    head_row
        Row of the heads.
    """
    needed = {"code": "设备编码 (SBBM)", "lon": "经度 (JD)", "lat": "纬度 (WD)"}
    return [
        Fault(head_row, None, f"the sheet has no column {head}")
        for name, head in needed.items()
        if name not in titles
    ]


def taken(others: pd.DataFrame, cameras: pd.DataFrame, head_row: int) -> list[Fault]:
    """Return a fault for each unknown column whose name another column of the layer has."""
    told = "is the name of a column that other heads fill: rename it"
    return [Fault(head_row, str(head), told) for head in others if head in cameras]


def faults_of(rows: pd.Index[Any], titles: Mapping[str, str], problems: Problems) -> list[Fault]:
    """Return problems, told by position and field, as faults told by row and head."""
    numbers = rows.tolist()
    return [Fault(numbers[at], titles.get(name, name), what) for at, name, what in problems]


def code_faults(
    parts: pd.DataFrame, cell_faults: Iterable[Fault], titles: Mapping[str, str]
) -> list[Fault]:
    """Return a fault for each code that is no device's and of which nothing is told yet.

    Parameters
    ----------
    parts
        As `gis.camera_codes.parse_codes` gives them, index = row of the sheet.
    cell_faults
        What is wrong with single cells already.
    titles
        Field to head.
    """
    # That a code is missing is told by the schema.
    told = [fault.row for fault in cell_faults if fault.column == titles.get("code")]
    wrong = _wrong(parts)[parts["code"].notna() & ~parts.index.isin(told)].dropna()
    return [Fault(int(r), titles["code"], w) for r, w in zip(wrong.index, wrong, strict=True)]


def unusable(
    parts: pd.DataFrame, faults: Iterable[Fault], titles: Mapping[str, str], *, strict: bool
) -> pd.Series[Any]:
    """Return why the code of a row names no camera, missing where it may or all must.

    Parameters
    ----------
    parts
        As `gis.camera_codes.parse_codes` gives them, index = row of the sheet.
    faults
        What is wrong with cells; one in the column of codes makes a code unusable.
    titles
        Field to head.
    strict
        Whether such a row is refused anyway; then there is no reason.

    Examples
    --------
    >>> from gis.camera_codes import parse_codes
    >>> parts = parse_codes(pd.Series(["33060200001310000017"] * 2 + [""], index=[4, 5, 6]))
    >>> unusable(parts, [], {"code": "SBBM"}, strict=False).dropna().to_dict()
    {5: '"33060200001310000017" is already the code of row 4', 6: 'is missing'}
    """
    none = pd.Series(np.nan, index=parts.index, dtype="str")
    if strict:
        return none
    codes = parts["code"]
    spoilt = codes.str.fullmatch(DAMAGED_CODE).eq(True)
    reasons = none.mask(spoilt | codes.isna(), parts["problem"])
    broken = {f.row: f.problem for f in faults if f.column == titles.get("code")}
    reasons = reasons.fillna(pd.Series(codes.index.map(broken.get), index=codes.index, dtype="str"))
    rows = pd.Series(codes.index, index=codes.index)
    first = rows.groupby(codes).transform("first")
    again = codes.notna() & first.ne(rows)
    told = [
        f"{quoted(c)} is already the code of row {r:.0f}"
        for c, r in zip(codes, first.fillna(0), strict=True)
    ]
    return reasons.mask(again & reasons.isna(), pd.Series(told, index=codes.index))


def under_heads(faults: Iterable[Fault], titles: Mapping[str, str]) -> list[Fault]:
    """Return faults told by the heads that the sheet has, where they tell a column of the layer."""
    heads = {**titles, "geometry": ", ".join(titles[n] for n in ("lon", "lat") if n in titles)}
    kept: dict[tuple[int | str | None, str | None, str], Fault] = {}
    for fault in faults:
        head = None if fault.column is None else heads.get(fault.column, fault.column)
        # The schema tells of spoilt codes in words of its own, and of columns that titles lack.
        spoilt = "code" if "spreadsheet made a number" in fault.problem else fault.problem
        if fault.row is not None or fault.column != "code" or "code" in titles:
            kept.setdefault((fault.row, head, spoilt), Fault(fault.row, head, fault.problem))
    return list(kept.values())


def unread(faults: Iterable[Fault], titles: Mapping[str, str]) -> list[str]:
    """Return a warning that counts values which could not be read, by column.

    Parameters
    ----------
    faults
        What is wrong with cells; those of codes are listed elsewhere.
    titles
        Field to head.
    """
    counts = Counter(f.column or f.problem for f in faults if f.column != titles.get("code"))
    if not counts:
        return []
    told = ", ".join(f"{head} {count}" for head, count in counts.items())
    return [f"values that cannot be read are left out: {told} (an import of the sheet names each)"]


def without_marks(
    texts: pd.DataFrame, titles: Mapping[str, str], fields: Mapping[str, Mapping[str, Any]]
) -> tuple[pd.DataFrame, list[str]]:
    """Return cells with the signs for "not known" made blank, and a warning that counts them.

    Only where a code, number, day or position is due; in text such a sign may mean something.

    Parameters
    ----------
    texts
        Text, one column a field, "" where blank.
    titles, fields
        Field to head, and to its rule.

    Examples
    --------
    >>> texts = pd.DataFrame({"height_m": ["6", "/"], "name": ["/", "a"]})
    >>> fields = {"height_m": {"number": [0, 300]}, "name": {}}
    >>> blank, told = without_marks(texts, {"height_m": "安装高度"}, fields)
    >>> blank.values.tolist(), told
    ([['6', '/'], ['', 'a']], ['signs for "not known" are taken as blank: 安装高度 1'])
    """
    marks = {plain_text(mark) for mark in load("cells")["blank"]["unknown"]}
    counts: dict[str, int] = {}
    blank = texts.copy()
    for name in map(str, texts):
        if name in ("lon", "lat") or fields[name].keys() & {"table", "number", "date"}:
            is_mark = texts[name].map(plain_text).isin(marks)
            if is_mark.any():
                counts[titles[name]] = int(is_mark.sum())
                blank[name] = texts[name].mask(is_mark, "")
    if not counts:
        return texts, []
    told = ", ".join(f"{head} {count}" for head, count in counts.items())
    return blank, [f'signs for "not known" are taken as blank: {told}']


def one_valued(
    texts: pd.DataFrame, titles: Mapping[str, str], fields: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return a warning about coded columns in which every row says the same."""
    coded = [n for n in texts if "table" in fields[str(n)] and not str(n).startswith("picture_")]
    filled = {str(name): texts[name][texts[name].ne("")] for name in coded}
    alike = [
        f"{titles[name]} = {values.iloc[0]}"
        for name, values in filled.items()
        if len(values) > 1 and values.nunique() == 1
    ]
    if not alike:
        return []
    return [f"columns with one value only, which may say nothing: {', '.join(alike)}"]


def networked_as(read: pd.DataFrame, texts: pd.DataFrame, profile: str) -> list[str]:
    """Return a warning about what the codes of 联网属性 were taken to mean."""
    if "networked" not in read or not texts["networked"].str.fullmatch("[0-9]+").any():
        return []
    count, known = int(read["networked"].eq("yes").sum()), int(read["networked"].notna().sum())
    ways = [
        name for name, tables in load("camera_sheet")["profiles"].items() if "networked" in tables
    ]
    chosen = [name for name in ways if name in profile.split(",")]
    own = chosen[-1] if chosen else ways[0]
    other = next(name for name in ways if name != own)
    return [
        f"联网属性 was read by the profile {own}: {count} of {known} cameras are networked; "
        f"systems disagree on this code, and if it is the other way round take {other}"
    ]


def other_devices(parts: pd.DataFrame) -> list[str]:
    """Return a warning about codes whose type is no camera's."""
    other = parts[~parts["camera"] & parts["type"].notna()]
    kinds = other["type_name"].fillna("type " + other["type"]).value_counts()
    if kinds.empty:
        return []
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    rows = ", ".join(map(str, other.index[:SHOWN_ROWS]))
    more = f" and {len(other) - SHOWN_ROWS} more" if len(other) > SHOWN_ROWS else ""
    return [f"codes that are not of a camera by their type: {counts} (rows {rows}{more})"]


def _wrong(parts: pd.DataFrame) -> pd.Series[Any]:
    told = f"is the code of a region, where a device has {CODE_DIGITS} digits"
    return parts["problem"].mask(parts["region"], told)
