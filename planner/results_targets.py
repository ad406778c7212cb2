"""Whether a town meets its targets: the answer, with `summary()`, tables and a JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from planner.results import Assumed, Missing, missing_lines, plain, records, with_interval

STATUSES = ("met", "not_met", "cannot_tell", "report_only")


@dataclass(frozen=True, eq=False)
class Targets:
    """Each target with its value and doubt, who fails it, and what is lacking to tell.

    Parameters
    ----------
    profile
        Name of the profile.
    title
        Its title: zh, en.
    today
        The day it was made for, YYYY-MM-DD.
    targets
        One row a target: id, clause, title_zh, title_en, measure, unit (of value and limit:
        "share" from 0 to 1, or a word of `data/profiles/targets.toml`), scope (what is counted),
        op and limit (None, NaN where no number is set), value, low, high (high inf where nothing
        bounds it), part and whole (so many of so many), status (of `STATUSES`), before (value a
        year earlier, NaN where unknown), before_on (the day it holds for, YYYY-MM-DD), trend
        ("better", "worse", "same" or NaN), note_zh, note_en; and the words unit_zh, unit_en,
        scope_zh, scope_en, needs_zh, needs_en, take_zh, take_en.
    failing
        The places that fail for certain, those that lack least first: target, layer, code, name,
        village, station, value, short (what is missing), unit (of it), note_zh, note_en.
    lacking
        What is not known: target, layer, column ("" = the layer as a whole; of layer facts: the
        key), places (for how many), zh, en.
    beside
        The same asked in other ways: target, name, value, low, high, part, whole, name_zh,
        name_en, unit.
    scorecards
        Each target for the town, each station and each village that it asks anything of: scope
        ("town", "station", "village"), code, name, target, value, low, high, part, whole, status,
        before, trend, missing_zh, missing_en (what fails there, and what is not known; or NaN).
    left_out
        Items of the notice that are no targets here: clause, zh, en, reason_zh, reason_en.
    missing
        Targets that cannot be told for want of a whole layer.
    assumed
        What was taken for granted.
    """

    profile: str
    title: Mapping[str, str]
    today: str
    targets: pd.DataFrame = field(repr=False)
    failing: pd.DataFrame = field(repr=False)
    lacking: pd.DataFrame = field(repr=False)
    beside: pd.DataFrame = field(repr=False)
    scorecards: pd.DataFrame = field(repr=False)
    left_out: tuple[Mapping[str, str], ...] = field(repr=False, default=())
    missing: tuple[Missing, ...] = ()
    assumed: tuple[Assumed, ...] = ()

    def summary(self) -> str:
        """Return the counts by status, then each target that is not met or cannot be told."""
        counts = self.targets["status"].value_counts()
        told = ", ".join(f"{s.replace('_', ' ')} {counts.get(s, 0)}" for s in STATUSES)
        lines = [f"Targets of {self.profile} on {self.today}: {told}"]
        lacking = self.lacking.groupby("target", sort=False)["en"].agg("; ".join)
        failing = self.failing["target"].value_counts()
        lines += [
            f"  {row.id} not met: {_amount(row)}, {row.title_en} "
            f"({_failing(failing.get(row.id, 0))})"
            for row in self.targets[self.targets["status"] == "not_met"].itertuples()
        ]
        lines += [
            f"  {row.id} cannot tell: {row.title_en}: {lacking.get(row.id, 'nothing is known')}"
            for row in self.targets[self.targets["status"] == "cannot_tell"].itertuples()
        ]
        return "\n".join(lines + missing_lines(self.missing))

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values, as `fengqiao targets --json` prints it."""
        return {
            "profile": self.profile,
            "title": dict(self.title),
            "today": self.today,
            "targets": self._targets(),
            "scorecards": records(
                _spanned(self.scorecards),
                ["scope", "code", "name", "target", "value", *_TOLD, *_CARD],
            ),
            "left_out": [dict(row) for row in self.left_out],
        }

    def _targets(self) -> list[dict[str, Any]]:
        failing, lacking, beside = (
            {str(key): part for key, part in table.groupby("target", sort=False)}
            for table in (self.failing, self.lacking, self.beside)
        )
        listed = []
        for row in records(_spanned(self.targets), list(self.targets.columns)):
            own = str(row["id"])
            asks = None if row["op"] is None else {"op": row["op"], "value": row["limit"]}
            listed.append(
                {
                    "id": own,
                    "clause": row["clause"],
                    "title": {"zh": row["title_zh"], "en": row["title_en"]},
                    "measure": row["measure"],
                    "unit": row["unit"],
                    "scope": row["scope"],
                    "threshold": asks,
                    "value": row["value"],
                    **{name: row[name] for name in _TOLD},
                    "before": row["before"],
                    "before_on": row["before_on"],
                    "trend": row["trend"],
                    "note": {"zh": row["note_zh"], "en": row["note_en"]},
                    "needs": {"zh": row["needs_zh"], "en": row["needs_en"]},
                    "missing": _listed(lacking, own, ["layer", "column", "places", "zh", "en"]),
                    "beside": _beside(beside, own),
                    "failing": _listed(failing, own, _FAILING),
                }
            )
        return listed


def _failing(places: int) -> str:
    return "1 place fails" if places == 1 else f"{places} places fail"


_TOLD = ("part", "whole", "status")
_CARD = ("before", "trend", "missing_zh", "missing_en")
_FAILING = [
    *("layer", "code", "name", "village", "station"),
    *("value", "short", "unit", "note_zh", "note_en"),
]


def _spanned(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its value, low and high as one value; None where nothing is known."""
    spans = with_interval(table, "value")["value"]
    return table.assign(value=spans.where(table["value"].notna(), None))


def _beside(tables: Mapping[str, pd.DataFrame], target: str) -> list[dict[str, Any]]:
    if target not in tables:
        return []
    table = tables[target]
    rows = records(
        _spanned(table), ["name", "value", "part", "whole", "unit", "name_zh", "name_en"]
    )
    return [{**row, "title": {"zh": row.pop("name_zh"), "en": row.pop("name_en")}} for row in rows]


def _listed(
    tables: Mapping[str, pd.DataFrame], target: str, columns: list[str]
) -> list[dict[str, Any]]:
    return records(tables[target], columns) if target in tables else []


def _amount(row: Any) -> str:
    """Return a value as people read it, with how many of how many."""
    value = plain(row.value)
    if value is None:
        return "unknown"
    text = f"{value:.1%}" if row.unit == "share" else f"{value:g} {row.unit_en}".strip()
    return f"{text}, {row.part:.0f} of {row.whole:.0f}"
