"""The tables of tiers and of levels of duty, checked at the door."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from gis.errors import ParameterError
from gis.profiles import load

# The ground of towns is the table itself; these have their own.
OTHER_GROUNDS = ("fringe", "countryside")


def at_once(*checks: Callable[[], None]) -> None:
    """Raise what some checks raise, all of it at once.

    Raises
    ------
    ParameterError
        With the faults of every check.
    """
    faults = []
    for check in checks:
        try:
            check()
        except ParameterError as error:
            faults.append(str(error))
    if faults:
        raise ParameterError("; ".join(faults))


def check_tiers(table: Any) -> None:
    """Raise unless a table is like [tiers_min] of `data/profiles/response.toml`.

    Raises
    ------
    ParameterError
        All that is wrong with it.
    """
    faults = list(_tier_faults("tiers_min", table))
    if isinstance(table, Mapping):
        grounds = table.get("by_ground", {})
        if isinstance(grounds, Mapping):
            faults += _strangers("tiers_min.by_ground", grounds, OTHER_GROUNDS)
            for name in OTHER_GROUNDS:
                if name in grounds:
                    faults += _tier_faults(f"tiers_min.by_ground.{name}", grounds[name])
        else:
            faults.append("tiers_min.by_ground is no table")
        faults += _strangers(
            "tiers_min", table, ("by_kind", "by_area_class", "by_ground", "grounds")
        )
    if faults:
        raise ParameterError("; ".join(faults))


def check_levels(table: Any) -> None:
    """Raise unless a table is like `data/profiles/duty_levels.toml`.

    Raises
    ------
    ParameterError
        All that is wrong with it.
    """
    faults: list[str] = []
    for name in ("1", "2", "3"):
        rules = table.get(name) if isinstance(table, Mapping) else None
        if isinstance(rules, Mapping):
            faults += _level_faults(f"levels.{name}", rules)
        else:
            faults.append(f"levels lacks [{name}]")
    if isinstance(table, Mapping):
        faults += _strangers("levels", table, ("1", "2", "3"))
    if faults:
        raise ParameterError("; ".join(faults))


def level_rules(level: int, levels: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Return the rules of a level of duty.

    Parameters
    ----------
    level
        3 (every day), 2 or 1 (highest).
    levels
        A table like `data/profiles/duty_levels.toml`, the default.

    Raises
    ------
    ParameterError
        If there is no such level; the message lists those there are.
    """
    table = load("duty_levels") if levels is None else levels
    if type(level) is not int or str(level) not in table:
        msg = f"no level of duty {level!r}; there are: {', '.join(sorted(table))}"
        raise ParameterError(msg)
    rules: Mapping[str, Any] = table[str(level)]
    return rules


def _tier_faults(where: str, table: Any) -> Iterator[str]:
    """Give what is wrong with the tiers of one ground."""
    kinds = load("kinds")
    known = {"by_kind": kinds["site"], "by_area_class": kinds["area_class"]}
    for part, words in known.items():
        rows = table.get(part) if isinstance(table, Mapping) else None
        if not isinstance(rows, Mapping):
            yield f"{where} lacks {part}"
            continue
        yield from _strangers(f"{where}.{part}", rows, words)
        yield from (
            f"{where}.{part}.{word} = {value!r} is not from 1 to 60 minutes"
            for word, value in rows.items()
            if not _is_tier(value)
        )
        if part == "by_area_class":
            yield from (f"{where}.{part} lacks {word}" for word in words if word not in rows)


def _level_faults(where: str, rules: Mapping[str, Any]) -> Iterator[str]:
    """Give what is wrong with the rules of one level."""
    kinds = load("kinds")
    known = {"classes": kinds["area_class"], "units": kinds["unit"], "recalled": kinds["unit"]}
    for part, words in known.items():
        row = rules.get(part)
        if isinstance(row, list):
            yield from _strangers(f"{where}.{part}", row, [*words, "*"])
        else:
            yield f"{where} lacks the list {part}"
    turnout = rules.get("turnout_s")
    if not (isinstance(turnout, int | float) and 0 <= turnout <= 3600):
        yield f"{where}.turnout_s = {turnout!r} is not from 0 to 3600"
    shorten = rules.get("shorten")
    if not isinstance(shorten, Mapping):
        yield f"{where} lacks [shorten]"
        return
    for old, new in shorten.items():
        if not (str(old).isdecimal() and _is_tier(int(old)) and _is_tier(new) and new <= int(old)):
            yield f"{where}.shorten: {old} = {new!r} is not a tier and a shorter one"
    yield from _strangers(where, rules, (*known, "turnout_s", "shorten", "zh", "en"))


def _strangers(where: str, there: Any, known: Collection[str]) -> list[str]:
    return [f"{where} does not know {word}" for word in there if word not in known]


def _is_tier(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 60
