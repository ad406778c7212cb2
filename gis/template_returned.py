"""What came back of a template: many workbooks joined into one layer, and what is still open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import FileMissingError, FormatError
from gis.layers import WGS84, Layers, conform, empty_layer
from gis.merge_values import cells_of, same_cell
from gis.read_workbook import sheet_names
from gis.schema import schema
from gis.template_answers import Missing, Place, Returned, ReturnedConflict, ReturnedFault
from gis.template_cells import FACT, ReturnedSheet, Row, RowId, read_workbook
from gis.template_facts import Asked, Fact, fact_code, known_facts, town_code
from gis.template_plan import villages_named
from gis.template_sheets import KNOWN_SHEET
from gis.villages_of import village_of_rows

# How many files a message names.
NAMED = 10

# What sheets say of one cell, and where.
Said = list[tuple[Any, Place]]
Cells = Mapping[str, Any]
Facts = Mapping[Asked, Mapping[str, Fact]]


def read_returned(folder_or_file: Path | str, what: str, *, town: Layers | None = None) -> Returned:
    """Return what the returned workbooks of a template say, joined.

    Each workbook is compared with what its template held when it was given out, so that only
    what people wrote counts: of two copies of one workbook, the one that was filled in. Cells
    that nobody wrote in have the value of the town, else that of the template. Where two sheets
    say different things of one cell neither is taken. Nothing is raised for a row: what is
    wrong is in the answer, by file, sheet and row, and such a cell is not taken. A new row with
    a fault is left out.

    Parameters
    ----------
    folder_or_file
        A workbook, or a folder of them, under any name; other files are passed over and named,
        those that a spreadsheet keeps open (~$) unnamed.
    what
        "facts", or the name of a layer.
    town
        What is known now; its villages are those that are waited for. None to go by what the
        workbooks say.

    Returns
    -------
    Returned
        The rows, faults, conflicts, and what is missing from whom.

    Raises
    ------
    FileMissingError
        If there is no such file or folder, or no workbook in it.
    NotFoundError
        If there is no such layer.
    """
    layer = schema(what).name
    files, passed_over = _workbooks(Path(folder_or_file))
    sheets: list[tuple[ReturnedSheet, Mapping[RowId, Row]]] = []
    faults: list[ReturnedFault] = []
    for path in files:
        try:
            found, origin = read_workbook(path, layer)
        except FormatError as error:
            problem = str(error).removeprefix(str(path)).removeprefix(path.name).strip(" :")
            faults.append(ReturnedFault(Place(path.name), None, problem))
            continue
        held = {} if origin is None else {row.key: row for row in origin.rows}
        sheets += [(sheet, held) for sheet in found]
    for sheet, _ in sheets:
        at = [(Place(sheet.file, sheet.title, f.row), f.column, f.problem) for f in sheet.faults]
        faults += [ReturnedFault(*parts) for parts in at]
    given_out: dict[RowId, Row] = {}
    for _, given in sheets:
        given_out = {**given, **given_out}
    facts = known_facts(town) if layer == "facts" else {}
    current = _current(layer, town, facts, given_out)
    said, first = _statements(sheets, current)
    rows, conflicts = _joined(said, first, current)
    villages = _villages(first, given_out, rows, sheets, layer, town)
    faults += _row_faults(layer, rows, first, current, town)
    # Who wrote only what is wrong has not been silent.
    tried = {_likely(sheet, villages) for sheet, _ in sheets if sheet.faults}
    wrong = {fault.place for fault in faults if fault.place.row is not None}
    complete = {k: r for k, r in rows.items() if k in current or first[k] not in wrong}
    return Returned(
        what=layer,
        files=tuple(path.name for path in files),
        frame=_frame(layer, complete, facts),
        written=sum(len(cells) for cells in said.values()),
        faults=tuple(faults),
        conflicts=tuple(
            ReturnedConflict(_code(key, facts), column, tuple(values))
            for (key, column), values in conflicts.items()
        ),
        missing=tuple(_missing(layer, rows, said, villages, given_out, town, facts, tried)),
        dropped_columns=_each_once(sheet.dropped for sheet, _ in sheets),
        unknown_columns=_each_once(sheet.unknown for sheet, _ in sheets),
        passed_over=passed_over,
        notes=tuple(
            f"{Place(sheet.file, sheet.title)}: {note}"
            for sheet, _ in sheets
            for note in sheet.notes
        ),
    )


def is_returned(path: Path) -> bool:
    """Return whether a path is a folder, or a workbook that was made from a template."""
    if path.is_dir():
        return True
    is_sheet = path.suffix.lower() == ".xlsx" and path.is_file()
    return is_sheet and any(name.startswith(KNOWN_SHEET) for name in sheet_names(path))


def _workbooks(place: Path) -> tuple[list[Path], tuple[str, ...]]:
    """Return the workbooks of a folder, and the names of other files that may be answers too."""
    if place.is_file():
        return [place], ()
    if not place.is_dir():
        msg = f"{place}: there is no such file or folder"
        raise FileMissingError(msg)
    every = [path for path in place.rglob("*") if path.is_file()]
    found = sorted(path for path in every if not path.name.startswith(("~$", ".")))
    files = [path for path in found if path.suffix.lower() == ".xlsx"]
    others = tuple(str(path.relative_to(place)) for path in found if path not in files)
    if not files:
        there = f"; it holds {', '.join(others[:NAMED])}: save them as .xlsx" if others else ""
        msg = f"{place} holds no .xlsx workbook{there}"
        raise FileMissingError(msg)
    return files, others


def _statements(
    sheets: Sequence[tuple[ReturnedSheet, Mapping[RowId, Row]]],
    current: Mapping[RowId, Cells],
) -> tuple[dict[RowId, dict[str, Said]], dict[RowId, Place]]:
    """Return what people wrote in which cell of which row, and where each row stands first.

    A workbook that lost its hidden sheet is compared with what is known now.
    """
    said: dict[RowId, dict[str, Said]] = {}
    first: dict[RowId, Place] = {}
    for sheet, given in sheets:
        for row in sheet.rows:
            place = Place(sheet.file, sheet.title, row.number)
            first.setdefault(row.key, place)
            before = given[row.key].cells if row.key in given else {}
            if not given:
                before = current.get(row.key, {})
            for column, value in row.cells.items():
                if column in FACT or column == "code":
                    continue
                if same_cell(value, before.get(column), column):
                    continue
                values = said.setdefault(row.key, {}).setdefault(column, [])
                if not any(same_cell(value, other, column) for other, _ in values):
                    values.append((value, place))
    return said, first


def _current(
    layer: str, town: Layers | None, facts: Facts, given_out: Mapping[RowId, Row]
) -> dict[RowId, dict[str, Any]]:
    """Return what is known of each row: by the town, else by the template."""
    current: dict[RowId, dict[str, Any]] = {}
    for asked, periods in facts.items():
        for period, (_, value) in periods.items():
            current[*asked, period] = {} if value is None else {"value": value}
    if town is not None and layer != "facts":
        frame = town[layer]
        codes = frame["code"].tolist()
        names = [*schema(layer).by_name, "geometry"]
        columns = [cells_of(frame, codes, name).tolist() for name in names]
        for code, *cells in zip(codes, *columns, strict=True):
            pairs = zip(names, cells, strict=True)
            current[(code,)] = {name: cell for name, cell in pairs if cell is not None}
    for told, row in given_out.items():
        current.setdefault(told, dict(row.cells))
    return current


def _joined(
    said: Mapping[RowId, Mapping[str, Said]],
    first: Mapping[RowId, Place],
    current: Mapping[RowId, Cells],
) -> tuple[dict[RowId, dict[str, Any]], dict[tuple[RowId, str], Said]]:
    """Return the rows that came back, those known in their order first, and what is contested."""
    order = [key for key in current if key in first]
    order += [key for key in first if key not in current]
    rows: dict[RowId, dict[str, Any]] = {}
    conflicts: dict[tuple[RowId, str], Said] = {}
    for key in order:
        rows[key] = dict(current.get(key, {}))
        for column, values in said.get(key, {}).items():
            if len(values) == 1:
                rows[key][column] = values[0][0]
            else:
                conflicts[key, column] = values
    return rows, conflicts


def _row_faults(
    layer: str,
    rows: Mapping[RowId, Cells],
    first: Mapping[RowId, Place],
    current: Mapping[RowId, Cells],
    town: Layers | None,
) -> list[ReturnedFault]:
    """Return what is wrong with rows that are new: cells that lack, places that there are not."""
    faults = []
    new = {key: cells for key, cells in rows.items() if key not in current}
    if layer != "facts":
        for key, cells in new.items():
            faults += [
                ReturnedFault(first[key], column, "is missing")
                for column in _required(layer)
                if column not in cells
            ]
    elif town is not None:
        places: dict[str, set[str]] = {"town": {town_code(town)}}
        for key in new:
            known = places.setdefault(key[0], set())
            if not known and key[0] in town.frames:
                known |= set(town[key[0]]["code"])
            if key[1] not in known:
                problem = f"there is no {key[1]} in the layer {key[0]}"
                faults.append(ReturnedFault(first[key], "place_code", problem))
    return faults


def _required(layer: str) -> list[str]:
    """Return the columns that no row of a layer may lack, "geometry" among them."""
    names = [one.name for one in schema(layer).columns if one.required and one.name != "code"]
    return names if schema(layer).geometry == "table" else [*names, "geometry"]


def _villages(
    first: Mapping[RowId, Place],
    given_out: Mapping[RowId, Row],
    rows: Mapping[RowId, Cells],
    sheets: Sequence[tuple[ReturnedSheet, Mapping[RowId, Row]]],
    layer: str,
    town: Layers | None,
) -> dict[RowId, str]:
    """Return the village of each row: that of the template, of its sheet, or where it lies."""
    owners = {key: row.village for key, row in given_out.items()}
    owners |= {key: key[1] for key in rows if layer == "facts" and key[0] == "villages"}
    of_sheet: dict[tuple[str, str], str] = {}
    names = {} if town is None else {name: code for code, name in villages_named(town)}
    for sheet, _ in sheets:
        of_sheet[sheet.file, sheet.title] = _likely(sheet, owners) or names.get(sheet.title, "")
    for key in rows:
        if not owners.get(key):
            place = first[key]
            owners[key] = of_sheet.get((place.file, place.sheet or ""), "")
    if town is not None and town.has("villages"):
        lost = [key for key in rows if not owners[key] and "geometry" in rows[key]]
        shapes = gpd.GeoDataFrame(geometry=[rows[key]["geometry"] for key in lost], crs=WGS84)
        where = village_of_rows(shapes, town["villages"])
        owners |= {key: code or "" for key, code in zip(lost, where, strict=True)}
    return owners


def _likely(sheet: ReturnedSheet, owners: Mapping[RowId, str]) -> str:
    """Return the village of most rows of a sheet."""
    known = Counter(owners.get(row.key, "") for row in sheet.rows)
    return known.most_common(1)[0][0] if known else ""


def _missing(
    layer: str,
    rows: Mapping[RowId, Cells],
    said: Mapping[RowId, Mapping[str, Said]],
    owners: Mapping[RowId, str],
    given_out: Mapping[RowId, Row],
    town: Layers | None,
    facts: Facts,
    tried: Collection[str],
) -> list[Missing]:
    """Return which villages wrote nothing, and which cells the others were asked for in vain."""
    expected = dict.fromkeys(row.village for row in given_out.values() if row.village)
    names = {code: code for code in expected}
    if town is not None:
        names |= dict(villages_named(town))
        expected |= dict.fromkeys(code for code, _ in villages_named(town))
    wrote = {owners.get(key, "") for key in said} | {*tried}
    silent = [code for code in expected if code not in wrote]
    missing = [Missing(code, names[code]) for code in silent]
    wanted = ["value"] if layer == "facts" else _required(layer)
    # Where the period was left to whoever fills it in, any period will do.
    answered = {key[:3] for key, cells in rows.items() if layer == "facts" and "value" in cells}
    for key in [*given_out, *(key for key in rows if key not in given_out)]:
        village = owners.get(key, "")
        cells = rows.get(key, given_out[key].cells if key in given_out else {})
        open_period = layer == "facts" and not key[3] and key[:3] in answered
        if village not in silent and not open_period:
            missing += [
                Missing(
                    village,
                    names.get(village, ""),
                    _code(key, facts),
                    key[2] if layer == "facts" else column,
                )
                for column in wanted
                if column not in cells
            ]
    return missing


def _frame(layer: str, rows: Mapping[RowId, Cells], facts: Facts) -> gpd.GeoDataFrame:
    """Return the rows as a layer; facts without a value are none."""
    if layer == "facts":
        rows = {key: cells for key, cells in rows.items() if "value" in cells}
    records = []
    for key, cells in rows.items():
        told = dict(zip(FACT, key, strict=True)) if layer == "facts" else {}
        told = {name: part for name, part in told.items() if part}
        records.append({**cells, **told, "code": _code(key, facts)})
    if not records:
        return empty_layer(layer)
    names = [*schema(layer).by_name, "geometry"]
    columns = {name: [record.get(name) for record in records] for name in names}
    shapes = gpd.GeoSeries(np.array(columns.pop("geometry"), dtype=object), crs=WGS84)
    frame = gpd.GeoDataFrame(pd.DataFrame(columns, dtype=object), geometry=shapes, crs=WGS84)
    return conform(frame, layer)


def _code(key: RowId, facts: Facts) -> str:
    """Return the code of a row: of a fact that which the town gave it, or a new one."""
    if len(key) == 1:
        return key[0]
    layer, place, name, period = key
    there = facts.get((layer, place, name), {})
    return there[period][0] if period in there else fact_code(layer, place, name, period)


def _each_once(groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))
