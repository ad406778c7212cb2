"""Check-ins of one team as a short code that can be typed, or read over the telephone.

The page that a team carries has no network, so what it knows at the end of the night becomes some
five groups of four signs (Crockford's base 32: no I, L, O, U). The code says when each stop was
reached as the change of its delay against the plan, which both sides have; three signs at its end
find every wrong sign and every two that were exchanged. The page's script does the same
(`maps/templates/patrol_code.js`).
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from gis.errors import FormatError, ParameterError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# What people write for a sign that looks like it.
LOOKS_LIKE = {"O": "0", "I": "1", "L": "1"}
VERSION = 1
FIRST_NIGHT = date(2025, 1, 1)
# Bits of the head: version, days since the first night, team, mark of the plan, people.
HEAD_BITS = (3, 13, 7, 10, 5)
# The check is a number below this prime, which three signs can hold.
PRIME, BASE = 32749, 1021
CHECK_SIGNS = 3
GROUP = 4
# A delay beyond this is a slip of a clock.
MOST_MINUTES = 2000


@dataclass(frozen=True)
class CodePlan:
    """What a code is measured against: the plan of one team.

    Parameters
    ----------
    night
        The day on whose evening it begins.
    team
        Position of the team in the answer, from 0.
    mark
        Number that another plan hardly has.
    due_min
        Planned arrival at each stop in order, whole minutes since noon of that day.
    """

    night: date
    team: int
    mark: int
    due_min: tuple[int, ...] = field(repr=False)


@dataclass(frozen=True)
class CodeRead:
    """What a code says.

    Parameters
    ----------
    people
        How many went; 0 = not said, 31 = so many or more.
    at_min
        For each stop of the plan minutes since noon, None where nobody checked in.
    """

    people: int
    at_min: tuple[int | None, ...]


def code_plan(document: Mapping[str, Any], team: int) -> CodePlan:
    """Return the plan of one team as codes need it.

    Parameters
    ----------
    document
        The answer, as `planner.patrol.Patrol.document` gives it.
    team
        Position of the team in it.
    """
    night = date.fromisoformat(document["date"])
    row = document["teams"][team]
    begin = noon(document)
    due = [_minutes(datetime.fromisoformat(stop["arrive"]), begin) for stop in row["stops"]]
    parts = [document["date"], row["code"]]
    parts += [f"{stop['code']} {minute}" for stop, minute in zip(row["stops"], due, strict=True)]
    mark = zlib.crc32("\n".join(parts).encode()) % 2 ** HEAD_BITS[3]
    return CodePlan(night, team, mark, tuple(due))


def noon(document: Mapping[str, Any]) -> datetime:
    """Return noon of the night's day in the town's zone, in UTC: a clock that never jumps."""
    day = datetime.fromisoformat(document["date"]).replace(hour=12)
    name = document.get("params", {}).get("timezone")
    if name is not None:
        return day.replace(tzinfo=ZoneInfo(name)).astimezone(UTC)
    leaves = [team["depart"] for team in document["teams"]]
    zone = datetime.fromisoformat(leaves[0]).tzinfo if leaves else UTC
    return day.replace(tzinfo=zone).astimezone(UTC)


def encode(plan: CodePlan, at_min: Sequence[int | None], people: int = 0) -> str:
    """Return the code of what a team did.

    Parameters
    ----------
    plan
        What was planned.
    at_min
        (n_stops,) minutes since noon at which each stop was reached; None = not reached.
    people
        How many went; 0 = not said.

    Raises
    ------
    ParameterError
        If there are not as many minutes as stops, or one is no time of that night.

    Examples
    --------
    >>> plan = CodePlan(date(2026, 11, 25), 2, 77, (440, 455, 470))
    >>> encode(plan, [441, None, 474], people=4)
    '4ATG-89MJ-4K0H-6J'
    """
    if len(at_min) != len(plan.due_min):
        msg = f"{len(at_min)} minutes for {len(plan.due_min)} stops"
        raise ParameterError(msg)
    night = (plan.night - FIRST_NIGHT).days
    head = (VERSION, night, plan.team, plan.mark, min(max(people, 0), 31))
    bits = "".join(_bits(value, width) for value, width in zip(head, HEAD_BITS, strict=True))
    delay = 0
    for due, at in zip(plan.due_min, at_min, strict=True):
        if at is None:
            bits += "0"
            continue
        if abs(at - due) > MOST_MINUTES:
            msg = f"minute {at} is no time of that night"
            raise ParameterError(msg)
        bits += "1" + _folded(at - due - delay)
        delay = at - due
    bits += "0" * (-len(bits) % 5)
    signs = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    text = "".join(ALPHABET[sign] for sign in [*signs, *_check(signs)])
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def head_of(code: str) -> tuple[date, int, int]:
    """Return night, position of the team and mark of the plan that a code is about.

    Raises
    ------
    FormatError
        If it is no such code; the message says what is wrong.

    Examples
    --------
    >>> head_of("4atg 89mj 4k0h 6j")
    (datetime.date(2026, 11, 25), 2, 77)
    """
    _, night, team, mark, _ = _head(_digits(_signs(code)))
    return FIRST_NIGHT + timedelta(days=night), team, mark


def decode(code: str, plan: CodePlan) -> CodeRead:
    """Return what a code says about a plan.

    Parameters
    ----------
    code
        As it was typed: case, blanks and hyphens do not matter.
    plan
        The plan of the night and team that `head_of` names.

    Raises
    ------
    FormatError
        If it is no such code, or belongs to another plan.

    Examples
    --------
    >>> plan = CodePlan(date(2026, 11, 25), 2, 77, (440, 455, 470))
    >>> decode("4ATG-89MJ-4K0H-6J", plan)
    CodeRead(people=4, at_min=(441, None, 474))
    """
    digits = _digits(_signs(code))
    _, night, team, mark, people = _head(digits)
    if (FIRST_NIGHT + timedelta(days=night), team) != (plan.night, plan.team):
        msg = f"the code is of another night or team: {code}"
        raise FormatError(msg)
    if mark != plan.mark:
        msg = f"the code belongs to another plan of {plan.night}: was it planned again?"
        raise FormatError(msg)
    at_min: list[int | None] = []
    delay = 0
    for due in plan.due_min:
        if _number(digits, 1):
            delay += _unfolded(digits)
            at_min.append(due + delay)
        else:
            at_min.append(None)
    rest = "".join(digits)
    if len(rest) > 4 or "1" in rest:
        msg = f"the code has more in it than the plan has stops: {code}"
        raise FormatError(msg)
    return CodeRead(people, tuple(at_min))


def _minutes(moment: datetime, begin: datetime) -> int:
    return int((moment - begin).total_seconds() // 60)


def _bits(value: int, width: int) -> str:
    if not 0 <= value < 2**width:
        msg = f"{value} has no room in a code"
        raise ParameterError(msg)
    return f"{value:0{width}b}"


def _folded(value: int) -> str:
    """Return a whole number as groups of five bits: whether more follow, then four of its own."""
    folded = 2 * value if value >= 0 else -2 * value - 1
    groups = ""
    while folded >= 16:
        groups += "1" + _bits(folded % 16, 4)
        folded //= 16
    return groups + "0" + _bits(folded, 4)


def _unfolded(digits: Iterator[str]) -> int:
    folded = shift = 0
    while True:
        more = _number(digits, 1)
        folded += _number(digits, 4) << shift
        shift += 4
        if not more:
            return folded // 2 if folded % 2 == 0 else -(folded + 1) // 2


def _number(digits: Iterator[str], width: int) -> int:
    taken = "".join(islice(digits, width))
    if len(taken) < width:
        msg = "the code is too short for its plan"
        raise FormatError(msg)
    return int(taken, 2)


def _check(signs: Sequence[int]) -> list[int]:
    total = 0
    for sign in signs:
        total = (total * BASE + sign + 1) % PRIME
    return [total // 1024, total // 32 % 32, total % 32]


def _signs(code: str) -> list[int]:
    """Return the values of the signs before the check, once the check is found to fit."""
    plain = unicodedata.normalize("NFKC", code).upper()
    plain = "".join(LOOKS_LIKE.get(sign, sign) for sign in plain if sign not in " -—–_.\t\r\n")
    strange = sorted(set(plain) - set(ALPHABET))
    if strange:
        msg = f"no sign of a code: {' '.join(strange)}"
        raise FormatError(msg)
    signs = [ALPHABET.index(sign) for sign in plain]
    if len(signs) <= CHECK_SIGNS or _check(signs[:-CHECK_SIGNS]) != signs[-CHECK_SIGNS:]:
        msg = f"the code is not right, compare it sign by sign: {code}"
        raise FormatError(msg)
    return signs[:-CHECK_SIGNS]


def _digits(signs: Sequence[int]) -> Iterator[str]:
    return iter("".join(f"{sign:05b}" for sign in signs))


def _head(digits: Iterator[str]) -> tuple[int, ...]:
    values = tuple(_number(digits, width) for width in HEAD_BITS)
    if values[0] != VERSION:
        msg = "the code is of another version of the program"
        raise FormatError(msg)
    return values
