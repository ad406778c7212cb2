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
# Places that are named of each target that is not met.
NAMED = 3
THIN = "\u202f"


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


def _told(row: dict[Any, Any], lang: str, words: dict[str, str]) -> str:
    """Return one target in a line."""
    parts = [row[f"title_{lang}"], _value(row, lang, words)]
    if not np.isnan(row["part"]) and row["how_many"]:
        parts.append(f"{row['part']:.0f} / {row['whole']:.0f} {row[f'scope_{lang}']}")
    if row["op"] is not None and not np.isnan(row["limit"]):
        parts.append(f"{words['limit']} {SIGNS[row['op']]} {_amount(row['limit'], row, lang)}")
    if not np.isnan(row["before"]):
        parts.append(words[row["trend"]].format(before=_amount(row["before"], row, lang)))
    return "  ".join(parts)
