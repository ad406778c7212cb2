"""Coded fields of a camera, from a catalogue or a sheet -> the columns of the layer.

Both readers find their fields by a profile (`data/profiles/gb28181.toml`, `camera_sheet.toml`);
what the codes mean is `data/profiles/camera_codes.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from gis.profiles import load
from gis.validate_values import PLAIN_NUMBER, quoted

# (position 0..n-1, field, what is wrong)
Problems = list[tuple[int, str, str]]

# A length may be written with its unit; the number alone counts.
_UNIT = re.compile(r"(?:米|m|M|度|°|天|小时|h)$")
_DAY = re.compile(
    r"(?:([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2}))"
    r"(?:[T ][0-9:.Z+-]*)?"
)
_PIXELS = re.compile(r"([0-9]{2,5})\s*[*x×]\s*([0-9]{2,5})", re.IGNORECASE)
_PARTS = re.compile(r"[/、,，;；|]")
_SHOWN_CODES = 12


def read_fields(
    cells: pd.DataFrame, fields: Mapping[str, Mapping[str, Any]]
) -> tuple[pd.DataFrame, Problems]:
    """Return the fields of cameras in their types, and what is wrong with which.

    Parameters
    ----------
    cells
        Text, one column a field, "" or missing where blank.
    fields
        What a profile says of each: `table` (its codes become words), `multi` (several of them,
        divided by "/"), `exact` (1 is not 01, which may be of another table), `open` (what is not
        in the table stays as it is), `number` ([low, high]; a nought below `low` is blank),
        `date`, `blank` (texts that say nothing); else it is text.

    Returns
    -------
    DataFrame
        Same index and columns; numbers float64, the rest text. What is wrong is missing.
    list
        Problems, column by column.

    Examples
    --------
    >>> cells = pd.DataFrame({"direction": ["1", "12", ""], "range_m": ["50", "0", "80 m"]})
    >>> fields = {"direction": {"table": "direction_28181"}, "range_m": {"number": [0.1, 5000]}}
    >>> read, problems = read_fields(cells, fields)
    >>> read["direction"].dropna().tolist(), read["range_m"].tolist()
    (['east'], [50.0, nan, 80.0])
    >>> [(at, field) for at, field, problem in problems]
    [(1, 'direction')]
    """
    problems: Problems = []
    columns = {}
    for name in map(str, cells.columns):
        rule = fields.get(name, {})
        memory: dict[str, tuple[Any, str | None]] = {}
        values = []
        for at, cell in enumerate(cells[name].fillna("").tolist()):
            text = str(cell).strip()
            if text not in memory:
                memory[text] = _read(text, rule) if text else (np.nan, None)
            value, problem = memory[text]
            values.append(value)
            if problem is not None:
                problems.append((at, name, problem))
        dtype = "float64" if "number" in rule else "str"
        columns[name] = pd.Series(values, index=cells.index, dtype=dtype)
    return pd.DataFrame(columns, index=cells.index), problems


def schema_columns(read: pd.DataFrame, *, resolution_codes: bool = False) -> pd.DataFrame:
    """Return what the fields say in terms of the layer `cameras`.

    What sees all round has a field of view of 360 degrees and no azimuth; one of eight directions
    is an azimuth with its doubt. The angle of view of a lens that turns stays a further column.

    Parameters
    ----------
    read
        Fields as `read_fields` gives them; any of them may be absent.
    resolution_codes
        Whether a bare digit as resolution is a code of the session description.

    Returns
    -------
    DataFrame
        Same index; the fields, and `kind`, `azimuth_deg`, `azimuth_doubt_deg`, `fov_deg`,
        `indoor`, `resolution_px`, `hd`, each only where a field tells of it.

    Examples
    --------
    >>> read = pd.DataFrame({"ptz_type": ["fixed_bullet", "dome"], "direction": ["south"] * 2})
    >>> schema_columns(read)[["kind", "azimuth_deg", "fov_deg"]].values.tolist()
    [['fixed', 180.0, nan], ['dome', nan, 360.0]]
    """
    table = load("camera_codes")
    made: dict[str, Any] = {}
    all_round = pd.Series(False, index=read.index)
    if "ptz_type" in read:
        kinds = read["ptz_type"].map(_kind, na_action="ignore")
        made["kind"] = kinds.map(lambda kind: kind["kind"], na_action="ignore")
        all_round |= kinds.map(lambda kind: kind["all_round"], na_action="ignore").eq(True)
    if "direction" in read:
        all_round |= read["direction"].eq("all_round")
        known = read["direction"].map(table["directions"]["azimuth_deg"]).astype("float64")
        made["azimuth_deg"] = known.where(~all_round)
        doubt = pd.Series(table["directions"]["doubt_deg"], index=read.index)
        made["azimuth_doubt_deg"] = doubt.where(made["azimuth_deg"].notna())
    stated = read.get("horizontal_angle_deg", np.nan)
    made["fov_deg"] = pd.Series(stated, index=read.index, dtype="float64").mask(all_round, 360.0)
    if "room_type" in read:
        made["indoor"] = read["room_type"].map({"indoor": True, "outdoor": False})
    if "resolution" in read:
        texts = read["resolution"].fillna("").tolist()
        sizes = [pixels(text, codes=resolution_codes) for text in texts]
        made["resolution_px"] = [np.nan if size is None else float(size[0]) for size in sizes]
        hd_px = table["resolution"]["hd_px"]
        made["hd"] = [None if size is None else size[1] >= hd_px for size in sizes]
    return read.assign(**made)


def pixels(text: str, *, codes: bool = False) -> tuple[int, int] | None:
    """Return the finest picture that a text names, in pixels across and down; None if none.

    Parameters
    ----------
    text
        Such as "1920*1080", "720P/1080P"; or codes of the session description, such as "5/6".
    codes
        Whether bare digits are such codes.

    Examples
    --------
    >>> pixels("2560x1440/704*576"), pixels("5/6", codes=True), pixels("6"), pixels("good")
    ((2560, 1440), (1920, 1080), None, None)
    """
    table = load("camera_codes")["resolution"]
    found = [(int(m[1]), int(m[2])) for m in _PIXELS.finditer(text)]
    for part in _PARTS.split(text):
        word = part.strip().casefold()
        word = table["codes"].get(word, word) if codes else word
        if word in table["names"]:
            across, down = table["names"][word]
            found.append((across, down))
    return max(found, key=lambda size: size[0] * size[1], default=None)


def _read(text: str, rule: Mapping[str, Any]) -> tuple[Any, str | None]:
    """Return one cell in its type, and what is wrong with it."""
    if text in rule.get("blank", ()):
        return np.nan, None
    if "table" in rule:
        return _words(text, rule)
    if "number" in rule:
        return _number(text, *rule["number"])
    if rule.get("date"):
        return _day(text)
    return text, None


def _words(text: str, rule: Mapping[str, Any]) -> tuple[Any, str | None]:
    """Return the words for one or more codes, each once, in their order."""
    table = load("camera_codes")["tables"][rule["table"]]
    exact = bool(rule.get("exact"))
    spellings = _spellings(table, exact=exact)
    parts = _PARTS.split(text) if rule.get("multi") else [text]
    words = []
    for part in filter(None, map(plain_text, parts)):
        number = part.removesuffix(".0")
        word = spellings.get(part) or spellings.get(number if exact else number.lstrip("0"))
        if word is None and not rule.get("open"):
            known = [f"{code} {entry[0]}" for code, entry in table.items()]
            more = "" if len(known) <= _SHOWN_CODES else ", ..."
            return np.nan, (
                f"{quoted(text)} is not a code of this field; "
                f"known are: {', '.join(known[:_SHOWN_CODES])}{more}"
            )
        words.append(word or text)
    return "/".join(dict.fromkeys(words)) or np.nan, None


def _spellings(table: Mapping[str, list[str]], *, exact: bool) -> dict[str, str]:
    """Return every way to write an entry -> its word; the code itself comes first."""
    words = {plain_text(name): entry[0] for entry in table.values() for name in entry}
    codes = {plain_text(code): entry[0] for code, entry in table.items()}
    short = {code.lstrip("0"): word for code, word in codes.items() if code.lstrip("0")}
    return {**words, **({} if exact else short), **codes}


def plain_text(text: str) -> str:
    """Return a text as it is looked up: plain width, lower case, no blanks at the ends."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _number(text: str, low: float, high: float) -> tuple[float, str | None]:
    plain = _UNIT.sub("", unicodedata.normalize("NFKC", text)).strip()
    if not PLAIN_NUMBER.fullmatch(plain):
        return np.nan, f"{quoted(text)} is not a number"
    number = float(plain)
    if number == 0 < low:
        return np.nan, None
    if not low <= number <= high:
        return np.nan, f"{quoted(text)} is not between {low:g} and {high:g}"
    return number, None


def _day(text: str) -> tuple[Any, str | None]:
    """Return a day as ISO text; a time of day behind it is left out."""
    match = _DAY.fullmatch(unicodedata.normalize("NFKC", text))
    if match is not None:
        try:
            year, month, day = (int(part) for part in match.groups() if part)
            return date(year, month, day).isoformat(), None
        except ValueError:
            pass
    return np.nan, f"{quoted(text)} is not a date such as 2026-03-31"


def _kind(words: str) -> Mapping[str, Any]:
    """Return the kind of a camera of one or several types: of those, one that sees all round."""
    table = load("camera_codes")["kinds"]
    kinds: list[Mapping[str, Any]] = [table[word] for word in words.split("/")]
    return next((kind for kind in kinds if kind["all_round"]), kinds[0])
