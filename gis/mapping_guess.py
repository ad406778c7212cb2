"""A first mapping for a file nobody has mapped yet: guessed, shown, and written for a person."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.columns import POSITION, titles, vocabulary_of, word_named
from gis.mapping import FileMapping
from gis.mapping_values import by_values
from gis.personal import personal_columns, without_personal_values
from gis.read_heads import recognised
from gis.read_raw import read_raw
from gis.schema import schema
from gis.validate_values import FLAGS

# Rows shown, rows looked at, and words of one column that are listed.
SHOWN_ROWS = 5
LOOKED_AT = 2_000
MOST_WORDS = 60

_WIDEST = 18
_TICKS = {"√": "yes", "✓": "yes", "v": "yes", "y": "yes", "n": "no", "×": "no", "x": "no"}


@dataclass(frozen=True)
class ColumnGuess:
    """What one column of a file is taken for.

    Parameters
    ----------
    head
        Its name in the file.
    column
        Column of the layer, or lon, lat, wkt; None if nobody knows.
    because
        "name" (its name, title or alias), "values" (what its cells hold), "personal" (tells of
        a person and is dropped) or "unknown" (kept as it is).
    sample
        Its first value that is not blank; "" for a personal column.
    """

    head: str
    column: str | None
    because: str
    sample: str = ""


@dataclass(frozen=True, eq=False)
class MappingGuess:
    """A guessed mapping of one file, for a person to look through.

    Parameters
    ----------
    source, layer
        The file, and the layer it is to become.
    columns
        One guess for each column of the file, in its order.
    mapping
        The guesses as a mapping.
    unknown_words
        Column of the layer to the file's words that mean nothing known; to be filled in.
    missing
        Columns that the layer needs and the file seems not to have.
    rows
        The first rows, under the heads of `columns`, without those that tell of persons.
    needs_crs
        Whether the file does not say what its coordinates are.
    """

    source: str
    layer: str
    columns: tuple[ColumnGuess, ...]
    mapping: FileMapping
    unknown_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    needs_crs: bool = False

    @property
    def unknown(self) -> tuple[str, ...]:
        """Columns of the file that are kept as they are."""
        return tuple(c.head for c in self.columns if c.because == "unknown")

    @property
    def personal(self) -> tuple[str, ...]:
        """Columns of the file that tell of persons and are dropped."""
        return tuple(c.head for c in self.columns if c.because == "personal")

    def summary(self) -> str:
        """Return what each column is taken for, what is open, and the first rows, aligned."""
        known = titles(self.layer)
        lines = [f"{self.source} as {self.layer}: {len(self.columns)} columns"]
        heads = ("column of the file", "becomes", "known by", "first value")
        cells = [
            (
                c.head,
                "-" if c.column is None else f"{c.column} {known[c.column].zh}",
                c.because,
                c.sample,
            )
            for c in self.columns
        ]
        lines += aligned([heads, *cells])
        if self.unknown:
            lines.append(f"kept as they are: {', '.join(self.unknown)}")
        if self.personal:
            lines.append(f"dropped, as they tell of persons: {', '.join(self.personal)}")
        if self.missing:
            lines.append(f"needed and not found: {', '.join(self.missing)}")
        for column, words in self.unknown_words.items():
            lines.append(f"words of {column} that mean nothing known: {', '.join(words)}")
        if self.needs_crs:
            lines.append("the file does not say what its coordinates are: wgs84, gcj02, bd09 ...?")
        if self.rows:
            shown = [c.head for c in self.columns if c.because != "personal"]
            lines += ["first rows:", *aligned([shown, *self.rows])]
        return "\n".join(lines)

    def document(self) -> dict[str, Any]:
        """Return the guess as JSON knows it."""
        return {
            "source": self.source,
            "layer": self.layer,
            "columns": [vars(column) for column in self.columns],
            "unknown": list(self.unknown),
            "personal": list(self.personal),
            "missing": list(self.missing),
            "unknown_words": {name: list(words) for name, words in self.unknown_words.items()},
            "needs_crs": self.needs_crs,
            "first_rows": [list(row) for row in self.rows],
        }


def guess_mapping(
    path: Path | str,
    layer: str,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> MappingGuess:
    """Return what the columns and words of a file most likely are.

    Columns are known by their names, titles and aliases in Chinese and English, then by what
    they hold: longitudes of 73 to 135 and latitudes of 3 to 54 degrees, codes of 20 digits,
    words of a vocabulary, dates. Columns that tell of persons are neither read nor shown.

    Parameters
    ----------
    path, layer, crs, encoding
        As `gis.read.read_layer`.
    sheet
        Sheet of a workbook; None to find it.

    Raises
    ------
    FileMissingError, FormatError, ParameterError, NotFoundError
        As `gis.read.read_layer`.
    """
    path = Path(path)
    known = schema(layer)
    raw = read_raw(path, layer, encoding=encoding, sheet=sheet)
    frame = raw.frame.head(LOOKED_AT)
    names = [str(name) for name in _attributes(frame).columns]
    personal = set(personal_columns(names, known.by_name))
    plain = _attributes(frame).set_axis(names, axis=1).drop(columns=list(personal))
    plain, told, _ = without_personal_values(plain, {*known.by_name, *POSITION})
    personal |= set(told)
    is_placed = isinstance(frame, gpd.GeoDataFrame) or known.geometry == "table"
    found = {name: name for name in plain.columns if name in known.by_name}
    found |= recognised(
        list(plain.columns), layer, cut=raw.cut, apart=POSITION if is_placed else ()
    )[0]
    guessed = by_values(plain.drop(columns=list(found)), layer, set(found.values()), is_placed)
    columns = tuple(_column(name, found, guessed, personal, plain.get(name)) for name in names)
    targets = {**found, **guessed}
    values, strange = _words(plain, layer, targets)
    mapping = FileMapping(
        columns={name: column for name, column in targets.items() if name != column},
        values=values,
        crs=crs,
        encoding=encoding,
        sheet=sheet,
        header_row=raw.head_row,
    )
    has = set(targets.values())
    return MappingGuess(
        str(path),
        layer,
        columns,
        mapping,
        strange,
        tuple(c.name for c in known.columns if c.required and c.name not in has),
        tuple(tuple(map(_flat, row)) for row in plain.head(SHOWN_ROWS).itertuples(index=False)),
        crs is None and _needs_crs(frame, has),
    )


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table; a Chinese character takes two columns.

    Examples
    --------
    >>> aligned([("名称", "a"), ("x", "b")])
    ['  名称  a', '  x     b']
    """
    short = [[_cut(cell) for cell in row] for row in rows]
    widths = [max(map(_columns, cells)) for cells in zip(*short, strict=True)]
    return [
        "  "
        + "  ".join(
            cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in short
    ]


def _attributes(frame: pd.DataFrame) -> pd.DataFrame:
    if isinstance(frame, gpd.GeoDataFrame):
        frame = frame.drop(columns=frame.active_geometry_name)
    return pd.DataFrame(frame.loc[:, ~frame.columns.duplicated()])


def _column(
    name: str,
    found: Mapping[str, str],
    guessed: Mapping[str, str],
    personal: set[str],
    cells: pd.Series[Any] | None,
) -> ColumnGuess:
    if name in personal or cells is None:
        return ColumnGuess(name, None, "personal")
    filled = (text for text in map(_flat, cells.tolist()) if text)
    sample = next(filled, "")
    if name in found:
        return ColumnGuess(name, found[name], "name", sample)
    if name in guessed:
        return ColumnGuess(name, guessed[name], "values", sample)
    return ColumnGuess(name, None, "unknown", sample)


def _words(
    frame: pd.DataFrame, layer: str, targets: Mapping[str, str]
) -> tuple[dict[str, dict[str, str]], dict[str, tuple[str, ...]]]:
    """Return what the words of each column mean, and those that mean nothing known."""
    meant: dict[str, dict[str, str]] = {}
    strange: dict[str, tuple[str, ...]] = {}
    for name, target in targets.items():
        column = schema(layer).by_name.get(target)
        if column is None or column.type not in ("word", "flag"):
            continue
        texts = sorted({text for text in map(_flat, frame[name].tolist()) if text})[:MOST_WORDS]
        vocabulary = vocabulary_of(column)
        for text in texts:
            if text in column.words or (vocabulary is None and text.lower() in FLAGS):
                continue
            word = _TICKS.get(text.lower()) if vocabulary is None else None
            word = word_named(vocabulary, text) if vocabulary is not None else word
            if word is None:
                strange[target] = (*strange.get(target, ()), text)
            else:
                meant.setdefault(target, {})[text] = word
    return meant, strange


def _needs_crs(frame: pd.DataFrame, has: set[str]) -> bool:
    if isinstance(frame, gpd.GeoDataFrame):
        return frame.crs is None
    return bool(has & set(POSITION))


def _flat(cell: object) -> str:
    """Return a cell as one line of text, "" where it is missing."""
    return "" if cell is None or cell is pd.NA or cell != cell else " ".join(str(cell).split())


def _cut(text: str) -> str:
    kept = ""
    for character in text:
        if _columns(kept) + 2 > _WIDEST + 1:
            return kept + "…"
        kept += character
    return kept


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
