"""Mapping files: which column of a file is which of a layer, and what its words mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.columns import POSITION, vocabulary_of, word_named
from gis.errors import Fault, FileMissingError, FormatError, ParameterError
from gis.read_heads import clean_head, recognised
from gis.read_tables import position_columns
from gis.schema import schema

_TABLES = ("columns", "values")
_TEXTS = ("crs", "encoding", "sheet")
SETTINGS = (*_TABLES, *_TEXTS, "header_row", "ignore")


@dataclass(frozen=True)
class FileMapping:
    """How to read one kind of file.

    Parameters
    ----------
    columns
        Column of the file to column of the layer, or to lon, lat or wkt.
    values
        Column of the layer to the file's words and what each means.
    crs, encoding
        As `gis.read.read_layer`.
    sheet
        Sheet of a workbook.
    header_row
        Number of the row with the column names, from 1.
    ignore
        Columns of the file to leave out.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    crs: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    ignore: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.header_row is not None and self.header_row < 1:
            msg = f"header_row counts from 1, not {self.header_row}"
            raise ParameterError(msg)


def read_mapping(path: Path | str) -> FileMapping:
    """Return the mapping that a TOML file holds.

    Parameters
    ----------
    path
        A file with the sections [columns] and [values.COLUMN] and the lines crs, encoding,
        sheet, header_row and ignore, all of them optional; or a plain list of lines such as
        `"设备编码" = "code"`.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If it is not TOML, or a line is not as it should be; the message lists every such line.
    """
    path = Path(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise FileMissingError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: {error}"
        raise FormatError(msg) from error
    # Without a section it is a list of columns, whatever these are called.
    if not any(isinstance(value, dict | list | int) for value in table.values()) and not (
        set(table) <= set(SETTINGS)
    ):
        table = {"columns": table}
    problems = list(_problems(table))
    if problems:
        msg = f"{path}: {'; '.join(problems)}"
        raise FormatError(msg)
    return FileMapping(**{**table, "ignore": tuple(table.get("ignore", ()))})


def as_mapping(mapping: FileMapping | Mapping[str, str] | None) -> FileMapping:
    """Return a mapping from what a caller may hand over: one, its columns alone, or nothing.

    Examples
    --------
    >>> as_mapping({"设备编码": "code"}).columns
    {'设备编码': 'code'}
    """
    if isinstance(mapping, FileMapping):
        return mapping
    return FileMapping(columns=dict(mapping or {}))


def mapped(
    path: Path, frame: pd.DataFrame, layer: str, mapping: FileMapping, *, cut: bool = False
) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the rows of a file under the names and words of a layer.

    What the mapping does not name is known by its name, title or alias (`gis.columns`).

    Parameters
    ----------
    path
        The file, for messages.
    frame
        Its rows, under its own names.
    layer
        Name of the layer.
    mapping
        What the file's keeper says of it.
    cut
        Whether names may be cut to ten bytes, as a Shapefile does.

    Returns
    -------
    DataFrame
        Same index; a copy where anything changed.
    list
        Faults: columns that may be several of the file.

    Raises
    ------
    ParameterError
        If the mapping names a column that the file, or after mapping the layer, has not got.
    """
    names = [str(name) for name in frame.columns]
    heads = {clean_head(name): name for name in names}
    absent = [name for name in mapping.columns if clean_head(name) not in heads]
    if absent:
        msg = f"{path} has no column {', '.join(absent)} to map; it has: {', '.join(names)}"
        raise ParameterError(msg)
    renamed = {heads[clean_head(name)]: column for name, column in mapping.columns.items()}
    ignored = [heads[head] for head in map(clean_head, mapping.ignore) if head in heads]
    rows = frame.drop(columns=ignored).rename(columns=renamed)
    names, apart = _open_columns(rows)
    found, faults = recognised(names, layer, cut=cut, apart=apart)
    rows = rows.rename(columns=found)
    absent = [name for name in mapping.values if name not in rows.columns]
    if absent:
        msg = f"{path} has no column {', '.join(absent)} whose values could be mapped"
        raise ParameterError(msg)
    return _worded(rows, layer, mapping.values), faults


def _open_columns(frame: pd.DataFrame) -> tuple[list[str], frozenset[str]]:
    """Return the columns to know by their titles, and those of a position that are known."""
    if isinstance(frame, gpd.GeoDataFrame):
        names = [str(name) for name in frame.columns if name != frame.active_geometry_name]
        return names, frozenset(POSITION)
    names = [str(name) for name in frame.columns]
    pair, wkt = position_columns(names)
    return names, frozenset([*(POSITION[:2] if pair else ()), *(POSITION[2:] if wkt else ())])


def _problems(table: Mapping[str, Any]) -> list[str]:
    problems = [
        f"{name} is unknown; known are: {', '.join(SETTINGS)}"
        for name in table
        if name not in SETTINGS
    ]
    problems += [
        f"{name} must be a section: [{name}]"
        for name in _TABLES
        if not isinstance(table.get(name, {}), dict)
    ]
    columns = table.get("columns", {})
    if isinstance(columns, dict):
        wrong = [name for name, value in columns.items() if not isinstance(value, str)]
        if wrong:
            problems.append(f"{', '.join(wrong)}: name a column of the layer in quotes")
    values = table.get("values", {})
    for name, words in values.items() if isinstance(values, dict) else ():
        if not isinstance(words, dict) or not all(isinstance(w, str) for w in words.values()):
            problems.append(f'[values.{name}] must hold lines such as "在用" = "in_use"')
    problems += [f"{n} must be text" for n in _TEXTS if not isinstance(table.get(n, ""), str)]
    row = table.get("header_row", 1)
    if type(row) is not int or row < 1:
        problems.append("header_row must be a whole number from 1")
    ignore = table.get("ignore", [])
    if not isinstance(ignore, list) or not all(isinstance(name, str) for name in ignore):
        problems.append('ignore must be a list of columns, such as ["备注"]')
    return problems


def _worded(
    frame: pd.DataFrame, layer: str, values: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """Return the rows with the file's words as those of the layer; what nobody knows stays."""
    changed: dict[str, pd.Series[Any]] = {}
    once = set(frame.columns[~frame.columns.duplicated(keep=False)])
    for name, words in values.items():
        if name in once:
            changed[name] = frame[name].map(lambda cell, words=words: _meant(cell, words))
    for column in schema(layer).columns:
        vocabulary = vocabulary_of(column) if column.name in once else None
        if vocabulary is None:
            continue
        cells = changed[column.name] if column.name in changed else frame[column.name]
        known = {
            cell: word_named(vocabulary, cell)
            for cell in set(cells.dropna().map(str))
            if cell not in column.words
        }
        means = {cell: word for cell, word in known.items() if word is not None}
        if means:
            changed[column.name] = cells.map(lambda cell, means=means: _meant(cell, means))
    return frame.assign(**changed) if changed else frame


def _meant(cell: Any, words: Mapping[str, str]) -> Any:
    text = f"{cell:g}" if isinstance(cell, float) else str(cell).strip()
    return words.get(text, cell)
