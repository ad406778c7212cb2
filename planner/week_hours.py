"""Duty hours as people write them, read into slots of the week.

A text is a list of rules with ; between them. A rule is days and times of day, either of which
may be left out: "周一至周五 08:00-12:00、14:00-18:00；周六 09:00-12:00", "20:00-06:00" (every day,
over midnight), "Fri 18:00 - Mon 08:00" (over the weekend), "24h", "工作日", "Mo-Su; We off".
The words are data: `data/profiles/week.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from gis.errors import InputError
from gis.profiles import load

DAY_MIN = 1440
WEEK_MIN = 7 * DAY_MIN

Slots = tuple[tuple[int, int], ...]

_CLOCK = r"(\d{1,2})(?:[:∶](\d{2})(?:[:∶]00)?|\s*[点时](?:(\d{1,2})分|(半)|整)?)"
_SPAN = re.compile(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*")


@dataclass(frozen=True)
class _Token:
    """A word of a text: its kind, the days or the minute it means, and how it is written."""

    kind: str
    text: str
    days: tuple[int, ...] = ()
    minute: int = 0
    next_day: bool = False


@dataclass(frozen=True)
class _Shift:
    """A stretch of duty that begins on a day of the week, minutes of the week."""

    begin: int
    end: int


def span_min(text: str) -> tuple[int, int]:
    """Return two times of day as minutes, the end after the begin; equal ones are a whole day.

    Raises
    ------
    InputError
        If the text is not two times of day.

    Examples
    --------
    >>> span_min("19:00-21:30"), span_min("22:00-02:00"), span_min("08:00-08:00")
    ((1140, 1290), (1320, 1560), (480, 1920))
    """
    match = _SPAN.fullmatch(text)
    if match is None or max(int(match[1]), int(match[3])) > 24:
        raise InputError(_not_a_span(text))
    if max(int(match[2]), int(match[4])) > 59:
        raise InputError(_not_a_span(text))
    begin, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return begin, end if end > begin else end + DAY_MIN


def _not_a_span(text: str) -> str:
    return f"{text!r} is not a time window such as 19:00-21:00"


def weekday_of(text: str) -> int | None:
    """Return the day that one word names, Monday = 0; None where it names none.

    Examples
    --------
    >>> weekday_of("Sun"), weekday_of("周日"), weekday_of("星期3"), weekday_of("May")
    (6, 6, 2, None)
    """
    tokens = list(_scan(text))
    alone = len(tokens) == 1 and tokens[0].kind == "day" and len(tokens[0].days) == 1
    return tokens[0].days[0] if alone else None


@lru_cache(maxsize=4096)
def slots_of(text: str) -> Slots:
    """Return the slots of the week that duty hours name.

    Parameters
    ----------
    text
        Rules as in the module's head. A rule without days is for every day, one without times
        for whole days; of several rules all count, but "off" takes out what begins on its days
        and was named before. A shift over midnight belongs to the day on which it begins.

    Returns
    -------
    tuple of (int, int)
        Begin and end in minutes of the week, in order, apart from each other; one that goes over
        the end of the week ends after 10,080.

    Raises
    ------
    InputError
        If it cannot be read; all that is wrong is named.

    Examples
    --------
    >>> slots_of("工作日 08:00-18:00")[:2], slots_of("Sun 22:00-02:00")
    (((480, 1080), (1920, 2520)), ((9960, 10200),))
    """
    shifts: list[_Shift] = []
    faults: list[str] = []
    for rule in _rules(list(_scan(text)), faults):
        try:
            for days, spans in _groups(rule):
                shifts = _joined(shifts, days, spans)
        except InputError as error:
            faults.append(str(error))
    if not shifts and not faults:
        faults.append("it names no hours")
    if faults:
        msg = f"{text!r} cannot be read as duty hours: {'; '.join(faults)}"
        raise InputError(msg)
    return _merged(shifts)


@cache
def _lexicon() -> tuple[re.Pattern[str], Mapping[str, tuple[str, tuple[int, ...]]]]:
    """Return the pattern of all words and what each word means: its kind and its days."""
    table = load("week")
    every = tuple(range(7))
    words: dict[str, tuple[str, tuple[int, ...]]] = {}
    for day, names in enumerate(table["days"]):
        words |= dict.fromkeys(names, ("day", (day,)))
    for day, names in enumerate(table["numerals"]):
        words |= dict.fromkeys(names, ("day", (day,)))
    for key, days in (("workdays", every[:5]), ("weekend", every[5:]), ("every_day", every)):
        words |= dict.fromkeys(table[key], ("day", days))
    for key in ("whole_day", "off", "next_day", "to", "and", "rule", "idle"):
        words |= dict.fromkeys(table[key], (key, ()))
    longest = sorted(words, key=len, reverse=True)
    either = "|".join(
        re.escape(word) + (r"(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else "")
        for word in longest
    )
    prefix = "|".join(sorted(table["prefixes"], key=len, reverse=True))
    numerals = "".join(table["numerals"])
    pattern = (
        rf"(?P<space>\s+)|(?P<numbered>(?:{prefix})[1-7](?:\s*[-–—~至到]\s*(?:{prefix})?[1-7])?(?![\d:]))"
        rf"|(?P<word>{either})|(?P<prefix>(?:{prefix})(?=[{numerals}]))"
        rf"|(?P<clock>{_CLOCK}(?!\d))|(?P<other>.)"
    )
    return re.compile(pattern), words


def _scan(text: str) -> Iterator[_Token]:
    """Give the tokens of a text, unknown ones too."""
    pattern, words = _lexicon()
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\n", ";")
    for match in pattern.finditer(plain):
        written = match[0]
        if match.lastgroup in ("space", "prefix"):
            continue
        if match["numbered"]:
            days = [int(digit) - 1 for digit in re.findall(r"[1-7]", written)]
            yield _Token("day", written, _from_to(days[0], days[-1]))
        elif match["word"]:
            kind, found = words[written]
            if kind != "idle":
                yield _Token(kind, written, found)
        elif match["clock"]:
            yield _clock(re.fullmatch(_CLOCK, written), written)
        else:
            yield _Token("unknown", written)


def _clock(match: re.Match[str] | None, written: str) -> _Token:
    assert match is not None
    minutes = match[2] or match[3] or ("30" if match[4] else "0")
    hour, minute = int(match[1]), int(minutes)
    kind = "clock" if hour <= 24 and minute <= 59 else "no_time"
    return _Token(kind, written, minute=hour * 60 + minute)


def _rules(tokens: list[_Token], faults: list[str]) -> list[list[_Token]]:
    """Return the tokens of each rule; what cannot be read is left out and named."""
    rules: list[list[_Token]] = [[]]
    unknown = ""
    for token in [*tokens, _Token("rule", ";")]:
        if token.kind == "unknown":
            unknown += token.text
            continue
        if unknown:
            faults.append(f"nobody knows {unknown!r}")
            unknown = ""
        if token.kind == "no_time":
            faults.append(f"{token.text} is no time of day")
        if token.kind == "rule":
            rules.append([])
        else:
            rules[-1].append(token)
    return [] if faults else [rule for rule in rules if {t.kind for t in rule} - {"and"}]


def _groups(rule: list[_Token]) -> list[tuple[tuple[int, ...], list[_Shift]]]:
    """Return days and the shifts of a day for each run of one rule; no shift at all is "off"."""
    whole = _over_days(rule)
    if whole is not None:
        return [whole]
    runs: list[tuple[str, list[_Token]]] = []
    for token in rule:
        kind = "days" if token.kind == "day" else "times"
        if runs and (token.kind in ("to", "and") or runs[-1][0] == kind):
            runs[-1][1].append(token)
        else:
            runs.append((kind, [token]))
    return _paired(runs)


def _paired(
    runs: list[tuple[str, list[_Token]]],
) -> list[tuple[tuple[int, ...], list[_Shift]]]:
    """Return days with the times that belong to them; times may stand first if they stand once."""
    order = [kind for kind, _ in runs]
    if order == ["times"]:
        return [(tuple(range(7)), _times(runs[0][1]))]
    if order == ["days"]:
        return [(_days(runs[0][1]), [_Shift(0, DAY_MIN)])]
    if order == ["times", "days"]:
        runs = runs[::-1]
    elif order != ["days", "times"] * (len(order) // 2):
        told = " ".join(token.text for _, tokens in runs for token in tokens)
        msg = f"which days and times of {told!r} belong together is not clear: put ; between rules"
        raise InputError(msg)
    return [
        (_days(days), _times(times))
        for (_, days), (_, times) in zip(runs[::2], runs[1::2], strict=True)
    ]


def _days(tokens: list[_Token]) -> tuple[int, ...]:
    """Return the days that a run of words names."""
    days: list[int] = []
    tokens = _trimmed(tokens)
    for at, token in enumerate(tokens):
        if token.kind == "day":
            before = tokens[at - 1].kind if at else ""
            days += _from_to(days[-1], token.days[-1]) if before == "to" else token.days
        elif token.kind == "to" and not _between_days(tokens, at):
            raise InputError(_loose(token))
    return tuple(sorted(set(days)))


def _between_days(tokens: list[_Token], at: int) -> bool:
    """Return whether a word stands between two single days."""
    around = tokens[at - 1 : at] + tokens[at + 1 : at + 2]
    return len(around) == 2 and all(t.kind == "day" and len(t.days) == 1 for t in around)


def _from_to(first: int, last: int) -> tuple[int, ...]:
    """Return the days from one to another, over the end of the week if need be."""
    return tuple((first + step) % 7 for step in range((last - first) % 7 + 1))


def _times(tokens: list[_Token]) -> list[_Shift]:
    """Return the shifts of one day that a run of words names; none for "off"."""
    shifts: list[_Shift] = []
    tokens = _trimmed(tokens)
    kinds = [token.kind for token in tokens]
    if kinds == ["off"]:
        return []
    at = 0
    while at < len(tokens):
        if kinds[at] == "whole_day":
            shifts.append(_Shift(0, DAY_MIN))
            at += 1
        elif kinds[at] == "and":
            at += 1
        elif kinds[at : at + 3] == ["clock", "to", "clock"]:
            shifts.append(_shift(tokens[at].minute, tokens[at + 2].minute, False))
            at += 3
        elif kinds[at : at + 4] == ["clock", "to", "next_day", "clock"]:
            shifts.append(_shift(tokens[at].minute, tokens[at + 3].minute, True))
            at += 4
        else:
            raise InputError(_loose(tokens[at]))
    return shifts


def _shift(begin: int, end: int, next_day: bool) -> _Shift:
    """Return a shift; one that does not end later that day ends on the next."""
    return _Shift(begin, end if end > begin and not next_day else end + DAY_MIN)


def _over_days(rule: list[_Token]) -> tuple[tuple[int, ...], list[_Shift]] | None:
    """Return one shift from a weekday to another weekday, or None if the rule is not that."""
    if [token.kind for token in rule] != ["day", "clock", "to", "day", "clock"]:
        return None
    first, begin, _, last, end = rule
    if len(first.days) != 1 or len(last.days) != 1:
        return None
    length = ((last.days[0] - first.days[0]) * DAY_MIN + end.minute - begin.minute) % WEEK_MIN
    return first.days, [_Shift(begin.minute, begin.minute + (length or WEEK_MIN))]


def _trimmed(tokens: list[_Token]) -> list[_Token]:
    """Return a run without the commas at its ends."""
    inner = [at for at, token in enumerate(tokens) if token.kind != "and"]
    return tokens[inner[0] : inner[-1] + 1] if inner else []


def _loose(token: _Token) -> str:
    return f"{token.text!r} has no begin or no end beside it"


def _joined(shifts: list[_Shift], days: tuple[int, ...], spans: list[_Shift]) -> list[_Shift]:
    """Return the shifts of the week with those of some days added, or taken out."""
    if not spans:
        return [shift for shift in shifts if shift.begin // DAY_MIN not in days]
    return shifts + [
        _Shift(day * DAY_MIN + span.begin, day * DAY_MIN + span.end)
        for day in days
        for span in spans
    ]


def _merged(shifts: list[_Shift]) -> Slots:
    """Return the shifts as slots apart from each other, in order."""
    there = np.zeros(WEEK_MIN, bool)
    for shift in shifts:
        there[np.arange(shift.begin, min(shift.end, shift.begin + WEEK_MIN)) % WEEK_MIN] = True
    if there.all():
        return ((0, WEEK_MIN),)
    begins = np.flatnonzero(there & ~np.roll(there, 1))
    ends = np.flatnonzero(there & ~np.roll(there, -1)) + 1
    # Over the end of the week the first end belongs to the last begin.
    if len(begins) and ends[0] <= begins[0]:
        ends = np.append(ends[1:], ends[0] + WEEK_MIN)
    return tuple(zip(begins.tolist(), ends.tolist(), strict=True))
