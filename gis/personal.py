"""Which columns of a file tell of a person: by their names, and by what their cells hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from gis.profiles import load
from gis.read_clean import shown

# What stands where a number was taken out.
OUT = "***"

# GB 11643: weights and check digits of an identity number.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def personal_columns(names: Iterable[str], allowed: Collection[str] = ()) -> list[str]:
    """Return the columns that tell of a person, by the table `data/profiles/personal.toml`.

    Parameters
    ----------
    names
        Column names of a file, in any spelling: "contactPhone", "Contact phone", "联系电话",
        "LXDH", or cut short as Shapefiles do ("contact_ph", "联系电").
    allowed
        Names that are never personal, in lower case: those of the layer's schema.

    Examples
    --------
    >>> personal_columns(["name", "contactPhone", "surface", "联系电话", "mobile"], {"mobile"})
    ['contactPhone', '联系电话']
    """
    return [name for name in names if name.lower() not in allowed and _is_personal(_plain(name))]


def without_personal_values(
    frame: pd.DataFrame, allowed: Collection[str] = ()
) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return a frame without numbers of persons in its further columns.

    Looked for are numbers of identity cards and mobile phones, number plates, and addresses of
    network devices. A column of which half of the filled cells or more hold one is dropped;
    elsewhere `OUT` stands in the place of the number.

    Parameters
    ----------
    frame
        Rows of a file.
    allowed
        Columns that are not looked at: those of the layer's schema.

    Returns
    -------
    DataFrame
        Same index; a copy where anything changed.
    list
        Columns dropped.
    list
        One warning for each column with numbers put out.

    Examples
    --------
    >>> rows = pd.DataFrame({"note": ["by the gate", "the shop", "ring 13800000000"]})
    >>> without_personal_values(rows)[0]["note"].tolist()[-1]
    'ring ***'
    """
    dropped: list[str] = []
    changed: dict[str, pd.Series[Any]] = {}
    warnings: list[str] = []
    for name in frame.columns[~frame.columns.duplicated(keep=False)]:
        if name in allowed:
            continue
        cells = frame[name].tolist()
        put_out = [_put_out(cell) for cell in cells]
        touched = sum(new is not old for new, old in zip(put_out, cells, strict=True))
        filled = sum(bool(str(cell).strip()) for cell in frame[name].dropna()) if touched else 0
        if touched and touched * 2 >= filled:
            dropped.append(str(name))
        elif touched:
            changed[name] = pd.Series(put_out, index=frame.index, dtype=frame[name].dtype)
            warnings.append(f"numbers of persons were taken out of {touched} cells of {name}")
    return frame.drop(columns=dropped).assign(**changed), dropped, warnings


def _put_out(cell: Any) -> Any:
    """Return the very cell, or its text without the numbers of persons in it."""
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    elif isinstance(cell, str | int) and not isinstance(cell, bool):
        text = str(cell)
    else:
        return cell
    # The shortest of these numbers has seven signs.
    if len(text) < 7 or not _patterns().search(text):
        return cell
    found = _patterns().sub(lambda match: OUT if _is_number(match) else match[0], text)
    return cell if found == text else found


def _is_number(match: re.Match[str]) -> bool:
    """Return whether a match is what it looks like; long codes often begin like identities."""
    text = match[0]
    if match.lastgroup != "identity":
        return True
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False)) % 11
    return 1880 < born.year < 2100 and _CHECKS[rest] == text[-1].upper()


@cache
def _patterns() -> re.Pattern[str]:
    values = load("personal")["values"]
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in values.items()))


def _plain(name: str) -> str:
    """Return a name as words in lower case with one blank between them."""
    text = unicodedata.normalize("NFKC", shown(name))
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    return re.sub(r"[\W_]+", " ", text).strip().lower()


def _is_personal(name: str) -> bool:
    table = _table()
    # "电话1", "LXDH 2"
    bare = name.rstrip("0123456789 ")
    joined = bare.replace(" ", "")
    if not joined:
        return False
    last = bare.rpartition(" ")[2]
    if {name, bare, joined} & table["kept"] or last in table["totals"]:
        return False
    # Chinese has no last word to look up.
    if not joined[-1].isascii() and joined.endswith(tuple(table["totals"])):
        return False
    return (
        bool({name, bare, joined} & table["names"])
        or joined in table["pinyin"]
        or joined in table["cut"]
        or any(part in joined for part in (*table["parts"], *table["stems"]))
        or joined.startswith(tuple(table["ends"]))
        or joined.endswith(tuple(table["ends"]))
        or any(f" {words} " in f" {text} " for text in (name, bare) for words in table["words"])
    )


@cache
def _table() -> dict[str, frozenset[str]]:
    table = {name: frozenset(words) for name, words in load("personal").items() if name != "values"}
    # Compared with names written in one.
    return table | {"cut": frozenset(re.sub(r"[\W_]+", "", name) for name in table["cut"])}
