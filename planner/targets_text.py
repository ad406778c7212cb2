"""The targets as a reader of the command sees them: what is not met first, in one language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gis.profiles import load
from planner.results import names_of
from planner.results_targets import Targets

# What is read first stands first.
ORDER = ("not_met", "cannot_tell", "met", "report_only")
TRENDS = ("better", "worse", "same")
SIGNS = {">=": "≥", "<=": "≤"}
# Places that are named of each target that is not met.
NAMED = 3
THIN = "\u202f"
Row = dict[Any, Any]
Words = dict[str, str]


def lines(targets: Targets, lang: str) -> list[str]:
    """Return the targets in words: counts, then each with value, doubt, count, limit and trend.

    Under a target that is not met stand the places that lack least; under one that nobody can
    tell, what is missing.

    Parameters
    ----------
    targets
        The answer.
    lang
        "zh" or "en".
    """
    words = {name: pair[lang] for name, pair in load("targets")["text"].items()}
    counts = targets.targets["status"].value_counts()
    told = "  ".join(f"{words[status]} {counts.get(status, 0)}" for status in ORDER)
    said = [f"{targets.title[lang]}  {targets.today}", told]
    for status in ORDER:
        rows = targets.targets[targets.targets["status"] == status]
        if len(rows):
            said += ["", words[status]]
        for row in rows.to_dict("records"):
            said.append(f"  {row['id']:<4}{_told(row, lang, words)}")
            said += [f"      {line}" for line in _more(targets, row, lang, words)]
    return said


def _told(row: Row, lang: str, words: Words) -> str:
    """Return one target in a line: title, value with its doubt, count, limit, trend."""
    parts = [row[f"title_{lang}"], _value(row, lang, words), _count(row, lang, words)]
    if row["op"] in SIGNS and not np.isnan(row["limit"]):
        limit = _amount(row["limit"], row, lang)
        parts.append(words["limit"].format(sign=SIGNS[row["op"]], limit=limit))
    if row["trend"] in TRENDS:
        before = _amount(row["before"], row, lang)
        parts.append(words[row["trend"]].format(before=before, day=row["before_on"]))
    return words["comma"].join(part for part in parts if part)


def _value(row: Row, lang: str, words: Words) -> str:
    if np.isnan(row["value"]):
        return words["unknown"]
    told = _amount(row["value"], row, lang)
    low, high = (_amount(row[end], row, lang) for end in ("low", "high"))
    if low == high:
        return told
    if np.isinf(row["high"]):
        return told + words["from"].format(low=low)
    ends = f"{low}-{high}".replace(f"{THIN}%-", "-").replace(f"{THIN}%", "")
    return told + words["doubt"].format(ends=ends)


def _amount(number: float, row: Row, lang: str) -> str:
    """Return a value or a limit with its unit; a share with a decimal unless it is whole."""
    if row["unit"] == "share":
        return f"{round(100 * number, 1):g}{THIN}%"
    return f"{round(number, 1):,.10g}{THIN}{row[f'unit_{lang}']}".rstrip(THIN)


def _count(row: Row, lang: str, words: Words) -> str:
    """Return of how many so many hold, where the target counts places or parts of sums."""
    if row["measure"] in ("share_seen", "total") or np.isnan(row["part"]):
        return ""
    about = "" if float(row["part"]).is_integer() else words["about"]
    scope = "" if row["measure"] == "ratio" else row[f"scope_{lang}"]
    told = words["count"].format(part=row["part"], whole=row["whole"], scope=scope)
    return f"{about}{told}".rstrip()


def _more(targets: Targets, row: Row, lang: str, words: Words) -> Iterator[str]:
    """Give what stands under a target: who fails, what is missing, the same in other ways."""
    if row["status"] == "cannot_tell":
        yield from targets.lacking.loc[targets.lacking["target"] == row["id"], lang]
    places = targets.failing[targets.failing["target"] == row["id"]]
    if row["status"] == "not_met" and len(places):
        yield _failing(places, row[f"take_{lang}"], lang, words)
    beside = targets.beside[targets.beside["target"] == row["id"]].to_dict("records")
    told = [
        f"{other[f'name_{lang}']} {_value({**row, **other}, lang, words)}"
        for other in beside
        if not np.isnan(other["value"])
    ]
    if told:
        yield words["other_ways"].format(told=words["list"].join(told))


def _failing(places: pd.DataFrame, take: str, lang: str, words: Words) -> str:
    """Return how many fail, and the first of them with what each lacks."""
    shorts = [str(n).removeprefix(take).lstrip("：: ") for n in places[f"note_{lang}"].fillna("")]
    if len(set(shorts)) == 1 and not any(map(str.isdigit, shorts[0])):
        shorts = [""] * len(shorts)  # a no is no news where the target asks for a yes
    names = names_of(places).tolist()
    told = [
        words["place"].format(name=name, short=short) if short else str(name)
        for name, short in zip(names[:NAMED], shorts, strict=False)
    ]
    kind = "first_fail" if places["short"].nunique() > 1 else "some_fail"
    return words["fail" if len(places) <= NAMED else kind].format(
        n=len(places),
        take=words["doubt"].format(ends=take) if take else "",
        names=words["list"].join(told),
    )
