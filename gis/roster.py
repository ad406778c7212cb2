"""A roster of posts from a sheet: which post stands by when and where; nothing about persons."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import cast

from gis.columns import plain_head
from gis.duty_rows import DAY_MIN, RosterRow, State
from gis.errors import Fault, FormatError, LayerFaultsError
from gis.personal import personal_columns
from gis.profiles import load
from gis.read_clean import without_unseen
from gis.read_heads import SheetTable
from gis.read_raw import check_file
from gis.read_tables import read_csv
from gis.read_xlsx import read_xlsx
from gis.validate_values import quoted

WEEK_MIN = 7 * DAY_MIN

_CLOCK = re.compile(r"(\d{1,2})[:点时](\d{2})?(?::00)?分?")
_DIGITS = re.compile(r"(\d{2})(\d{2})")
_NEXT_DAY = re.compile(r"^(?:次日|翌日|第二天|next\s*day|\+1)\s*")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0?0:00(?::00)?)?")
_DATE_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"[3-6]\d{4}(?:\.0)?")
_LONLAT = re.compile(r"(-?\d{1,3}\.\d+)\s*[,; ]\s*(-?\d{1,2}\.\d+)")
# Day 0 of spreadsheets.
_DAY_0 = date(1899, 12, 30)


@dataclass(frozen=True)
class RosterFile:
    """A roster read from a file.

    Parameters
    ----------
    rows
        Its rows, in the order of the file.
    source
        The file.
    dropped_columns
        Columns that tell of persons; they were not read.
    left_out
        Further columns that a roster has no use for.
    warnings
        What else the reader should know.
    """

    rows: tuple[RosterRow, ...] = field(repr=False)
    source: str
    dropped_columns: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def summary(self) -> str:
        """Return one line: the file, its rows and posts, and which columns were dropped."""
        posts = len({row.unit for row in self.rows})
        dropped = ", ".join(self.dropped_columns)
        without = f"; personal columns dropped: {dropped}" if dropped else ""
        return f"{self.source}: {len(self.rows)} rows for {posts} posts{without}"


def read_roster(
    path: Path | str,
    *,
    units: Collection[str],
    places: Collection[str] = (),
    encoding: str | None = None,
) -> RosterFile:
    """Return a roster from an .xlsx or .csv file.

    Columns are known by their heads in Chinese and English (`data/profiles/roster.toml`): unit,
    date or weekday, from, to, and, if they are there, state ("ready" where blank) and standby
    point. An end that is not later than its begin lies on the next day. Other columns are not
    read; those that tell of persons are named.

    Parameters
    ----------
    path
        The file.
    units
        Codes of the town's units.
    places
        Codes that a standby point may have; lon and lat, degrees WGS 84, may stand there too.
    encoding
        Of a .csv file; None to find out.

    Raises
    ------
    FileMissingError, FormatError
        If the file is not there, is no table, or lacks a column that is needed.
    LayerFaultsError
        If rows are wrong: unknown codes, days, times or states, or two rows for one post that
        overlap and say different things. All faults are listed, by row.
    """
    path = Path(path)
    table = _table(path, encoding)
    frame, notes = without_unseen(table.frame)
    columns = _columns(path, [str(name) for name in frame.columns])
    used = set(columns.values())
    rest = [str(name) for name in frame.columns if name not in used]
    personal = personal_columns(rest)
    faults = [fault for fault in table.faults if fault.column is None or fault.column in used]
    rows: dict[int, RosterRow] = {}
    for row, cells in zip(frame.index.tolist(), frame.to_dict("records"), strict=True):
        told = {name: str(cells[head]).strip() for name, head in columns.items()}
        found, wrong = _row(told, frozenset(units), frozenset(places))
        faults += [Fault(row, columns.get(name, name), problem) for name, problem in wrong]
        if found is not None:
            rows[row] = found
    faults += _clashes(rows)
    if faults:
        faults.sort(key=lambda fault: (fault.row is not None, fault.row or 0))
        raise LayerFaultsError("roster", faults, str(path))
    return RosterFile(
        tuple(rows.values()),
        str(path),
        tuple(personal),
        tuple(name for name in rest if name not in personal),
        (*table.warnings, *notes),
    )


def _table(path: Path, encoding: str | None) -> SheetTable:
    check_file(path)
    named = [head for heads in load("roster")["heads"].values() for head in heads]
    ending = path.suffix.lower()
    # The titles of units know the code; every further head is named.
    if ending == ".csv":
        return read_csv(path, encoding, "units", named=named)
    if ending == ".xlsx":
        return read_xlsx(path, "units", named=named)
    msg = f"{path}: a roster is read from .xlsx or .csv, not from {ending!r}"
    raise FormatError(msg)


def _columns(path: Path, heads: list[str]) -> dict[str, str]:
    """Return the column of a roster to the head that means it; the first of two counts."""
    known = {
        plain_head(text): name for name, heads in load("roster")["heads"].items() for text in heads
    }
    found: dict[str, str] = {}
    for head in heads:
        name = known.get(plain_head(head))
        if name is not None:
            found.setdefault(name, head)
    lacking = [name for name in ("unit", "day", "from", "to") if name not in found]
    if lacking:
        wanted = ", ".join(f"{name} ({load('roster')['heads'][name][-1]})" for name in lacking)
        msg = f"{path} is no roster of posts: it has no column {wanted}"
        raise FormatError(msg)
    return found


def _row(
    told: dict[str, str], units: frozenset[str], places: frozenset[str]
) -> tuple[RosterRow | None, list[tuple[str, str]]]:
    """Return a row, or what is wrong with it as column and problem."""
    wrong: list[tuple[str, str]] = []
    unit = unicodedata.normalize("NFKC", told["unit"])
    if unit not in units:
        problem = f"{quoted(unit)} is not the code of a unit" if unit else "is missing"
        wrong.append(("unit", problem))
    day, weekdays = _day(told["day"])
    if day is None and not weekdays:
        shown = quoted(told["day"])
        problem = f"{shown} is neither a date (2026-11-25) nor days of the week (周一至周五)"
        wrong.append(("day", problem if told["day"] else "is missing"))
    times = {name: _minute(told[name]) for name in ("from", "to")}
    for name, minute in times.items():
        if minute is None:
            problem = f"{quoted(told[name])} is not a time of day (08:00)"
            wrong.append((name, problem if told[name] else "is missing"))
    start_min, end_min = times["from"], times["to"]
    if start_min is not None and start_min >= DAY_MIN:
        wrong.append(("from", "must be a time of the day itself, before 24:00"))
    state = _state(told.get("state", ""))
    if state is None:
        wrong.append(("state", f"{quoted(told['state'])} is not one of: ready, busy, off"))
    place, lon, lat, problem = _place(told.get("standby", ""), places)
    if problem:
        wrong.append(("standby", problem))
    if wrong or start_min is None or end_min is None or state is None:
        return None, wrong
    end_min = end_min if end_min > start_min else end_min + DAY_MIN
    return RosterRow(unit, day, weekdays, start_min, end_min, state, place, lon, lat), []


def _day(text: str) -> tuple[date | None, tuple[int, ...]]:
    """Return a date, or days of the week; neither where the text is none of both."""
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _DATE.fullmatch(plain) or _DATE_DIGITS.fullmatch(plain)
    if match:
        try:
            return date(*map(int, match.groups())), ()
        except ValueError:
            return None, ()
    if _SERIAL.fullmatch(plain):
        return _DAY_0 + timedelta(days=int(float(plain))), ()
    days: set[int] = set()
    for part in re.split(r"[,;、和及/]|\band\b", plain.casefold()):
        found = _span_of_days(part.strip())
        if not found:
            return None, ()
        days.update(found)
    return None, tuple(sorted(days))


def _span_of_days(text: str) -> list[int]:
    words = _weekdays()
    if text in words:
        return words[text]
    ends = [words.get(part.strip(), []) for part in re.split(r"至|到|-|–|~|\bto\b", text)]
    # "周一至五" leaves the 周 of the second day out.
    if len(ends) == 2 and not ends[1]:
        last = re.split(r"至|到|-|–|~", text)[-1].strip()
        ends[1] = words.get(f"周{last}", [])
    if len(ends) != 2 or len(ends[0]) != 1 or len(ends[1]) != 1:
        return []
    first, last_day = ends[0][0], ends[1][0]
    return [day % 7 for day in range(first, last_day + 1 + 7 * (last_day < first))]


@cache
def _weekdays() -> dict[str, list[int]]:
    return {word.casefold(): days for word, days in load("roster")["weekdays"].items()}


def _minute(text: str) -> int | None:
    """Return a time of day in minutes; 24:00 and times of the next day are above 1440."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    bare = _NEXT_DAY.sub("", plain)
    match = _CLOCK.fullmatch(bare) or _DIGITS.fullmatch(bare)
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if minute > 59 or hour * 60 + minute > DAY_MIN:
        return None
    return hour * 60 + minute + (DAY_MIN if bare != plain else 0)


