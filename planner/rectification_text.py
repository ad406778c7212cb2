"""The rectification list as a clerk reads it: by unit and fault, what is due first stands first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gis.profiles import load
from planner.results import missing_lines, names_of
from planner.results_rectification import CLOSED, OVERDUE, Rectification

# Items that are named of each fault of a unit, unless all of one unit are asked for.
NAMED = 5
Words = Mapping[str, str]


def lines(
    listed: Rectification, lang: str, *, closed: bool = False, unit: str | None = None
) -> list[str]:
    """Return the list in words: counts, then unit by unit its faults with their first places.

    Parameters
    ----------
    listed
        The list.
    lang
        "zh" or "en".
    closed
        Whether what has been mended is told too.
    unit
        Only what this unit must mend, every item of it.
    """
    words = {name: pair[lang] for name, pair in load("rectification")["text"].items()}
    items = listed.items.assign(name=names_of(listed.items))
    if unit is not None:
        of_unit = items["unit"].eq(unit)
        if not of_unit.any():
            units = "、".join(sorted(items["unit"].dropna().unique()))
            return [words["nothing"].format(unit=unit, units=units or "-")]
        items = items[of_unit]
    left = items[items["state"] != CLOSED]
    told = [
        words["head"].format(today=listed.today, closed=len(items) - len(left), **_counts(left))
    ]
    named = NAMED if unit is None else len(items)
    for name, rows in _by_weight(left):
        told += ["", words["unit"].format(unit=name, **_counts(rows))]
        told += _of_unit(rows, lang, words, named)
    if closed and len(items) > len(left):
        told += ["", words["mended"]]
        done = items[items["state"] == CLOSED].sort_values("closed", ascending=False)
        told += [f"  {_item(row, lang, words)}  {row[lang]}" for row in done.to_dict("records")]
    return told + missing_lines(listed.missing)


def _by_weight(left: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give units with what they must mend, the one with most that is overdue or left first."""
    parts = [(str(unit), rows) for unit, rows in left.groupby("unit", sort=True)]
    yield from sorted(parts, key=lambda part: (-_counts(part[1])["overdue"], -len(part[1])))


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    return {"left": len(rows), "overdue": int((rows["state"] == OVERDUE).sum())}


def _of_unit(rows: pd.DataFrame, lang: str, words: Words, named: int) -> Iterator[str]:
    """Give the faults of a unit in the order in which the first of each is due."""
    # Items come sorted by state and due date, so the first of a kind is the most urgent one.
    for _, group in rows.groupby(["fault", "target"], sort=False, dropna=False):
        items = group.to_dict("records")
        heads = [_head(item, lang) for item in items]
        yield f"  {words['fault'].format(fault=heads[0], n=len(items), due=_due(group, words))}"
        for item, head in list(zip(items, heads, strict=True))[:named]:
            detail = str(item[lang]).removeprefix(head).lstrip("：: ")
            line = f"    {_item(item, lang, words)}  {detail}".rstrip()
            day = words["due"].format(day=item["due"])
            yield line if group["due"].nunique() == 1 else f"{line}  {day}"
        if len(items) > named:
            more = words["more"].format(n=len(items) - named, unit=items[0]["unit"])
            yield f"    {more}"


def _head(item: Mapping[Any, Any], lang: str) -> str:
    """Return the fault without what is said of one place only."""
    if item["fault"] == "target":
        head, colon, _ = str(item[lang]).partition("：" if lang == "zh" else ": ")
        return head if colon else str(item[lang])
    return str(load("rectification")["faults"][item["fault"]][lang])


def _due(group: pd.DataFrame, words: Words) -> str:
    day, late = group["due"].min(), _counts(group)["overdue"]
    if late:
        return words["was_due"].format(n=late, day=day)
    return words["due" if group["due"].nunique() == 1 else "first_due"].format(day=day)


def _item(item: Mapping[Any, Any], lang: str, words: Words) -> str:
    """Return the place of an item, its state where it is not simply open, and its note."""
    place = item["name"] if item["name"] == item["code"] else f"{item['name']} ({item['code']})"
    state = words[item["state"]].format(day=item["closed"])
    again = [words["times"].format(n=item["times"])] if item["times"] > 1 else []
    note = item[f"note_{lang}"]
    marks = [*again, *([f"[{note}]"] if isinstance(note, str) else [])]
    told = f"{state} {place}" if item["state"] == CLOSED else f"{state}{place}"
    return "  ".join([told, *marks])