@cache
def _state_words() -> dict[str, State]:
    table = load("roster")["states"].items()
    return {plain_head(word): cast(State, state) for state, words in table for word in words}


def _state(text: str) -> State | None:
    return "ready" if not text else _state_words().get(plain_head(text))


def _place(text: str, places: frozenset[str]) -> tuple[str | None, float | None, float | None, str]:
    """Return a standby point as code, lon and lat, and what is wrong with it."""
    if not text or text in places:
        return text or None, None, None, ""
    match = _LONLAT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None, None, None, f"{quoted(text)} is neither a code of the town nor lon,lat"
    lon, lat = float(match[1]), float(match[2])
    if abs(lon) > 180 or abs(lat) > 90:
        return None, None, None, f"{quoted(text)} is not on earth: lon comes first"
    return None, lon, lat, ""


def _clashes(rows: dict[int, RosterRow]) -> Iterator[Fault]:
    """Give a fault for each row that overlaps an earlier one of its post and says otherwise."""
    by_unit: dict[str, list[tuple[int, RosterRow]]] = {}
    for number, row in rows.items():
        by_unit.setdefault(row.unit, []).append((number, row))
    for alike in by_unit.values():
        for at, (number, row) in enumerate(alike):
            for earlier, other in alike[:at]:
                if _says(row) != _says(other) and _overlap(row, other):
                    problem = f"overlaps row {earlier}, which says otherwise of {row.unit}"
                    yield Fault(number, None, problem)
                    break


def _says(row: RosterRow) -> tuple[object, ...]:
    return row.state, row.place, row.lon, row.lat


def _overlap(one: RosterRow, other: RosterRow) -> bool:
    """Return whether two rows hold at one moment; a date goes before a weekday and may differ."""
    if (one.day is None) != (other.day is None):
        return False
    if one.day is not None and other.day is not None:
        apart = (other.day - one.day).days * DAY_MIN
        return one.start_min < other.end_min + apart and other.start_min + apart < one.end_min
    return any(
        _meet(start, length, begin, span)
        for start, length in _slots(one)
        for begin, span in _slots(other)
    )


def _slots(row: RosterRow) -> list[tuple[int, int]]:
    return [(day * DAY_MIN + row.start_min, row.end_min - row.start_min) for day in row.weekdays]


def _meet(start: int, length: int, begin: int, span: int) -> bool:
    """Return whether two stretches of a week that goes round share a minute."""
    return (begin - start) % WEEK_MIN < length or (start - begin) % WEEK_MIN < span
